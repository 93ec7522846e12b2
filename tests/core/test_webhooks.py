"""Who is told of what, and in which words: filters, placeholders that stay inside their text, CloudEvents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core import webhooks
from signet.core.model import event as kinds
from signet.core.model.event import ABOUT, Event
from signet.core.webhooks import PLACEHOLDERS, Filters, Occasion, Subscription
from tests.fuzz import effort

CONTRACT = Event(kinds.CONTRACT_CHANGED, "cart", "2", "catalog", detail={"branches": "main feature/x", "contract": "c"})
TEST = Event(kinds.VERIFICATION_RECORDED, "catalog", "4", "cart", detail={"kind": "replay", "result": "passed"})
DEPLOYED = Event(kinds.DEPLOYED, "cart", "2", environment="production")


def wanting(*types: str, **filters: frozenset[str]) -> Subscription:
    return Subscription("x", "https://example.com/", frozenset(types), Filters(**filters))


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (wanting("*"), [CONTRACT, TEST, DEPLOYED]),
        (wanting("contract.changed"), [CONTRACT]),
        (wanting("*")._replace(enabled=False), []),
        (wanting("*", services=frozenset({"cart"})), [CONTRACT, TEST, DEPLOYED]),
        (wanting("*", services=frozenset({"catalog"})), [CONTRACT, TEST]),
        (wanting("*", consumers=frozenset({"cart"})), [CONTRACT, TEST]),
        (wanting("*", providers=frozenset({"catalog"})), [CONTRACT, TEST]),
        (wanting("*", consumers=frozenset({"catalog"})), []),
        (wanting("*", environments=frozenset({"production"})), [DEPLOYED]),
        (wanting("*", branches=frozenset({"feature/x"})), [CONTRACT]),
        (wanting("*", branches=frozenset({"feature"})), []),
        (wanting("*", providers=frozenset({"catalog"}), environments=frozenset({"production"})), []),
        (wanting("*", services=frozenset({"cart"}), branches=frozenset({"main"})), [CONTRACT]),
    ],
)
def test_each_filter_that_is_given_must_fit(one: Subscription, wanted: list[Event]) -> None:
    assert [event for event in (CONTRACT, TEST, DEPLOYED) if one.wants(event)] == wanted


def test_every_placeholder_that_is_documented_has_a_value_and_no_other() -> None:
    for event in (CONTRACT, TEST, DEPLOYED, *(Event(kind, "a") for kind in ABOUT)):
        assert set(webhooks.values(Occasion(event, "c" * 40, "t", "shop"))) == set(PLACEHOLDERS)


def test_sides_are_the_consumer_and_the_provider_whoever_the_event_is_about() -> None:
    known = webhooks.values(Occasion(TEST, "c", "t"))
    assert (known["signet.consumer"], known["signet.provider"], known["signet.provider_version"]) == (
        *("cart", "catalog"),
        "4",
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@effort(100)
@given(st.text(), json_values)
def test_what_is_filled_in_stays_inside_its_text(value: str, other: Any) -> None:
    """Quotes, braces and placeholders of a value are letters of the text that it stands in."""
    event = Event(kinds.GUARD_RED, value, value, value, environment=value, detail={"sentence": value})
    template = {"a": ["${signet.service}", {"b": "<${signet.version}|${signet.environment}>"}], "${signet.other}": 1}
    made = webhooks.filled(template, webhooks.values(Occasion(event, value, value, value)))
    again = json.loads(json.dumps(made))
    assert again == {"a": [value, {"b": f"<{value}|{value}>"}], "${signet.other}": 1}
    plain = webhooks.filled(other, {}) if "${" not in json.dumps(other) else other
    assert plain == other


def test_what_is_wrong_with_placeholders_is_found() -> None:
    def allowed(name: str) -> bool:
        return name in PLACEHOLDERS

    for text, found in (
        ("${signet.service} and $5 and {x}", []),
        ("${signet.servcie}", ["signet.servcie"]),
        ("${}", [""]),
        ("${signet.service", ["${"]),
        ("${a${b}}", ["a${b"]),
    ):
        assert webhooks.faults(text, allowed) == found


def test_the_variables_of_a_subscription_are_all_that_it_names() -> None:
    one = Subscription(
        "x",
        "https://example.com/${env.SIGNET_WEBHOOK_A}",
        frozenset({"*"}),
        secrets=("SIGNET_WEBHOOK_B",),
        headers={"X": "${env.SIGNET_WEBHOOK_C}"},
        body={"a": [{"b": "${env.SIGNET_WEBHOOK_D}${signet.service}"}]},
    )
    assert one.variables() == {f"SIGNET_WEBHOOK_{letter}" for letter in "ABCD"}


def test_the_id_of_an_event_is_that_of_its_commit_its_type_and_whom_it_is_about() -> None:
    """Written down: a change of this value sends everything again to whoever drops repeats."""
    one = CONTRACT.of("c" * 40)
    assert one.id == "10266c4b1213bfdd09dd1e5bc5ac02a371ba0ed0dc73972dff3f8e8ec6164d08"
    assert one.id == CONTRACT._replace(detail={"contract": "c", "more": "said later"}).of("c" * 40).id
    others = (CONTRACT.of("d" * 40), CONTRACT._replace(version="3").of("c" * 40), TEST.of("c" * 40))
    assert len({one.id, *(other.id for other in others)}) == 4
