"""JSON text to a plain value, and where each value of it stands. Faults are told all at once, each with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from signet.core.formats.canonical import dump
from signet.core.formats.limits import MAX_DEPTH, MAX_FAULTS, excess, number, refused
from signet.core.formats.pointer import escape
from signet.errors import Fault, InvalidData

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def value_of(text: str, name: str) -> Any:
    """The value of a JSON text; InvalidData with every fault."""
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
        why = excess(value)
    except RecursionError:
        why = f"it is nested deeper than {MAX_DEPTH} levels"
    if why:
        raise refused(name, 0, why)
    if suspicious or (_SURROGATE.search(text) and not _encodes(value)):
        raise InvalidData(f"{name} is refused.", list(_faults(text, name))[:MAX_FAULTS])
    return value


def _encodes(value: Any) -> bool:
    try:
        dump(value).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _walk(text: str) -> Iterator[tuple[str, str, int, str]]:
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


def lines_of(text: str) -> Iterator[tuple[str, int]]:
    """(pointer, line) of every value of a well-formed JSON text."""
    line, last, seen = 1, 0, set[str]()
    for _event, pointer, offset, _token in _walk(text):
        line += text.count("\n", last, offset)
        last = offset
        if pointer not in seen:
            seen.add(pointer)
            yield pointer, line


def _faults(text: str, name: str) -> Iterator[Fault]:
    keys: set[str] = set()
    line, last = 1, 0
    for event, pointer, offset, token in _walk(text):
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
        elif token[0] not in "[{tfn" and number(token) is None:
            yield Fault(name, pointer, line, "the number is not finite or too long")
