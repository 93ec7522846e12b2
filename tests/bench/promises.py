"""Specs of any size and contracts that they keep: what the comparison is measured on.

A spec has resources with five operations each: lists with filters, objects that refer to others, alternatives, merged
schemas, formats and bounds, and prose as real documents have it. Nothing is random: a size and a number give one text.
"""

from __future__ import annotations

from typing import Any

SIZES = {"small": (5, 0), "medium": (105, 1), "huge": (1223, 12)}
"""Operations, and how many schemas nobody uses stand beside each resource's own; huge has about 7 MB."""
PROSE = "What this is, when it may be left out, and what it has to do with the others of its kind. "


def spec(size: str) -> dict[str, Any]:
    """A document in OpenAPI 3.0."""
    operations, unused = SIZES[size]
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": _object({"message": _text(), "code": {"type": "integer"}}, ["message"])}
    for number in range(-(-operations // 5)):
        left = operations - 5 * number
        for position, (path, method, operation) in enumerate(_operations(number)):
            if position < left:
                paths.setdefault(path, {})[method] = operation
        schemas |= _schemas(number, unused)
    scheme = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": size, "version": "1"},
        "servers": [{"url": "https://api.example.test/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": scheme},
    }


def contract(size: str, interactions: int, turn: int = 0) -> dict[str, Any]:
    """A contract in Pact 2 with that many interactions, all of which the spec keeps; a turn changes all values."""
    operations = SIZES[size][0]
    return {
        "consumer": {"name": "consumer"},
        "provider": {"name": "provider"},
        "interactions": [_interaction(number * 7 % operations, number, turn) for number in range(interactions)],
        "metadata": {"pactSpecification": {"version": "2.0.0"}},
    }


# --- the spec --------------------------------------------------------------------------------------------------------


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "description": PROSE, "properties": properties, "required": required}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "string", "description": PROSE, **more}


def _to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas(number: int, unused: int) -> dict[str, Any]:
    own = {
        "id": _text(format="uuid"),
        "name": _text(minLength=1, maxLength=200),
        "size": {"type": "integer", "minimum": 0, "maximum": 100_000},
        "state": _text(enum=["draft", "open", "closed"]),
        "created": _text(format="date-time"),
        "active": {"type": "boolean"},
        "note": _text(nullable=True),
        "tags": {"type": "array", "items": _text(), "maxItems": 50},
        "owner": {"allOf": [_to(f"Party{number}")]},
        "place": {"oneOf": [_to(f"Street{number}"), _to(f"Box{number}")]},
        "labels": {"type": "object", "additionalProperties": _text()},
    }
    found = {
        f"Thing{number}": _object(own, ["id", "name"]),
        f"NewThing{number}": _object({name: own[name] for name in ("name", "size", "state", "tags")}, ["name"]),
        f"Party{number}": _object({"login": _text(), "mail": _text(format="email")}, ["login"]),
        f"Street{number}": _object({"street": _text(), "city": _text()}, ["street"]),
        f"Box{number}": _object({"box": {"type": "integer"}}, ["box"]),
    }
    for other in range(unused):
        found[f"Unused{number}x{other}"] = _object(own, ["id"])
    return found


def _operations(number: int) -> list[tuple[str, str, dict[str, Any]]]:
    thing, new = _to(f"Thing{number}"), _to(f"NewThing{number}")
    page = _object({"items": {"type": "array", "items": thing}}, [])
    one = {
        "name": "id",
        "in": "path",
        "required": True,
        "description": PROSE,
        "schema": {"type": "string", "format": "uuid"},
    }
    limit = {
        "name": "limit",
        "in": "query",
        "description": PROSE,
        "schema": {"type": "integer", "minimum": 1, "maximum": 100},
    }
    state = {"name": "state", "in": "query", "schema": {"type": "string", "enum": ["draft", "open", "closed"]}}
    trace = {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}
    path = f"/area{number % 17}/things{number}"
    return [
        (path, "get", _operation([limit, state], 200, {"type": "array", "items": thing})),
        (path, "post", _operation([trace], 201, thing, new)),
        (f"{path}/{{id}}", "get", _operation([one], 200, thing)),
        (f"{path}/{{id}}", "put", _operation([one], 200, thing, new)),
        (f"{path}/{{id}}/parts", "get", _operation([one, limit], 200, page)),
    ]  # fmt: skip


def _operation(parameters: list[Any], status: int, schema: Any, body: Any = None) -> dict[str, Any]:
    answer = {"description": PROSE, "content": {"application/json": {"schema": schema}}}
    error = {"description": PROSE, "content": {"application/json": {"schema": _to("Error")}}}
    whole = {"description": PROSE, "parameters": parameters, "responses": {str(status): answer, "404": error}}
    if body is not None:
        whole["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return whole


# --- the contract ----------------------------------------------------------------------------------------------------


def _thing(number: int, turn: int) -> dict[str, Any]:
    return {
        "id": f"{number:08x}-0000-4000-8000-{turn:012x}",
        "name": f"thing {number} of {turn}",
        "size": number + turn,
        "state": ("draft", "open", "closed")[number % 3],
        "created": f"2024-0{1 + number % 9}-1{turn % 10}T10:00:00Z",
        "active": number % 2 == 0,
        "tags": ["a", f"t{turn}"],
        "owner": {"login": f"l{number}", "mail": f"m{number}@example.test"},
        "place": {"street": f"s{number}", "city": "c"} if number % 2 else {"box": number},
        "labels": {"k": f"v{number}"},
    }


def _interaction(operation: int, number: int, turn: int) -> dict[str, Any]:
    resource, kind = divmod(operation, 5)
    thing = _thing(number, turn)
    path = f"/area{resource % 17}/things{resource}"
    headers = {"Accept": "application/json", "Authorization": "Bearer x"}
    request: dict[str, Any] = {"method": "GET", "path": path, "headers": headers}
    body: Any = thing
    if kind in (1, 3):
        request["method"] = "POST" if kind == 1 else "PUT"
        request["headers"] = headers | {"Content-Type": "application/json"}
        request["body"] = {name: thing[name] for name in ("name", "size", "state", "tags")}
    if kind == 0:
        request["query"], body = f"limit={1 + number % 100}&state=open", [thing]
    if kind >= 2:
        request["path"] = f"{path}/{thing['id']}" + ("/parts" if kind == 4 else "")
    if kind == 4:
        body = {"items": [thing]}
    response = {"status": 201 if kind == 1 else 200, "headers": {"Content-Type": "application/json"}, "body": body}
    return {"description": f"interaction {number} of {turn}", "request": request, "response": response}
