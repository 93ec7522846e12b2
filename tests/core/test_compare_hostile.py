"""Documents that are made to hang or crash the comparison: it ends, with an answer where there is one."""

from __future__ import annotations

import contextlib
import copy
import random
import socket
from typing import Any

import pytest

from signet.core import compare
from signet.core.formats import openapi, pact, text
from signet.errors import InvalidData
from tests.core.test_compare import CASES, documents


def ref(name: str) -> dict[str, str]:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def nested(levels: int) -> Any:
    """An object that holds an object that holds ..."""
    value: Any = "x"
    for _ in range(levels):
        value = {"n": value}
    return value


TWICE = {f"S{i}": {"oneOf": [ref(f"S{i + 1}"), ref(f"S{i + 1}")]} for i in range(60)} | {"S60": {"type": "integer"}}
DEEP = {
    f"S{i}": {"type": "object", "properties": {"n": {"oneOf": [ref(f"S{i + 1}"), {"allOf": [ref(f"S{i + 1}")]}]}}}
    for i in range(25)
} | {"S25": {"type": "integer"}}
CHAIN = {f"S{i}": {"allOf": [ref(f"S{i + 1}")]} for i in range(1000)} | {"S1000": {"properties": {"n": {"const": 1}}}}
ALTERNATIVES = {"allOf": [{"anyOf": [{"properties": {f"{key}{i}": {}}} for key in "abc"]} for i in range(14)]}

ANSWERS: dict[str, tuple[dict[str, Any], dict[str, Any], Any, str]] = {
    "alternatives of alternatives": (TWICE, ref("S0"), "x", "incompatible"),
    "alternatives on every level": (DEEP, ref("S0"), nested(25), "incompatible"),
    "a long chain of allOf": (CHAIN, ref("S0"), {"n": 2}, "incompatible"),
    "many choices, one of which fits": ({}, ALTERNATIVES, {f"c{i}": 1 for i in range(14)}, "compatible"),
    "many choices, none of which fits": ({}, ALTERNATIVES, {"z": 1}, "incompatible"),
    "an alternative that is itself": (
        {"A": {"oneOf": [ref("A"), {"type": "object", "properties": {"x": {"type": "integer"}}}]}},
        ref("A"),
        {"x": 1},
        "compatible",
    ),
    "allOf that is itself": ({"A": {"allOf": [ref("A"), {"type": "string"}]}}, ref("A"), 1, "incompatible"),
    "a body as deep as it may be": (
        {"N": {"type": "object", "properties": {"n": {"anyOf": [ref("N"), {"type": "integer"}]}}}},
        ref("N"),
        nested(90),
        "incompatible",
    ),
    "a pattern that backtracks": ({}, {"type": "string", "pattern": "^(a|a)*$"}, "a" * 60 + "b", "incompatible"),
    "a pattern that needs backtracking": (
        {},
        {"type": "string", "pattern": r"^(?=a)(a|aa)+\1$"},
        "a" * 60 + "b",
        "undecided",
    ),
    "a large list of different items": ({}, {"type": "array", "uniqueItems": True}, list(range(5000)), "compatible"),
    "a number far from its step": ({}, {"type": "number", "multipleOf": 0.01}, 10**300, "compatible"),
    "not itself": ({"A": {"not": ref("A")}}, ref("A"), {}, "undecided"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_it_ends_with_an_answer(name: str) -> None:
    schemas, schema, body, verdict = ANSWERS[name]
    case = {"spec": {"components": {"schemas": schemas}}, "body": schema, "expects": body}
    contract, spec = documents(case)
    comparison = compare.compare(pact.contract(contract), openapi.spec(spec))
    assert comparison.verdict == verdict, comparison.findings


GARBAGE = [None, True, 0, "", "x", [], {}, [None], [[]], {"$ref": "#/paths"}, {"$ref": 1}, {"$ref": "#"}, {"a": None}]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a value."""
    found = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        found += places(child, (*path, key))
    return found


def spoiled(value: Any, choose: random.Random) -> Any:
    """A copy in which one place holds something else."""
    value = copy.deepcopy(value)
    *path, last = choose.choice([path for path in places(value) if path])
    holder = value
    for key in path:
        holder = holder[key]
    holder[last] = copy.deepcopy(choose.choice(GARBAGE))
    return value


@pytest.mark.parametrize("seed", range(8))
def test_spoiled_documents_are_refused_or_compared(seed: int) -> None:
    choose = random.Random(seed)
    refused = answered = 0
    for _ in range(80):
        contract, spec = (each.value for each in documents(CASES[choose.choice(list(CASES))]))
        if choose.random() < 0.7:
            spec = spoiled(spec, choose)
        else:
            contract = spoiled(contract, choose)
        try:
            read = pact.contract(text.read(text.dump(contract).encode(), "contract.json"))
            promised = openapi.spec(text.read(text.dump(spec).encode(), "spec.json"))
        except InvalidData as error:
            refused += 1
            assert all(fault.line for fault in error.faults)
            continue
        answered += 1
        for finding in compare.compare(read, promised).findings:
            text.resolve(contract, finding.contract_pointer)
            text.resolve(spec, finding.spec_pointer)
    assert refused
    assert answered


def test_many_matchers_and_generators_take_time_of_their_number_only() -> None:
    names = [f"k{i}" for i in range(3_000)]
    case: dict[str, Any] = {
        "body": {"type": "object", "additionalProperties": {"type": "integer"}},
        "expects": dict.fromkeys(names, 1),
        "rules": {"body": {f"$.{name}": {"matchers": [{"match": "boolean"}]} for name in names}},
        "response": {"generators": {"body": {f"$.{name}": {"type": "Uuid"} for name in names}}},
    }
    contract, spec = documents(case)
    comparison = compare.compare(pact.contract(contract), openapi.spec(spec))
    assert comparison.verdict == "incompatible"
    case["rules"] = {"body": {f"$.{name}": {"matchers": [{"match": "integer"}]} for name in names}}
    contract, spec = documents(case)
    comparison = compare.compare(pact.contract(contract), openapi.spec(spec))
    assert comparison.verdict == "compatible"  # generators are a hint, and cost the interaction no steps


def test_no_reference_is_fetched_not_even_by_the_engine() -> None:
    """A listener on this machine hears nothing, whoever would open the connection (the engine is no Python)."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        host = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for keyword in ("$ref", "$dynamicRef", "$schema", "$id", "pattern", "format"):
            schema = {"type": "object", "properties": {"a": {keyword: f"{host}/x"}}, keyword: f"{host}/y"}
            contract, spec = documents({"body": schema, "expects": {"a": "x"}})
            with contextlib.suppress(InvalidData):
                compare.compare(pact.contract(contract), openapi.spec(spec))
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_tests_of_the_core_have_no_network() -> None:
    with pytest.raises(pytest.fail.Exception, match="wants to reach"):
        socket.create_connection(("127.0.0.1", 9))
