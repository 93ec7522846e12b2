"""The quick ways of reading agree with the exact ones: JSON at once, and specs that are sound at a glance."""

from __future__ import annotations

import copy
import json
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.formats import bundling, json_text, openapi, text
from signet.errors import Fault, InvalidData
from tests.conformance.compare import cases
from tests.core.test_conformance_compare import folder
from tests.fuzz import effort
from tests.fuzz.strategies import documents, mutated

NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
) | st.sampled_from(
    ["-0", "-0.0", "1e999", "1e-999", "1" * 1000, "-" + "1" * 1000, "1" * 1001, "1" * 5000, "0e0", "1E400", "NaN", "01"]
)
NUMERALS = NUMBERS.map(lambda number: f'{{"a": [{number}], "b": {number}}}'.encode())

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": ["string", "null"], "enum": ["a", None]},
        "pet": {"oneOf": [{"$ref": "#/components/schemas/Pet"}, True], "discriminator": {"mapping": {"a": "Pet"}}},
    },
    "additionalProperties": False,
    "items": [{"not": {}}],
    "allOf": [{"$ref": "#/components/schemas/Pet", "description": "d"}],
}
SPECS: list[dict[str, Any]] = [
    {
        "openapi": version,
        "info": {"title": "t"},
        "paths": {
            "/pets/{id}": {
                "parameters": [{"$ref": "#/components/parameters/id"}],
                "post": {
                    "parameters": [{"name": "q", "in": "query", "schema": SCHEMA}],
                    "requestBody": {"content": {"application/json": {"schema": SCHEMA, "encoding": {"a": {}}}}},
                    "responses": {
                        "200": {"$ref": "#/components/responses/Ok"},
                        "x-note": 1,
                        "default": {"headers": {"X": {"schema": {"$ref": "#/components/schemas/Pet/properties/id"}}}},
                    },
                    "callbacks": {"done": {"{$request.body#/url}": {"post": {"responses": {}}}}},
                },
            },
            "/again": {"$ref": "#/paths/~1pets~1{id}"},
        },
        "components": {
            "schemas": {"Pet": {"properties": {"id": {"type": "string"}, "of": {"$ref": "#/components/schemas/Pet"}}}},
            "parameters": {"id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
            "responses": {"Ok": {"content": {"application/json": {"schema": SCHEMA}}}},
        },
    }
    for version in ("3.0.3", "3.1.0")
]
SPECS.append(
    {
        "swagger": "2.0",
        "paths": {
            "/pets": {
                "get": {
                    "parameters": [
                        {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Pet"}},
                        {"name": "q", "in": "query", "type": "array", "items": {"type": "string"}},
                    ],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/Pet"}}},
                }
            }
        },
        "definitions": {"Pet": {"type": "object", "properties": {"name": {"type": "string"}}}},
    }
)


def told(read: Any, data: str) -> tuple[str, Any]:
    """What a reader says: a value with the types of all that is in it, or what it refuses."""
    try:
        return "value", repr(read(data, "x.json"))
    except InvalidData as error:
        return "refused", [(fault.pointer, fault.line, fault.message) for fault in error.faults]
    except json.JSONDecodeError as error:
        return "no JSON", (error.msg, error.pos)


@effort(150)
@given(documents(*(json.dumps(one).encode() for one in SPECS)) | NUMERALS)
def test_json_is_read_at_once_as_it_is_read_with_care(data: bytes) -> None:
    source = data.decode("utf-8", "replace")
    assert told(json_text.value_of, source) == told(json_text._checked, source)


def faults(value: Any) -> list[Fault]:
    """The faults of a spec, found without the quick look, and those of joining its files."""
    document = text.Document("x.json", json.dumps(value, default=str), value, "json")

    def nothing(name: str) -> text.Document:
        raise InvalidData("there is no other file", [Fault(name, None, 0, "absent")])

    with (
        mock.patch.object(openapi, "is_sound", return_value=False),
        mock.patch.object(bundling, "_stays_inside", return_value=False),
    ):
        try:
            openapi.spec(document)
            changed = openapi.bundled(document, nothing) != value
        except InvalidData as error:
            return list(error.faults)
    return [Fault("x.json", None, 0, "bundling changes it")] if changed else []


@effort(300)
@given(mutated(*SPECS))
def test_what_is_sound_at_a_glance_has_no_fault(value: Any) -> None:
    document = text.Document("x.json", "{}", value, "json")
    before = copy.deepcopy(value)
    if openapi.self_contained(document) is not None:
        assert faults(value) == []
        assert value == before


@pytest.mark.parametrize("spec", SPECS)
def test_sound_specs_are_seen_to_be_so(spec: dict[str, Any]) -> None:
    assert faults(spec) == []
    found = openapi.self_contained(text.Document("x.json", "{}", spec, "json"))
    assert found is not None
    assert found.dialect == str(spec.get("openapi", "2.0"))[:3]


@pytest.mark.parametrize("group", ["compare/opc", "compare/smv", "compare/beyond", "real"])
def test_specs_of_the_conformance_data(group: str) -> None:
    """Nearly all that have no fault are told at a glance, and none that has one."""
    seen = {True: 0, False: 0}
    for case in cases(folder() / group):
        for file in case.glob("*.*"):
            try:
                document = text.read(file.read_bytes(), file.name)
            except InvalidData:
                continue
            if openapi.looks_like(document.value):
                at_a_glance = openapi.self_contained(document) is not None
                if not (is_faulty := bool(faults(document.value))):
                    seen[at_a_glance] += 1
                assert not (at_a_glance and is_faulty), file
    assert seen[True] >= 20 * seen[False], seen
