"""Documents that are made to hang or crash the comparison: it ends, with an answer where there is one."""

from __future__ import annotations

import contextlib
import copy
import random
import socket
from time import process_time
from typing import Any

import pytest

from signet.core import compare
from signet.core.compare import texts
from signet.core.compare.modes import REQUEST, STEPS, Budget
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
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
    "members of each other": (
        {"A": {"allOf": [ref("B")]}, "B": {"allOf": [ref("A")]}},
        ref("A"),
        {"a": 1},
        "undecided",
    ),
    "a long chain in one branch, and another that fits": (
        {f"S{i}": {"anyOf": [ref(f"S{i + 1}"), {"type": "boolean"}]} for i in range(3000)} | {"S3000": {}},
        {"anyOf": [ref("S0"), {"type": "string"}]},
        "x",
        "compatible",
    ),
    "a subtype of thousands": (
        {f"T{i}": {"type": "object", "properties": {"t": {}, "a": {"type": "integer"}}} for i in range(3000)},
        {
            "type": "array",
            "items": {"oneOf": [ref(f"T{i}") for i in range(3000)], "discriminator": {"propertyName": "t"}},
        },
        [{"t": f"T{i}", "a": 1 if i else "x"} for i in range(3000)],
        "incompatible",
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_it_ends_with_an_answer(name: str) -> None:
    schemas, schema, body, verdict = ANSWERS[name]
    case = {"spec": {"components": {"schemas": schemas}}, "body": schema, "expects": body}
    contract, spec = documents(case)
    comparison = compare.compare(pact.contract(contract), openapi.spec(spec))
    assert comparison.verdict == verdict, comparison.findings


# --- patterns --------------------------------------------------------------------------------------------------------

EVIL = ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^([a-z]+)*$", "^(a*)*b$", "^(.*a){25}$"]


def spent(pattern: str, text: str) -> int:
    """The steps that judging a text by a pattern takes."""
    source = Source({"schema": {"pattern": pattern}}, "3.1")
    budget = Budget()
    Judge(source, budget=budget).misfits(text, (Node(source.root["schema"], "/schema"),), REQUEST)
    return STEPS - budget.steps


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_made_to_backtrack_takes_about_the_steps_of_a_harmless_one(pattern: str) -> None:
    assert spent(pattern, "a" * 40 + "!") - spent("^a+$", "a" * 40 + "!") <= 100


def test_a_pattern_made_to_backtrack_takes_the_time_of_a_harmless_one() -> None:
    def fastest(pattern: str) -> float:
        taken = []
        for _ in range(5):
            began = process_time()
            assert not texts.matches(pattern, "a" * 40 + "!")
            taken.append(process_time() - began)
        return min(taken)

    for pattern in EVIL:
        assert fastest(pattern) - fastest("^a+$") < 0.1, pattern


def test_a_match_is_paid_for_by_the_text_and_by_the_program() -> None:
    short, long = "01" * 20, "01" * 2_000
    prices = [texts.effort(f"^(?:[01]*1[01]{{{size}}}x?)+$", long) for size in (10, 900, 50_000)]
    assert prices == sorted(set(prices)), "larger programs cost more"
    for pattern in ("^[01]+$", "^(?:[01]*1[01]{900}x?)+$", "^(?=0)[01]+$"):
        assert texts.effort(pattern, short) < texts.effort(pattern, long)


def test_what_looks_around_is_given_short_texts_only() -> None:
    with pytest.raises(texts.Unjudgeable, match="too long"):
        texts.matches(r"^(?!\s)[01]+$", "01" * 50_000)
    with pytest.raises(texts.Unjudgeable, match="longer than 20,000 characters"):
        texts.matches("a" * 30_000, "a")


def test_patterns_are_compiled_again_only_where_there_are_too_many_to_keep() -> None:
    budget = Budget()
    first = [budget.of_reading(f"^a{number}$") for number in range(texts.KEPT)]
    assert all(first)
    assert budget.of_reading("^a0$") == first[0], "by now it may have been thrown away"
    few = Budget()
    assert (few.of_reading("^a$") > 0, few.of_reading("^a$")) == (True, 0)


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        (r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,32}$", "Passw0rdxx", "password"),
        (r"^(?!\s).{1,255}$", "abc", " abc"),
        (r"^(?!.*\.\.).{3,63}$", "a.bc", "a..bc"),
        (r"^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$", "a-b", "a-"),
        (r"^(?!\s*$).+", "x", "  "),
        (r"^[^<>]{1,2000}$", "text", "<b>"),
        (r"^\w{1,255}$", "name", "na me"),
        (r"^#[0-9a-fA-F]{6}$", "#0f0f0f", "#0f0f0"),
        (r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", "a-b", "-b"),
    ],
)
def test_patterns_that_people_write_are_judged_and_cheap(pattern: str, fitting: str, other: str) -> None:
    assert texts.matches(pattern, fitting)
    assert not texts.matches(pattern, other)
    assert texts.effort(pattern, fitting * 10) < 4_000


# --- documents that are spoiled -------------------------------------------------------------------------------------

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
