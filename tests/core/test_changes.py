"""What is told of two specs, case by case (``change_cases.yaml``); properties wherever they stand; policies."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from signet.core.changes import Policy, compare
from signet.core.changes.existence import ANSWERED, PROPERTIES, SENT
from signet.core.changes.keywords import SUBJECTS
from signet.core.changes.law import LAW
from signet.core.changes.rules import RULES
from signet.core.formats import text
from signet.core.model.change import LEVELS, Changes
from signet.core.model.spec import Spec
from tests.core.test_change_schemas import hold, written

CASES: dict[str, Any] = text.read((Path(__file__).parent / "change_cases.yaml").read_bytes(), "cases.yaml").value
TODAY = date(2026, 3, 3)


def specs(case: dict[str, Any]) -> tuple[Spec, Spec]:
    """The two specs of a case."""
    top = {"openapi": "3.1.0", "info": {"title": "t"}, "paths": {}}
    if "operation" in case:
        first, second = ({"paths": {"/a": {"get": operation}}} for operation in case["operation"])
    else:
        first, second = case["spec"]
    return written(top | first), written(top | second)


def ids(found: Changes) -> list[str]:
    """The ids of changes."""
    return sorted(change.id for change in found.changes)


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    base, revision = specs(case)
    found = compare(base, revision, Policy(today=TODAY, **case.get("policy", {})))
    assert ids(found) == sorted(case["found"]), found.changes
    hold(base, revision, found)
    assert found.unseen == compare(base, base).unseen == ()
    assert compare(base, base).changes == compare(revision, revision).changes == ()


def test_every_id_around_schemas_has_a_case() -> None:
    told = {one for case in CASES.values() for one in case["found"]}
    of_schemas = {name for name in RULES if any(name.startswith(f"{prefix}-") for prefix in SUBJECTS)}
    around = RULES.keys() - PROPERTIES.keys() - of_schemas
    assert around - told == set()


PROPERTY = {
    "required": ({}, {"properties": {"p": {}}, "required": ["p"]}),
    "optional": ({}, {"properties": {"p": {}}}),
    "required with a default": ({}, {"properties": {"p": {"default": 1}}, "required": ["p"]}),
    "required, write-only": ({}, {"properties": {"p": {"writeOnly": True}}, "required": ["p"]}),
    "optional, write-only": ({}, {"properties": {"p": {"writeOnly": True}}}),
    "closed": ({"additionalProperties": False}, {"properties": {"p": {}}, "additionalProperties": False}),
    "becomes required": ({"properties": {"p": {}}}, {"properties": {"p": {}}, "required": ["p"]}),
    "becomes required with a default": (
        {"properties": {"p": {"default": 1}}},
        {"properties": {"p": {"default": 1}}, "required": ["p"]},
    ),
    "becomes required, write-only": (
        {"properties": {"p": {"writeOnly": True}}},
        {"properties": {"p": {"writeOnly": True}}, "required": ["p"]},
    ),
    **{
        f"{word} {required}": (
            {"properties": {"p": {}}, "required": required},
            {"properties": {"p": {word: True}}, "required": required},
        )
        for word in ("readOnly", "writeOnly")
        for required in (["p"], [])
    },
}
"""What may happen to a property, forth and back."""


def at(tree: str, schema: Any) -> Spec:
    """A spec with an object at one of the places whose properties are told apart."""
    held = {"content": {"application/json": {"schema": {"type": "object", **schema}}}}
    answer = {"responses": {"200": {"description": "d"}}}
    operation: dict[str, Any] = {
        "request": {"requestBody": held},
        "request-parameter": {"parameters": [{"name": "q", "in": "query", **held}]},
        "request-header": {"parameters": [{"name": "q", "in": "header", **held}]},
        "response": {"responses": {"200": {"description": "d", **held}}},
        "response-header": {"responses": {"200": {"description": "d", "headers": {"H": held}}}},
        "webhook": {"requestBody": held},
        "webhook-parameter": {"parameters": [{"name": "q", "in": "query", **held}]},
        "webhook-answer": {"responses": {"200": {"description": "d", **held}}},
    }[tree]
    where = "webhooks" if tree.startswith("webhook") else "paths"
    return written({"openapi": "3.1.0", "info": {}, "paths": {}, where: {"/a": {"post": answer | operation}}})


def told_of_properties(tree: str) -> dict[str, tuple[list[str], list[str]]]:
    """By what happens, the ids forth and back."""
    found = {}
    for name, pair in PROPERTY.items():
        old, new = (at(tree, schema) for schema in pair)
        forth, back = compare(old, new), compare(new, old)
        hold(old, new, forth)
        hold(new, old, back)
        found[name] = ids(forth), ids(back)
    return found


@pytest.mark.parametrize("tree", SENT)
def test_properties_of_what_consumers_send(tree: str) -> None:
    found = told_of_properties(tree)
    name = f"{tree}-property"
    assert found["required"] == ([f"new-required-{name}"], [f"{name}-removed"])
    assert found["optional"] == ([f"new-optional-{name}"], [f"{name}-removed"])
    assert found["required with a default"][0] == [f"new-required-{name}-with-default"]
    assert found["closed"][1] == [f"{tree}-closed-property-removed"]
    assert found["becomes required"] == ([f"{name}-became-required"], [f"{name}-became-optional"])
    assert found["becomes required with a default"][0] == [f"{name}-became-required-with-default"]
    _visible(tree, found)
    told = {one for pair in found.values() for listed in pair for one in listed}
    assert {one for one in PROPERTIES if RULES[one] in _rules_of(tree, one)} <= told


@pytest.mark.parametrize("tree", ANSWERED)
def test_properties_of_what_providers_send(tree: str) -> None:
    found = told_of_properties(tree)
    for kind in ("required", "optional"):
        ends = [
            f"{tree}-{kind}-{hidden}property-{event}"
            for hidden in ("", "write-only-")
            for event in ("added", "removed")
        ]
        assert (found[kind], found[f"{kind}, write-only"]) == (([ends[0]], [ends[1]]), ([ends[2]], [ends[3]]))
    for hidden, said in (("", ""), ("write-only-", ", write-only")):
        name = f"{tree}-{hidden}property"
        assert found[f"becomes required{said}"] == ([f"{name}-became-required"], [f"{name}-became-optional"])
    _visible(tree, found)
    told = {one for pair in found.values() for listed in pair for one in listed}
    assert {one for one in PROPERTIES if RULES[one] in _rules_of(tree, one)} <= told


def _rules_of(tree: str, name: str) -> list[object]:
    """The rule of an id, if it is one of this tree's and of no longer named one."""
    trees = [
        each
        for each in (*SENT, *ANSWERED)
        if name.removeprefix("new-required-").removeprefix("new-optional-").startswith(f"{each}-")
    ]
    return [RULES[name]] if trees and max(trees, key=len) == tree else []


def _visible(tree: str, found: dict[str, tuple[list[str], list[str]]]) -> None:
    for word, event in (("readOnly", "read-only"), ("writeOnly", "write-only")):
        for required, kind in ((["p"], "required"), ([], "optional")):
            name = f"{tree}-{kind}-property-became"
            assert found[f"{word} {required}"] == ([f"{name}-{event}"], [f"{name}-not-{event}"])


def test_a_property_that_consumers_should_not_send() -> None:
    old, new = ({"properties": {"p": {"readOnly": True, "maximum": limit}}} for limit in (2, 1))
    assert ids(compare(at("request", old), at("request", new))) == ["request-read-only-property-max-decreased"]
    old, new = ({"properties": {"p": {"writeOnly": True, "maximum": limit}}} for limit in (1, 2))
    found = compare(at("response", old), at("response", new))
    assert [(one.id, one.level) for one in found.changes] == [
        ("response-write-only-property-max-increased", "harmless")
    ]


def test_a_required_property_that_nobody_describes() -> None:
    found = compare(at("request", {}), at("request", {"required": ["p"]}))
    assert ids(found) == ["request-property-became-required"]


@pytest.mark.parametrize(
    ("old", "new", "event"),
    [
        ({}, {"deprecated": True}, "deprecated"),
        ({}, {"deprecated": True, "x-sunset": "2026-09-09"}, "deprecated-with-sunset"),
        ({}, {"deprecated": True, "x-sunset": "2026-03-04"}, "sunset-date-too-small"),
        ({}, {"deprecated": True, "x-sunset": "soon"}, "deprecated-sunset-invalid"),
        ({"deprecated": True}, {}, "reactivated"),
    ],
)
def test_a_property_that_is_to_go(old: dict[str, Any], new: dict[str, Any], event: str) -> None:
    for tree in ("request", "response"):
        pair = [at(tree, {"properties": {"p": one}}) for one in (old, new)]
        notice = 0 if event == "deprecated" else 30
        assert ids(compare(*pair, Policy(today=TODAY, notice=notice))) == [f"{tree}-property-{event}"]
    if event == "deprecated":
        pair = [at("request", {"properties": {"p": one}}) for one in (old, new)]
        missing = compare(*pair, Policy(today=TODAY, notice=30))
        assert ids(missing) == ["request-property-deprecated-sunset-missing"]


def test_a_subtype_is_told_where_its_supertype_is_used() -> None:
    def base(**subtypes: Any) -> Spec:
        animal = {"discriminator": {"propertyName": "kind"}, "properties": {"kind": {"type": "string"}}}
        held = {name: {"allOf": [{"$ref": "#/components/schemas/Animal"}, own]} for name, own in subtypes.items()}
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Animal"}}}
        return written(
            {
                "openapi": "3.1.0",
                "info": {},
                "components": {"schemas": {"Animal": animal, **held}},
                "paths": {"/a": {"get": {"responses": {"200": {"description": "d", "content": content}}}}},
            }
        )

    one, other = base(Cat={"properties": {"a": {}}}), base(Cat={"properties": {"a": {"maximum": 1}}})
    assert ids(compare(other, one)) == ["response-property-max-unset"]
    assert ids(compare(base(), one)) == ["response-body-subtype-added"]
    assert ids(compare(one, base())) == ["api-schema-removed", "response-body-subtype-removed"]


def test_a_draft_breaks_nobody() -> None:
    operations = [
        {"x-stability-level": "alpha", "parameters": [{"name": "a", "in": "query", "required": required}]}
        for required in (False, True)
    ]
    found = compare(*specs({"operation": operations}))
    assert [(one.id, one.level) for one in found.changes] == [("request-parameter-became-required", "warning")]
    assert found.verdict == "warning"


def test_a_severity_counts_by_our_id_or_by_oasdiffs() -> None:
    base, revision = specs(CASES["a sunset that is gone"])
    assert compare(base, revision).verdict == "breaking"
    assert compare(base, revision, Policy({"sunset-deleted": "harmless"})).verdict == "compatible"
    both = {"sunset-deleted": "harmless", "api-sunset-deleted": "warning"}
    assert compare(base, revision, Policy(both)).verdict == "warning"


def test_without_a_day_no_sunset_has_passed() -> None:
    base, revision = specs(CASES["a path removed in time"])
    assert ids(compare(base, revision)) == ["api-path-removed-before-sunset"]


def test_levels_follow_from_the_law_or_have_a_reason() -> None:
    for name, rule in RULES.items():
        assert rule.level in LEVELS
        assert rule.level == LAW[rule.effect, rule.direction] or rule.reason, name


def test_three_dialects_say_the_same() -> None:
    swagger = {
        "swagger": "2.0",
        "info": {},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/a": {
                "post": {
                    "parameters": [
                        {"name": "q", "in": "query", "type": "integer", "minimum": 1, "exclusiveMinimum": True},
                        {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/B"}},
                    ],
                    "responses": {"200": {"description": "d", "schema": {"type": "string", "x-nullable": True}}},
                }
            }
        },
        "definitions": {"B": {"type": "object", "properties": {"n": {"type": "number"}}}},
    }
    number = {"type": "number"}
    body = {"type": "object", "properties": {"n": number}}
    modern = {
        "openapi": "3.1.0",
        "info": {},
        "paths": {
            "/a": {
                "post": {
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer", "exclusiveMinimum": 1}}],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                    "responses": {
                        "200": {
                            "description": "d",
                            "content": {"application/json": {"schema": {"type": ["string", "null"]}}},
                        }
                    },
                }
            }
        },
    }
    found = compare(written(swagger), written(modern))
    assert ids(found) == ["api-schema-removed"]
    number["type"] = "integer"
    assert ids(compare(written(swagger), written(modern))) == ["api-schema-removed", "request-property-type-changed"]
