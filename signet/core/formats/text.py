"""Bytes to plain values, for JSON and YAML, with limits, and back to canonical bytes.

What comes out holds only dict (text keys), list, str, bool, None, int and ``decimal.Decimal`` (every number that is not
written as an integer keeps its value). It knows nothing of specs, contracts or records.

Refused, each with its line (design: safety.md T21 to T26): more than 20 MB, anything but UTF-8, nesting deeper than
100, more than 200,000 nodes by YAML aliases, recursive aliases, merge keys inside merged mappings, foreign tags,
duplicate keys, numbers that are not finite or absurdly long, lone surrogates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from signet.errors import Fault, InvalidData

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100
MAX_ALIAS_NODES = 200_000
MAX_DIGITS = 1_000
MAX_FAULTS = 100


@dataclass(slots=True)
class Document:
    """A parsed document: its ``name`` in messages, its ``text``, its ``value``, and where each value stands."""

    name: str
    text: str
    value: Any
    syntax: str
    _lines: dict[str, int] | None = field(default=None, repr=False)

    def line(self, pointer: str) -> int:
        """The line (from 1) of the value at a JSON pointer, or of its nearest ancestor that is written out."""
        if self._lines is None:
            places = _json_lines(self.text) if self.syntax == "json" else _yaml_lines(self.text)
            self._lines = dict(places)
        while pointer and pointer not in self._lines:
            pointer = pointer.rpartition("/")[0]
        return self._lines.get(pointer, 1)

    def fault(self, pointer: str, message: str) -> Fault:
        """A fault of this document at a JSON pointer, with its line."""
        return Fault(self.name, pointer, self.line(pointer), message)


def escape(segment: str) -> str:
    """One segment of a JSON pointer, escaped (RFC 6901)."""
    return segment.replace("~", "~0").replace("/", "~1")


def resolve(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer; LookupError where there is none."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,9}", key):
            value = value[int(key)]
        else:
            raise KeyError(pointer)
    return value


def read(data: bytes, name: str, *, scalars_are_text: bool = False) -> Document:
    """Parse JSON or YAML; InvalidData with every fault that can be told.

    ``scalars_are_text``: keep each unquoted YAML scalar as it is written (``1.10`` stays "1.10"), but for an empty one,
    ``~`` and ``null``. That is how the registry's own YAML is read (design: registry.md).
    """
    if len(data) > MAX_BYTES:
        raise _refused(name, 0, f"it has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(name, line, "it is not UTF-8 text") from None
    if text.lstrip(" \t\r\n")[:1] in ("{", "["):
        try:
            return Document(name, text, _json_value(text, name), "json")
        except json.JSONDecodeError as error:
            if not name.endswith((".yaml", ".yml")):
                raise _refused(name, error.lineno, f"it is not valid JSON: {error.msg}") from None
    elif name.endswith(".json"):
        raise _refused(name, 1, "it is not valid JSON: an object or a list is expected")
    return Document(name, text, _yaml_value(text, name, scalars_are_text), "yaml")


def _refused(name: str, line: int, why: str) -> InvalidData:
    return InvalidData(f"{name} is refused.", [Fault(name, None, line, why)])


# --- JSON ------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _json_value(text: str, name: str) -> Any:
    suspicious: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            suspicious.append("duplicate")
        return found

    def number(source: str) -> Any:
        value = _number(source)
        if value is None:
            suspicious.append("number")
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_float=number, parse_int=number, parse_constant=number)
        deep = _deeper_than(value, MAX_DEPTH)
    except RecursionError:
        deep = True
    if deep:
        raise _refused(name, 0, f"it is nested deeper than {MAX_DEPTH} levels")
    if suspicious or (_SURROGATE.search(text) and not _encodes(value)):
        raise InvalidData(f"{name} is refused.", list(_json_faults(text, name))[:MAX_FAULTS])
    return value


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def _encodes(value: Any) -> bool:
    try:
        dump(value).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _number(source: str) -> int | Decimal | None:
    """An exact number, or None where it is not finite or too long to be meant."""
    if len(source) > MAX_DIGITS:
        return None
    try:
        return int(source)
    except ValueError:
        pass
    try:
        value = Decimal(source)
        return value if value.is_finite() and abs(float(value)) != float("inf") else None
    except (InvalidOperation, OverflowError, ValueError):
        return None


def _json_walk(text: str) -> Iterator[tuple[str, str, int, str]]:
    """(event, pointer, offset, token) of well-formed JSON: event is ``key`` or ``value``."""
    stack: list[list[Any]] = []  # [pointer, next index or None for an object, key]
    pointer = ""
    for match in _TOKEN.finditer(text):
        token, offset = match.group(), match.start()
        if token in ",:":  # noqa: S105 - a token of JSON
            continue
        if token in "]}":  # noqa: S105
            stack.pop()
            continue
        top = stack[-1] if stack else None
        if top is not None and top[1] is None and top[2] is None:
            key: str = json.loads(token)
            top[2] = key
            yield "key", f"{top[0]}/{escape(key)}", offset, key
            continue
        if top is None:
            pointer = ""
        elif top[1] is None:
            pointer, top[2] = f"{top[0]}/{escape(top[2])}", None
        else:
            pointer, top[1] = f"{top[0]}/{top[1]}", top[1] + 1
        yield "value", pointer, offset, token
        if token in "[{":  # noqa: S105
            stack.append([pointer, 0 if token == "[" else None, None])  # noqa: S105


def _json_lines(text: str) -> Iterator[tuple[str, int]]:
    line, last, seen = 1, 0, set[str]()
    for _event, pointer, offset, _token in _json_walk(text):
        line += text.count("\n", last, offset)
        last = offset
        if pointer not in seen:
            seen.add(pointer)
            yield pointer, line


def _json_faults(text: str, name: str) -> Iterator[Fault]:
    keys: set[str] = set()
    line, last = 1, 0
    for event, pointer, offset, token in _json_walk(text):
        line += text.count("\n", last, offset)
        last = offset
        if event == "key":
            if pointer in keys:
                yield Fault(name, pointer, line, f"the key {token!r} stands here a second time")
            keys.add(pointer)
        if event == "key" or token[0] == '"':
            value = token if event == "key" else json.loads(token)
            if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
                yield Fault(name, pointer, line, "the text holds half of a surrogate pair")
        elif token[0] not in "[{tfn" and _number(token) is None:
            yield Fault(name, pointer, line, "the number is not finite or too long")


# --- YAML ------------------------------------------------------------------------------------------------------------

_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TAG = "tag:yaml.org,2002:"
_MERGE = object()


def _yaml_events(text: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being built: its value, anchor, line, pointer, and the key that waits."""

    value: Any
    anchor: str | None
    line: int
    pointer: str
    key: Any = None
    waits: bool = False  # a key was read, its value comes next
    nodes: int = 1
    height: int = 1
    merged: list[Any] = field(default_factory=list)
    has_merge: bool = False


class _YamlBuilder:
    """Builds one value from parser events without recursion, counting depth and expanded nodes before it builds."""

    def __init__(self, name: str, scalars_are_text: bool) -> None:
        self.name = name
        self.scalars_are_text = scalars_are_text
        self.faults: list[Fault] = []
        self.stack: list[_Open] = []
        self.root: Any = None
        self.documents = 0
        self.anchors: dict[str, tuple[Any, int, int, bool]] = {}  # value, nodes, height, has a merge key
        self.opened: set[str] = set()
        self.expanded = 0
        self.lines: dict[str, int] = {}

    def fault(self, line: int, message: str, pointer: str | None = None) -> None:
        self.faults.append(Fault(self.name, self.pointer() if pointer is None else pointer, line, message))

    def stop(self, line: int, message: str) -> InvalidData:
        self.fault(line, message)
        return InvalidData(f"{self.name} is refused.", self.faults[:MAX_FAULTS])

    def pointer(self) -> str:
        """The pointer of the value that comes next."""
        if not self.stack:
            return ""
        top = self.stack[-1]
        if isinstance(top.value, list):
            return f"{top.pointer}/{len(top.value)}"
        return f"{top.pointer}/{escape(str(top.key))}" if top.waits and top.key is not _MERGE else top.pointer

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
        self.lines.setdefault(self.pointer(), line)
        self.stack.append(_Open(value, event.anchor, line, self.pointer()))
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
                pointer = f"{top.pointer}/{escape(value)}"
                self.fault(line, f"the key {value!r} stands here a second time", pointer)
            top.key, top.waits = value, True
            self.lines.setdefault(self.pointer(), line)
            return
        top.nodes += nodes
        top.height = max(top.height, height + 1)
        if isinstance(top.value, list):
            self.lines.setdefault(self.pointer(), line)
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
            value = int(text, 0) if text[:2] in ("0o", "0x") and len(text) <= MAX_DIGITS else _number(text)
        elif _FLOAT.match(text):
            value = _number(text)
        elif _NOT_FINITE.match(text):
            value = None
        if value is None:
            self.fault(line, "the number is not finite or too long")
        return value


def _build(text: str, name: str, scalars_are_text: bool) -> _YamlBuilder:
    import yaml

    builder = _YamlBuilder(name, scalars_are_text)
    try:
        for event in _yaml_events(text):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise builder.stop(line, f"it is not valid YAML: {error.problem or 'syntax error'}") from None
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", None) or "syntax error"
        raise builder.stop(0, f"it is not valid YAML: {reason}") from None
    return builder


def _yaml_value(text: str, name: str, scalars_are_text: bool) -> Any:
    builder = _build(text, name, scalars_are_text)
    if builder.faults:
        raise InvalidData(f"{name} is refused.", builder.faults[:MAX_FAULTS])
    return builder.root


def _yaml_lines(text: str) -> Iterator[tuple[str, int]]:
    yield from _build(text, "", False).lines.items()


# --- back to bytes ---------------------------------------------------------------------------------------------------


def dump(value: Any, indent: int = 0) -> str:
    """JSON text with sorted keys and exact numbers; ``indent`` 0 is the compact canonical form.

    Equal values give equal text: ``1``, ``1.0`` and ``1e0`` are one number (JSON Schema's sense). TypeError for what
    is not a JSON value.
    """
    parts: list[str] = []
    _dump(value, parts.append, "\n" if indent else "", " " * indent, ": " if indent else ":")
    return "".join(parts)


def _dump(value: Any, out: Any, newline: str, step: str, colon: str) -> None:
    if isinstance(value, str):
        out(encode_basestring(value))
    elif value is None or isinstance(value, bool):
        out({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, (int, Decimal, float)):
        out(number_text(value))
    elif isinstance(value, (dict, list, tuple)):
        inner = newline + step
        is_map = isinstance(value, dict)
        opening, closing = "{}" if is_map else "[]"
        out(opening)
        first = True
        for item in sorted(value) if is_map else value:
            out(("" if first else ",") + inner)
            first = False
            if is_map:
                out(encode_basestring(item) + colon)
                _dump(value[item], out, inner, step, colon)
            else:
                _dump(item, out, inner, step, colon)
        out(closing if first else newline + closing)
    else:
        raise TypeError(f"{type(value).__name__} is not a JSON value")


def number_text(value: int | float | Decimal) -> str:
    """The one text of a number: integers in digits, the rest as a normalised decimal."""
    if isinstance(value, int):
        return str(value)
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    if not exact.is_finite():
        raise TypeError(f"{value} is not a JSON value")
    sign, digits, exponent = exact.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    if not stripped:
        return "0"
    power = int(exponent) + len(text) - len(stripped)
    prefix = "-" if sign else ""
    if 0 <= power <= 400:
        return f"{prefix}{stripped}{'0' * power}"
    if -400 <= power < 0:
        padded = stripped.rjust(1 - power, "0")
        return f"{prefix}{padded[:power]}.{padded[power:]}"
    return f"{prefix}{stripped}e{power}"


def digest(value: Any) -> str:
    """sha256 (64 hex digits) of the canonical form of a value."""
    return sha256(dump(value).encode("utf-8")).hexdigest()
