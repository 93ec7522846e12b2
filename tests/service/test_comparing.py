"""Comparisons are ready before anybody asks, made by a process that gives way and that dies with the service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from signet.core import compare
from signet.registry.opening import PLAIN
from signet.service.comparing import NICE, Comparing
from signet.service.shelf import Shelf
from tests.domain import Team
from tests.service.served import steps_aside
from tests.service.test_guard import asked_of

PROGRAM = """
import sys, time
from signet.registry.opening import PLAIN
from signet.service.comparing import Comparing
from signet.service.shelf import Shelf
if __name__ == "__main__":
    comparing = Comparing(sys.argv[1], PLAIN, wait=30)
    shelf = Shelf(sys.argv[1], PLAIN, warm=comparing)
    print(comparing._process.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.with_a_live_pair(tmp_path / "registry.git")


@pytest.fixture
def comparing(team: Team) -> Iterator[Comparing]:
    found = Comparing(team.location, PLAIN, wait=60)
    yield found
    found.stop()


def test_who_asks_after_a_publish_compares_nothing(
    team: Team, comparing: Comparing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[Any] = []
    truly = compare.compare
    monkeypatch.setattr(compare, "compare", lambda *pair: made.append(pair) or truly(*pair))
    with closing(Shelf(team.location, PLAIN, warm=comparing)) as shelf:
        team.contract("cart", "2", "catalog", "/absent")  # and lives nowhere yet
        team.spec("catalog", "2", "/items", "/more")
        made.clear()
        shelf.refresh()
        for service, version, verdict in (("cart", "1", "yes"), ("cart", "2", "no"), ("catalog", "2", "unknown")):
            answer = asked_of(shelf, "/api/v1/guard", service=service, version=version, environment="production")
            assert answer.json()["verdict"] == verdict
        assert made == []
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "another"))
    asked_of(Shelf(team.location, PLAIN), "/api/v1/guard", service="cart", version="2", environment="production")
    assert len(made) == 1  # where nothing was made ready


def test_a_process_that_is_killed_is_started_again_and_nobody_waits_for_a_slow_one(
    team: Team, comparing: Comparing
) -> None:
    with closing(Shelf(team.location, PLAIN, warm=comparing)) as shelf:
        process = comparing._process
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        team.contract("cart", "2", "catalog", "/absent")
        assert shelf.refresh().commit == team.head
        process = comparing._process
        assert process is not None
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        comparing._wait = 0.2
        team.contract("cart", "3", "catalog", "/absent")
        began = time.monotonic()
        assert shelf.refresh().commit == team.head
        assert time.monotonic() - began < 10
        os.kill(process.pid, signal.SIGCONT)


def test_it_steps_aside(team: Team, comparing: Comparing) -> None:
    with closing(Shelf(team.location, PLAIN, warm=comparing)) as shelf:
        team.spec("catalog", "2", "/items", "/more")
        shelf.refresh()
    assert comparing._process is not None and comparing._process.pid is not None
    assert steps_aside(comparing._process.pid, NICE)


def test_it_dies_with_the_service_however_that_dies(team: Team, tmp_path: Path) -> None:
    program = tmp_path / "service.py"
    program.write_text(PROGRAM, "utf-8")
    with subprocess.Popen([sys.executable, str(program), team.location], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        worker = int(service.stdout.readline())
        os.kill(worker, 0)
        service.kill()
    ends = time.monotonic() + 10
    while _is_alive(worker):
        assert time.monotonic() < ends, "the process that compares outlived the service"
        time.sleep(0.02)


def _is_alive(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text("utf-8")
    except FileNotFoundError:
        return False
