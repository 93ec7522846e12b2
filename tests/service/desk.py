"""The application of a service in this process, without a port; and what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from signet.service.app import application
from signet.service.hooks.memory import Seen
from signet.service.metrics import Metrics
from signet.service.settings import Settings
from signet.service.shelf import Shelf

Headers = Iterable[tuple[str, str | bytes]]


class Desk:
    """An application over a shelf. ``nudges`` counts how often a webhook had it look.

    ``called`` is the address of the registry, where it is not that of the shelf.
    """

    def __init__(self, shelf: Shelf, *, called: str = "", **settings: Any) -> None:
        self.app = application(replace(Settings(called or shelf.location, Path()), **settings), shelf)
        self.nudges = 0
        self.app.state.nudge = self._nudged

    def _nudged(self) -> None:
        self.nudges += 1

    def with_hooks(self, hooks: dict[str, tuple[str, ...]]) -> Desk:
        """The same application with these secrets, and as if nobody had called yet: building one anew takes long."""
        self.app.state.settings = replace(self.app.state.settings, hooks=hooks)
        self.app.state.seen, self.app.state.metrics = Seen(), Metrics()
        if self.app.middleware_stack is not None:
            self.app.middleware_stack = None  # the gate begins anew, too
        self.nudges = 0
        return self

    def asks(
        self, method: str, path: str, headers: Headers = (), content: Any = None, host: str = "signet"
    ) -> httpx.Response:
        """The answer to one request."""
        return self.asks_all(method, path, [headers], content, host)[0]

    def asks_all(
        self, method: str, path: str, each: Iterable[Headers], content: Any = None, host: str = "signet"
    ) -> list[httpx.Response]:
        """The answers to requests that differ in their headers, one after the other."""

        async def answers() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
                found = []
                for headers in each:
                    sent = [(k.encode(), v if isinstance(v, bytes) else v.encode()) for k, v in headers]
                    found.append(await client.request(method, path, headers=sent, content=content))
                return found

        return asyncio.run(answers())

    def counted(self, name: str) -> dict[str, float]:
        """By its labels, what a metric says."""
        lines = self.app.state.metrics.text().decode().splitlines()
        found = [
            line.removeprefix(name).rpartition(" ") for line in lines if line.startswith((f"{name}{{", f"{name} "))
        ]
        return {labels: float(value) for labels, _, value in found}
