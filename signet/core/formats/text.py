"""Bytes to plain values, for JSON and YAML, with limits, and back to canonical bytes.

What comes out holds only dict (text keys), list, str, bool, None, int and ``decimal.Decimal`` (every number that is not
written as an integer keeps its value). It knows nothing of specs, contracts or records.

Refused, each with its line (design: safety.md T21 to T26): more than 20 MB, anything but UTF-8, nesting deeper than
100, more than 200,000 nodes by YAML aliases, recursive aliases, merge keys inside merged mappings, foreign tags,
duplicate keys, numbers that are not finite or absurdly long, lone surrogates, a second byte order mark, more than 100
YAML directives, keys so long and so near the root that the pointers below them explode.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from signet.core.formats import json_text, yaml_text
from signet.core.formats.canonical import digest, digest_read, dump, dump_read, number_text
from signet.core.formats.limits import (
    MAX_ALIAS_NODES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_FAULTS,
    MAX_POINTERS,
    excess,
    refused,
)
from signet.core.formats.pointer import escape, resolve
from signet.errors import Fault

__all__ = [
    "MAX_ALIAS_NODES",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_DIGITS",
    "MAX_FAULTS",
    "Document",
    "digest",
    "digest_read",
    "dump",
    "dump_read",
    "escape",
    "number_text",
    "read",
    "resolve",
]


@dataclass(slots=True)
class Document:
    """A parsed document: its ``name`` in messages, its ``text``, its ``value``, and where each value stands.

    Where the document is a part of a file (a contract inside its record), ``base`` is the pointer to it: pointers
    are then relative to it, and faults name the place in the file.
    """

    name: str
    text: str
    value: Any
    syntax: str
    base: str = ""
    _found: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    _places: Iterator[tuple[str, int, int]] | None = field(default=None, repr=False)
    _volume: int = field(default=0, repr=False)

    def line(self, pointer: str) -> int:
        """The line (from 1) of the value at a JSON pointer, or of its nearest ancestor that is written out."""
        return self.place(pointer)[0]

    def place(self, pointer: str) -> tuple[int, int]:
        """Line and column (both from 1) of the same: where the value begins in JSON, and where its key does in YAML."""
        pointer = self.base + pointer
        while pointer and not self._finds(pointer):
            pointer = pointer.rpartition("/")[0]
        return self._found[pointer] if self._finds(pointer) else (1, 1)

    def _finds(self, pointer: str) -> bool:
        """Is the value written out? The text is walked no further than to the last one that was asked for."""
        if self._places is None:
            places_of = json_text.places_of if self.syntax == "json" else yaml_text.places_of
            self._places = places_of(self.text)
        while pointer not in self._found and self._volume <= MAX_POINTERS:
            place = next(self._places, None)
            if place is None:
                return False
            self._found[place[0]] = place[1:]
            self._volume += len(place[0])
        return pointer in self._found

    def fault(self, pointer: str, message: str) -> Fault:
        """A fault of this document at a JSON pointer, with its line."""
        return Fault(self.name, self.base + pointer, self.line(pointer), message)


def read(data: bytes, name: str, *, scalars_are_text: bool = False) -> Document:
    """Parse JSON or YAML; InvalidData with every fault that can be told.

    ``scalars_are_text``: keep each unquoted YAML scalar as it is written (``1.10`` stays "1.10"), but for an empty one,
    ``~`` and ``null``. That is how the registry's own YAML is read (design: registry.md).
    """
    if len(data) > MAX_BYTES:
        raise refused(name, 0, f"it has more than {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
        if text[:1] == "\ufeff":
            raise refused(name, 1, "it begins with more than one byte order mark")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(name, line, "it is not UTF-8 text") from None
    if text.lstrip(" \t\r\n")[:1] in ("{", "["):
        try:
            return Document(name, text, json_text.value_of(text, name), "json")
        except json.JSONDecodeError as error:
            if not name.endswith((".yaml", ".yml")):
                raise refused(name, error.lineno, f"it is not valid JSON: {error.msg}") from None
    elif name.endswith(".json"):
        raise refused(name, 1, "it is not valid JSON: an object or a list is expected")
    value = yaml_text.value_of(text, name, scalars_are_text)
    too_much = excess(value)
    if too_much:
        raise refused(name, 0, too_much)
    return Document(name, text, value, "yaml")
