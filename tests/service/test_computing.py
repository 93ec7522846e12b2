"""Answers that a process of its own computes: byte for byte those of the service, which goes on without it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from signet.errors import SignetError
from signet.service import computing
from signet.service.computing import Computing
from signet.service.turns import WORKED
from tests.domain import Team
from tests.service.asking import Service, loop, shop
from tests.service.questions import every
from tests.service.served import PATIENCE, serving, steps_aside
from tests.service.site import SITE, crawl, got

PAGE = "/services/catalog"


def until(is_so: Callable[[], bool]) -> None:
    """Let the loop go on until something is so."""

    async def waited() -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                await asyncio.sleep(0.01)

    loop().run_until_complete(waited())


class Helped:
    """A service that has the process, and what the process computed for it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        url = service.shelf.index.database.url.render_as_string(hide_password=False)
        self.computing = service.app.state.computing = Computing(service.shelf, url)
        service.shelf.listeners.append(self.computing.told)
        self.computing.start(loop())
        until(self.is_ready)

    def is_ready(self) -> bool:
        line = self.computing._line
        return line is not None and line.is_ready

    @property
    def process(self) -> int:
        process = self.computing._process
        assert process is not None and process.pid is not None
        return process.pid

    def by(self, who: str) -> int:
        return self.computing.computed[who]


@contextmanager
def helped(location: str) -> Iterator[Helped]:
    found = Helped(Service(location))
    try:
        yield found
    finally:
        found.computing.stop()
        until(lambda: found.computing._line is None)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return shop(tmp_path_factory.mktemp("computing") / "registry")


def told(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, answer.content, dict(answer.headers) | {"x-request-id": ""}


def test_every_answer_is_the_one_of_the_service(team: Team) -> None:
    alone = Service(team.location)
    with helped(team.location) as one:
        pages = [page.url.removeprefix(SITE) for page in crawl(alone) if "/deliveries" not in page.url]
        pages += [
            "/services/nobody",
            "/environments/nowhere",
            "/services/catalog?at=never",
            "/guard?service=cart&at=HEAD~1",
        ]
        for path in pages:
            assert told(got(one.service, path)) == told(got(alone, path)), path
        assert len(pages) > 50 and one.by("process") == len(pages)
        questions: list[tuple[str, dict[str, Any]]] = [
            *every(team),
            ("/services/nobody", {}),
            ("/timeline", {"limit": 2}),
        ]
        questions += [("/timeline", {"at": "HEAD~2"}), ("/timeline", {"at": "never"}), ("/services/nobody/usage", {})]
        for path, query in questions:
            assert told(one.service.ask(path, **query)) == told(alone.ask(path, **query)), path
        following = alone.ask("/timeline", limit=2).json()["next"]
        assert told(one.service.ask(following)) == told(alone.ask(following))
        assert one.by("process") > len(pages) + 30 and one.by("service") == 0
        before = one.by("process")
        for path in pages[:20]:
            got(one.service, path)
        assert one.by("process") == before, "what is at hand is asked of nobody"
        tag = got(one.service, PAGE).headers["etag"]
        assert got(one.service, PAGE, **{"If-None-Match": tag}).status_code == 304
        head = one.service.ask("/timeline", method="HEAD", limit=3)
        assert head.status_code == 200 and head.content == b"" and one.by("process") == before + 1


def test_a_push_and_how_the_service_stands_are_told_at_once(tmp_path: Path) -> None:
    team = shop(tmp_path / "registry")
    banner, git_dir = "These pages are not up to date.", Path(team.repo.git_dir)
    with helped(team.location) as one:
        assert "/versions/3" not in got(one.service, PAGE).text
        team.spec("catalog", "3", "/items", "/prices", "/more")
        one.service.refresh()
        whole = got(one.service, PAGE)
        assert "/versions/3" in whole.text and banner not in whole.text
        git_dir.rename(tmp_path / "away")
        with pytest.raises(SignetError):
            one.service.refresh()
        assert banner in got(one.service, PAGE).text
        (tmp_path / "away").rename(git_dir)
        one.service.refresh()
        assert told(got(one.service, PAGE)) == told(whole) == told(got(Service(team.location), PAGE))
        assert one.computing.computed == {"process": 3, "service": 0}


def test_what_only_the_service_knows_is_not_asked_of_it(team: Team) -> None:
    with helped(team.location) as one:
        assert got(one.service, "/deliveries").status_code == 200
        assert one.service.ask("/api/v1/openapi.json").status_code == 200
        assert one.computing.computed == {"process": 0, "service": 0}


def test_the_service_computes_for_itself_while_it_is_gone_and_has_it_begun_again(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computing, "AGAIN", 0.05)
    right = told(got(Service(team.location), PAGE))
    with helped(team.location) as one:
        first = one.process
        os.kill(first, signal.SIGSTOP)
        asked = one.service.client.get(PAGE)
        loop().call_later(0.2, os.kill, first, signal.SIGKILL)
        assert told(loop().run_until_complete(asked)) == right
        assert one.computing.computed == {"process": 0, "service": 1}
        until(one.is_ready)
        assert one.process != first
        got(one.service, "/services/cart")
        assert one.by("process") == 1


def test_names_that_are_no_text_are_told_too(tmp_path: Path) -> None:
    """Git knows bytes: what stands in a message about a file need not be Unicode."""
    team = shop(tmp_path / "registry")
    with helped(team.location) as one:
        shelf = one.service.shelf
        shelf._standing = replace(shelf.standing(), code="record-invalid", message="The file a\udcff.yaml is broken.")
        page = got(one.service, PAGE)
        assert page.status_code == 200 and "is broken." in page.text
        assert one.computing.computed == {"process": 1, "service": 0}


def test_one_that_ended_a_moment_ago_is_nobodys_trouble(team: Team) -> None:
    right = told(got(Service(team.location), PAGE))
    with helped(team.location) as one:
        assert one.computing._line is not None
        one.computing._line.writer.transport.abort()
        assert told(got(one.service, PAGE)) == right


def test_one_that_says_nothing_is_not_waited_for_for_ever(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computing, "AGAIN", 0.05)
    monkeypatch.setattr(computing, "PATIENCE", 0.3)
    right = told(got(Service(team.location), PAGE))
    with helped(team.location) as one:
        first = one.process
        os.kill(first, signal.SIGSTOP)
        assert told(got(one.service, PAGE)) == right
        until(lambda: one.process != first and one.is_ready())


def test_an_index_that_is_gone_is_mended_by_the_service_alone(team: Team) -> None:
    right = told(Service(team.location).ask("/timeline"))
    with helped(team.location) as one:
        index = Path(str(one.service.shelf.index.database.url.database))
        one.service.shelf.index.database.discard()
        assert not index.exists()
        assert told(one.service.ask("/timeline")) == right
        assert one.computing.computed == {"process": 0, "service": 1} and index.stat().st_size > 0
        assert one.service.ask("/timeline", limit=3).status_code == 200
        assert one.by("process") == 1, "it reads the new one"


def test_no_token_is_sent_to_it(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    frame = computing._frame
    with helped(team.location) as one:
        monkeypatch.setattr(computing, "_frame", lambda head, body=b"": sent.append(head) or frame(head, body))
        got(one.service, PAGE, Authorization="Bearer of-a-reader", Accept="text/html")
    assert b"text/html" in sent[0] and b"of-a-reader" not in sent[0]


def test_it_ends_with_the_service_however_that_ends(team: Team, tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with serving(tmp_path / str(int(number)), team.location) as service:
            service.has_all_parts()
            httpx.get(f"{service.url}/services/catalog")
            assert service.counted("signet_computed", by="process") == 1
            processes = service.children
            assert len(processes) >= 2
            assert service.ends(number) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
        ends = time.monotonic() + 10
        while any(Path(f"/proc/{one}").exists() for one in processes):
            assert time.monotonic() < ends, "a process outlived the service"
            time.sleep(0.02)


def test_it_steps_aside(team: Team) -> None:
    with helped(team.location) as service:
        assert steps_aside(service.process, computing.NICE)


def test_what_is_computed_is_work_and_what_is_at_hand_is_none(team: Team) -> None:
    """After work the place of an address that has more to ask rests (``service.turns``)."""
    with helped(team.location) as one:

        async def worked(path: str) -> float:
            WORKED.set(0.0)
            assert (await one.service.client.get(path)).status_code == 200
            return WORKED.get()

        for path in (PAGE, "/api/v1/timeline"):
            assert loop().run_until_complete(worked(path)) > 0, "computed"
            assert loop().run_until_complete(worked(path)) == 0, "at hand"
        assert loop().run_until_complete(worked("/api/v1/openapi.json")) == 0
