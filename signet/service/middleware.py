"""The middleware around every route: names, lines and counts of requests, limits, admission, safe headers.

From the outside in: ``Gate``, ``Watched`` (which also turns a bug into an answer), ``Limited``, ``Admitted``, routes.
"""

from __future__ import annotations

import re
import secrets
import time
import traceback
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from signet.service import problems
from signet.service.admission import Admitted
from signet.service.hooks.gate import Gate
from signet.service.hooks.memory import Seen
from signet.service.journal import Journal
from signet.service.limits import Limited
from signet.service.metrics import Metrics, of_shelf
from signet.service.settings import Settings

SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"cache-control", b"no-cache"),
)
"""Headers of every answer that does not say otherwise itself."""
_NAME = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ROOT = Path(__file__).parents[1]


def surround(app: FastAPI, settings: Settings, journal: Journal | None = None) -> None:
    """Put all of it around an application that has a shelf; without a journal nothing is logged."""
    state = app.state
    state.metrics, state.seen = Metrics(), Seen()
    state.metrics.sources.append(of_shelf(state.shelf))
    state.checks = []
    state.nudge = lambda: None
    app.add_middleware(Admitted, settings=settings)
    app.add_middleware(Limited)
    app.add_middleware(Watched, metrics=state.metrics, journal=journal)
    app.add_middleware(Gate, metrics=state.metrics)


def _route(scope: Any) -> str:
    """The template of the route that answered: few words, whatever is asked."""
    return getattr(scope.get("route"), "path", "") or "none"


class Watched:
    """An ASGI application whose requests are named, timed, counted and told, and whose bugs are answers."""

    def __init__(self, app: Any, metrics: Metrics, journal: Journal | None) -> None:
        self.app, self.metrics, self.journal = app, metrics, journal

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        name = next((value for key, value in scope["headers"] if key == b"x-request-id"), b"")
        name = name if _NAME.fullmatch(name) else secrets.token_hex(8).encode()

        async def told(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = list(message.get("headers", ()))
                there = {key for key, _ in given}
                message["headers"] = [*given, *(pair for pair in SAFE if pair[0] not in there), (b"x-request-id", name)]
            await send(message)

        try:
            await self.app(scope, receive, told)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever was not foreseen is an answer, too
            self._bug(error, name.decode())
            if not status:
                await problems.broken(name.decode())(scope, receive, told)
        finally:
            self._count(scope, status, time.perf_counter() - began, name.decode())

    def _count(self, scope: Any, status: int, seconds: float, name: str) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if self.journal is not None and route not in ("/healthz", "/readyz", "/metrics"):
            client = scope.get("client") or ("",)
            self.journal.tell(
                "request",
                method=method,
                path=scope["path"][:500],
                status=status,
                ms=round(seconds * 1000, 1),
                address=client[0],
                id=name,
            )

    def _bug(self, error: Exception, name: str) -> None:
        """Where in our own code it happened, and no data."""
        if self.journal is not None:
            frames = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT)]
            at = [f"{Path(each.filename).relative_to(_ROOT).as_posix()}:{each.lineno}" for each in ours[-5:]]
            self.journal.tell("bug", "error", error=type(error).__name__, at=" ".join(at), id=name)
