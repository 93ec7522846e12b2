"""JSON text to a plain value, and where each value of it stands. Faults are told all at once, each with its place."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from jiter import from_json

from signet.core.formats.canonical import dump
from signet.core.formats.limits import MAX_DEPTH, MAX_FAULTS, excess, is_modest, number, refused
from signet.core.formats.pointer import escape, joined
from signet.errors import Fault, InvalidData

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def value_of(text: str, name: str) -> Any:
    """The value of a JSON text; InvalidData with every fault, json.JSONDecodeError where it is no JSON."""
    collects = gc.isenabled()
    gc.disable()  # nothing of a document is garbage while it grows; the collector would walk it again and again
    try:
        value = from_json(text.encode(), allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal")
        if is_modest(value):
            return value
    except ValueError:  # what is wrong, and where, is told by the slow way
        pass
    finally:
        if collects:
            gc.enable()
    return _checked(text, name)


def _checked(text: str, name: str) -> Any:
    """The same by the standard library, which lets us ask about each object and number."""
    suspicious: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            suspicious.append("duplicate")
        return found

    def exact(source: str) -> Any:
        value = number(source)
        if value is None:
            suspicious.append("number")
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_float=exact, parse_int=exact, parse_constant=exact)
    except RecursionError:
        raise refused(name, 0, f"it is nested deeper than {MAX_DEPTH} levels") from None
    too_much = excess(value)
    if too_much:
        raise refused(name, 0, too_much)
    if suspicious or (_SURROGATE.search(text) and not _encodes(value)):
        raise InvalidData(f"{name} is refused.", list(islice(_faults(text, name), MAX_FAULTS)))
    return value


def _encodes(value: Any) -> bool:
    try:
        dump(value).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


@dataclass(slots=True)
class _Open:
    """An object (with the keys that were read) or a list (with the index that comes next) that is being walked."""

    keys: set[str] | None
    index: int = 0
    waits: bool = False  # a key was read, its value comes next


def _walk(text: str) -> Iterator[tuple[str, list[str], int, str]]:
    """(event, segments, offset, token) of well-formed JSON: event is ``key``, ``again`` (that key, twice) or ``value``.

    The segments are those of the pointer; the list changes with the next step.
    """
    stack: list[_Open] = []
    path: list[str] = []
    for match in _TOKEN.finditer(text):
        token, offset = match.group(), match.start()
        if token in ",:":  # noqa: S105 - a token of JSON
            continue
        top = stack[-1] if stack else None
        if token in "]}":  # noqa: S105
            stack.pop()
            del path[-1:]
            continue
        if top is not None and top.keys is not None and not top.waits:
            key: str = json.loads(token)
            path.append(key)
            yield "again" if key in top.keys else "key", path, offset, key
            top.keys.add(key)
            top.waits = True
            continue
        if top is not None and top.keys is None:
            path.append(str(top.index))
            top.index += 1
        elif top is not None:
            top.waits = False
        yield "value", path, offset, token
        if token in "[{":  # noqa: S105
            stack.append(_Open(None if token == "[" else set()))  # noqa: S105
        else:
            del path[-1:]


def places_of(text: str) -> Iterator[tuple[str, int, int]]:
    """(pointer, line, column) of every value of a well-formed JSON text; both count from 1."""
    line, begin, last = 1, 0, 0
    above = [""] * (MAX_DEPTH + 2)
    for event, path, offset, _token in _walk(text):
        if event == "value":
            breaks = text.count("\n", last, offset)
            if breaks:
                line += breaks
                begin = text.rfind("\n", last, offset) + 1
            last, depth = offset, len(path)
            above[depth] = f"{above[depth - 1]}/{escape(path[-1])}" if depth else ""
            yield above[depth], line, offset - begin + 1


def _faults(text: str, name: str) -> Iterator[Fault]:
    line, last = 1, 0
    for event, path, offset, token in _walk(text):
        line += text.count("\n", last, offset)
        last = offset
        if event == "again":
            yield Fault(name, joined(path), line, f"the key {token!r} stands here a second time")
        if event != "value" or token[0] == '"':
            value = json.loads(token) if event == "value" else token
            if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
                yield Fault(name, joined(path), line, "the text holds half of a surrogate pair")
        elif token[0] not in "[{tfn" and number(token) is None:
            yield Fault(name, joined(path), line, "the number is not finite or too long")
