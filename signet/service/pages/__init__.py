"""Pages for people who would rather look than read: server-made, readable without a script, with a script live.

They ask what the API asks (``signet.service.answers``) and the core; they decide nothing, write nothing, and keep
nothing but a reader's choice of a theme, in the reader's browser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from signet.service.pages import (
    comparison,
    deliveries,
    documents,
    environments,
    integrations,
    live,
    overview,
    questions,
    services,
    static,
    theme,
    timeline,
)
from signet.service.pages.frame import absent, told_as_page

FAMILIES = (
    overview,
    environments,
    services,
    documents,
    integrations,
    comparison,
    timeline,
    questions,
    deliveries,
    live,
    static,
    theme,
)


def install(app: FastAPI) -> None:
    """Put the pages into an application; where it has no page, a browser gets one that says so."""
    for family in FAMILIES:
        app.router.routes += family.router.routes  # as they are: a router in a router takes long to go through
    otherwise = cast(Callable[[Request, Any], Awaitable[Response]], app.exception_handlers[HTTPException])

    async def no_page(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 404 and told_as_page(request):
            return await run_in_threadpool(absent, request)
        return await otherwise(request, error)

    app.add_exception_handler(HTTPException, no_page)
