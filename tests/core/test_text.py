"""Reading and writing JSON and YAML: round trips, digests that mean the same, limits that hold."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from signet.core.formats import text
from signet.errors import InvalidData

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(10**30), 10**30) | st.decimals(allow_nan=False, allow_infinity=False, places=6).filter(
    lambda number: abs(number) < Decimal(10) ** 300
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def shuffled(value: Any, choose: random.Random) -> Any:
    """The same value with its keys in another order."""
    if isinstance(value, dict):
        pairs = [(key, shuffled(child, choose)) for key, child in value.items()]
        choose.shuffle(pairs)
        return dict(pairs)
    return [shuffled(child, choose) for child in value] if isinstance(value, list) else value


def refusal(data: bytes, name: str = "x.json") -> InvalidData:
    """The error with which a document is refused."""
    with pytest.raises(InvalidData) as caught:
        text.read(data, name)
    assert caught.value.faults
    return caught.value


@given(VALUES, st.sampled_from([0, 1, 2]))
def test_what_is_written_is_read_again(value: Any, indent: int) -> None:
    written = text.dump(value, indent)
    name = "x.json" if isinstance(value, (dict, list)) else "x.yaml"
    if name == "x.json":
        assert text.dump(text.read(written.encode(), name).value) == text.dump(value)


@given(st.dictionaries(TEXTS, VALUES), st.randoms(use_true_random=False))
def test_formatting_and_the_order_of_keys_do_not_change_the_digest(
    value: dict[str, Any], choose: random.Random
) -> None:
    other = text.read(text.dump(shuffled(value, choose), 3).encode(), "x.json").value
    assert text.digest(other) == text.digest(value)


@given(st.dictionaries(TEXTS, VALUES, min_size=1), TEXTS)
def test_another_value_has_another_digest(value: dict[str, Any], name: str) -> None:
    assert text.digest({**value, name: [value.get(name)]}) != text.digest(value)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text("abc xyz:-#'é\n", max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc é", max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", max_size=5), PLAIN, min_size=1), st.booleans())
def test_json_and_yaml_mean_the_same(value: dict[str, Any], flow: bool) -> None:
    written = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    as_yaml = text.read(written.encode(), "x.yaml").value
    as_json = text.read(json.dumps(value).encode(), "x.json").value
    assert as_yaml == as_json == value


@given(VALUES.filter(lambda value: isinstance(value, (dict, list))))
def test_every_pointer_has_a_line(value: Any) -> None:
    document = text.read(text.dump(value, 1).encode(), "x.json")
    waiting = [("", value)]
    while waiting:
        pointer, each = waiting.pop()
        assert text.dump(text.resolve(document.value, pointer)) == text.dump(each)
        assert 1 <= document.line(pointer) <= document.text.count("\n") + 1
        pairs = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
        waiting += [(f"{pointer}/{text.escape(str(key))}", child) for key, child in pairs]


def test_a_line_is_where_the_value_stands() -> None:
    for name, written in (
        ("x.json", '{\n "a": {\n  "b": [\n   1,\n   2\n  ]\n }\n}'),
        ("x.yaml", "a:\n\n  b:\n  - 1\n  - 2\n"),
    ):
        document = text.read(written.encode(), name)
        assert document.line("/a/b/1") == 5
        assert document.line("/a/b/7/c") == document.line("/a/b")


@pytest.mark.parametrize("number", ["1e400", "NaN", "-Infinity", "1" * 1001])
def test_numbers_that_no_two_programs_read_alike(number: str) -> None:
    (fault,) = refusal(b'{"a":\n ' + number.encode() + b"}").faults
    assert (fault.pointer, fault.line) == ("/a", 2)


def test_numbers_are_exact() -> None:
    value = text.read(b'{"a": 9007199254740993, "b": 0.1, "c": 1.0, "d": 1e2}', "x.json").value
    assert value["a"] == 2**53 + 1
    assert value["b"] == Decimal("0.1")
    assert text.dump(value) == '{"a":9007199254740993,"b":0.1,"c":1,"d":100}'


def test_every_duplicate_key_is_named() -> None:
    faults = refusal(b'{"a": 1,\n "a": 2, "b": {"c": 1,\n "c": 2}}').faults
    assert [(fault.pointer, fault.line) for fault in faults] == [("/a", 2), ("/b/c", 3)]
    faults = refusal(b"a: 1\nb: {c: 1, c: 2}\na: 2\n", "x.yaml").faults
    assert [(fault.pointer, fault.line) for fault in faults] == [("/b/c", 2), ("/a", 3)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"[" * 101 + b"]" * 101, "x.json"),
        (b"[" * 100_000 + b"]" * 100_000, "x.json"),
        (b"[" * 101 + b"]" * 101, "x.yaml"),
        (b"\xff\xfe{}", "x.json"),
        (b'{"a": "\\ud800"}', "x.json"),
        (b"{", "x.json"),
        (b"1", "x.json"),
        (b"a: [\n", "x.yaml"),
        (b"a: 1\n---\nb: 2\n", "x.yaml"),
        (b"a: &a [*a]\n", "x.yaml"),
        (b"a: *b\n", "x.yaml"),
        (b"a: !!python/object:os.system x\n", "x.yaml"),
        (b"a: .inf\n", "x.yaml"),
        (b"? [1]\n: 2\n", "x.yaml"),
        (b"a: &a {b: 1}\nc: &c\n  <<: *a\nd:\n  <<: *c\n", "x.yaml"),
    ],
)
def test_what_is_refused(data: bytes, name: str) -> None:
    assert refusal(data, name).message == f"{name} is refused."


def test_a_document_as_deep_as_it_may_be() -> None:
    assert text.read(b"[" * 100 + b"]" * 100, "x.json").value


def test_a_bomb_of_aliases_is_refused_before_it_is_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    (fault,) = refusal("\n".join(lines).encode(), "x.yaml").faults
    assert "aliases expand" in fault.message


def test_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_BYTES", 10)
    assert "more than 10 bytes" in str(refusal(b'{"a": "bcdefg"}'))


def test_aliases_and_merge_keys_of_yaml() -> None:
    value = text.read(b"a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc: *a\n", "x.yaml").value
    assert value == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2}}


def test_scalars_as_they_are_written() -> None:
    document = text.read(b'a: 1.10\nb: true\nc: null\nd:\ne: "1"\n2: 0x1F\n', "x.yaml", scalars_are_text=True)
    assert document.value == {"a": "1.10", "b": "true", "c": None, "d": None, "e": "1", "2": "0x1F"}


def test_a_pointer_that_leads_nowhere() -> None:
    for pointer in ("/b", "/a/2", "/a/01", "/a/x", "/a/0/c"):
        with pytest.raises(LookupError):
            text.resolve({"a": [1, 2]}, pointer)
    assert text.resolve({"a/b": {"~": 1}}, "/a~1b/~0") == 1


def test_what_is_no_json_value() -> None:
    for value in (float("nan"), Decimal("Infinity"), {1, 2}, b"x"):
        with pytest.raises(TypeError):
            text.dump(value)


JSON_PLACES = '{"a": [1,\n  {"b/c": "x"}], "~": {\n\t"é": null}}'
YAML_PLACES = "a: &one\n  - 1\n  - b/c: x\n    d: {e: f}\nagain: *one\n'~': |\n  long\n"


@pytest.mark.parametrize(
    ("name", "source", "pointer", "place"),
    [
        ("x.json", JSON_PLACES, "", (1, 1)),
        ("x.json", JSON_PLACES, "/a/0", (1, 8)),
        ("x.json", JSON_PLACES, "/a/1", (2, 3)),
        ("x.json", JSON_PLACES, "/a/1/b~1c", (2, 11)),
        ("x.json", JSON_PLACES, "/~0/é", (3, 7)),
        ("x.json", JSON_PLACES, "/~0/nowhere", (2, 23)),
        ("x.yaml", YAML_PLACES, "/a", (1, 1)),
        ("x.yaml", YAML_PLACES, "/a/0", (2, 5)),
        ("x.yaml", YAML_PLACES, "/a/1/b~1c", (3, 5)),
        ("x.yaml", YAML_PLACES, "/a/1/d/e", (4, 9)),
        ("x.yaml", YAML_PLACES, "/again/1/d/e", (5, 1)),
        ("x.yaml", YAML_PLACES, "/~0", (6, 1)),
    ],
)
def test_a_place_is_a_line_and_a_column(name: str, source: str, pointer: str, place: tuple[int, int]) -> None:
    document = text.read(source.encode(), name)
    assert document.place(pointer) == place
    assert document.line(pointer) == place[0]
