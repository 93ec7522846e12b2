"""YAML text (1.2 core schema, JSON values only) to a plain value, and where each value of it stands.

Built from the parser's events without recursion: depth and expanded nodes are counted before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from signet.core.formats.limits import MAX_ALIAS_NODES, MAX_DEPTH, MAX_DIGITS, MAX_DIRECTIVES, MAX_FAULTS, number
from signet.core.formats.pointer import escape, joined
from signet.errors import Fault, InvalidData

_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_DIRECTIVE = re.compile(r"(?:\A|[\n\r\x85\u2028\u2029])%")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TAG = "tag:yaml.org,2002:"
_MERGE = object()


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being built: its value, anchor, line, last segment, and the key that waits."""

    value: Any
    anchor: str | None
    line: int
    segment: str | None
    pointer: str  # only where lines are kept: the pointers of all values may be far longer than the text
    key: Any = None
    waits: bool = False  # a key was read, its value comes next
    nodes: int = 1
    height: int = 1
    merged: list[Any] = field(default_factory=list)
    has_merge: bool = False


class _Builder:
    """Builds one value from parser events without recursion, counting depth and expanded nodes before it builds."""

    def __init__(self, name: str, scalars_are_text: bool, keeps_places: bool) -> None:
        self.name = name
        self.keeps_places = keeps_places
        self.scalars_are_text = scalars_are_text
        self.faults: list[Fault] = []
        self.stack: list[_Open] = []
        self.root: Any = None
        self.documents = 0
        self.anchors: dict[str, tuple[Any, int, int, bool]] = {}  # value, nodes, height, has a merge key
        self.opened: set[str] = set()
        self.expanded = 0
        self.places: dict[str, tuple[int, int]] = {}
        self.column = 1

    def fault(self, line: int, message: str, pointer: str | None = None) -> None:
        self.faults.append(Fault(self.name, self.pointer() if pointer is None else pointer, line, message))
        if len(self.faults) >= MAX_FAULTS:
            raise InvalidData(f"{self.name} is refused.", self.faults)

    def stop(self, line: int, message: str) -> InvalidData:
        self.fault(line, message)
        return InvalidData(f"{self.name} is refused.", self.faults)

    def segment(self) -> str | None:
        """The last segment of the pointer to the value that comes next; None for that to the mapping itself."""
        if not self.stack:
            return None
        top = self.stack[-1]
        if isinstance(top.value, list):
            return str(len(top.value))
        return str(top.key) if top.waits and top.key is not _MERGE else None

    def pointer(self, last: str | None = None) -> str:
        """The pointer of the value that comes next, or of the one with that segment in the same mapping."""
        segments = [*(one.segment for one in self.stack), self.segment() if last is None else last]
        return joined(segment for segment in segments if segment is not None)

    def note(self, line: int) -> str:
        """Keep where the value that comes next stands, if somebody wants lines; its pointer."""
        if not self.keeps_places:
            return ""
        segment, above = self.segment(), self.stack[-1].pointer if self.stack else ""
        pointer = above if segment is None else f"{above}/{escape(segment)}"
        self.places.setdefault(pointer, (line, self.column))
        return pointer

    def feed(self, event: Any) -> None:
        kind = type(event).__name__
        line = event.start_mark.line + 1
        self.column = event.start_mark.column + 1
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                raise self.stop(line, "it holds more than one YAML document")
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self.open(event, {} if kind == "MappingStartEvent" else [], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.close()
        elif kind == "AliasEvent":
            self.alias(event.anchor, line)
        elif kind == "ScalarEvent":
            value = self.scalar(event, line)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1, 0, False)
            self.put(value, line, 1, 0, False)

    def open(self, event: Any, value: Any, line: int) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.stop(line, f"it is nested deeper than {MAX_DEPTH} levels")
        expected = f"{_TAG}{'map' if isinstance(value, dict) else 'seq'}"
        if event.tag not in (None, "!", expected):
            self.fault(line, f"the tag {event.tag!r} is not JSON")
        if self.expects_key():
            raise self.stop(line, "a key is not a text")
        self.stack.append(_Open(value, event.anchor, line, self.segment(), self.note(line)))
        if event.anchor:
            self.opened.add(event.anchor)

    def expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and not self.stack[-1].waits

    def close(self) -> None:
        done = self.stack.pop()
        for mapping in done.merged:
            for key, value in mapping.items():
                done.value.setdefault(key, value)
        if done.anchor:
            self.opened.discard(done.anchor)
            self.anchors[done.anchor] = (done.value, done.nodes, done.height, done.has_merge)
        self.put(done.value, done.line, done.nodes, done.height, done.has_merge)

    def alias(self, anchor: str, line: int) -> None:
        if anchor in self.opened:
            raise self.stop(line, f"the alias '*{anchor}' contains itself")
        if anchor not in self.anchors:
            raise self.stop(line, f"the alias '*{anchor}' names nothing")
        value, nodes, height, merge = self.anchors[anchor]
        self.expanded += nodes
        if self.expanded > MAX_ALIAS_NODES:
            raise self.stop(line, f"its aliases expand to more than {MAX_ALIAS_NODES:,} values")
        if len(self.stack) + height > MAX_DEPTH:
            raise self.stop(line, f"it is nested deeper than {MAX_DEPTH} levels")
        if self.expects_key() and not isinstance(value, str):
            raise self.stop(line, "a key is not a text")
        self.put(value, line, nodes, height, merge)

    def put(self, value: Any, line: int, nodes: int, height: int, has_merge: bool) -> None:
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        if self.expects_key():
            if value is not _MERGE and value in top.value:
                self.fault(line, f"the key {value!r} stands here a second time", self.pointer(value))
            top.key, top.waits = value, True
            self.note(line)
            return
        top.nodes += nodes
        top.height = max(top.height, height + 1)
        if isinstance(top.value, list):
            self.note(line)
            top.value.append(value)
            return
        if top.key is _MERGE:
            self.merge(top, value, line, has_merge)
        else:
            top.value.setdefault(top.key, value)
        top.waits = False

    def merge(self, top: _Open, value: Any, line: int, has_merge: bool) -> None:
        sources = value if isinstance(value, list) else [value]
        if top.has_merge:
            self.fault(line, "the key '<<' stands here a second time", top.pointer)
        elif has_merge:
            raise self.stop(line, "a merged mapping ('<<') merges others itself")
        elif not all(isinstance(source, dict) for source in sources):
            self.fault(line, "'<<' merges something that is not a mapping", top.pointer)
        else:
            top.merged.extend(sources)
        top.has_merge = True

    def scalar(self, event: Any, line: int) -> Any:
        text = event.value
        plain = event.implicit[0] and not event.style  # the C parser says "", the other None
        if event.tag not in (None, "!"):
            short = event.tag.removeprefix(_TAG)
            if event.tag == short or short not in ("str", "int", "float", "bool", "null"):
                self.fault(line, f"the tag {event.tag!r} is not JSON")
                return text
            if short == "str":
                return text
            plain = True
        if self.expects_key():
            return _MERGE if plain and text == "<<" else text
        if not plain:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if self.scalars_are_text:
            return text
        return self.resolved(text, line)

    def resolved(self, text: str, line: int) -> Any:
        if text in _BOOLS:
            return _BOOLS[text]
        if text[0] not in "-+.0123456789":
            return text
        value: Any = text
        if _INT.match(text):
            value = int(text, 0) if text[:2] in ("0o", "0x") and len(text) <= MAX_DIGITS else number(text)
        elif _FLOAT.match(text):
            value = number(text)
        elif _NOT_FINITE.match(text):
            value = None
        if value is None:
            self.fault(line, "the number is not finite or too long")
        return value


def _build(text: str, name: str, scalars_are_text: bool, keeps_places: bool = False) -> _Builder:
    import yaml

    builder = _Builder(name, scalars_are_text, keeps_places)
    if len(_DIRECTIVE.findall(text)) > MAX_DIRECTIVES:
        raise builder.stop(0, f"it has more than {MAX_DIRECTIVES} directives")  # the parser compares each with all
    try:
        for event in _events(text):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise builder.stop(line, f"it is not valid YAML: {error.problem or 'syntax error'}") from None
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", None) or "syntax error"
        raise builder.stop(0, f"it is not valid YAML: {reason}") from None
    return builder


def value_of(text: str, name: str, scalars_are_text: bool) -> Any:
    """The value of a YAML text; InvalidData with every fault."""
    builder = _build(text, name, scalars_are_text)
    if builder.faults:
        raise InvalidData(f"{name} is refused.", builder.faults)
    return builder.root


def places_of(text: str) -> Iterator[tuple[str, int, int]]:
    """(pointer, line, column) of every value that is written out; that of its key, where it has one."""
    for pointer, (line, column) in _build(text, "", False, keeps_places=True).places.items():
        yield pointer, line, column
