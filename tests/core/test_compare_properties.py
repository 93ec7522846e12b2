"""What holds for response bodies that are generated with what they promise: the exact findings.

Whole specs, and requests, are drawn in ``test_drawn``.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from signet.core import compare
from signet.core.formats import openapi, pact, text
from signet.core.model.comparison import Comparison
from tests.core.test_compare import document


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
