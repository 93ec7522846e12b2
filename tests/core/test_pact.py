"""Pact files of all versions: one normal form, one digest for one meaning, every fault at once."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from signet.core.formats import matchers, pact, text
from signet.core.model.contract import Contract
from signet.errors import InvalidData


def document(value: Any) -> text.Document:
    """A value as a file that was read."""
    return text.read(text.dump(value, 2).encode(), "pact.json")


def pair(*interactions: Any, version: str = "3.0.0", **more: Any) -> dict[str, Any]:
    """A Pact file of cart with catalog."""
    return {
        "consumer": {"name": "cart"},
        "provider": {"name": "catalog"},
        "interactions": list(interactions),
        "metadata": {"pactSpecification": {"version": version}},
        **more,
    }


def get(path: str, **response: Any) -> dict[str, Any]:
    """An interaction."""
    return {
        "description": f"get {path}",
        "request": {"method": "get", "path": path},
        "response": {"status": 200, **response},
    }


def read(value: Any) -> Contract:
    """The contract of a Pact file."""
    return pact.contract(document(value))


def faults(value: Any) -> list[tuple[str | None, str]]:
    """(pointer, message) of every fault."""
    with pytest.raises(InvalidData) as caught:
        read(value)
    assert all(fault.line for fault in caught.value.faults)
    return [(fault.pointer, fault.message) for fault in caught.value.faults]


def test_all_versions_have_one_normal_form() -> None:
    old = get("/a", headers={"X": "1"}, body={"n": 1})
    old["request"] |= {"query": "a=1&a=2&b=x%20y"}
    new = get("/a", headers={"X": ["1"]}, body={"content": {"n": 1}, "contentType": "application/json"})
    new["request"] |= {"query": {"a": ["1", "2"], "b": ["x y"]}}
    new["type"] = "Synchronous/HTTP"
    sides = []
    for value in (pair(old, version="2.0.0"), pair(new, version="4.0")):
        (interaction,) = read(value).interactions
        assert interaction.request["method"] == "GET"
        query = [(name, each) for name, each, _ in interaction.request["query"]]
        headers = [(name, each) for name, each, _ in interaction.response["headers"]]
        sides.append((query, headers, interaction.response["body"].value, interaction.response["status"]))
        for _, _, pointer in (*interaction.request["query"], *interaction.response["headers"]):
            text.resolve(value, pointer)
        assert text.resolve(value, interaction.response["body"].pointer) == {"n": 1}
    assert sides[0] == sides[1] == ([("a", "1"), ("a", "2"), ("b", "x y")], [("X", "1")], {"n": 1}, 200)


def test_a_body_that_is_encoded_is_decoded() -> None:
    body = {"content": "eyJ4IjogMS41fQ==", "contentType": "application/json", "encoded": "base64"}
    (interaction,) = read(pair({**get("/a", body=body), "type": "Synchronous/HTTP"}, version="4.0")).interactions
    found = interaction.response["body"]
    assert text.dump(found.value) == '{"x":1.5}'
    assert found.opaque
    assert found.pointer == "/interactions/0/response/body/content"


def test_a_body_named_content_is_no_wrapping_before_version_4() -> None:
    (interaction,) = read(pair(get("/a", body={"content": 1}))).interactions
    assert interaction.response["body"].value == {"content": 1}


def test_no_body_null_and_false_are_three_things() -> None:
    bodies = [
        read(pair(get("/a", **body))).interactions[0].response.get("body")
        for body in ({}, {"body": None}, {"body": False})
    ]
    assert bodies[0] is None
    assert bodies[1] is not None
    assert bodies[1].value is None
    assert bodies[2] is not None
    assert bodies[2].value is False


def test_messages_are_read_and_compared_with_nothing() -> None:
    messages = pair(messages=[{"description": "m", "contents": {"a": 1}}])
    assert [each.kind for each in read(messages).interactions] == ["async"]
    kinds = ["Synchronous/HTTP", "Asynchronous/Messages", "Synchronous/Messages", "Of/Tomorrow"]
    many = pair(*({**get("/a"), "type": kind} for kind in kinds), version="4.0")
    assert [each.kind for each in read(many).interactions] == ["http", "async", "sync", "unknown"]


@pytest.mark.parametrize(
    "metadata", [{}, {"pact-specification": {"version": "3.0.0"}}, {"pactSpecificationVersion": "1.0"}]
)
def test_the_version_may_be_written_anywhere_or_nowhere(metadata: dict[str, Any]) -> None:
    assert read({**pair(get("/a")), "metadata": metadata}).digest == read(pair(get("/a"))).digest


def test_names_can_be_given() -> None:
    value = pair(get("/a"))
    del value["consumer"]
    found = pact.contract(document(value), consumer="shop", provider="stock")
    assert (found.consumer, found.provider) == ("shop", "stock")


# --- digests and storing ---------------------------------------------------------------------------------------------


def test_what_carries_no_meaning_does_not_change_the_digest() -> None:
    one = pair(get("/a"), get("/b", body={"x": 1, "y": 2}))
    other = copy.deepcopy(one)
    other["interactions"].reverse()
    other["interactions"][0]["_id"] = "5f0"
    other["interactions"][1] |= {"key": "k", "comments": {"text": ["t"]}}
    other["metadata"] |= {"client": {"name": "pact-python"}}
    other["interactions"].append(get("/a"))
    assert read(one).digest == read(other).digest
    choose = random.Random(1)
    for item in other["interactions"]:
        pairs = list(item.items())
        choose.shuffle(pairs)
        item.clear()
        item.update(pairs)
    again = text.read(text.dump(other, 7).encode(), "x.json")
    assert pact.contract(again).digest == read(one).digest


@pytest.mark.parametrize("change", [{"status": 201}, {"body": None}, {"headers": {"A": "1"}}])
def test_what_carries_meaning_does(change: dict[str, Any]) -> None:
    assert read(pair(get("/a", **change))).digest != read(pair(get("/a"))).digest


@pytest.mark.parametrize(
    "value",
    [
        pair(get("/b"), get("/a"), version="2.0.0"),
        pair({**get("/a", matchingRules={"$.body.a": {"match": "type"}}, body={"a": 1}), "providerState": "s"}),
        pair(get("/a", matchingRules={"body": {"$.a": {"matchers": [{"match": "type"}]}}}, body={"a": 1})),
        pair(get("/a"), version="4.0"),
        pair(
            {**get("/a"), "type": "Synchronous/HTTP"}, {"type": "Asynchronous/Messages", "contents": {}}, version="4.0"
        ),
        pair(messages=[{"description": "m", "contents": {"a": 1}}]),
    ],
)
def test_what_is_stored_is_read_again_as_the_same(value: Any) -> None:
    contract = read(value)
    stored = pact.stored(contract)
    again = read(stored)
    assert again.digest == contract.digest
    assert pact.stored(again) == stored
    assert set(stored["metadata"]) == {"pactSpecification"}
    assert len(again.interactions) == len(contract.interactions)


def test_equal_digests_are_stored_as_equal_bytes() -> None:
    one, other = pair(get("/a"), version="2.0.0"), pair(get("/a"), version="3.0.0")
    assert read(one).digest == read(other).digest
    assert pact.stored(read(one)) == pact.stored(read(other))


def test_several_files_of_a_pair_are_one_contract() -> None:
    one, other = read(pair(get("/a"), get("/b"))), read(pair(get("/b"), get("/c")))
    together = pact.merged([one, other])
    assert [each.description for each in together.interactions] == ["get /a", "get /b", "get /c"]
    assert together.digest == read(pair(get("/c"), get("/b"), get("/a"))).digest
    assert pact.merged([one]) is one


def test_what_cannot_be_one_contract() -> None:
    four = read(pair({**get("/c"), "type": "Synchronous/HTTP"}, version="4.0"))
    with pytest.raises(InvalidData, match="different Pact versions") as caught:
        pact.merged([read(pair(get("/a"))), four])
    assert caught.value.remedy
    with pytest.raises(InvalidData, match="not of one consumer"):
        pact.merged([read(pair(get("/a"))), pact.contract(document(pair()), consumer="x")])


# --- faults ----------------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once() -> None:
    value = pair(
        get("/a", status="200", headers={"A": {}}),
        {"description": 1, "request": {"method": "GET"}, "response": []},
        "no interaction",
        {**get("/b", matchingRules=[]), "type": 1},
    )
    value["interactions"][0]["request"]["query"] = 5
    assert [pointer for pointer, _ in faults(value)] == [
        "/interactions/0/request/query",
        "/interactions/0/response/headers/A",
        "/interactions/0/response/status",
        "/interactions/1/description",
        "/interactions/1/request",
        "/interactions/1/response",
        "/interactions/2",
        "/interactions/3/type",
    ]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""),
        ({"interactions": []}, ""),
        ({**pair(), "consumer": {"name": " "}}, "/consumer"),
        ({**pair(), "interactions": {}}, "/interactions"),
        (pair(version="5.0"), "/metadata"),
        (pair(get("/a", matchingRules={"body": {"$.a": {"matchers": ["type"]}}})), None),
        (pair({**get("/a", body={"content": "%", "encoded": "base64"}), "type": "Synchronous/HTTP"}), None),
    ],
)
def test_a_fault_has_a_place(value: Any, pointer: str | None) -> None:
    found = faults(value)
    assert pointer is None or pointer in [each for each, _ in found]
    for place, message in found:
        text.resolve(value, place or "")
        assert message


def test_what_looks_like_a_pact() -> None:
    assert pact.looks_like(pair())
    assert pact.looks_like({"messages": []})
    for other in ({"openapi": "3.0.0", "interactions": []}, {"swagger": "2.0"}, [], None, {"interactions": 1}):
        assert not pact.looks_like(other)


# --- matchers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.a.b", ("a", "b")),
        ("$.a[0].b", ("a", 0, "b")),
        ("$.a[*]", ("a", "*")),
        ("$['a b'].*", ("a b", "*")),
        ('$.body["x-y"][12]', ("body", "x-y", 12)),
    ],
)
def test_paths_of_matchers(path: str, steps: tuple[Any, ...]) -> None:
    assert matchers.steps_of(path) == steps


def test_rules_of_versions_2_and_3_are_found_alike() -> None:
    old, _ = matchers.read({"$.body.a[*].b": {"match": "type"}, "$.headers.X": {"regex": "x"}}, "/m")
    new, _ = matchers.read(
        {"body": {"$.a[*].b": {"matchers": [{"match": "type"}]}}, "header": {"X": {"matchers": [{"match": "regex"}]}}},
        "/m",
    )
    assert [(rule.category, rule.path, rule.kind) for rule in old] == [
        (rule.category, rule.path, rule.kind) for rule in new
    ]


def test_the_most_exact_rule_wins_and_types_are_inherited() -> None:
    found, _ = matchers.read(
        {"body": {"$.a[*]": {"matchers": [{"match": "type"}]}, "$.a[1]": {"matchers": [{"match": "integer"}]}}}, "/m"
    )
    rules = matchers.Rules(found)
    assert [rule.kind for rule in rules.own(("a", 0))] == ["type"]
    assert [rule.kind for rule in rules.own(("a", 1))] == ["integer"]
    assert rules.loose(("a", 0, "b"))
    assert not rules.loose(("b",))
