"""What holds for the changes between any two specs: the same said otherwise, harmless edits, contracts that break."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given

from signet.core import compare as comparison
from signet.core.changes import compare
from signet.core.formats import openapi, pact, text
from signet.core.formats.structure import METHODS, local
from signet.core.model.change import HARMLESS, Changes
from signet.core.model.spec import Spec
from tests.core.drawn_pacts import contract as written
from tests.core.drawn_specs import Drawn
from tests.core.test_change_schemas import hold
from tests.core.test_drawn import DRAWINGS, Dice, read_spec
from tests.core.test_impact import edited
from tests.core.test_impact import read as read_or_leave
from tests.fuzz import effort

LISTS_OF_ANY_ORDER = frozenset({"enum", "required", "oneOf", "anyOf", "parameters", "tags", "type", "consumes"})


def shuffled(value: Any, dice: Dice, key: str = "") -> Any:
    """The same value, with the order of keys, and of lists whose order says nothing, changed."""
    if isinstance(value, dict):
        pairs = [(name, shuffled(child, dice, name)) for name, child in value.items()]
        dice.random.shuffle(pairs)
        return dict(pairs)
    if isinstance(value, list):
        items = [shuffled(child, dice) for child in value]
        if key in LISTS_OF_ANY_ORDER and key != "example":
            dice.random.shuffle(items)
        return items
    return value


def inlined(value: Any, root: Any, inside: tuple[str, ...] = ()) -> Any:
    """The same value with what references lead to in their place, but for circles."""
    if isinstance(value, list):
        return [inlined(child, root, inside) for child in value]
    if not isinstance(value, dict):
        return value
    ref = value.get("$ref")
    if isinstance(ref, str) and len(value) == 1 and ref not in inside and len(inside) < 4:
        return inlined(text.resolve(root, local(ref) or ""), root, (*inside, ref))
    return {key: inlined(child, root, inside) for key, child in value.items()}


@effort(40)
@given(DRAWINGS)
def test_a_spec_does_not_change_by_being_written_otherwise(pair: tuple[Drawn, Dice]) -> None:
    whole, dice = pair
    spec = read_spec(whole.spec)
    dumped = yaml.safe_dump(json.loads(text.dump(whole.spec)))
    others = [whole.spec, shuffled(whole.spec, dice)]
    if '"discriminator"' not in text.dump(whole.spec):  # which schemas it may name hangs on references
        others.append(inlined(whole.spec, whole.spec))
    for same in (*map(read_spec, others), openapi.spec(text.read(dumped.encode(), "openapi.yaml"))):
        for one, other in ((spec, same), (same, spec)):
            found = compare(one, other)
            assert (found.changes, found.unseen) == ((), ())


# --- edits that break nobody -----------------------------------------------------------------------------------------

UPPER, LOWER = ("maximum", "maxLength", "maxItems", "maxProperties"), ("minimum", "minLength", "minItems")
INSIDE = ("properties", "items", "additionalProperties")


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """A schema, and those inside that restrict in the same way; what a reference leads to may stand elsewhere too."""
    if not isinstance(value, dict) or "$ref" in value:
        return
    yield value
    for key in INSIDE:
        held = value.get(key)
        for child in held.values() if key == "properties" and isinstance(held, dict) else [held]:
            yield from schemas(child)


def bodies(operation: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The schemas of requests, and those of answers (OpenAPI 3)."""
    sent = [media.get("schema") for media in operation.get("requestBody", {}).get("content", {}).values()]
    sent += [each.get("schema") for each in operation.get("parameters", ()) if "$ref" not in each]
    answered = [
        media.get("schema")
        for answer in operation.get("responses", {}).values()
        if isinstance(answer, dict)
        for media in answer.get("content", {}).values()
    ]
    return sent, answered


def widen(schema: dict[str, Any], dice: Dice) -> None:
    """Let a schema of a request allow more."""
    for key in (*UPPER, *LOWER, "pattern", "uniqueItems", "multipleOf", "enum", "const", "not"):
        if key in schema and dice.chance(50):
            del schema[key]
    for key, step in (*((key, 3) for key in UPPER), *((key, -1) for key in LOWER)):
        if isinstance(schema.get(key), int) and dice.chance(50) and schema[key] + step >= 0:
            schema[key] += step
    if schema.get("type") == "integer" and dice.chance(50):
        schema["type"] = "number"
        schema.pop("format", None)
    if isinstance(schema.get("required"), list) and schema["required"] and dice.chance(50):
        schema["required"] = schema["required"][1:]
    if isinstance(schema.get("enum"), list) and dice.chance(50):
        schema["enum"] = [*schema["enum"], "one more"]
    if isinstance(schema.get("properties"), dict) and schema.get("additionalProperties") is None and dice.chance(50):
        schema["properties"]["quite-new"] = {"type": "string"}


def narrow(schema: dict[str, Any], dice: Dice) -> None:
    """Let a schema of an answer promise more."""
    if isinstance(schema.get("enum"), list) and len(schema["enum"]) > 1 and dice.chance(50):
        schema["enum"] = schema["enum"][:-1]
    if schema.get("type") == "number" and "format" not in schema and dice.chance(50):
        schema["type"] = "integer"
    if schema.get("type") == "string" and not schema.keys() & {"pattern", "maxLength"} and dice.chance(50):
        schema |= {"pattern": "a", "maxLength": 20}
    if isinstance(schema.get("properties"), dict) and schema["properties"] and dice.chance(50):
        names = [name for name in schema["properties"] if name not in schema.get("required", ())]
        schema["required"] = [*schema.get("required", ()), *names[:1]]
        schema["properties"]["quite-new"] = {"type": "string"}


def harmless(document: dict[str, Any], dice: Dice) -> dict[str, Any]:
    """A copy with edits of which each lets requests be more and answers promise more."""
    value = copy.deepcopy(document)
    value["info"]["description"] = "another one"
    value["paths"]["/quite/new"] = {"get": {"responses": {"200": {"description": "d"}}}}
    for item in list(value["paths"].values()):
        for operation in (item[method] for method in METHODS if method in item):
            sent, answered = bodies(operation)
            for schema in (one for each in sent for one in schemas(each)):
                widen(schema, dice)
            for schema in (one for each in answered for one in schemas(each)):
                narrow(schema, dice)
            operation["summary"], operation["operationId"] = "another one", f"id{id(operation)}"
            if not any(key.upper() == "2XX" for key in operation["responses"]):
                operation["responses"]["299"] = {"description": "d"}
            operation.setdefault("parameters", []).append({"name": "quite-new", "in": "query", "schema": {}})
    return value


@effort(60)
@given(DRAWINGS)
def test_harmless_edits_are_harmless(pair: tuple[Drawn, Dice]) -> None:
    whole, dice = pair
    if "swagger" in whole.spec:
        return
    base, revision = read_spec(whole.spec), read_spec(harmless(whole.spec, dice))
    found = compare(base, revision)
    hold(base, revision, found)
    assert [change for change in found.changes if change.level != HARMLESS] == []
    assert found.unseen == ()


# --- contracts that break --------------------------------------------------------------------------------------------


@effort(150)
@given(DRAWINGS)
def test_a_contract_that_breaks_breaks_by_a_change_that_is_told(pair: tuple[Drawn, Dice]) -> None:
    """Breaking or a warning; or an answer that promises more, and leaves out what the consumer waits for."""
    whole, dice = pair
    new = whole.spec
    for _ in range(dice.between(1, 3)):
        new = edited(new, dice) if new["paths"] else new
    base, revision = read_spec(whole.spec), read_or_leave(new)
    found = compare(base, revision)
    hold(base, revision, found)
    contract = pact.contract(text.read(text.dump(written(whole.exchanges, 4)).encode(), "pact.json"))
    before, after = comparison.compare(contract, base), comparison.compare(contract, revision)
    fitted = {each.index for each in contract.interactions} - _against(before)
    for interaction in contract.interactions:
        if interaction.index in fitted & _against(after):
            assert _is_told(interaction, base, found), (interaction.description, after.findings, found.changes)


def _against(found: comparison.Comparison) -> set[int]:
    return {finding.interaction for finding in found.findings if finding.severity != "warning"}


def _is_told(interaction: Any, base: Spec, found: Changes) -> bool:
    routes = comparison.prepare(base).routes
    path = interaction.request["path"]
    operations = {(interaction.request["method"].upper(), match.route.path) for match in routes.matches(path)}
    for change in found.changes:
        is_there = not change.path or (change.method, change.path) in operations
        is_answer = change.direction == "response" and change.effect == "narrows"
        if is_there and (change.level != HARMLESS or is_answer):
            return True
    return bool(found.unseen)


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf"])
def test_a_schema_that_holds_itself_ends(keyword: str) -> None:
    value: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {},
        "paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/x-s/A"}}}}}}},
        "x-s": {"A": {keyword: [{"$ref": "#/x-s/B"}, {"type": "integer"}]}, "B": {"items": {"$ref": "#/x-s/A"}}},
    }
    base = read_spec(value)
    value["x-s"]["B"]["maxItems"] = 1
    found = compare(base, read_spec(value))
    assert {change.id.partition("-max")[2] for change in found.changes} == {"-items-set"}
    assert len(found.changes) <= 2 and found.unseen == ()
