"""What becomes of an exchange: a fixture that fits and holds no secret, under a name that stays; or a reason."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core import fixtures
from signet.core.fixtures import Exchange, Provenance, asked
from signet.core.fixtures.choice import content
from signet.core.fixtures.cleaning import Cleaning, credentials
from signet.core.fixtures.naming import name_of
from signet.core.formats import openapi, pact, text
from signet.core.model import names
from signet.core.model.fixture import Answered, Asked, Body, Fixture, Source
from signet.core.model.spec import Spec

ANY = {"schema": {"type": "object", "additionalProperties": True, "properties": {
    name: {} for name in ("id", "name", "token", "note", "card", "nested", "headers", "pin")}}}  # fmt: skip


def spec() -> Spec:
    item = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]}
    header = {"name": "Accept-Language", "in": "header", "schema": {"type": "string"}}
    key = {"name": "api_key", "in": "query", "required": True, "schema": {"type": "string"}}
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    answered = {"description": "ok", "content": {"application/json": ANY}, "headers": {"ETag": {"schema": {}}}}
    posted = {"requestBody": {"content": {"application/json": ANY, "multipart/form-data": ANY}}}
    value = {
        "openapi": "3.0.3",
        "info": {"title": "catalog", "version": "1"},
        "servers": [{"url": "/api"}],
        "paths": {
            "/items/{id}": {
                "get": item | {"responses": {"200": answered, "404": {"description": "no"}}},
                "delete": item | {"responses": {"204": {"description": "gone"}}},
            },
            "/items": {
                "get": {"parameters": [header, key, page], "responses": {"200": answered}},
                "post": posted | {"responses": {"201": answered}},
            },
        },
    }
    return openapi.spec(text.read(text.dump(value).encode(), "openapi.json"))


def exchange(
    target: str = "/items/7",
    answer: Any = None,
    *,
    method: str = "GET",
    status: int = 200,
    sent: dict[str, str] | None = None,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    known: frozenset[str] = frozenset(),
) -> Exchange:
    data = json.dumps({"id": "7"} if answer is None else answer).encode() if answer != b"" else b""
    named = {"content-type": "application/json"} | (headers or {}) if data else headers or {}
    response = Answered(status, named, content("application/json", data))
    return Exchange(f"{method} {target}", asked(method, target, (sent or {}).items(), body), response, known)


def proposed(*exchanges: Exchange, **whose: Any) -> tuple[Fixture, ...]:
    """The fixtures, all of which come, and each of which answers one of the requests and fits."""
    found = fixtures.proposals(exchanges, spec(), Provenance("catalog", **whose))
    assert found.left_out == {}
    for one in found.fixtures:
        assert fixtures.misfits(one, spec()) == ()
        assert any(fixtures.best([one], one.operation, each.request) == one for each in exchanges)
    return found.fixtures


def refusal(one: Exchange) -> str:
    found = fixtures.proposals([one], spec(), Provenance("catalog"))
    assert found.fixtures == () and list(found.left_out) == [one.label]
    return found.left_out[one.label]


def test_an_exchange_becomes_a_fixture_without_what_belongs_to_one_connection() -> None:
    sent = {"Authorization": "Bearer abc123", "User-Agent": "x", "Accept": "*/*", "X-Request-Id": "1"}
    headers = {"date": "now", "server": "x", "set-cookie": "s=1", "etag": '"1"', "vary": "accept", "x-odd": "1"}
    (one,) = proposed(exchange("/api/items/a%2Fb%20c", sent=sent, headers=headers))
    assert one.as_json() == {
        "kind": "fixture",
        "service": "catalog",
        "operation": "GET /items/{id}",
        "name": one.name,
        "source": "provider",
        "request": {"path": "/items/a%2Fb%20c", "query": {}},
        "response": {
            "status": 200,
            "headers": {"etag": '"1"', "vary": "accept"},
            "body": {"media_type": "application/json", "json": {"id": "7"}},
        },
    }


def test_headers_count_if_the_operation_names_them_and_secrets_in_a_query_do_not() -> None:
    (one,) = proposed(exchange("/items?page=2&api_key=hidden", sent={"Accept-Language": "de", "Host": "x"}))
    assert one.request.query == {"page": ("2",)}
    assert one.request.headers == {"accept-language": "de"}
    assert fixtures.best(
        [one], one.operation, asked("GET", "/items?api_key=other&page=2", [("accept-language", "de")], b"")
    )


def test_where_something_was_made_is_told_without_the_host_of_the_test() -> None:
    body = b'{"id": "7"}'
    sent = {"Content-Type": "application/json"}
    where = {"location": "http://127.0.0.1:41231/items/7?x=1"}
    (one,) = proposed(exchange("/items", method="POST", status=201, body=body, sent=sent, headers=where))
    assert one.response.headers == {"location": "/items/7?x=1"}
    assert one.request.body == Body("application/json", {"id": "7"})


def test_an_upload_states_no_body() -> None:
    sent = {"Content-Type": "multipart/form-data; boundary=x"}
    body = b'--x\r\ncontent-disposition: form-data; name="name"\r\n\r\ntea\r\n--x--\r\n'
    (one,) = proposed(exchange("/items", method="POST", status=201, body=body, sent=sent))
    assert one.request.body is None


def test_of_several_answers_to_one_request_the_successful_one_stays_and_that_which_says_most() -> None:
    answers = [
        exchange(status=404, answer=b""),
        exchange(answer={"id": "7"}),
        exchange(answer={"id": "7", "name": "tea"}),
        exchange(answer={"id": "8"}),
    ]
    for order in (answers, answers[::-1]):
        (one,) = proposed(*order)
        assert one.response.body == Body("application/json", {"id": "7", "name": "tea"})


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (exchange("/things"), "its request means no operation of the spec"),
        (exchange("/items/7", method="PATCH"), "its request means no operation of the spec"),
        (exchange(status=500), "it does not fit the spec: The operation never answers with status 500"),
        (exchange(answer={"id": "7", "extra": 1}), "it does not fit the spec: The expected response body"),
        (exchange(answer=b""), "it does not fit the spec: The expected response body"),
        (exchange("/items/7", answer=b"", method="DELETE"), "status 200"),
    ],
)
def test_what_does_not_fit_is_not_proposed(one: Exchange, why: str) -> None:
    assert why in refusal(one)


def test_what_is_no_json_and_says_so_is_not_proposed() -> None:
    one = exchange()
    wrong = replace(one, response=replace(one.response, body=Body("application/json", b"{")))
    assert "its answer says that it is JSON" in refusal(wrong)


# --- secrets ---------------------------------------------------------------------------------------------------------

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8"
CARD = "4111 1111 1111 1111"
PASSWORD = "canary-pass"
BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    ("answer", "canary"),
    [
        ({"token": "canary"}, "canary"),
        ({"nested": {"access_token": ["canary"]}}, "canary"),
        ({"nested": {"credentials": {"user": "canary"}}}, "canary"),
        ({"note": f"call with {JWT}"}, JWT),
        ({"note": f"git clone https://me:{PASSWORD}@host/x"}, PASSWORD),
        ({"note": GITHUB}, GITHUB),
        ({"card": CARD}, CARD),
        ({"card": 4111111111111111}, "4111111111111111"),
        ({"pin": 9731}, "9731"),
        ({"headers": {"Authorization": BASIC}}, BASIC),
        ({"note": f"your login is me:{PASSWORD}"}, PASSWORD),
        ({"note": BASIC.removeprefix("Basic ")}, BASIC.removeprefix("Basic ")),
        ({"note": "you sent plain-known-word"}, "plain-known-word"),
        ({"note": "plain%2Dknown%2Dword and PLAIN-KNOWN-WORD"}, "KNOWN"),
        ({"note": "sid is cookie-value-1"}, "cookie-value-1"),
    ],
)
def test_secrets_in_answers_are_replaced(answer: Any, canary: str) -> None:
    sent = {"Authorization": BASIC, "Cookie": "sid=cookie-value-1; theme=dark"}
    one = exchange(answer=answer, sent=sent, known=frozenset({"plain-known-word", "plain%2Dknown%2Dword"}))
    (made,) = proposed(one)
    assert canary not in text.dump(made.as_json())
    kept = made.response.body
    assert kept is not None and type(kept.content) is dict and kept.content.keys() == answer.keys()


def test_a_credential_of_one_exchange_is_one_in_the_answers_of_all() -> None:
    one = exchange(sent={"Authorization": "Bearer abcd-efgh"})
    (_, made) = proposed(one, exchange("/items/8", answer={"note": "abcd-efgh"}))
    assert "abcd-efgh" not in text.dump(made.as_json())


@pytest.mark.parametrize(
    "one",
    [
        exchange(f"/items/{JWT}"),
        exchange(f"/items?api_key=x&page=1&note={GITHUB}"),
        exchange("/items/left-out-by-signet"),
        exchange("/items/abcd%2Defgh", sent={"Authorization": "Bearer abcd-efgh"}),
        exchange(
            "/items",
            method="POST",
            status=201,
            body=b'{"token": "canary-x"}',
            sent={"Content-Type": "application/json"},
        ),
        exchange(answer={"nested": {GITHUB: 1}}),
        exchange("/items", sent={"Accept-Language": JWT}),
    ],
    ids=lambda one: one.label[:30],
)
def test_a_request_that_holds_a_secret_is_not_proposed_and_the_reason_does_not_tell_it(one: Exchange) -> None:
    why = refusal(one)
    assert "secret" in why
    for canary in (JWT, GITHUB, "canary-x", "abcd"):
        assert canary not in why


def test_bytes_that_hold_a_credential_are_not_proposed() -> None:
    one = exchange(sent={"X-Auth-Token": "abcd-efgh"})
    held = Body("application/json; x=1", {"id": "7"})
    assert Cleaning(credentials([("X-Auth-Token", "abcd-efgh")])).trace([b"\xff abcd-efgh \x00", held.content])
    assert not Cleaning().trace([b"\xff abcd-efgh \x00"])
    assert one.request.headers["x-auth-token"] == "abcd-efgh"


def test_attributes_of_cookies_are_no_credentials() -> None:
    found = credentials([("Set-Cookie", "sid=very-secret; Path=/items; Domain=localhost; HttpOnly")])
    assert "very-secret" in found and "/items" not in found and "localhost" not in found


SECRETS = st.sampled_from(
    [JWT, GITHUB, CARD, BASIC, f"https://me:{PASSWORD}@host/x", "known-word", "a" * 31 + "1b2c3d"]
)
ANSWERS = st.recursive(
    st.none() | st.integers() | st.lists(SECRETS | st.text(max_size=9), max_size=4).map("; ".join),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "token", "pin"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(ANSWERS)
def test_an_answer_that_was_cleaned_has_no_trace(answer: Any) -> None:
    cleaning = Cleaning({"known-word"})
    once = cleaning.answer(Answered(200, {"link": "known-word"}, Body("application/json", answer)))
    assert once.body is not None
    assert cleaning.trace([once.body.content, dict(once.headers)]) == ""
    for canary in (JWT, GITHUB, CARD, PASSWORD, "known-word"):
        assert canary not in text.dump(once.as_json())


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "stated", "whose", "name"),
    [
        ("GET /items/{id}", Asked("GET", "/items/7", {}), {}, "7"),
        ("GET /items/{id}", Asked("GET", "/items/tea-1", {}), {}, "tea-1"),
        ("GET /items/{id}", Asked("GET", "/items/7", {}), {"by": "cart"}, "cart.7"),
        ("GET /items/{id}", Asked("GET", "/items/7", {}), {"environments": ["qa"]}, "7.in-qa"),
        ("GET /items", Asked("GET", "/items", {"page": ("2",), "a": ("b",)}), {}, "items-a-b-page-2"),
        ("GET /", Asked("GET", "/", {}), {}, "root"),
    ],
)
def test_names_are_readable(operation: str, stated: Asked, whose: dict[str, Any], name: str) -> None:
    assert name_of(operation, stated, **whose) == name


SIMPLE = st.text("abAB01-. /ü", min_size=1, max_size=4)
STATED = st.builds(
    lambda path, query, body: Asked("PUT", "/items/" + "/".join(map(_quoted, path)), query, {}, body),
    st.tuples(SIMPLE, SIMPLE),
    st.dictionaries(SIMPLE, st.lists(SIMPLE, min_size=1, max_size=2).map(tuple), max_size=2),
    st.sampled_from([None, Body("text/plain", "x"), Body("text/plain", "y")]),
)


def _quoted(value: str) -> str:
    from urllib.parse import quote

    return quote(value, safe="")


@given(STATED, STATED, st.sampled_from(["", "cart", "x" * 64]), st.sampled_from([(), ("staging",), ("y" * 64,)]))
def test_names_can_be_names_and_are_equal_for_equal_requests_only(
    one: Asked, other: Asked, by: str, environments: tuple[str, ...]
) -> None:
    operation = "PUT /items/{a}/{b}"
    found = name_of(operation, one, by=by, environments=environments)
    assert names.fault_of("fixture", found) is None
    again = name_of(operation, other, by=by, environments=environments)
    assert (found.casefold() == again.casefold()) == (one.as_json() == other.as_json())
    if by:
        assert name_of(operation, one, environments=environments) != found


# --- recordings ------------------------------------------------------------------------------------------------------


def test_the_examples_of_a_contract_become_a_consumers_fixtures() -> None:
    body = {"contentType": "application/json", "content": {"id": "7"}, "encoded": False}
    source = {
        "consumer": {"name": "cart"},
        "provider": {"name": "catalog"},
        "interactions": [
            {
                "type": "Synchronous/HTTP",
                "description": "an item",
                "request": {"method": "GET", "path": "/api/items/7"},
                "response": {"status": 200, "headers": {"Content-Type": ["application/json"]}, "body": body},
            },
            {
                "type": "Synchronous/HTTP",
                "description": "making one",
                "request": {"method": "post", "path": "/items", "body": body, "query": {}},
                "response": {"status": 201, "body": body},
            },
            {"type": "Asynchronous/Messages", "description": "a message", "contents": {}},
        ],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    contract = pact.contract(text.read(text.dump(source).encode(), "pact.json"))
    found = fixtures.proposals(fixtures.recorded(contract), spec(), Provenance("catalog", "cart"))
    assert found.left_out == {}
    assert [(one.operation, one.source) for one in found.fixtures] == [
        ("GET /items/{id}", Source.CONSUMER),
        ("POST /items", Source.CONSUMER),
    ]
    assert found.fixtures[0].name == "cart.7"
    assert found.fixtures[1].request.body == Body("application/json", {"id": "7"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"content": "AP8=", "contentType": "image/png", "encoded": "base64"}, b"\x00\xff"),
        ({"content": "dGVh", "contentType": "image/png", "encoded": "base64"}, "tea"),
        ({"content": "tea", "contentType": "text/plain", "encoded": False}, "tea"),
        ({"content": "", "contentType": "text/plain", "encoded": False}, None),
        ({"content": None, "contentType": "application/json", "encoded": False}, None),
    ],
)
def test_bodies_of_recordings_are_read_as_what_they_are(body: Any, expected: Any) -> None:
    one = {
        "type": "Synchronous/HTTP",
        "description": "x",
        "request": {"method": "GET", "path": "/x"},
        "response": {"status": 200, "body": body},
    }
    source = {"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [one]}
    (found,) = fixtures.recorded(pact.contract(text.read(text.dump(source).encode(), "pact.json")))
    assert (found.response.body.content if found.response.body else None) == expected
