"""A service over a registry, asked without a port; and the story that its tests ask about."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from signet.registry import record
from signet.registry.opening import PLAIN
from signet.service.app import application
from signet.service.settings import Settings
from signet.service.shelf import Shelf
from tests.domain import Team

_here = threading.local()


def loop() -> asyncio.AbstractEventLoop:
    """One loop a thread for all questions: a new one for each takes longer than most answers."""
    if not hasattr(_here, "loop"):
        _here.loop = asyncio.new_event_loop()
    found: asyncio.AbstractEventLoop = _here.loop
    return found


class Service:
    """The application over a registry at a location; ``refresh`` is the look that a push would bring about."""

    def __init__(self, location: str) -> None:
        self.shelf = Shelf(location, PLAIN)
        self.app: FastAPI = application(Settings(location, Path()), self.shelf)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://signet", verify=False)  # noqa: S501

    def refresh(self) -> None:
        self.shelf.refresh()

    def ask(self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        """The answer to a question; a path that begins with ``/api`` is taken as it is."""
        url = path if path.startswith("/api") else f"/api/v1{path}"

        return loop().run_until_complete(self.client.request(method, url, params=query or None, headers=headers))


def shop(path: Path) -> Team:
    """A registry with a bit of everything: branches, replays, an external provider, a pair that does not fit."""
    team = Team.founds(path)
    team.live("catalog", "1", "/items")
    team.spec("catalog", "2", "/items", "/prices", branch="main")
    team.spec("catalog", None, "/items", "/prices")
    team.contract("cart", "1", "catalog", "/items")
    team.contract("cart", "2", "catalog", "/items", "/gone")
    team.contract("cart", "2", "mail", "/send")
    record.register_version(team.repo, "cart", "2", branch="main")
    record.register_service(team.repo, "mail", external=True)
    team.spec("mail", None, "/send")
    team.deploy("cart", "1")
    team.deploy("cart", "2", "staging")
    stored = team.state.manifest("cart", "1")
    assert stored is not None
    contract = team.state.contract("cart", "catalog", stored.contracts["catalog"])
    record.record_replay(team.repo, "catalog", "1", passed=True, consumer="cart", contract=contract)
    record.release(team.repo, "catalog", "2", "staging")
    return team


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application on a port of the loopback, by uvicorn as it is run in earnest; gives its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
