"""Approved answers in a mock: before the spec's own examples, never one that does not fit, never near a request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from signet.core.model.fixture import Answered, Asked, Body, Fixture, Source
from signet.live.mock import Answer, Request, Service
from tests.live import mocked

ITEMS = json.loads((Path(__file__).parent / "mock_items.json").read_text("utf-8"))
ITEM = "GET /items/{id}"


def approved(name: str, path: str, answer: Any, *, operation: str = ITEM, status: int = 200, **stated: Any) -> Fixture:
    """A fixture of the provider's that answers with JSON, or with no body."""
    sent = None if answer is None else Body(stated.pop("media_type", "application/json"), answer)
    asked = Asked(operation.partition(" ")[0], path, **stated)
    return Fixture("items", operation, name, asked, Answered(status, {"etag": '"1"'}, sent), Source.PROVIDER)


def got(service: Service, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
    target, _, query = path.partition("?")
    named = tuple((name.encode(), value.encode()) for name, value in headers.items())
    return service.outcome(Request(method, target, query, named, body)).answer


def service(*fixtures: Fixture) -> Service:
    return Service("items", mocked.spec(ITEMS), fixtures=fixtures)


def origin(answer: Answer) -> str:
    return dict(answer.headers)[b"x-signet-answer"].decode()


NINE = approved("nine", "/items/9", {"id": 9, "name": "cup"})


def test_a_fixture_goes_before_examples_and_only_where_it_suits() -> None:
    one = service(NINE)
    nine, eight = got(one, "/items/9"), got(one, "/items/8")
    assert (nine.body, origin(nine)) == (b'{"id":9,"name":"cup"}', "fixture nine")
    assert dict(nine.headers)[b"etag"] == b'"1"'
    assert dict(nine.headers)[b"content-length"] == str(len(nine.body)).encode()
    assert (json.loads(eight.body), origin(eight)) == ({"id": 7, "name": "pot"}, "example pot")


def test_a_base_path_makes_no_difference() -> None:
    assert origin(got(service(NINE), "/v1/items/9")) == "fixture nine"


def test_the_most_exact_fixture_answers() -> None:
    one = service(approved("any", "/items/{id}", {"id": 1, "name": "any"}), NINE)
    assert [origin(got(one, path)) for path in ("/items/9", "/items/5")] == ["fixture nine", "fixture any"]


def test_a_fixture_that_does_not_fit_is_never_sent_and_told_once() -> None:
    one = service(approved("old", "/items/9", {"id": 9, "title": "cup"}))
    first, again = got(one, "/items/9"), got(one, "/items/9")
    assert (origin(first), origin(again)) == ("example pot", "example pot")
    assert [note[:45] for note in first.notes] == ["The fixture old of GET /items/{id} is not use"]
    assert again.notes == ()


def test_the_next_best_fixture_stands_in_for_one_that_does_not_fit() -> None:
    one = service(approved("old", "/items/9", {"id": "nine"}), approved("any", "/items/{id}", {"id": 1, "name": "any"}))
    answer = got(one, "/items/9")
    assert (origin(answer), len(answer.notes)) == ("fixture any", 1)


def test_what_a_client_prefers_and_accepts_counts() -> None:
    one = service(NINE, approved("gone", "/items/9", {}, status=404))
    assert origin(got(one, "/items/9", prefer="code=404")) == "fixture gone"
    applied = got(one, "/items/9", prefer="example=nine")
    assert (origin(applied), dict(applied.headers)[b"preference-applied"]) == ("fixture nine", b'example="nine"')
    assert origin(got(one, "/items/9", prefer="example=pot")) == "example pot"
    assert origin(got(one, "/items/9", prefer="dynamic=true")) == "generated"
    assert origin(got(one, "/items/9", accept="application/xml")) == "generated"


def test_wrong_requests_stay_wrong() -> None:
    one = service(approved("all", "/items/{id}", {"id": 1, "name": "any"}))
    assert [got(one, path).status for path in ("/items/x", "/item/7", "/items/7/")] == [400, 404, 404]
    assert got(one, "/items/7", "PUT").status == 405


def test_the_providers_own_refusal_of_exactly_this_request() -> None:
    problem = {"error": "name is too short"}
    spec = json.loads(json.dumps(ITEMS))
    schema = {"type": "object", "properties": {"error": {"type": "string"}}}
    responses = spec["paths"]["/items"]["post"]["responses"]
    responses["422"] = {"description": "no", "content": {"application/json": {"schema": schema}}}
    own = approved(
        *("short", "/items", problem),
        operation="POST /items", status=422, query={}, body=Body("application/json", {"name": "x"}),
    )  # fmt: skip
    one = Service("items", mocked.spec(spec), fixtures=[own])
    sent = {"content-type": "application/json"}

    def posted(body: bytes, query: str = "") -> Answer:
        named = tuple((name.encode(), value.encode()) for name, value in sent.items())
        return one.outcome(Request("POST", "/items", query, named, body)).answer

    exact, other = posted(b'{"name": "x"}'), posted(b'{"name": "y"}')
    assert (exact.status, json.loads(exact.body), exact.code) == (422, problem, "")
    assert (other.status, other.code) == (422, "request.body.incompatible")
    assert posted(b'{"name": "x"}', "a=1").code == "request.body.incompatible"


def test_bodies_are_written_as_their_media_type_says() -> None:
    text = approved("text", "/items/9", "plain", media_type="text/plain")
    precise = approved("nine", "/items/9", {"id": 9, "name": "thé"})
    assert got(service(text), "/items/9", accept="text/plain").body == b"plain"
    assert got(service(precise), "/items/9").body == '{"id":9,"name":"thé"}'.encode()
    gone = approved("gone", "/items/7", None, operation="DELETE /items/{id}", status=204)
    answer = got(service(gone), "/items/7", "DELETE", authorization="Bearer x")
    assert (answer.status, answer.body, origin(answer)) == (204, b"", "fixture gone")
