"""Errors as ``application/problem+json`` (RFC 9457), one for each SignetError; nothing of a bug but that there was one.

``status`` says which HTTP status an error has, as ``signet.cli.boundary`` says which exit code. Texts may hold names
that come from documents: they are JSON here, and escaped on pages.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from signet import errors

MEDIA_TYPE = "application/problem+json"

BY_CLASS: dict[type[errors.SignetError], int] = {
    errors.UnknownName: 404,
    errors.UsageError: 400,
    errors.InvalidData: 422,
    errors.Undecided: 503,
    errors.TrustError: 503,
}
"""The status of each class of error; a subclass has that of its nearest listed parent, and anything else 500."""


BY_CODE = {"spec-missing": 404, "unknown-commit": 404, "cursor-refused": 404}
"""Codes that say more than their class."""
TITLES = {404: "There is nothing here.", 405: "This service answers questions; it takes GET and HEAD."}
CODES = {
    401: "token-wanted",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    414: "too-long",
    429: "too-many",
    431: "too-many-headers",
}


def install(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""
    app.add_exception_handler(errors.SignetError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _of_http)


def status(error: errors.SignetError) -> int:
    """The HTTP status of an error."""
    if error.code in BY_CODE:
        return BY_CODE[error.code]
    return next((BY_CLASS[kind] for kind in type(error).__mro__ if kind in BY_CLASS), 500)


def problem(http: int, title: str, detail: str = "", **more: Any) -> JSONResponse:
    """An answer that says what went wrong; ``more`` are further members."""
    content = {"type": "about:blank", "title": title, "status": http, **({"detail": detail} if detail else {})}
    content |= {"code": CODES.get(http, "http"), **more}
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if http == 503:
        headers["Retry-After"] = "10"
    return JSONResponse(content, http, media_type=MEDIA_TYPE, headers=headers)


def of(error: errors.SignetError) -> JSONResponse:
    """The same of an error, with its remedy and, for a document that is refused, every fault with its place."""
    more: dict[str, Any] = {"code": error.code, "remedy": error.remedy}
    if isinstance(error, errors.InvalidData):
        more["faults"] = [fault.as_json() for fault in error.faults]
    return problem(status(error), error.message, **more)


def broken(name: str) -> JSONResponse:
    """The answer for a bug of ours: no more than the name that the log has for it."""
    remedy = "Tell whoever runs this service; its log has more under this id."
    return problem(
        500, "This question could not be answered: a bug of the service.", code="bug", id=name, remedy=remedy
    )


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.SignetError)  # noqa: S101 - it is registered for nothing else
    return of(error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Every fault of a request, with its place in it."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for nothing else
    faults = [
        {"place": "/".join(str(part) for part in one["loc"])[:200], "message": str(one["msg"])[:500]}
        for one in error.errors()
    ]
    remedy = "/api/v1/openapi.json describes every parameter."
    return problem(422, "The question is not well-formed.", code="request-invalid", remedy=remedy, faults=faults)


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    http = error.status_code
    remedy = "/api/v1/openapi.json describes every question."
    answer = problem(http, TITLES.get(http, str(error.detail)), code=CODES.get(http, "http"), remedy=remedy)
    answer.headers.update(error.headers or {})
    if http == 405 and answer.headers.get("allow") == "GET":
        answer.headers["allow"] = "GET, HEAD"
    return answer
