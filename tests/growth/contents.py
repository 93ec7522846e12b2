"""What the specs and contracts of a generated registry say: documents of some KB that differ as the story goes on.

A spec only grows, by one operation at each change, so that contracts stay kept. A contract uses three operations that
its provider had from the beginning, others at each change; with the hub there are few different contracts, as there is
one client library that everybody uses.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from signet.core.formats import openapi, pact, text
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from tests.growth.story import HUB, service_name

FIRST_OPERATIONS = 6
FIELDS = ("name", "colour", "price", "stock", "weight", "label")
VARIANTS = 7
"""So many different contracts there are with the hub at a time."""


def spec_document(service: int, change: int) -> dict[str, Any]:
    """The OpenAPI document of a service after so many changes."""
    paths = {f"/{_noun(number)}/{{id}}": {"get": _operation(number)} for number in range(FIRST_OPERATIONS + change)}
    return {
        "openapi": "3.0.3",
        "info": {"title": service_name(service), "version": f"{change}"},
        "paths": paths,
        "components": {"schemas": {"Problem": _object({"title": {"type": "string"}, "status": {"type": "integer"}})}},
    }


@lru_cache(maxsize=4_096)
def spec(service: int, change: int) -> tuple[Spec, bytes]:
    """The spec of a service after so many changes, and its text."""
    data = json.dumps(spec_document(service, change)).encode()
    return openapi.spec(text.read(data, "openapi.json")), data


def contract_document(consumer: int, provider: int, change: int, broken: bool) -> dict[str, Any]:
    """The Pact file of a consumer with a provider after so many changes."""
    variant = (consumer + change) % VARIANTS if provider == HUB else consumer * 7 + provider * 3 + change
    used = [(variant + step * (1 + variant % 2)) % FIRST_OPERATIONS for step in range(3)]
    interactions = [_interaction(number, variant, broken) for number in dict.fromkeys(used)]
    return {
        "consumer": {"name": service_name(consumer)},
        "provider": {"name": service_name(provider)},
        "interactions": interactions,
        "metadata": {"pactSpecification": {"version": "3.0.0"}},
    }


@lru_cache(maxsize=32_768)
def contract(consumer: int, provider: int, change: int, broken: bool) -> Contract:
    """The contract of a consumer with a provider after so many changes."""
    document = contract_document(consumer, provider, change, broken)
    return pact.contract(text.read(json.dumps(document).encode(), "pact.json"))


def _noun(number: int) -> str:
    return f"{('items', 'orders', 'prices', 'stocks')[number % 4]}-{number}"


def _operation(number: int) -> dict[str, Any]:
    fields: dict[str, Any] = {field: {"type": "string", "maxLength": 100 + number} for field in FIELDS}
    fields["price"] = {"type": "number", "minimum": 0}
    fields["stock"] = {"type": "integer", "description": f"How many {_noun(number)} are there."}
    path = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "operationId": f"get-{_noun(number)}",
        "summary": f"One of the {_noun(number)}, by its id.",
        "parameters": [path],
        "responses": {
            "200": {"description": "it is there", "content": {"application/json": {"schema": _object(fields)}}},
            "404": {"description": "it is not there", "content": problem},
        },
    }


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": sorted(fields)[:2], "properties": fields}


def _interaction(number: int, variant: int, broken: bool) -> dict[str, Any]:
    wanted = sorted({FIELDS[variant % 6], FIELDS[(variant + number) % 6], FIELDS[(variant * 5 + 1) % 6]})
    body: dict[str, Any] = {field: f"a {field}" for field in wanted}
    body |= {field: 12 for field in ("price", "stock") if field in body}
    if broken:
        body["nobody-promises-this"] = "x"
    rules = {f"$.{field}": {"matchers": [{"match": "type"}]} for field in body}
    return {
        "description": f"one of the {_noun(number)}, for {', '.join(wanted)}",
        "providerStates": [{"name": f"there are {_noun(number)}"}],
        "request": {"method": "GET", "path": f"/{_noun(number)}/7", "headers": {"Accept": "application/json"}},
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": body,
            "matchingRules": {"body": rules},
        },
    }
