"""Who uses what: the same names for what a spec declares and for what contracts say, and nothing overlooked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.compare import prepare
from signet.core.formats import openapi, pact, text
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.core.usage import Usage, field_named, operation_named, relying, usage
from signet.core.usage.fields import declared, operations, used
from signet.errors import UnknownName, UsageError
from tests.conformance import where
from tests.core.memory import MemoryState


def spec_of(paths: dict[str, Any], **more: Any) -> Spec:
    value = {"openapi": "3.0.3", "info": {"title": "Catalog", "version": "1"}, "paths": paths, **more}
    return openapi.spec(text.read(json.dumps(value).encode(), "catalog.json"))


def contract_of(*interactions: dict[str, Any]) -> Contract:
    items = [{"description": f"no. {at}", **each} for at, each in enumerate(interactions)]
    value = {"consumer": {"name": "cart"}, "provider": {"name": "catalog"}, "interactions": items}
    return pact.contract(text.read(json.dumps(value).encode(), "cart.json"))


def answer(schema: Any, status: str = "200", **more: Any) -> dict[str, Any]:
    return {status: {"description": "", "content": {"application/json": {"schema": schema}}, **more}}


ITEM = {
    "type": "object",
    "properties": {
        "price": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "prices": {"type": "object", "additionalProperties": {"type": "object", "properties": {"net": {}}}},
        "a.b": {"type": "string"},
        "part_of": {"$ref": "#/components/schemas/Item"},
    },
}
SHOP = spec_of(
    {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "parameters": [
                    {"name": "currency", "in": "query", "schema": {"type": "string"}},
                    {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
                    {"name": "seen", "in": "cookie", "schema": {"type": "string"}},
                ],
                "responses": answer(
                    {"$ref": "#/components/schemas/Item"}, headers={"ETag": {"schema": {"type": "string"}}}
                ),
            },
            "delete": {"responses": {"204": {"description": ""}}},
        },
        "/items": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Item"}, {}]}},
                        "application/x-www-form-urlencoded": {
                            "schema": {"type": "object", "properties": {"price": {"type": "number"}}}
                        },
                    }
                },
                "responses": {"201": {"description": ""}},
            }
        },
    },
    components={"schemas": {"Item": ITEM}},
)
READS = {
    "request": {
        "method": "GET",
        "path": "/items/7",
        "query": "currency=EUR",
        "headers": {"x-trace": "1", "Cookie": "seen=yes"},
    },
    "response": {
        "status": 200,
        "headers": {"etag": "x", "Content-Type": "application/json"},
        "body": {
            "price": 1,
            "tags": [{"name": "a"}, {"name": "b"}],
            "prices": {"EUR": {"net": 1}},
            "a.b": "c",
            "part_of": {"part_of": {"price": 2}},
        },
    },
}


def names_used(spec: Spec, interaction: dict[str, Any]) -> set[str]:
    found = used(prepare(spec).routes, contract_of(interaction).interactions[0])
    assert found is not None
    return {str(field) for field in found.fields}


def test_every_side_and_every_way_has_its_name() -> None:
    assert names_used(SHOP, READS) == {
        "path id",
        "query currency",
        "header X-Trace",
        "cookie seen",
        "response header 200 ETag",
        "response 200 price",
        "response 200 tags",
        "response 200 tags[].name",
        "response 200 prices",
        "response 200 prices.*",
        "response 200 prices.*.net",
        'response 200 ["a.b"]',
        "response 200 part_of",
        "response 200 part_of.part_of",
        "response 200 part_of.part_of.price",
    }


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": "application/json"}, {"price": 1}),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "price=1"),
    ],
)
def test_a_body_of_a_request_is_used_by_what_is_sent(headers: dict[str, str], body: Any) -> None:
    request = {"method": "POST", "path": "/items", "headers": headers, "body": body}
    assert names_used(SHOP, {"request": request, "response": {"status": 201}}) == {"request price"}


def test_forms_of_swagger_2_and_spread_objects_are_fields_too() -> None:
    form = [{"name": name, "in": "formData", "type": "string"} for name in ("price", "note")]
    post = {"consumes": ["application/x-www-form-urlencoded"], "parameters": form}
    value = {"swagger": "2.0", "info": {"title": "C", "version": "1"}}
    paths = {"/items": {"post": {**post, "responses": {"201": {"description": ""}}}}}
    old = openapi.spec(text.read(json.dumps({**value, "paths": paths}).encode(), "old.json"))
    request = {"method": "POST", "path": "/items", "body": "price=1"}
    sent = {"request": {**request, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}}
    assert names_used(old, {**sent, "response": {"status": 201}}) == {"request price"}

    schema = {"type": "object", "properties": {"size": {"type": "integer"}}}
    filters = {"name": "filter", "in": "query", "schema": schema}
    for style, query in (("deepObject", "filter[size]=1"), ("form", "size=1")):
        get = {"parameters": [{**filters, "style": style, "explode": True}], "responses": answer({})}
        asked = {"request": {"method": "GET", "path": "/items", "query": query}, "response": {"status": 200}}
        assert names_used(spec_of({"/items": {"get": get}}), asked) == {"query filter"}


def test_places_are_those_that_a_change_would_have() -> None:
    routes = prepare(SHOP).routes
    found = used(routes, contract_of(READS).interactions[0])
    assert found is not None
    for _, place in found.fields.values():
        assert text.resolve(SHOP.source, place) is not None
    assert "/components/schemas/Item/properties/price" in found.places
    assert "/paths/~1items~1{id}/get" in found.places
    assert "/paths/~1items~1{id}/parameters/0/schema" in found.places
    pointers = {pointer for pointer, _ in found.fields.values()}
    assert "/interactions/0/response/body/tags/1/name" not in pointers, "the first place tells it"
    assert "/interactions/0/response/body/tags/0/name" in pointers


def test_a_schema_that_contains_itself_is_declared_once() -> None:
    (get,) = [each for each in operations(prepare(SHOP).routes) if each.method == "get"]
    names = [field.name for field in declared(prepare(SHOP).routes, get) if field.side == "response"]
    assert "part_of" in names
    assert not any(name.startswith("part_of.") for name in names)


# --- the registry's answer -----------------------------------------------------------------------------------------


class Shop(MemoryState):
    """A registry in memory that has its contracts' contents."""

    def __init__(self, **contracts: Contract) -> None:
        super().__init__()
        self.kept = contracts
        self.version("catalog", "1", spec="s1")

    def contract(self, consumer: str, provider: str, digest: str) -> Contract:
        return self.kept[digest]


@pytest.fixture
def shop() -> Shop:
    writes = {"request": {"method": "POST", "path": "/items", "body": {"price": 1}}, "response": {"status": 201}}
    strange = {"request": {"method": "GET", "path": "/nowhere"}, "response": {"status": 200}}
    found = Shop(reads=contract_of(READS), writes=contract_of(writes, strange), old=contract_of(READS))
    found.places.update({"production": {}, "staging": {}})
    found.version("cart", "1", catalog="reads")
    found.version("web", "1", catalog="writes")
    found.version("web", "0", catalog="old")
    found.heads[("web", "main")] = "1"
    found.deploy("production", "cart", "1")
    return found


def whole(shop: Shop, environment: str | None = None) -> Usage:
    return usage(shop, "catalog", SHOP, environment)


def test_only_versions_that_are_live_or_head_their_main_branch_count(shop: Shop) -> None:
    assert [(one.consumer, one.version) for one in relying(shop, "catalog")] == [("cart", "1"), ("web", "1")]
    assert [one.consumer for one in relying(shop, "catalog", "production")] == ["cart"]
    assert relying(shop, "catalog", "staging") == ()


def test_who_uses_what_and_what_nobody_uses(shop: Shop) -> None:
    found = whole(shop)
    users = {one.name: {use.by.consumer for use in one.uses} for one in found.operations}
    assert users == {"GET /items/{id}": {"cart"}, "DELETE /items/{id}": set(), "POST /items": {"web"}}
    assert [use.description for use in found.elsewhere] == ["no. 1"]
    post = operation_named(found, "POST /items")
    by_field = {str(one.field): {use.by.consumer for use in one.uses} for one in post.fields}
    assert by_field["request price"] == {"web"}
    assert by_field["request tags"] == set()
    assert not any(one.uses for one in whole(shop, "staging").operations)


def test_a_field_below_a_cycle_is_used_though_it_is_declared_above_only(shop: Shop) -> None:
    get = operation_named(whole(shop), "GET /items/{id}")
    (one,) = field_named(get, "part_of.part_of.price")
    assert [use.by.consumer for use in one.uses] == ["cart"]
    assert one.pointer == "/components/schemas/Item/properties/price"


def test_operations_and_fields_are_found_by_what_people_write(shop: Shop) -> None:
    found = whole(shop)
    get = operation_named(found, "get /items/{sku}")
    assert get.name == "GET /items/{id}"
    assert operation_named(found, "/items").name == "POST /items"
    assert field_named(get, "$.tags[*].name") == field_named(get, "response:tags[].name")
    assert [str(one.field) for one in field_named(get, "price")] == ["response 200 price"]
    with pytest.raises(UsageError, match="several operations"):
        operation_named(found, "/items/{id}")
    with pytest.raises(UnknownName, match=r"did you mean 'GET /items/\{id\}'"):
        operation_named(found, "GET /item/{id}")
    with pytest.raises(UnknownName, match="did you mean 'price'"):
        field_named(get, "prise")
    with pytest.raises(UnknownName, match="side"):
        field_named(get, "side:price")


def test_names_that_the_registry_does_not_know_are_told_together(shop: Shop) -> None:
    with pytest.raises(UnknownName, match=r"(?s)catalogue.*catalog.*prod"):
        relying(shop, "catalogue", "prod")


# --- properties ----------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c d", "e.f", 'g"h', "*", "ü", "[]"])


@st.composite
def shapes(draw: st.DrawFn, depth: int = 3) -> tuple[Any, Any, set[str]]:
    """(schema, value, ways): a schema, a value that uses some of it, and the names of what it uses."""
    kind = draw(st.sampled_from(["leaf", "object", "list", "map", "all"] if depth else ["leaf"]))
    if kind == "leaf":
        return {"type": "integer"}, 1, set()
    if kind == "list":
        schema, value, ways = draw(shapes(depth - 1))
        return {"type": "array", "items": schema}, [value, value], {f"[]{_below(way)}" for way in ways}
    if kind == "map":
        schema, value, ways = draw(shapes(depth - 1))
        return {"additionalProperties": schema}, {"x": value, "y": value}, {"*", *(f"*{_below(way)}" for way in ways)}
    members = draw(st.dictionaries(NAMES, shapes(depth - 1), min_size=1, max_size=3))
    chosen = draw(st.sets(st.sampled_from(sorted(members))))
    found: set[str] = set()
    for name in chosen:
        step = name if name in ("a", "b", "ü") else f'["{name.replace(chr(34), chr(92) + chr(34))}"]'
        found |= {step, *(f"{step}{_below(way)}" for way in members[name][2])}
    properties = {name: schema for name, (schema, _, _) in members.items()}
    value = {name: members[name][1] for name in chosen}
    whole_schema: Any = {"type": "object", "properties": properties}
    return {"allOf": [{"type": "object"}, whole_schema]} if kind == "all" else whole_schema, value, found


def _below(way: str) -> str:
    return way if way.startswith("[") else f".{way}"


@given(shapes(), st.sampled_from(["request", "response"]))
def test_used_is_what_the_value_says_and_all_of_it_is_declared(shape: tuple[Any, Any, set[str]], side: str) -> None:
    schema, value, ways = shape
    content = {"content": {"application/json": {"schema": schema}}}
    body = {"requestBody": content} if side == "request" else {}
    responses = answer(schema) if side == "response" else {"200": {"description": ""}}
    spec = spec_of({"/items": {"post": {**body, "responses": responses}}})
    held = {"headers": {"Content-Type": "application/json"}, "body": value}
    interaction = {
        "request": {"method": "POST", "path": "/items", **(held if side == "request" else {})},
        "response": {"status": 200, **(held if side == "response" else {})},
    }
    routes = prepare(spec).routes
    found = used(routes, contract_of(interaction).interactions[0])
    assert found is not None
    assert {field.name for field in found.fields} == ways
    (operation,) = operations(routes)
    assert set(found.fields) <= set(declared(routes, operation))


@pytest.mark.slow
def test_real_specs_declare_all_that_conforming_contracts_use() -> None:
    checked = 0
    for place in sorted(where.conformance("real").iterdir()):
        document = text.read((place / "spec.json").read_bytes(), "spec.json")
        routes = prepare(openapi.spec(document)).routes
        contract = pact.contract(text.read((place / "pact.json").read_bytes(), "pact.json"))
        expected = json.loads((place / "expected.json").read_text())["interactions"]
        said = {(one.method.upper(), one.path): declared(routes, one) for one in operations(routes)}
        for each, case in zip(contract.interactions, expected, strict=True):
            found = used(routes, each)
            if case["compatible"]:
                assert found is not None, each.description
                assert set(found.fields) <= set(said[found.method, found.path])
                checked += 1
    assert checked > 500
