"""Requests are judged as openapi-schema-validator judges them; where not, docs/comparison.md says so, and why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signet.core.compare import texts
from signet.core.compare.modes import PLAIN, REQUEST, Mode, definite
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.formats import text
from tests.core import reference
from tests.core.any_schemas import LEAVES, NAMES, SCALARS, VALUES, composed, schemas
from tests.core.drawn_leaves import FORMATS, PATTERNS
from tests.fuzz import THOROUGH, effort

pytestmark = [pytest.mark.slow] if THOROUGH else []
DOCS = (Path(__file__).parents[2] / "docs" / "comparison.md").read_text("utf-8")


def judged(schema: Any, value: Any, dialect: str, mode: Mode = REQUEST, shared: Any = None) -> bool:
    """Our answer: is the value valid, as a request or on its own?"""
    root = {"schema": schema, "components": {"schemas": {"R": shared or {}}}}
    read = text.read(text.dump({"root": root, "value": value}).encode(), "x.json").value
    node = Node(read["root"]["schema"], "/schema")
    found = Judge(Source(read["root"], dialect)).misfits(read["value"], (node,), mode)
    assert all(misfit.why(read["root"]) for misfit in found)
    assert not found or definite(found), "an open answer where there is one"
    return not found


def expected(schema: Any, value: Any, dialect: str, side: str = "", shared: Any = None) -> bool:
    """The reference's answer."""
    return reference.is_valid(schema, value, {"components": {"schemas": {"R": shared or {}}}}, dialect, side)


def nullable_beside_schemas(schema: Any) -> bool:
    """True for the one difference that the drawn schemas can show: see DIFFERENCES."""
    if isinstance(schema, list):
        return any(map(nullable_beside_schemas, schema))
    if not isinstance(schema, dict):
        return False
    composed = schema.keys() & {"allOf", "oneOf", "anyOf", "$ref"}
    return (schema.get("nullable") is True and bool(composed)) or any(map(nullable_beside_schemas, schema.values()))


@effort(500)
@given(
    schemas(newer=True), st.one_of(LEAVES), st.lists(VALUES, min_size=3, max_size=3), st.sampled_from([REQUEST, PLAIN])
)
def test_any_schema_of_3_1_and_any_value(schema: Any, shared: Any, values: list[Any], mode: Mode) -> None:
    for value in values:
        assert judged(schema, value, "3.1", mode, shared) == expected(schema, value, "3.1", "", shared)


@effort(500)
@given(
    schemas(newer=False), st.one_of(LEAVES), st.lists(VALUES, min_size=3, max_size=3), st.sampled_from([REQUEST, PLAIN])
)
def test_any_schema_of_3_0_and_any_value(schema: Any, shared: Any, values: list[Any], mode: Mode) -> None:
    assume(not nullable_beside_schemas(schema))
    for value in values:
        assert judged(schema, value, "3.0", mode, shared) == expected(schema, value, "3.0", "", shared)


REST = st.sampled_from([False, {"type": "integer"}, {"type": "string"}])
HOLDERS = st.lists(VALUES, max_size=3) | st.dictionaries(NAMES, SCALARS, min_size=1, max_size=3)
SOME = composed(schemas(newer=True), newer=True)


@effort(250)
@given(SOME, SOME, REST, HOLDERS)
def test_what_is_left_over(one: Any, other: Any, rest: Any, value: Any) -> None:
    schema = {**one, **other, "unevaluatedProperties": rest, "unevaluatedItems": rest}
    shared = {"properties": {"a": {"type": "integer"}}, "prefixItems": [{"type": "integer"}]}
    assert judged(schema, value, "3.1", REQUEST, shared) == expected(schema, value, "3.1", "", shared)


# --- texts -----------------------------------------------------------------------------------------------------------

SIGNS = "".join(dict.fromkeys("".join(good for goods, _ in FORMATS.values() for good in goods))) + "+/ \n٣é%[]GZtz"


@st.composite
def near(draw: st.DrawFn, name: str) -> str:
    """A text that has a format, with up to two characters changed."""
    signs = list(draw(st.sampled_from(FORMATS[name][0])))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(signs)))
        signs[place : place + draw(st.integers(0, 1))] = draw(st.text(st.sampled_from(SIGNS), max_size=1))
    return "".join(signs)


def sloppy(name: str, value: str) -> bool:
    """True for texts in which the reference is known to be wrong: see DIFFERENCES."""
    if name == "date-time":
        return ":60" in value or value.endswith("\n")
    return name == "uuid" and not re.fullmatch(r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+){4}", value)


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"email"}))
def test_a_text_that_nearly_has_a_format(name: str) -> None:
    @effort(150)
    @given(near(name))
    def holds(value: str) -> None:
        assume(not sloppy(name, value))
        assert texts.has_format(name, value) == expected({"format": name}, value, "3.1")

    holds()


ATOMS = (
    "a", "b", "é", "🙂", ".", r"\d", r"\w", r"\s", r"\S", r"\W", r"\D", "[a-c]", "[^a]", r"[\w-]", r"[\d.]", r"\.",
    r"\u00e9", r"\x61", r"\/", "-", "_", r"\t", "[a-z&&b]", "[^]", "[]", r"\b", r"\B", "$", "^", r"\-", "@", "#",
    " ", "]", "}", "{", "a{2}", "b{1,}", r"\$", r"[\s\S]", r"\cA", "[[a]", r"[\b]", r"\0", r"\_", r"\%", "{a}",
    "a{,2}", "[a-]", "[~~&&b]",
)  # fmt: skip


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Patterns made of patterns."""
    return st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from(["", "*", "+", "?", "{1,2}", "*?"])),
        st.builds("({}{})".format, st.sampled_from(["?=", "?!", "?<=", "?<!"]), inner),
        st.builds("^{}$".format, inner),
    )


PATTERN = st.recursive(st.sampled_from(ATOMS), compound, max_leaves=4)
LINE = st.text(
    st.sampled_from("abcé🙂1٣\n\r\u2028\x85\u00a0\ufeff _-.@]}{\x00\x01\x08ſK$^/#\t&~\u0301\u180e"), max_size=4
)


@effort(400)
@given(PATTERN, st.lists(LINE, min_size=4, max_size=4))
def test_any_pattern_and_any_text(pattern: str, lines: list[str]) -> None:
    for line in lines:
        assert judged({"pattern": pattern}, line, "3.1") == expected({"pattern": pattern}, line, "3.1")


def test_the_tables_of_texts_are_right() -> None:
    for keyword, table in (("pattern", PATTERNS), ("format", FORMATS)):
        for said, (goods, bads) in table.items():
            for value in (*goods, *bads):
                assert judged({keyword: said}, value, "3.1") == (value in goods)
                assert expected({keyword: said}, value, "3.1") == (value in goods)


# --- the differences that are known ----------------------------------------------------------------------------------

R = {"$ref": "#/components/schemas/R"}
OTHER = {"type": "object", "properties": {"q": {"type": "integer"}}, "required": ["q"]}
BY_NAME = {"anyOf": [R, OTHER], "discriminator": {"propertyName": "t"}}
READ = {"type": "object", "properties": {"a": {"readOnly": True}}, "required": ["a"]}
DIFFERENCES: dict[str, list[tuple[str, Any, Any, bool]]] = {
    "`nullable` beside `allOf`, `oneOf`, `anyOf` or `$ref`": [
        ("3.0", {"nullable": True, "allOf": [{"type": "string"}]}, None, True),
        ("3.0", {"nullable": True, "type": "object", "oneOf": [{"type": "object"}]}, None, True),
        ("3.0", {"nullable": True, **R}, None, True),
    ],
    "what stands beside a `$ref` in 3.0": [("3.0", {**R, "maxProperties": 0}, {"q": 1}, True)],
    "a `discriminator` that finds no name, in 3.0": [
        ("3.0", BY_NAME, {"q": 1}, True),
        ("3.0", BY_NAME, {"t": "?", "q": 1}, True),
    ],
    "a `discriminator` that names a branch, in 3.1": [
        ("3.1", {"anyOf": [R, OTHER], "discriminator": {"propertyName": "t"}}, {"t": "R", "a": "x", "q": 1}, False)
    ],
    "a `readOnly` property in a request": [("3.1", READ, {}, True), ("3.0", READ, {"a": 1}, True)],
    "`email`, `idn-email`": [("3.1", {"format": "email"}, "a@", False), ("3.1", {"format": "idn-email"}, "@é", False)],
    "`uuid`": [
        ("3.1", {"format": "uuid"}, "123e4567-e89b-12d3-a456-42661417400٣", False),
        ("3.1", {"format": "uuid"}, "123e4567-e89b-12d3-a456--426614174000", False),
    ],
    "`date-time`": [
        ("3.1", {"format": "date-time"}, "1998-12-31T23:59:60Z", True),
        ("3.1", {"format": "date-time"}, "2024-02-29T23:59:59Z\n", False),
    ],
    "`time`": [("3.1", {"format": "time"}, "12:00:00Z", True), ("3.1", {"format": "time"}, "12:00:00", False)],
    "`byte`": [("3.0", {"format": "byte"}, "YWJj\r\nYWJj", True), ("3.1", {"format": "byte"}, "*", False)],
    "formats that the reference does not check": [
        ("3.1", {"format": "uri"}, "a b", False),
        ("3.1", {"format": "hostname"}, "-a", False),
        ("3.1", {"format": "duration"}, "1 day", False),
        ("3.1", {"format": "json-pointer"}, "a", False),
    ],
}
"""(dialect, schema, value, our answer), by the row of the table in docs/comparison.md."""


@pytest.mark.parametrize("row", DIFFERENCES)
def test_a_difference_is_as_the_table_says(row: str) -> None:
    shared = {"type": "object", "properties": {"a": {"type": "integer"}}}
    for dialect, schema, value, ours in DIFFERENCES[row]:
        assert judged(schema, value, dialect, REQUEST, shared) is ours
        side = "request" if dialect == "3.0" else ""
        assert expected(schema, value, dialect, side, shared) is not ours


def test_the_table_lists_these_differences_and_no_others() -> None:
    table = DOCS.split("## Differences to the reference")[1].split("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][2:]
    assert rows == list(DIFFERENCES)


def test_one_number_however_it_is_written() -> None:
    """1.0 is 1 before anything is compared (the digest of a contract says so), and the reference is asked for 1."""
    for written, schema, fits in (
        ("1.0", {"type": "integer"}, True),
        ("1e2", {"enum": [100]}, True),
        ("0.3", {"multipleOf": 0.1}, True),
        (str(2**53 + 1), {"multipleOf": 2}, False),
        ("1e30", {"multipleOf": 3}, False),
    ):
        value = text.read(f"[{written}]".encode(), "x.json").value[0]
        for dialect in ("3.0", "3.1"):
            assert judged(schema, value, dialect) is fits
            assert expected(text.read(text.dump(schema).encode(), "x.json").value, value, dialect) is fits
