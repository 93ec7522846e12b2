"""Live updates: a push is told to whoever listens, a missed one at once, and nobody holds the service up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from signet.service.pages import live
from signet.service.pages.live import Listener, Live
from tests.domain import Team
from tests.service.asking import Service
from tests.service.site import got


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team.founds(tmp_path / "registry")
    team.spec("catalog", "1", "/items")
    return team


def listening(told: Live, seen: str = "") -> tuple[Listener, AsyncIterator[bytes]]:
    listener = told.enter()
    assert listener is not None
    return listener, live._told(told, listener, seen)


async def after_retry(stream: AsyncIterator[bytes]) -> str:
    assert (await anext(stream)).startswith(b"retry: ")
    return (await asyncio.wait_for(anext(stream), 5)).decode()


def test_a_listener_hears_the_newest_commit_and_then_each_new_one(team: Team) -> None:
    service = Service(team.location)

    async def story() -> None:
        told = live.live_of(service.app)
        _, stream = listening(told)
        first = service.shelf.newest().commit
        assert f"id: {first}\nevent: commit\n" in await after_retry(stream)
        team.spec("catalog", "2", "/items", "/more")
        await asyncio.to_thread(service.refresh)
        heard = (await asyncio.wait_for(anext(stream), 5)).decode()
        assert f"id: {team.head}\n" in heard and team.head != first

    asyncio.run(story())


def test_who_comes_back_hears_only_what_was_missed(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    service = Service(team.location)

    async def story() -> None:
        told = live.live_of(service.app)
        _, stream = listening(told, seen=team.head)
        assert await after_retry(stream) == ": still here\n\n"
        team.spec("catalog", "2", "/items")
        await asyncio.to_thread(service.refresh)
        _, again = listening(told, seen="0" * 40)
        assert f"id: {team.head}\n" in await after_retry(again)

    asyncio.run(story())


def test_it_ends_when_the_service_stops_and_takes_nobody_new(team: Team) -> None:
    service = Service(team.location)

    async def story() -> None:
        told = live.live_of(service.app)
        _, stream = listening(told)
        await after_retry(stream)
        told.close()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), 5)
        assert told.enter() is None

    asyncio.run(story())
    answer = got(service, "/live")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_there_are_never_more_than_there_may_be_and_the_gone_make_room(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST", 3)
    service = Service(team.location)

    async def story() -> None:
        told = live.live_of(service.app)
        streams = [listening(told) for _ in range(3)]
        assert told.enter() is None
        _, gone = streams.pop()
        await after_retry(gone)
        await gone.aclose()  # type: ignore[attr-defined]
        assert told.enter() is not None
        assert told.enter() is None
        streams[0][0].ends -= live.LONGEST + live.HEARTBEAT + 1  # a browser that was gone before the first word
        assert told.enter() is not None

    asyncio.run(story())
