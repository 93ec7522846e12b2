"""Documents that mean harm, or nothing: an answer in bounded work, whatever two specs say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.changes import compare, run
from signet.core.formats import openapi, text
from signet.core.model.change import LEVELS
from signet.core.model.spec import Spec
from signet.errors import InvalidData
from tests.core.test_change_schemas import hold, written
from tests.fuzz import effort
from tests.fuzz.strategies import as_json, mutated

WIDE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1.0.0"},
    "servers": [{"url": "https://a/{v}", "variables": {"v": {"default": "1"}}}],
    "security": [{"k": []}, {}],
    "paths": {
        "/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "post": {
                "operationId": "a",
                "tags": ["t"],
                "deprecated": True,
                "x-sunset": "2026-01-01",
                "x-stability-level": "beta",
                "security": [{"o": ["s"]}],
                "parameters": [
                    {"name": "q", "in": "query", "style": "form", "explode": True, "schema": {"type": "array"}},
                    {"name": "h", "in": "header", "content": {"application/json": {"schema": {"$ref": "#/x/S"}}}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {
                    "200": {
                        "description": "d",
                        "headers": {"H": {"required": True, "schema": {"enum": ["a", 1, None]}}},
                        "content": {"application/*": {"schema": {"oneOf": [{"type": "null"}, {"$ref": "#/x/S"}]}}},
                    },
                    "4XX": {"description": "e"},
                },
                "callbacks": {"c": {"{$url}": {"post": {"requestBody": {"content": {"a/b": {"schema": True}}}}}}},
            },
        }
    },
    "webhooks": {"w": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "string"}}}}}}},
    "components": {
        "schemas": {
            "A": {
                "discriminator": {"propertyName": "k", "mapping": {"b": "#/components/schemas/B"}},
                "properties": {"k": {"type": "string", "readOnly": True}, "x-y": {"deprecated": True}},
                "required": ["k"],
                "dependentRequired": {"k": ["x-y"]},
            },
            "B": {"allOf": [{"$ref": "#/components/schemas/A"}, {"properties": {"z": {"multipleOf": 2}}}]},
        },
        "securitySchemes": {
            "k": {"type": "apiKey", "in": "query", "name": "k"},
            "o": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://a", "scopes": {"s": "s"}}}},
        },
    },
    "x": {"S": {"if": {"minimum": 1}, "then": {"items": {"$ref": "#/x/S"}}, "not": {"const": 1}, "minimum": 0}},
}


def read(value: Any) -> Spec | None:
    try:
        return openapi.spec(text.read(as_json(value), "openapi.json"))
    except InvalidData:
        return None


@effort(250)
@given(st.tuples(mutated(WIDE), mutated(WIDE)) | mutated(WIDE).map(lambda one: (WIDE, one)))
def test_any_two_specs_have_an_answer(pair: tuple[Any, Any]) -> None:
    base, revision = map(read, pair)
    if base is None or revision is None:
        return
    for one, other in ((base, revision), (revision, base)):
        found = compare(one, other)
        assert found.verdict in ("breaking", "undecided", "warning", "compatible")
        for change in found.changes:
            assert change.level in LEVELS
            text.resolve(one.source, change.base_pointer)
            text.resolve(other.source, change.revision_pointer)
    assert compare(base, base).changes == ()


def of(schema: Any, **more: Any) -> Spec:
    """A spec whose request has a schema."""
    body = {"content": {"application/json": {"schema": schema}}}
    post = {"requestBody": body, "responses": {"200": {"description": "d"}}}
    return written({"openapi": "3.1.0", "info": {}, "paths": {"/a": {"post": post}}, **more})


def doubling(depth: int, last: Any) -> dict[str, Any]:
    """Schemas of which each holds the next one twice."""
    schemas: dict[str, Any] = {f"S{depth}": last}
    for level in range(depth):
        ref = {"$ref": f"#/components/schemas/S{level + 1}"}
        schemas[f"S{level}"] = {"properties": {"a": ref, "b": ref}, "anyOf": [ref, {"items": ref}]}
    return {"components": {"schemas": schemas}}


def spent(base: Spec, revision: Spec, monkeypatch: pytest.MonkeyPatch) -> int:
    """The steps of a comparison, which must have come to its end."""
    count = 0
    original = run.Run.spend

    def counting(self: run.Run, steps: int = 1) -> None:
        nonlocal count
        count += steps
        original(self, steps)

    monkeypatch.setattr(run.Run, "spend", counting)
    found = compare(base, revision)
    monkeypatch.undo()
    assert found.unseen == ()
    hold(base, revision, found)
    return count


START = {"$ref": "#/components/schemas/S0"}


def test_what_is_used_often_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    base, revision = of(START, **doubling(40, {"maximum": 2})), of(START, **doubling(40, {"maximum": 1}))
    assert spent(base, revision, monkeypatch) < 500 * run.LOCAL_STEPS


def test_circles_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def circle(length: int, **last: Any) -> dict[str, Any]:
        names = [f"C{at}" for at in range(length)]
        held = {
            name: {"properties": {other: {"$ref": f"#/components/schemas/{other}"} for other in names}}
            for name in names
        }
        held[names[-1]] |= last
        return {"components": {"schemas": held}}

    start = {"$ref": "#/components/schemas/C0"}
    base, revision = of(start, **circle(30)), of(start, **circle(30, maxProperties=2))
    assert spent(base, revision, monkeypatch) < 100 * run.LOCAL_STEPS


def large(word: str, **last: Any) -> Spec:
    """A large spec: 300 operations, 200 schemas that all lead to each other, each with a word."""
    names = [f"S{at}" for at in range(200)]
    refs = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    schemas = {
        name: {
            "description": word,
            "type": "object",
            "properties": {
                **{f"p{at}": {"type": "string", "maxLength": 9, "description": word} for at in range(8)},
                "next": refs[names[(at + 1) % 200]],
                "far": {"type": "array", "items": refs[names[(at * 7) % 200]]},
            },
        }
        for at, name in enumerate(names)
    }
    schemas["S199"] |= last
    paths = {}
    for at in range(300):
        held = {"content": {"application/json": {"schema": refs[names[at % 200]]}}}
        post = {"description": word, "requestBody": held, "responses": {"200": {"description": "d", **held}}}
        paths[f"/p{at}/{{id}}"] = {"post": post}
    return written({"openapi": "3.1.0", "info": {}, "paths": paths, "components": {"schemas": schemas}})


def test_the_work_grows_with_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, as a clock would be flaky: what is the same costs nothing, and words that only describe one walk."""
    base = large("one")
    assert spent(base, base, monkeypatch) < 1_000
    pairs = 2 * 2 * 200 * 10  # sent and answered, body or property, schemas with their properties
    assert spent(base, large("other"), monkeypatch) < pairs * (run.LOCAL_STEPS + 1) + 2_000


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_thousands_of_members(keyword: str, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [{"properties": {f"p{at}": {"type": "integer"}}} for at in range(2_500)]
    changed = [*members[:-1], {"properties": {"q": {"type": "string"}}}]
    assert spent(of({keyword: members}), of({keyword: changed}), monkeypatch) < 200 * run.LOCAL_STEPS


def test_a_list_of_very_many_values() -> None:
    base, revision = of({"enum": list(range(30_000))}), of({"enum": list(range(10, 60_000))})
    found = compare(base, revision)
    assert found.verdict == "breaking"
    assert len(found.changes) < 200 and all(len(change.message) < 1_000 for change in found.changes)


def test_very_deep_schemas_are_compared_to_their_end() -> None:
    def deep(last: Any) -> Spec:
        chain = {f"D{at}": {"items": {"$ref": f"#/components/schemas/D{at + 1}"}} for at in range(3_000)}
        return of({"$ref": "#/components/schemas/D0"}, components={"schemas": {**chain, "D3000": last}})

    found = compare(deep({"maximum": 2}), deep({"maximum": 1}))
    assert ([change.level for change in found.changes], found.unseen) == (["breaking"], ())
    assert len(found.changes[0].message) < 300


def test_very_deep_unions_do_not_end_the_stack() -> None:
    def deep(last: Any) -> Spec:
        chain = {
            f"D{at}": {"anyOf": [{"items": {"$ref": f"#/components/schemas/D{at + 1}"}}, {"minimum": at}]}
            for at in range(1_000)
        }
        return of({"$ref": "#/components/schemas/D0"}, components={"schemas": {**chain, "D1000": last}})

    assert compare(deep({"maximum": 2}), deep({"maximum": 1})).verdict in ("breaking", "undecided")


def test_over_budget_is_undecided_unless_something_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    base, revision = of({"minimum": 1}), of({"minimum": 1, "properties": {"a": {}, "b": {}}})
    monkeypatch.setattr(run.Memory.__init__, "__defaults__", (1, *run.Memory.__init__.__defaults__[1:]))  # type: ignore[index]
    found = compare(base, revision)
    assert found.verdict == "undecided" and "budget" in found.unseen[0]


def test_too_many_changes_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    from signet.core.changes import report

    monkeypatch.setattr(report, "MOST", 5)
    found = compare(of({"properties": {}}), of({"properties": {f"p{at}": {} for at in range(9)}}))
    assert len(found.changes) == 5 and found.verdict == "undecided"


def test_a_reference_in_a_circle_is_said() -> None:
    base = of({"$ref": "#/components/schemas/A"}, components={"schemas": {"A": {"type": "integer"}}})
    revision = Spec("", "3.1", json.loads(json.dumps(base.source)))
    revision.source["components"]["schemas"]["A"] = {"$ref": "#/components/schemas/A"}
    found = compare(base, revision)
    assert found.verdict == "undecided" and "round in a circle" in found.unseen[0]
