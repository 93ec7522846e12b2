"""Deploy Guard over HTTP is Deploy Guard on the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from signet.registry.opening import PLAIN
from signet.service.app import application
from signet.service.settings import Settings
from signet.service.shelf import Shelf
from tests.domain import Team


def asked(location: str, path: str, **question: str) -> httpx.Response:
    """The answer of a service over the registry, without a port."""
    return asked_of(Shelf(location, PLAIN), path, **question)


def asked_of(shelf: Shelf, path: str, **question: str) -> httpx.Response:
    """The same, from a shelf that is there already."""
    app = application(Settings(shelf.location, Path()), shelf)

    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://signet") as client:
            return await client.get(path, params=question)

    return asyncio.run(answer())


def test_the_answer_is_that_of_the_command_with_its_commit(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry")
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    answer = asked(team.location, "/api/v1/guard", service="cart", version="1", environment="production")
    expected: dict[str, Any] = team.guard("cart", "1").as_json() | {"commit": team.head}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert expected["verdict"] == "yes"


def test_an_unknown_name_is_a_problem_and_nothing_is_created(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry")
    before = team.head
    answer = asked(team.location, "/api/v1/guard", service="cart", version="1", environment="productoin")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "productoin" in answer.json()["title"]
    assert team.head == before
