"""YAML text (1.2 core schema, JSON values only) to a plain value, and where each value of it stands.

Built from the parser's events without recursion: depth and expanded nodes are counted before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from signet.core.formats.limits import (
    MAX_ALIAS_NODES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_FAULTS,
    MAX_POINTER,
    TOO_LONG,
    excess,
    number,
    refused,
)
from signet.core.formats.pointer import escape
from signet.errors import Fault, InvalidData

_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
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
    """A mapping or sequence that is being built: its value, anchor, line, own step of the pointer, waiting key."""

    value: Any
    anchor: str | None
    line: int
    step: str
    key: Any = None
    waits: bool = False  # a key was read, its value comes next
    nodes: int = 1
    height: int = 1
    merged: list[Any] = field(default_factory=list)
    has_merge: bool = False


class _Builder:
    """Builds one value from parser events without recursion, counting depth and expanded nodes before it builds."""

    def __init__(self, name: str, scalars_are_text: bool, lines: dict[str, int] | None) -> None:
        self.name = name
        self.scalars_are_text = scalars_are_text
        self.faults: list[Fault] = []
        self.stack: list[_Open] = []
        self.root: Any = None
        self.documents = 0
        self.anchors: dict[str, tuple[Any, int, int, bool]] = {}  # value, nodes, height, has a merge key
        self.opened: set[str] = set()
        self.expanded = 0
        self.lines = lines

    def fault(self, line: int, message: str, pointer: str | None = None) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(Fault(self.name, self.pointer() if pointer is None else pointer, line, message))

    def stop(self, line: int, message: str) -> InvalidData:
        last = Fault(self.name, self.pointer(), line, message)
        return InvalidData(f"{self.name} is refused.", [*self.faults, last])

    def place(self, line: int) -> None:
        if self.lines is not None:
            self.lines.setdefault(self.pointer(), line)

    def pointer(self) -> str:
        """The pointer of the value that comes next."""
        return self.above() + self.step()

    def above(self) -> str:
        """The pointer of the innermost open value."""
        return "".join([one.step for one in self.stack])

    def step(self) -> str:
        """What the next value adds to the pointer of the open one."""
        if not self.stack:
            return ""
        top = self.stack[-1]
        if isinstance(top.value, list):
            return f"/{len(top.value)}"
        return f"/{escape(str(top.key))}" if top.waits and top.key is not _MERGE else ""

    def feed(self, event: Any) -> None:
        kind = type(event).__name__
        line = event.start_mark.line + 1
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
        self.place(line)
        self.stack.append(_Open(value, event.anchor, line, self.step()))
        if sum([len(one.step) for one in self.stack]) > MAX_POINTER:
            raise refused(self.name, line, TOO_LONG)
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
                pointer = f"{self.above()}/{escape(value)}"
                self.fault(line, f"the key {value!r} stands here a second time", pointer)
            top.key, top.waits = value, True
            self.place(line)
            return
        top.nodes += nodes
        top.height = max(top.height, height + 1)
        if isinstance(top.value, list):
            self.place(line)
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
            self.fault(line, "the key '<<' stands here a second time", self.above())
        elif has_merge:
            raise self.stop(line, "a merged mapping ('<<') merges others itself")
        elif not all(isinstance(source, dict) for source in sources):
            self.fault(line, "'<<' merges something that is not a mapping", self.above())
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


def _build(text: str, name: str, scalars_are_text: bool, lines: dict[str, int] | None = None) -> _Builder:
    import yaml

    builder = _Builder(name, scalars_are_text, lines)
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
    if why := excess(builder.root):
        raise refused(name, 0, why)
    return builder.root


def lines_of(text: str) -> Iterator[tuple[str, int]]:
    """(pointer, line) of every value that is written out."""
    lines: dict[str, int] = {}
    _build(text, "", False, lines)
    yield from lines.items()
