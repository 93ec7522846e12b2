"""Errors as ``application/problem+json`` (RFC 9457), one for each SignetError; nothing of a bug but that there was one.

``status`` says which HTTP status an error has, as ``signet.cli.boundary`` says which exit code. Texts may hold names
that come from documents: they are JSON here, and escaped on pages.
"""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

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


def status(error: errors.SignetError) -> int:
    """The HTTP status of an error."""
    return next((BY_CLASS[kind] for kind in type(error).__mro__ if kind in BY_CLASS), 500)


def problem(http: int, title: str, detail: str = "", **more: Any) -> JSONResponse:
    """An answer that says what went wrong; ``more`` are further members."""
    content = {"type": "about:blank", "title": title, "status": http, **({"detail": detail} if detail else {}), **more}
    return JSONResponse(content, http, media_type=MEDIA_TYPE)


def of(error: errors.SignetError) -> JSONResponse:
    """The same of an error, with its remedy and, for a document that is refused, every fault with its place."""
    more: dict[str, Any] = {"code": getattr(error, "code", None) or type(error).__name__, "remedy": error.remedy}
    if isinstance(error, errors.InvalidData):
        more["faults"] = [fault.as_json() for fault in error.faults]
    return problem(status(error), error.message, **more)
