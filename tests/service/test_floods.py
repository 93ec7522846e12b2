"""What is too large, too slow or too much, at a real service: others read on, and its memory stays what it was."""

from __future__ import annotations

import asyncio
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.cli.conftest import everything_in
from tests.domain import Team
from tests.service import flood, flooded, pushes
from tests.service.served import Served, serving
from tests.service.test_hooks import SECRET, genuine

pytestmark = pytest.mark.slow
MB = b"x" * (1 << 20)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    team = Team.founds(tmp_path_factory.mktemp("flooded") / "registry.git")
    for number in range(5):
        team.live(f"catalog{number}", "1", "/items")
        team.contract("cart", str(number), f"catalog{number}", "/items")
    return team


@pytest.fixture(scope="module")
def service(team: Team, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("service")
    with serving(folder, team.location, "--poll", "3600", SIGNET_HOOK_GITHUB_SECRET=SECRET) as found:
        found.has_all_parts()
        for _ in range(30):
            assert httpx.get(f"{found.url}/api/v1/services").status_code == 200
        yield found


def sent(service: Served, path: str, pieces: int, *, is_chunked: bool, method: str = "POST") -> bytes:
    """The first bytes of the answer to a body of so many megabytes, all of which is sent."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as caller:
        length = "transfer-encoding: chunked" if is_chunked else f"content-length: {pieces * len(MB)}"
        caller.sendall(f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n{length}\r\n\r\n".encode())
        for _ in range(pieces):
            caller.sendall(b"%x\r\n%b\r\n" % (len(MB), MB) if is_chunked else MB)
        if is_chunked:
            caller.sendall(b"0\r\n\r\n")
        return caller.recv(4096)


@pytest.mark.parametrize("is_chunked", [True, False])
def test_50_mb_are_refused_with_flat_memory(service: Served, is_chunked: bool) -> None:
    before = service.megabytes
    for path in ("/hooks/github", "/hooks/nobody", "/healthz", "/api/v1/services"):
        answer = sent(service, path, 50, is_chunked=is_chunked)
        assert answer.split(b" ")[1] in (b"413", b"404", b"405"), answer
        assert path != "/hooks/github" or answer.startswith(b"HTTP/1.1 413")
        assert service.megabytes < before + 10
    answer = sent(service, "/api/v1/services", 50, is_chunked=True, method="GET")
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 413"))
    assert service.megabytes < before + 10


def test_slow_clients_keep_nobody_from_reading(service: Served) -> None:
    """Those who send half a head, those who send a body drop by drop, those who do not read, those who say nothing."""
    starts = [
        b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
        b"POST /hooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n",
        b"",
        b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n" * 50,
    ]
    before = service.megabytes
    with ExitStack() as slow:
        callers = []
        for number in range(400):
            caller = slow.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=10))
            caller.sendall(starts[number % len(starts)])
            callers.append(caller)
        began = time.monotonic()
        dropped: set[int] = set()
        while time.monotonic() - began < 12 or (len(dropped) < 100 and time.monotonic() - began < 40):
            answer = httpx.get(f"{service.url}/api/v1/services", timeout=10)
            assert answer.status_code == 200
            for at, caller in enumerate(callers):
                if at % len(starts) == 0 and at not in dropped:
                    try:
                        caller.send(b"x")
                    except OSError:
                        dropped.add(at)
            time.sleep(0.25)
        assert len(dropped) == 100, "half a head has ten seconds"
        assert service.megabytes < before + 60
    assert httpx.get(f"{service.url}/healthz").status_code == 200


def test_a_head_that_never_ends_is_cut(service: Served) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):
            for number in range(10_000):
                caller.sendall(b"x-%d: %b\r\n" % (number, b"y" * 1000))


def test_a_thousand_replays_cost_one_fetch_and_change_nothing(team: Team, service: Served) -> None:
    body = pushes.github()
    headers = dict(genuine("github", body))
    registry = everything_in(team.repo.git_dir)
    before, commit = service.counted("signet_looks"), service.commit()
    replays = [
        flood.message("POST", "/hooks/github", headers | {"x-github-delivery": f"d-{number % 3}"}, body)
        for number in range(1_000)
    ]
    statuses = asyncio.run(flood.all_of(service.port, replays, 250))
    assert len(statuses) == 1_000 and set(statuses) <= {202, 429} and statuses.count(202) >= 20
    time.sleep(1)
    assert service.counted("signet_looks") <= before + 1
    assert service.commit() == commit and everything_in(team.repo.git_dir) == registry


def test_500_requests_at_once_are_all_answered(service: Served) -> None:
    before = service.megabytes
    question = flood.message("GET", "/api/v1/guard?service=cart&version=1&environment=production")
    for _ in range(2):
        assert asyncio.run(flood.all_of(service.port, [question] * 500, 500)) == [200] * 500
    assert service.megabytes < before + 60


@pytest.mark.alone
@pytest.mark.parametrize("kind", list(flood.FLOODS))
def test_reads_in_a_flood_take_less_than_twice_as_long(service: Served, kind: str) -> None:
    """500 connections call again and again. The median of five rounds counts: one may meet a stall."""
    found = []
    for one in flooded.rounds(service, kind, 5):
        found.append(one.ratio)
        print(kind, "p99 idle and flooded: {:.1f}, {:.1f} ms".format(*(1000 * each for each in one.p99)))
    assert statistics.median(found) < 2, found


def test_a_flood_leaves_no_memory_behind(service: Served) -> None:
    """Neither pages nor questions keep anything; those of the first while fill what is kept for good."""
    asked = [flood.message("GET", path) for path in ("/services/catalog1", "/guard", "/api/v1/timeline")]
    asyncio.run(flood.all_of(service.port, asked * 50, 100))
    before = service.megabytes
    asyncio.run(flood.all_of(service.port, asked * 150, 100))
    assert service.megabytes < before + 10
