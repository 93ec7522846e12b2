"""The OpenAPI document of the API: what every question takes, and what every answer has. Each process has the same.

``docs/api.json`` is this document; a test says so. ``signet changes docs/api.json NEW`` tells whether a change breaks
anybody.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from fastapi import APIRouter, Response
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from signet.service.api.routes import PREFIX, Question
from signet.service.api.shapes.whole import Problem

router = APIRouter(prefix=PREFIX, route_class=Question)
VERSION = "1.0.0"
"""The version of the API, not of Signet: it moves when the document does."""

ABOUT = """What a Signet registry says, at one commit.

Every answer names its commit, in `commit` and in the header `Signet-Commit`, and follows from it alone. `at` asks for
the registry as it was. Lists come in pages: follow `next`, or the header `Link`; all pages of a list are of one commit,
whatever is pushed meanwhile. `If-None-Match` with an `ETag` gets a 304 where nothing changed. Errors are problems
(RFC 9457). Asking never changes anything: there is no route that writes.
"""
HEADERS = {
    "Signet-Commit": ("The commit that was asked.", {"type": "string"}),
    "ETag": ("Equal for equal answers.", {"type": "string"}),
    "Link": ("Leads to the next page of a list.", {"type": "string"}),
}
PROBLEMS = {
    "400": "The question makes no sense: a parameter that does not exist, or several that do not go together.",
    "401": "This service wants a token, and the right one was not sent.",
    "404": "The registry does not know a name or a commit, or gave out no such cursor.",
    "414": "The address is too long.",
    "422": "The question is not well-formed, or a file of the registry that it needs is broken.",
    "500": "A bug of the service.",
    "503": "The registry cannot be read now.",
}


@router.get("/openapi.json", include_in_schema=False)
async def openapi() -> Response:
    """The document itself."""
    return Response(_bytes(), media_type="application/json", headers={"Cache-Control": "no-cache"})


@cache
def _bytes() -> bytes:
    return text(document()).encode()


def text(told: dict[str, Any]) -> str:
    """The document as it is kept and sent: keys sorted, two spaces, a newline at its end."""
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def document() -> dict[str, Any]:
    """The OpenAPI document of all questions."""
    from signet.service import api

    own = APIRouter()
    api.install(own)
    told = get_openapi(title="Signet", version=VERSION, openapi_version="3.1.0", description=ABOUT, routes=own.routes)
    schemas = told["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, problem = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas.update(problem["$defs"])
    for path in told["paths"].values():
        for operation in path.values():
            _complete(operation)
    return told


def _complete(operation: dict[str, Any]) -> None:
    """Every status that an operation may answer with, and the headers of its answers."""
    answers = operation["responses"]
    answers["200"].pop("description", None)
    answers["200"] = {"description": "The answer.", "headers": _headers(), **answers["200"]}
    answers["304"] = {"description": "The asker has the answer already.", "headers": _headers("Signet-Commit", "ETag")}
    reference = {"$ref": "#/components/schemas/Problem"}
    for status, why in PROBLEMS.items():
        answers[status] = {"description": why, "content": {"application/problem+json": {"schema": reference}}}


def _headers(*names: str) -> dict[str, Any]:
    chosen = names or tuple(HEADERS)
    return {name: {"description": HEADERS[name][0], "schema": HEADERS[name][1]} for name in chosen}
