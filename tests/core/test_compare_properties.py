"""What holds for all schemas and bodies: agreement with a reference, and what must never change a finding."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from signet.core import compare
from signet.core.compare.modes import REQUEST, definite
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.formats import openapi, pact, text
from signet.core.model.comparison import Comparison
from tests.core.test_compare import document

NAMES = st.sampled_from(["a", "b", "c", "x-d"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-4, 4)
    | st.sampled_from([0.5, 2.25])
    | st.sampled_from(["", "a", "bb", "ccc"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
LEAVES: list[st.SearchStrategy[dict[str, Any]]] = [
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])}),
    st.fixed_dictionaries({"enum": st.lists(SCALARS, min_size=1, max_size=3, unique_by=text.dump)}),
    st.fixed_dictionaries({"minimum": st.integers(-3, 3)}),
    st.fixed_dictionaries({"maximum": st.integers(-3, 3)}),
    st.fixed_dictionaries({"multipleOf": st.sampled_from([1, 2, 0.5])}),
    st.fixed_dictionaries({"minLength": st.integers(0, 3)}),
    st.fixed_dictionaries({"maxLength": st.integers(0, 3)}),
    st.fixed_dictionaries({"pattern": st.sampled_from(["^a", "b$", "c{2}", "^(a|bb)+$"])}),
    st.fixed_dictionaries({"minItems": st.integers(0, 3)}),
    st.fixed_dictionaries({"maxItems": st.integers(0, 2)}),
    st.just({"uniqueItems": True}),
    st.fixed_dictionaries({"required": st.lists(NAMES, min_size=1, max_size=2, unique=True)}),
    st.fixed_dictionaries({"minProperties": st.integers(0, 2)}),
    st.fixed_dictionaries({"maxProperties": st.integers(0, 2)}),
]


def composed(inner: st.SearchStrategy[Any], newer: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas made of schemas."""
    several = st.lists(inner, min_size=1, max_size=3)
    kinds = [
        st.fixed_dictionaries({"properties": st.dictionaries(NAMES, inner, max_size=3)}),
        st.fixed_dictionaries({"additionalProperties": inner | st.booleans()}),
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"not": inner}),
        *(st.fixed_dictionaries({keyword: several}) for keyword in ("allOf", "oneOf", "anyOf")),
        st.just({"$ref": "#/components/schemas/R"}),
    ]
    if newer:
        kinds += [
            st.fixed_dictionaries(
                {"patternProperties": st.dictionaries(st.sampled_from(["^x-", "a"]), inner, max_size=2)}
            ),
            st.fixed_dictionaries({"prefixItems": several}),
            st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
            st.fixed_dictionaries({"contains": inner, "minContains": st.integers(0, 2)}),
            st.fixed_dictionaries({"propertyNames": inner}),
            st.fixed_dictionaries({"unevaluatedProperties": inner | st.booleans()}),
            st.fixed_dictionaries({"unevaluatedItems": inner | st.booleans()}),
            st.fixed_dictionaries({"const": SCALARS}),
            st.fixed_dictionaries(
                {"dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2), max_size=2)}
            ),
            st.fixed_dictionaries({"dependentSchemas": st.dictionaries(NAMES, inner, max_size=2)}),
            st.fixed_dictionaries({"type": st.sampled_from([["string", "null"], ["object", "integer"], "null"])}),
            st.fixed_dictionaries({"exclusiveMinimum": st.integers(-3, 3)}),
        ]
    else:
        kinds += [
            st.fixed_dictionaries({"minimum": st.integers(-3, 3), "exclusiveMinimum": st.booleans()}),
            st.fixed_dictionaries(
                {"type": st.sampled_from(["string", "integer", "object"]), "nullable": st.booleans()}
            ),
        ]
    return st.one_of(kinds)


def schemas(newer: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of 3.1, or of 3.0."""

    def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        whole = {**one, **other}
        return {"$ref": whole["$ref"]} if "$ref" in whole and not newer else whole  # 3.0 ignores what stands beside it

    return st.recursive(
        st.builds(both, st.one_of(LEAVES), st.one_of(LEAVES)),
        lambda inner: st.builds(both, composed(inner, newer), composed(inner, newer) | st.one_of(LEAVES)),
        max_leaves=5,
    )


def judged(schema: Any, shared: Any, value: Any, dialect: str) -> bool:
    """Our answer: is the value valid as a request?"""
    root = {"schema": schema, "components": {"schemas": {"R": shared}}}
    read = text.read(text.dump({"root": root, "value": value}).encode(), "x.json").value
    found = Judge(Source(read["root"], dialect)).misfits(
        read["value"], (Node(read["root"]["schema"], "/schema"),), REQUEST
    )
    assert all(misfit.why(read["root"]) for misfit in found)
    assert not found or definite(found)
    return not found


def reference(schema: Any, shared: Any, value: Any, newer: bool) -> bool:
    """The answer of openapi-schema-validator."""
    from openapi_schema_validator import OAS30Validator, OAS31Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    root = {"schema": schema, "components": {"schemas": {"R": shared}}}
    registry: Any = Registry().with_resource("urn:x", Resource(root, DRAFT202012))
    validator = OAS31Validator if newer else OAS30Validator
    return bool(validator(moved(schema), registry=registry).is_valid(value))


def moved(schema: Any) -> Any:
    """The schema with its references made absolute."""
    if isinstance(schema, dict):
        return {key: f"urn:x{child}" if key == "$ref" else moved(child) for key, child in schema.items()}
    return [moved(child) for child in schema] if isinstance(schema, list) else schema


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(schemas(newer=True), st.one_of(LEAVES), VALUES)
def test_requests_are_judged_as_the_reference_judges_3_1(schema: Any, shared: Any, value: Any) -> None:
    assert judged(schema, shared, value, "3.1") == reference(schema, shared, value, newer=True)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(schemas(newer=False), st.one_of(LEAVES), VALUES)
def test_requests_are_judged_as_the_reference_judges_3_0(schema: Any, shared: Any, value: Any) -> None:
    assume("nullable" not in text.dump(schema) or "null" not in text.dump(value))  # ours is wider, on purpose
    assert judged(schema, shared, value, "3.0") == reference(schema, shared, value, newer=False)


REST = st.sampled_from([False, {"type": "integer"}, {"type": "string"}])
HOLDERS = st.lists(VALUES, max_size=3) | st.dictionaries(NAMES, SCALARS, min_size=1, max_size=3)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(composed(schemas(newer=True), newer=True), composed(schemas(newer=True), newer=True), REST, HOLDERS)
def test_what_is_left_over_is_judged_as_the_reference_judges_it(one: Any, other: Any, rest: Any, value: Any) -> None:
    schema = {**one, **other, "unevaluatedProperties": rest, "unevaluatedItems": rest}
    shared = {"properties": {"a": {"type": "integer"}}, "prefixItems": [{"type": "integer"}]}
    assert judged(schema, shared, value, "3.1") == reference(schema, shared, value, newer=True)


# --- responses: generated with what they promise ---------------------------------------------------------------------


@st.composite
def promised(draw: st.DrawFn, depth: int = 2) -> tuple[dict[str, Any], Any]:
    """A schema and a body that conforms to it."""
    kind = draw(st.sampled_from(["text", "number", "flag", "choice"] + ["object", "list", "merged"] * (depth > 0)))
    if kind == "text":
        return {"type": "string"}, draw(st.sampled_from(["", "x", "y z"]))
    if kind == "number":
        return {"type": "integer", "minimum": 0}, draw(st.integers(0, 9))
    if kind == "flag":
        return {"type": "boolean"}, draw(st.booleans())
    if kind == "choice":
        return {"type": "string", "enum": ["on", "off"]}, draw(st.sampled_from(["on", "off"]))
    if kind == "list":
        schema, value = draw(promised(depth - 1))
        return {"type": "array", "items": schema}, [value] * draw(st.integers(0, 2))
    pairs = {name: draw(promised(depth - 1)) for name in draw(st.sets(st.sampled_from("abcd"), min_size=1, max_size=3))}
    properties = {name: schema for name, (schema, _) in pairs.items()}
    value = {name: each for name, (_, each) in pairs.items()}
    whole = {"type": "object", "properties": properties, "required": sorted(properties)}
    if kind == "merged":
        parts = [{"type": "object", "properties": {name: schema}} for name, schema in properties.items()]
        whole = {"allOf": parts}
    return whole, value


def answered(schema: Any, body: Any, **more: Any) -> Comparison:
    """The comparison of a response body with a schema."""
    content = {"application/json": {"schema": schema}}
    spec = {"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {"content": content}}}}}, **more}
    response = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    return compare.compare(pact.contract(document(contract(response))), openapi.spec(document(spec)))


def contract(response: Any) -> dict[str, Any]:
    """A contract with one interaction."""
    interaction = {"description": "d", "request": {"method": "GET", "path": "/a"}, "response": response}
    return {"consumer": {"name": "c"}, "provider": {"name": "p"}, "interactions": [interaction]}


def holders(value: Any) -> list[dict[str, Any]]:
    """Every object in a body."""
    own = [value] if isinstance(value, dict) else []
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return own + [each for child in children for each in holders(child)]


@settings(max_examples=100, deadline=None)
@given(promised())
def test_what_conforms_is_compatible(pair: tuple[Any, Any]) -> None:
    assert answered(*pair).findings == ()


@settings(max_examples=100, deadline=None)
@given(promised(), st.randoms(use_true_random=False))
def test_a_part_of_what_conforms_is_compatible(pair: tuple[Any, Any], choose: random.Random) -> None:
    schema, body = pair[0], text.read(text.dump([pair[1]]).encode(), "x.json").value[0]
    for held in holders(body):
        for name in [name for name in held if choose.random() < 0.5]:
            del held[name]
    assert answered(schema, body).findings == ()


@settings(max_examples=100, deadline=None)
@given(promised(), st.randoms(use_true_random=False))
def test_an_unnamed_property_is_found(pair: tuple[Any, Any], choose: random.Random) -> None:
    schema, body = pair[0], text.read(text.dump([pair[1]]).encode(), "x.json").value[0]
    assume(holders(body))
    choose.choice(holders(body))["unnamed"] = 1
    (finding,) = answered(schema, body).findings
    assert finding.code == "response.body.incompatible"
    assert finding.contract_pointer.endswith("/unnamed")


@settings(max_examples=100, deadline=None)
@given(promised(), st.randoms(use_true_random=False))
def test_a_wrong_type_is_found(pair: tuple[Any, Any], choose: random.Random) -> None:
    schema, body = pair[0], text.read(text.dump([pair[1]]).encode(), "x.json").value[0]
    held = [each for each in holders(body) if each]
    assume(held)
    one = choose.choice(held)
    name = choose.choice(sorted(one))
    one[name] = None
    found = answered(schema, body).findings
    assert found
    for finding in found:
        assert finding.contract_pointer.endswith(f"/{name}")
        assert finding.spec_pointer.endswith("/type")


@settings(max_examples=60, deadline=None)
@given(promised(), VALUES, st.randoms(use_true_random=False))
def test_formatting_order_and_other_operations_never_change_the_findings(
    pair: tuple[Any, Any], body: Any, choose: random.Random
) -> None:
    assume(body is not None)
    schema = pair[0]
    content = {"application/json": {"schema": schema}}
    paths: dict[str, Any] = {"/a": {"get": {"responses": {"200": {"content": content}}}}}
    more = {"/b/{c}": {"get": {"responses": {"200": {}}}}, "/z": {"post": {"responses": {"201": {}}}}}
    response = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    results = set()
    for other, step in (({}, 0), (more, 3)):
        listed = list({**paths, **other}.items())
        choose.shuffle(listed)
        spec = text.read(text.dump({"openapi": "3.1.0", "paths": dict(listed)}, step).encode(), "s.json")
        written = text.read(text.dump(contract(response), step).encode(), "c.json")
        results.add(compare.compare(pact.contract(written), openapi.spec(spec)).findings)
    assert len(results) == 1


def test_exact_numbers_are_multiples_where_floats_are_not() -> None:
    for number, step, fits in ((Decimal("0.3"), Decimal("0.1"), True), (2**53 + 1, 2, False), (10**30, 3, False)):
        root = {"multipleOf": step}
        found = Judge(Source(root, "3.1")).misfits(number, (Node(root, ""),), REQUEST)
        assert (not found) is fits
