"""Which fixture answers a request, and whether one fits the spec: by value, the most exact first, and nothing near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core import compare, fixtures
from signet.core.formats import openapi, text
from signet.core.model.fixture import Answered, Asked, Body, Fixture, Source, counting
from signet.core.model.spec import Spec

ITEM = "GET /items/{id}"


def fixture(
    name: str = "tea",
    path: str = "/items/7",
    *,
    operation: str = ITEM,
    status: int = 200,
    answer: Any = None,
    source: Source = Source.PROVIDER,
    environments: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
    **stated: Any,
) -> Fixture:
    body = Body("application/json", {"id": 7, "name": "tea"}) if answer is None else answer or None
    asked = Asked(operation.partition(" ")[0], path, **stated)
    return Fixture(
        "catalog", operation, name, asked, Answered(status, headers or {}, body), source, frozenset(environments)
    )


def get(target: str, method: str = "GET", body: bytes = b"", **headers: str) -> Asked:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return fixtures.asked(method, target, named, body)


def chosen(request: Asked, *candidates: Fixture, operation: str = ITEM) -> str | None:
    found = fixtures.best(candidates, operation, request)
    return found.name if found else None


# --- which one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/items/a%20b", "/items/%61 b", "/api/v1/items/a%20b", "/items/a%20b?x=1"])
def test_values_of_the_path_are_compared_decoded_and_without_a_base_path(target: str) -> None:
    assert chosen(get(target), fixture(path="/items/a%20b")) == "tea"


@pytest.mark.parametrize("target", ["/items/8", "/items/7%2F", "/items/7/", "/items", "/items/7/8"])
def test_another_path_is_not_answered(target: str) -> None:
    assert chosen(get(target), fixture()) is None


def test_a_fixture_of_another_operation_is_never_asked() -> None:
    assert chosen(get("/items/7"), fixture(), operation="GET /things/{id}") is None


def test_a_query_that_is_stated_is_the_whole_query_as_a_multiset() -> None:
    one = fixture(query={"tag": ("a", "b c"), "page": ("1",)})
    assert chosen(get("/items/7?tag=b+c&page=1&tag=a"), one) == "tea"
    assert chosen(get("/items/7?tag=b%20c&tag=a"), one) is None
    assert chosen(get("/items/7?tag=a&tag=a&tag=b+c&page=1"), one) is None
    assert chosen(get("/items/7?tag=a&tag=b+c&page=1&x="), one) is None
    assert chosen(get("/items/7?x=1"), fixture(query={})) is None
    assert chosen(get("/items/7?"), fixture(query={})) == "tea"


def test_headers_that_are_named_must_be_equal_and_others_do_not_matter() -> None:
    one = fixture()
    one = replace(one, request=replace(one.request, headers={"accept-language": "de"}))
    assert chosen(get("/items/7", Accept_Language=" de ", Accept="*/*"), one) == "tea"
    assert chosen(get("/items/7", Accept_Language="en"), one) is None
    assert chosen(get("/items/7"), one) is None


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b'{"b": [1.0, null], "a": "x"}', True),
        (b'{"a":"x","b":[1,null]}', True),
        (b'{"a":"x","b":[true,null]}', False),
        (b'{"a":"x","b":[null,1]}', False),
        (b'{"a":"x","b":[1,null],"c":1}', False),
        (b'{"a":"x","b":[1.0000000000000000001,null]}', False),
        (b'{"a":"x","a":"x","b":[1,null]}', False),
        (b"not json", False),
        (b"", False),
    ],
)
def test_json_is_compared_by_value(sent: bytes, answered: bool) -> None:
    operation = "POST /items"
    body = Body("application/json", {"a": "x", "b": [Decimal("1.0"), None]})
    one = fixture(path="/items", operation=operation, body=body)
    request = get("/items", "POST", sent, Content_Type="application/json; charset=utf-8")
    assert (chosen(request, one, operation=operation) == "tea") is answered


@pytest.mark.parametrize(
    ("media_type", "content", "sent"),
    [
        ("application/x-www-form-urlencoded", "a=1&b=2", b"a=1&b=2"),
        ("text/plain", "grüße", "grüße".encode()),
        ("image/png", b"\x89PNG\x00\xff", b"\x89PNG\x00\xff"),
        ("text/csv", b"\xff\xfe", b"\xff\xfe"),
    ],
)
def test_forms_texts_and_bytes_are_compared_exactly(media_type: str, content: str | bytes, sent: bytes) -> None:
    operation = "POST /items"
    one = fixture(path="/items", operation=operation, body=Body(media_type, content))
    asking = {"Content_Type": media_type.upper() + "; x=1"}
    assert chosen(get("/items", "POST", sent, **asking), one, operation=operation) == "tea"
    assert chosen(get("/items", "POST", sent + b"\n", **asking), one, operation=operation) is None
    assert chosen(get("/items", "POST", sent, Content_Type="application/pdf"), one, operation=operation) is None


def test_the_more_exact_comes_first_step_by_step() -> None:
    operation = "POST /a/{b}/{c}"
    body, query = Body("text/plain", "x"), {"q": ("1",)}
    made = [
        fixture("exact", "/a/1/2", operation=operation, answer=0, body=body, query=query),
        fixture("body", "/a/1/2", operation=operation, answer=0, body=body),
        fixture("query", "/a/1/2", operation=operation, answer=0, query=query),
        fixture("path", "/a/1/2", operation=operation, answer=0),
        fixture("left", "/a/1/{c}", operation=operation, answer=0, body=body, query=query),
        fixture("right", "/a/{b}/2", operation=operation, answer=0, body=body, query=query),
        fixture("open", "/a/{b}/{c}", operation=operation, answer=0, source=Source.PROVIDER),
    ]
    named = fixture("headers", "/a/1/2", operation=operation, answer=0)
    named = replace(named, request=replace(named.request, headers={"x-y": "z"}))
    made.insert(3, named)
    request = get("/a/1/2?q=1", "POST", b"x", Content_Type="text/plain", X_Y="z")
    for order in (made, made[::-1]):
        found = [one.name for one in fixtures.ranked(order, operation, request)]
        assert found == ["exact", "body", "query", "headers", "path", "left", "right", "open"]


def test_the_provider_before_a_consumer_then_the_environment_then_the_name() -> None:
    made = [
        fixture("z"),
        fixture("b", environments=("staging",)),
        fixture("a", source=Source.CONSUMER, environments=("staging",)),
        fixture("0", source=Source.CONSUMER),
        fixture("y"),
    ]
    for order in (made, made[::-1]):
        assert [one.name for one in fixtures.ranked(order, ITEM, get("/items/7"))] == ["b", "y", "z", "a", "0"]


def test_a_set_of_an_environment_is_what_names_it_and_what_names_none() -> None:
    made = (fixture("all"), fixture("staging", environments=("staging", "test")), fixture("live", environments=("p",)))
    assert [one.name for one in counting(made, "staging")] == ["all", "staging"]
    assert [one.name for one in counting(made, "elsewhere")] == ["all"]
    assert [one.name for one in counting(made, None)] == ["all"]


SEGMENTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
QUERIES = st.dictionaries(st.text(max_size=3), st.lists(st.text(max_size=3), min_size=1, max_size=3), max_size=3)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[Asked, list[Fixture]]:
    """A request, and fixtures that state some of its parts, or some other ones."""
    segments = draw(st.tuples(SEGMENTS, SEGMENTS))
    paths = ["/" + "/".join(quote(one, safe="") for one in segments)]
    query = {name: tuple(values) for name, values in draw(QUERIES).items()}
    body = Body("application/json", draw(JSON))
    request = Asked("PUT", paths[0], query, {"x-a": "1", "x-b": "2"}, body)
    made = []
    for number in range(draw(st.integers(1, 5))):
        path = "/" + "/".join(draw(st.sampled_from([quote(one, safe=""), "{x}", "other"])) for one in segments)
        stated = Asked(
            "PUT",
            path,
            draw(st.sampled_from([None, query, {"q": ("else",)}])),
            draw(st.sampled_from([{}, {"x-a": "1"}, {"x-a": "1", "x-b": "2"}, {"x-a": "2"}])),
            draw(st.sampled_from([None, body, Body("application/json", [body.content])])),
        )
        source = draw(st.sampled_from(Source))
        made.append(Fixture("s", "PUT /{a}/{b}", f"f{number}", stated, Answered(204), source))
    return request, made


def answers(one: Fixture, request: Asked) -> bool:
    """The definition, in the plainest words."""
    pairs = zip(one.request.path.split("/"), request.path.split("/"), strict=True)
    stated = one.request
    return (
        all(own == "{x}" or own == given for own, given in pairs)
        and (stated.query is None or stated.query == request.query)
        and all(request.headers.get(name) == value for name, value in stated.headers.items())
        and (stated.body is None or text.dump(stated.body.content) == text.dump(request.body.content))  # type: ignore[union-attr]
    )


@given(requests(), st.randoms())
def test_what_is_chosen_answers_the_request_whatever_the_order(drawn: Any, random: Any) -> None:
    request, made = drawn
    found = fixtures.best(made, "PUT /{a}/{b}", request)
    assert (found is None) == (not any(answers(one, request) for one in made))
    shuffled = random.sample(made, len(made))
    assert fixtures.best(fixtures.prepare(shuffled), "PUT /{a}/{b}", request) == found
    if found is not None:
        assert answers(found, request)
        rest = [one for one in made if one is not found]
        other = fixtures.best(rest, "PUT /{a}/{b}", request)
        assert other is None or fixtures.best([other, found], "PUT /{a}/{b}", request) == found


@given(QUERIES, JSON)
def test_a_request_over_the_line_meets_the_fixture_that_states_it(query: dict[str, list[str]], value: Any) -> None:
    sent = "&".join(f"{quote(name, safe='')}={quote(each, safe='')}" for name in query for each in query[name])
    named = {name: tuple(values) for name, values in query.items()}
    one = fixture(path="/items/7", query=named, body=Body("application/json", value))
    request = get(f"/items/7?{sent}", "GET", text.dump(value).encode(), Content_Type="application/json")
    assert fixtures.best([one], ITEM, request) is one


# --- does it fit -----------------------------------------------------------------------------------------------------

PARAMETERS = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
    {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}},
    {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string", "minLength": 2}},
]
SCHEMA = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
        "made": {"type": "string", "readOnly": True},
    },
}


def document() -> dict[str, Any]:
    content = {"application/json": {"schema": SCHEMA}}
    answered = {"200": {"description": "ok", "content": content}, "404": {"description": "none"}}
    headers = {"Location": {"required": True, "schema": {"type": "string"}}}
    created = {"201": {"description": "made", "headers": headers, "content": content}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "catalog", "version": "1"},
        "servers": [{"url": "/api"}],
        "security": [{"key": []}],
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/items/{id}": {"get": {"parameters": PARAMETERS, "responses": answered}},
            "/items/latest": {"get": {"responses": answered}},
            "/items": {"post": {"requestBody": {"required": True, "content": content}, "responses": created}},
            "/logo": {
                "get": {"responses": {"200": {"description": "ok", "content": {"image/png": {"schema": {}}}}}},
                "head": {"responses": {"200": {"description": "ok", "content": {"image/png": {"schema": {}}}}}},
            },
            "/nothing": {
                "get": {
                    "responses": {
                        "200": {"description": "x", "content": {"application/json": {"schema": {"type": "string"}}}}
                    }
                }
            },
        },
    }


def spec(value: Any = None) -> Spec:
    written = text.dump(value or document()).encode()
    return openapi.spec(text.read(written, "openapi.json"))


def codes(one: Fixture, of: Spec | compare.Prepared | None = None) -> list[str]:
    return [f"{found.code} {found.contract_pointer}" for found in fixtures.misfits(one, of or spec())]


def test_a_fixture_that_fits_has_no_misfits_and_what_it_leaves_open_is_not_judged() -> None:
    prepared = compare.prepare(spec())
    assert codes(fixture(), prepared) == []
    assert codes(fixture(path="/items/{id}"), prepared) == []
    assert codes(fixture(path="/api/items/7"), prepared) == []
    assert codes(fixture(query={"page": ("1",)}), prepared) == []
    assert codes(fixture(status=404, answer=0), prepared) == []
    logo = Body("image/png", b"\x89PNG\xff")
    assert codes(fixture(path="/logo", operation="GET /logo", answer=logo), prepared) == []
    assert codes(fixture(path="/logo", operation="HEAD /logo", answer=0), prepared) == []
    made = fixture(path="/items", operation="POST /items", status=201, headers={"location": "/items/7"})
    assert codes(made, prepared) == []


BODY = "response.body.incompatible"
PATH = "request.path-or-method.unknown"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"answer": Body("application/json", {"id": "7", "name": "tea"})}, [f"{BODY} /response/body/json/id"]),
        ({"answer": Body("application/json", {"id": 7})}, [f"{BODY} /response/body/json"]),
        (
            {"answer": Body("application/json", {"id": 7, "name": "tea", "extra": 1})},
            [f"{BODY} /response/body/json/extra"],
        ),
        (
            {"answer": Body("application/json", {"id": 7, "name": "t", "secret": "s"})},
            [f"{BODY} /response/body/json/secret"],
        ),
        ({"answer": Body("application/json", None)}, [f"{BODY} /response/body/json"]),
        ({"answer": 0}, [f"{BODY} /response"]),
        ({"answer": Body("text/plain", "tea")}, ["response.content-type.incompatible /response/body/media_type"]),
        ({"headers": {"x-odd": "1"}}, ["response.header.unknown /response/headers/x-odd"]),
        ({"status": 500, "answer": 0}, ["response.status.unknown /response/status"]),
        ({"path": "/items/x"}, [f"{PATH} /request/path"]),
        ({"path": "/items/latest"}, [f"{PATH} /request/path"]),
        ({"path": "/things/7"}, [f"{PATH} /request/path"]),
        ({"path": "/things/{id}"}, [f"{PATH} /request/path"]),
        ({"operation": "GET /gone/{id}"}, [f"{PATH} /request/path"]),
        ({"operation": "PATCH /items/{id}"}, [f"{PATH} /request/method"]),
        ({"operation": "PATCH /items/{id}", "path": "/items/{id}"}, [f"{PATH} /request/path"]),
        ({"query": {}}, ["request.query.incompatible /request"]),
        ({"query": {"page": ("one",)}}, ["request.query.incompatible /request/query/page/0"]),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(changed: dict[str, Any], found: list[str]) -> None:
    assert codes(fixture(**changed)) == found


def test_a_header_that_is_named_must_fit_and_one_that_is_required_of_the_answer_be_there() -> None:
    one = fixture()
    assert codes(replace(one, request=replace(one.request, headers={"x-tenant": "ab"}))) == []
    named = replace(one, request=replace(one.request, headers={"x-tenant": "a"}))
    assert codes(named) == ["request.header.incompatible /request/headers/x-tenant"]
    made = fixture(path="/items", operation="POST /items", status=201)
    assert codes(made) == ["response.header.incompatible /response"]


def test_a_request_body_is_judged_as_a_request() -> None:
    def posting(value: Any) -> list[str]:
        body = Body("application/json", value)
        headers = {"location": "/items/7"}
        return codes(fixture(path="/items", operation="POST /items", status=201, headers=headers, body=body))

    assert posting({"id": 7, "name": "tea", "secret": "s"}) == []
    assert posting({"id": 7}) == ["request.body.incompatible /request/body/json"]


def test_null_is_an_answer_of_its_own() -> None:
    def of(value: Any) -> Fixture:
        return fixture(path="/nothing", operation="GET /nothing", answer=Body("application/json", value))

    assert codes(of("x")) == []
    assert codes(of(None)) == [f"{BODY} /response/body/json"]


def test_what_nobody_can_judge_is_no_fit() -> None:
    changed = document()
    changed["paths"]["/items/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string", "pattern": "("}},
    }
    assert codes(fixture(), spec(changed)) == ["response.schema.unvalidatable /response/body/json"]
