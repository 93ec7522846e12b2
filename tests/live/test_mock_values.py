"""Answers that are made from schemas: always valid by the reference, and the same wherever they are made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.compare.modes import ANSWER, PLAIN
from signet.core.compare.schemas import Judge as Evaluator
from signet.core.compare.source import Node, Source
from signet.core.formats import text
from signet.live.mock import Service
from signet.live.mock.generated import Draw, NoValue, generated, patterns
from tests.cli.conftest import REGENERATE
from tests.core import reference
from tests.core.any_schemas import LEAVES, schemas
from tests.fuzz import effort
from tests.live import mocked
from tests.live.mocked import DOCUMENTS, Judge

HERE = Path(__file__).parent
SPECS = [HERE / "odd.json", *sorted(DOCUMENTS.glob("*.openapi.json"))]
HASHES = HERE / "mock_hashes.json"


def made(schema: Any, dialect: str = "3.1", draw: Draw | None = None, **shared: Any) -> Any:
    """A value for a schema; ``shared`` are components."""
    root = text.read(text.dump({"schema": schema, "components": {"schemas": shared}}).encode(), "x.json").value
    mode = PLAIN if dialect == "3.1" else ANSWER
    return generated(Source(root, dialect), Node(root["schema"], "/schema"), mode, draw=draw or Draw())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.name)
def test_every_answer_is_valid(path: Path) -> None:
    spec = mocked.read(path)
    service, judge = Service("x", spec), Judge(spec)
    answers = list(mocked.every_answer(service))
    faults = [fault for each in answers for fault in judge.faults(each)]
    assert (len(answers) > 0, faults) == (True, [])


def test_the_reference_can_say_no() -> None:
    spec = mocked.read(HERE / "odd.json")
    one = next(mocked.every_answer(Service("x", spec)))
    spoiled = one.answer._replace(body=b'{"name":1}', headers=((b"content-length", b"10"), *one.answer.headers[:1]))
    assert len(Judge(spec).faults(one._replace(answer=spoiled))) == 2


VALUES: list[tuple[Any, Any]] = [
    ({"type": "string"}, "text"),
    ({"type": "object", "properties": {"firstName": {"type": "string"}}}, {"firstName": "first name"}),
    ({"type": "object", "properties": {"since": {"type": "string", "format": "date"}}}, {"since": "2024-01-01"}),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True}, [1, 2, 3]),
    ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"key": True}),
    ({"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"}, "ABC-56"),
    ({"type": "integer", "minimum": 10, "multipleOf": 7}, 14),
    ({"type": "string", "examples": [1, "as people say"]}, "as people say"),
    ({"type": "string", "enum": ["b", "a"]}, "b"),
    ({"type": ["null", "string"]}, "text"),
    ({"anyOf": [{"type": "null"}, {"const": 7}]}, 7),
    ({"not": {"type": "object"}, "type": ["object", "integer"]}, 1),
    ({"type": "object", "required": ["a"], "properties": {"a": {"type": "null"}}}, {"a": None}),
    ({}, {}),
]


@pytest.mark.parametrize(("schema", "value"), VALUES, ids=[json.dumps(schema) for schema, _ in VALUES])
def test_values_are_readable(schema: Any, value: Any) -> None:
    assert made(schema) == value


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"allOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 3},
        {"type": "object", "required": ["a"], "properties": {"a": False}},
        {"$ref": "#/components/schemas/Endless"},
    ],
    ids=json.dumps,
)
def test_where_nothing_fits_nothing_is_made(schema: Any) -> None:
    endless = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Endless"}}}
    with pytest.raises(NoValue):
        made(schema, Endless=endless)


@pytest.mark.slow
def test_many_circles_end_in_bounded_steps() -> None:
    """Each of ten schemas has all of them, by choice and in lists: without bounds it would not end."""
    names = [f"S{number}" for number in range(10)]
    every = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    body = {"oneOf": [*every, {"type": "null"}]}
    one = {
        "type": "object",
        "required": names[:5],
        "properties": {**dict.fromkeys(names, body), "list": {"type": "array", "minItems": 1, "items": body}},
    }
    assert len(json.dumps(made(every[0], **dict.fromkeys(names, one)))) < 100_000


def test_what_is_written_only_is_not_answered() -> None:
    schema = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "password": {"type": "string", "writeOnly": True}},
    }
    assert made(schema, "3.0") == {"id": 1}
    assert made(schema, "3.1") == {"id": 1, "password": "password"}  # there, required is JSON Schema's


def test_a_choice_that_a_discriminator_names() -> None:
    spec = mocked.read(HERE / "odd.json")
    answer = next(each for each in mocked.every_answer(Service("x", spec)) if each.name.startswith("GET /pet "))
    assert json.loads(answer.answer.body)["kind"] == "tabby"


@pytest.mark.parametrize(
    "pattern",
    [
        *("^a+$", "[^a-z]", r"^\d{3}-\d{4}$", r"^[\w.]+@[\w.]+$", "^(a|b){2,3}c?$", r"^(?<x>ab)\k<x>$", r"^(.)\1$"),
        *(r"^\u0041\x42$", "^[]$|^x$", "^(?!abc)[a-z]{3}$", r"^\/v1\/", r"\bword\b", "^$", "^.{7}$"),
    ],
)
def test_texts_of_a_pattern(pattern: str) -> None:
    value = made({"type": "string", "pattern": pattern})
    assert reference.is_valid({"type": "string", "pattern": pattern}, value, {}, "3.1")


def test_what_is_no_pattern_has_no_texts() -> None:
    for pattern in ("(", "[", "a{9999999}", "(" * 5000, "\\"):
        assert len(list(patterns.texts(pattern, 0, None, 0))) < 100


@effort(100)
@given(schemas(newer=True), st.one_of(LEAVES), st.binary(max_size=8))
def test_what_is_made_from_any_schema_of_3_1_is_valid(schema: Any, shared: Any, seed: bytes) -> None:
    _valid_or_none(schema, shared, "3.1", Draw(seed))


@effort(100)
@given(schemas(newer=False), st.one_of(LEAVES), st.binary(max_size=8))
def test_what_is_made_from_any_schema_of_3_0_is_valid(schema: Any, shared: Any, seed: bytes) -> None:
    _valid_or_none(schema, shared, "3.0", Draw(seed))


def _valid_or_none(schema: Any, shared: Any, dialect: str, draw: Draw) -> None:
    """What is made is valid, by the reference too; and the same when it is made again."""
    try:
        value = made(schema, dialect, draw, R=shared)
    except NoValue:
        return
    assert text.dump(made(schema, dialect, draw, R=shared)) == text.dump(value)
    root = {"components": {"schemas": {"R": shared or {}}}}
    if value is None and dialect == "3.0":
        return  # what null means there is decided (docs/comparison.md), and differs from the reference
    assert reference.is_valid(schema, value, root, dialect, "" if dialect == "3.1" else "response")


def test_most_schemas_that_allow_a_value_get_one() -> None:
    """Each schema of the table of formats and keywords below, alone; none of them is empty."""
    formats = ["date-time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference"]
    formats += ["uuid", "json-pointer", "regex", "byte", "binary", "password", "iri", "idn-email", "uri-template"]
    # Not "time": the reference reads it as draft 3 did, without the offset that RFC 3339 demands.
    for name in formats:
        for turn in (b"", b"1", b"2"):
            value = made({"type": "string", "format": name}, draw=Draw(turn))
            assert reference.is_valid({"type": "string", "format": name}, value, {}, "3.1"), (name, value)


# --- the same everywhere ---------------------------------------------------------------------------------------------


def test_the_answers_are_those_that_are_written_down() -> None:
    found = {path.name: mocked.digests(Service("x", mocked.read(path))) for path in SPECS}
    if REGENERATE:
        HASHES.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(HASHES.read_text("utf-8")), "if it should be so: SIGNET_REGENERATE=1"


def _elsewhere(python: str, **variables: str) -> Any:
    command = [python, "-m", "tests.live.mocked", *map(str, SPECS)]
    root = Path(__file__).parents[2]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    "variables",
    [{"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "4711", "LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}],
    ids=str,
)
def test_hash_seeds_and_locales_change_nothing(variables: dict[str, str]) -> None:
    assert _elsewhere(sys.executable, **variables) == json.loads(HASHES.read_text("utf-8"))


PROMISED = ("3.11", "3.12", "3.13")
"""The versions that pyproject.toml names; one of these that is here has to be tried."""


def _pythons() -> dict[str, str]:
    """By version, other Pythons that pyenv has beside this one."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {path.name.rsplit(".", 1)[0]: str(path / "bin" / "python") for path in sorted(root.glob("3.1[2-9].*"))}
    found.pop(f"{sys.version_info[0]}.{sys.version_info[1]}", None)
    return {version: path for version, path in found.items() if Path(path).exists()}


@pytest.mark.slow
def test_other_pythons_change_nothing(tmp_path: Path) -> None:
    pythons = _pythons()
    if not pythons:
        pytest.skip("there is no other Python here")
    expected = json.loads(HASHES.read_text("utf-8"))
    ran = []
    for version, python in pythons.items():
        place = tmp_path / version
        wanted = ["jsonschema-rs", "jiter", "PyYAML", "openapi-schema-validator[ecma-regex]", "jsonschema"]
        asked = [python, "-m", "pip", "install", "--quiet", "--target", str(place), *wanted]
        if subprocess.run(asked, capture_output=True, check=False).returncode:
            continue  # no package index, or no wheels for that Python
        assert _elsewhere(python, PYTHONPATH=str(place)) == expected, python
        ran.append(version)
    if not ran:
        pytest.skip("nothing could be installed for the other Pythons")
    assert [one for one in PROMISED if one in pythons and one not in ran] == [], "is here, and could not be tried"


def test_the_order_of_keys_decides_nothing_but_the_order() -> None:
    """A value is walked in the order of the spec; sorted, it says the same."""
    spec = json.loads((HERE / "odd.json").read_text("utf-8"))
    turned = json.loads(json.dumps(spec, sort_keys=True))
    one, other = ({name: text.dump(value) for name, value in _values(document).items()} for document in (spec, turned))
    assert one == other


def _values(document: Any) -> dict[str, Any]:
    answers = mocked.every_answer(Service("x", mocked.spec(document)))
    return {each.name: json.loads(each.answer.body) for each in answers if each.media_type == "application/json"}


ALTERNATIVES = {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}
NAMED = {**ALTERNATIVES, "discriminator": {"propertyName": "kind"}}
SHARED = {name: {"type": "object", "properties": {"kind": {"type": "string"}}} for name in ("A", "B")}
EXAMPLES = [
    ("3.0", {"nullable": True, "oneOf": [{"type": "string"}, {"type": "number"}]}, None),
    ("3.0", {"nullable": True, "type": "string"}, None),
    ("3.0", {"type": "array", "items": {"nullable": True, "anyOf": [{"type": "string"}]}}, [None]),
    ("3.0", NAMED, {"kind": "A"}),
    ("3.0", NAMED, {"other": 1}),
    ("3.0", {"type": "object", "additionalProperties": NAMED}, {"a": {"kind": "A"}, "b": {}}),
    ("3.1", NAMED, {"kind": "A"}),
    ("3.1", {"prefixItems": [{"type": "string"}, NAMED], "type": "array"}, ["a", {"kind": "A"}]),
    ("3.1", {"anyOf": [{"type": "string"}, {"type": "null"}]}, None),
]


@pytest.mark.parametrize(("dialect", "schema", "value"), EXAMPLES, ids=lambda each: json.dumps(each)[:60])
def test_an_example_is_sent_only_if_strict_validators_take_it_too(dialect: str, schema: Any, value: Any) -> None:
    content = {"application/json": {"schema": schema, "example": {"held": value}}}
    content["application/json"]["schema"] = {"type": "object", "properties": {"held": schema}}
    path = {"/a": {"get": {"responses": {"200": {"description": "ok", "content": content}}}}}
    whole = {"openapi": f"{dialect}.0", "info": {"title": "x", "version": "1"}, "paths": path}
    spec = mocked.spec({**whole, "components": {"schemas": SHARED}})
    (answer,) = mocked.every_answer(Service("x", spec))
    faults = Judge(spec).faults(answer)
    is_sent = dict(answer.answer.headers).get(b"x-signet-answer") == b"example"
    plain = answer.answer._replace(body=json.dumps({"held": value}).encode(), code="")
    headers = ((b"content-type", b"application/json"), (b"content-length", str(len(plain.body)).encode()))
    by_reference = Judge(spec).faults(answer._replace(answer=plain._replace(headers=headers)))
    assert is_sent is not bool(by_reference)
    assert answer.answer.status == 501 or not faults  # of two equal alternatives exactly one can never hold


def test_a_seed_gives_other_values_and_always_the_same() -> None:
    schema = {"type": "array", "minItems": 3, "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    seen = {text.dump(made(schema, draw=Draw(str(seed).encode()))) for seed in range(20)}
    assert len(seen) > 10
    assert made(schema, draw=Draw(b"x")) == made(schema, draw=Draw(b"x"))


def test_a_made_value_is_judged_whole() -> None:
    """The evaluator that stands behind it finds nothing, in the mode of answers."""
    spec = mocked.read(HERE / "odd.json")
    service = Service("x", spec)
    for given_answer in mocked.every_answer(service):
        if given_answer.node is not None and given_answer.media_type == "application/json":
            value = (
                text.read(given_answer.answer.body, "x.json").value if given_answer.answer.body[:1] in b"[{" else None
            )
            assert not Evaluator(service.routes.source).misfits(value, (given_answer.node,), PLAIN)
