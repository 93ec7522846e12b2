"""What is fed to readers: random bytes, random values, and valid documents with something wrong in them.

A mutation changes one to a few places of a valid document, so that most of it is still read: deleted, doubled, swapped
for a value of another kind, wrapped, moved elsewhere; or the bytes are cut, doubled, and sprinkled with syntax.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from signet.core.formats.limits import MAX_DEPTH

SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop" / "documents"

CONTROLS = "".join(map(chr, (0, 7, 8, 9, 10, 13, 0x1B, 0x7F, 0x85, 0x9B, 0xAD)))
INVISIBLE = "\u200b\u200e\u202e\u2028\u2029\u2066\ufeff\ufff9\U000e0001"
HOSTILE_WORDS = (
    "\x1b[2K\x1b[1A[ok] ",
    "\x1b]8;;http://x\x07",
    "\x1b]52;c;eA==\x07",
    "\r\n",
    "\n::error::pwn",
    "::stop-commands::x",
    "##[error]x",
    "\x9b31m",
    "\u202eexe",
    "\u2066",
    "\u2028",
    "\x7f",
    "../..",
    ".git",
    "a/b",
    "con",
    "%00",
    "%0A",
    "https://me:secret@x/y",
    "ssh://a:b@c",
    "{}",
    "null",
    "~",
    "1.10",
    "0x10",
    "NaN",
    "Infinity",
    "-0",
    "1e400",
    "é",
    "e\u0301",
    "İ",
    "ß",
    "𝒜",
)
"""Pieces of text that terminals, runners, shells, file systems or parsers take for something else."""

hostile_text = st.lists(
    st.sampled_from(HOSTILE_WORDS) | st.text(CONTROLS + INVISIBLE + "ab:# ", max_size=4), max_size=5
)
any_text = hostile_text.map("".join) | st.text(max_size=30)
"""Text without lone surrogates, as UTF-8 files and git can hold it."""
wild_text = any_text | st.text(st.characters(codec=None), max_size=20) | st.just("x\udcffy")
"""Text that the arguments of a program can hold as well: bytes that are no UTF-8 are lone surrogates."""

numbers = st.one_of(
    st.integers(-(10**40), 10**40),
    st.sampled_from([0, -1, 1, 2**31, 2**63, 10**400, 10**999, 0.1, -0.0, 1e-300, 1e308]),
)
scalars = st.one_of(st.none(), st.booleans(), numbers, any_text, st.sampled_from(HOSTILE_WORDS))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)

KEYS = (
    "$ref",
    "openapi",
    "swagger",
    "paths",
    "components",
    "schemas",
    "interactions",
    "messages",
    "request",
    "response",
    "matchingRules",
    "matchers",
    "body",
    "content",
    "contentType",
    "encoded",
    "headers",
    "query",
    "status",
    "type",
    "allOf",
    "oneOf",
    "not",
    "items",
    "properties",
    "required",
    "enum",
    "pattern",
    "format",
    "discriminator",
    "mapping",
    "deployed",
    "desired",
    "released",
    "version",
    "instance",
    "kind",
    "service",
    "digest",
    "contracts",
    "spec",
    "result",
    "<<",
    "x-y",
    "$defs",
    "additionalProperties",
    "parameters",
    "in",
    "name",
    "schema",
    "style",
    "explode",
    "security",
)
TELLING: tuple[Any, ...] = (
    {"$ref": "#"},
    {"$ref": "#/paths"},
    {"$ref": "#/components/schemas/A"},
    {"$ref": "//[x"},
    {"$ref": "a.json#/x"},
    {"$ref": "../a.json"},
    {"$ref": "a%00.json"},
    {"$ref": 1},
    {"match": "regex", "regex": "("},
    {"match": "type"},
    {"matchers": 1},
    {"matchers": [{"match": "integer"}, 5]},
    {"$.body[1]": {}},
    {"content": "{", "encoded": "base64"},
    {"content": "eyJhIjoxZTk5OTk5OTk5OX0=", "contentType": "application/json", "encoded": "base64"},
    {"content": '{"a": 1e99999999999}', "contentType": "application/json", "encoded": "json"},
    [],
    {},
    "",
    None,
    [[]],
    [None],
    {"": None},
    {"type": "array"},
    {"type": ["string", 5]},
    {"enum": 5},
    {"not": {}},
    {"pattern": "(a+)+$"},
    {"pattern": "["},
    {"multipleOf": 0},
    {"minLength": "x"},
    {"maximum": 10**999},
    "2XX",
    "default",
)
"""Values that mean something to one reader or another."""

fillings = values | st.sampled_from(TELLING).map(copy.deepcopy) | st.sampled_from(KEYS)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value but the value itself."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield (*path, key)
        yield from places(child, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a place."""
    for key in path:
        value = value[key]
    return value


@st.composite
def mutated(draw: st.DrawFn, *originals: Any) -> Any:
    """A copy of one of the documents with one to four changes."""
    value = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        where = list(places(value))
        if not where:
            return draw(fillings)
        *path, last = draw(st.sampled_from(where))
        holder = at(value, tuple(path))
        change = draw(st.sampled_from(("replace", "delete", "double", "wrap", "graft", "rename", "nest")))
        if change == "replace":
            holder[last] = draw(fillings)
        elif change == "delete":
            del holder[last]
        elif change == "double":
            twin = copy.deepcopy(holder[last])
            if isinstance(holder, list):
                holder.insert(last, twin)
            else:
                holder[draw(any_text | st.sampled_from(KEYS))] = twin
        elif change == "wrap":
            holder[last] = draw(st.sampled_from(([holder[last]], {"a": holder[last]}, {"$ref": holder[last]})))
        elif change == "graft":
            holder[last] = copy.deepcopy(at(value, draw(st.sampled_from(where))))
        elif change == "rename" and isinstance(holder, dict):
            holder[draw(any_text | st.sampled_from(KEYS))] = holder.pop(last)
        elif change == "nest":
            for _level in range(draw(st.sampled_from((3, MAX_DEPTH - 8, MAX_DEPTH, 150)))):
                holder[last] = {"n": holder[last]} if draw(st.booleans()) else [holder[last]]
    return value


def as_json(value: Any) -> bytes:
    """JSON, as a careless program writes it: NaN, lone surrogates and repeated keys get through."""
    return json.dumps(value, default=str).encode()


def as_yaml(value: Any) -> bytes:
    """YAML with aliases for what occurs twice."""
    return yaml.safe_dump(json.loads(json.dumps(value, default=str)), allow_unicode=True).encode(
        "utf-8", "surrogatepass"
    )


SYNTAX = (
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b'"',
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b"\0",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"- ",
    b"? ",
    b": ",
    b"& ",
    b"&a ",
    b"*a",
    b"*b",
    b"<<: *a\n",
    b"<<: ",
    b"!!python/object:os.system ",
    b"!!binary ",
    b"!!set ",
    b"!!int ",
    b"!x ",
    b"! ",
    b"%YAML 1.1\n---\n",
    b"---\n",
    b"...\n",
    b"|\n",
    b">-\n",
    b"#",
    b" #c\n",
    b"'",
    b"~",
    b"null",
    b"NaN",
    b"Infinity",
    b".inf",
    b"1" * 1001,
    b"0x" + b"f" * 300,
    b"0o777",
    b"1e999",
    b"1_0",
    b"12:30:45",
    b"2001-01-01",
    b"=",
    b"@",
    b"`",
    b"[" * 200,
    b'{"a":' * 120,
    b"a: {" * 120,
    b"yes",
    b"deployed: ",
    b"desired: ",
    b"released: ",
    b'"a":1,',
)


@st.composite
def mangled(draw: st.DrawFn, *originals: bytes) -> bytes:
    """The bytes of one of the documents, cut, doubled, and with pieces of syntax in them."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 40)))
        change = draw(st.sampled_from(("insert", "cut", "drop", "double", "noise", "endings")))
        if change == "insert":
            data = data[:start] + draw(st.sampled_from(SYNTAX)) + data[start:]
        elif change == "cut":
            data = data[:start]
        elif change == "drop":
            data = data[:start] + data[end:]
        elif change == "double":
            data = data[:end] + data[start:]
        elif change == "noise":
            data = data[:start] + draw(st.binary(max_size=6)) + data[end:]
        else:
            data = data.replace(b"\n", draw(st.sampled_from((b"\r\n", b"\r", b"\n\n", b"\n\t", b"\xe2\x80\xa9"))))
    return data


def documents(*originals: bytes) -> st.SearchStrategy[bytes]:
    """Everything that a reader of such documents may meet."""
    parsed = [one for one in map(_parsed, originals) if one is not None]
    kinds = [st.binary(max_size=60), any_text.map(str.encode), values.map(as_json), values.map(as_yaml)]
    kinds += [mangled(*originals)] * 3
    if parsed:
        kinds += [mutated(*parsed).map(as_json)] * 3 + [mutated(*parsed).map(as_yaml)] * 2
    return st.one_of(kinds)


def _parsed(data: bytes) -> Any:
    try:
        value = json.loads(data) if data.lstrip()[:1] in (b"{", b"[") else yaml.safe_load(data)
    except (ValueError, yaml.YAMLError):
        return None
    return value if isinstance(value, (dict, list)) else None


def shop(*names: str) -> list[bytes]:
    """Documents of the example."""
    return [(SHOP / name).read_bytes() for name in names]
