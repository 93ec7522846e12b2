"""What a test saw, as exchanges: with what is secret in them, and why one cannot be used."""

from __future__ import annotations

import base64
import gzip
import random
from typing import Any

import pytest

from signet.core.fixtures import Exchange, asked
from signet.core.model.fixture import Answered, Body
from signet.live.exchanges import FEW, Shortest, exercised, replayed
from signet.live.replay.functions import Request
from signet.live.spec_test.requests import Sent

JSON = ("Content-Type", "application/json")
HIDDEN = "***"


def test_what_was_added_to_a_replay_is_secret_whatever_it_is_called() -> None:
    contract = Request("GET", "/items/7?a=b", [("Host", "gate"), ("Accept", "*/*")])
    sent = Request("GET", "/base/items/7?a=b", [("Host", "real"), ("Accept", "*/*"), ("X-Plain", "word-of-mouth")])
    one = replayed("an item", contract, sent, (200, (JSON, ("X-A", "1"), ("x-a", "2")), b'{"id": 7}'))
    assert (one.label, one.request.path, one.request.query) == ("an item", "/items/7", {"a": ("b",)})
    assert one.secrets == {"word-of-mouth"} and not one.unusable
    assert one.response == Answered(
        200, {"content-type": "application/json", "x-a": "1, 2"}, Body("application/json", {"id": 7})
    )


@pytest.mark.parametrize(("encoding", "usable"), [("gzip", True), ("br-unknown", False)])
def test_an_answer_that_is_encoded_is_read_or_left_out(encoding: str, usable: bool) -> None:
    request = Request("GET", "/items/7")
    answer = (200, (JSON, ("Content-Encoding", encoding)), gzip.compress(b"{}"))
    one = replayed("x", request, request, answer)
    assert bool(one.unusable) != usable
    assert not usable or one.response.body == Body("application/json", {})


def reported(**changed: Any) -> dict[str, Any]:
    content = {"$base64": base64.b64encode(b'{"id": 7}').decode()}
    return {"status_code": 200, "headers": {"Content-Type": ["application/json"]}, "content": content, **changed}


def sent(uri: str = "http://127.0.0.1:1/api/items/7?a=b", **headers: str) -> Sent:
    return Sent("GET", uri, tuple((name, value) for name, value in headers.items()), b"", True)


def test_an_answer_in_the_report_of_a_spec_test() -> None:
    one = exercised("GET /items/{id}", sent(Authorization=HIDDEN), reported(), HIDDEN, {"authorization"})
    assert not one.unusable
    assert (one.request.path, one.request.query) == ("/api/items/7", {"a": ("b",)})
    assert one.response.body == Body("application/json", {"id": 7})


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        (sent(), reported(content_size=99)),
        (sent(), reported(headers={"Set-Cookie": [HIDDEN]})),
        (sent(Cookie=HIDDEN), reported()),
        (sent("http://127.0.0.1:1/items?keyword=***"), reported()),
    ],
)
def test_what_the_report_hides_or_cuts_is_not_used(request_: Sent, response: dict[str, Any]) -> None:
    assert exercised("x", request_, response, HIDDEN, {"authorization"}).unusable


def test_the_shortest_are_kept_in_whatever_order_they_come() -> None:
    made = [
        Exchange("a", asked("GET", f"/items/{number}", [], b""), Answered(200), frozenset(), unusable)
        for number, unusable in [(1, "x"), (10, ""), (2, ""), (300, ""), (5, ""), (4000, "")]
    ]
    made += [Exchange("b", asked("GET", "/b", [], b""), Answered(200)) for _ in range(5)]
    expected = ["/items/2", "/items/5", "/items/10", "/b"]
    assert len(expected) == FEW + 1
    for _ in range(5):
        random.shuffle(made)
        kept = Shortest()
        for one in made:
            kept(one)
        assert [one.request.path for one in kept.exchanges()] == expected
