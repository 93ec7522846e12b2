"""Two replicas on one PostgreSQL, killed at random, beside a receiver that fails half of the time: nothing is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.domain import Team
from tests.registry.people import add
from tests.service.postgres import postgres, server  # noqa: F401 - fixtures
from tests.service.receiver import Receiver, receiving
from tests.service.subscribed import subscribe, told_since, url

ROOT = Path(__file__).parents[2]


@dataclass
class Replicas:
    """Processes that are started anew when they are killed. Each reads the registry through a mirror of its own."""

    team: Team
    store: str
    poll: float
    hosts: list[str]
    folder: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    kills: int = 0

    def start(self) -> None:
        number = len(self.running)
        with (self.folder / "replicas.log").open("a") as log:
            command = [sys.executable, "-m", "tests.service.replica", f"file://{self.team.location}", self.store]
            self.running.append(
                subprocess.Popen(
                    [*command, str(self.poll), *self.hosts],
                    cwd=ROOT,
                    env={"XDG_CACHE_HOME": str(self.folder / f"cache{number % 2}"), "PATH": "/usr/bin:/bin"},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
            )

    def ready(self) -> None:
        for one in self.running:
            if one.poll() is None and one.stdout is not None:
                assert one.stdout.readline() == "ready\n"

    def call(self) -> None:
        """The forge calls one of them, or neither hears it."""
        for one in random.sample(self.running, 1):
            try:
                if one.stdin is not None and one.poll() is None:
                    one.stdin.write("\n")
                    one.stdin.flush()
            except OSError:
                continue

    def kill(self) -> None:
        """Kill one without a warning, and start it again in its place: the same mirror, the same store."""
        at = random.randrange(2)
        self.running[at].kill()
        self.running[at].wait()
        self.kills += 1
        others = self.running
        self.running = [None] * at  # type: ignore[list-item]
        self.start()
        others[at] = self.running[-1]
        self.running = others

    def stop(self) -> None:
        for one in self.running:
            one.kill()
            one.wait()
            for stream in (one.stdin, one.stdout):
                if stream is not None:
                    stream.close()


@contextmanager
def replicas(team: Team, store: str, poll: float, receiver: Receiver, folder: Path) -> Iterator[Replicas]:
    made = Replicas(team, store, poll, [receiver.host], folder)
    try:
        made.start()
        made.start()
        made.ready()
        yield made
    finally:
        made.stop()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team.founds(tmp_path / "registry")
    team.live("catalog", "1", "/items")
    return team


def push(team: Team, number: int) -> None:
    """One push of what teams do, by turns."""
    number += 1_000
    version = f"{number}"
    match number % 5:
        case 0:
            team.contract("cart", version, "catalog", f"/items/{number % 3}")
        case 1:
            team.spec("catalog", version, "/items", f"/more/{number}")
        case 2:
            team.tested("catalog", f"{number - 1}", passed=number % 2 == 0)
        case 3:
            team.deploy("cart", f"{number - 3}")
        case _:
            files = {f"environments/e{number}.yaml": b"display_name: by hand\n"}
            add(team.repo, files, "by hand")


def in_order(receiver: Receiver, path: str, expected: list[str]) -> list[str]:
    """The ids that were taken at a path, each the first time."""
    taken = [one.id for one in receiver.taken if one.path == f"/{path}"]
    first = list(dict.fromkeys(taken))
    assert first == expected[: len(first)], "out of order"
    return first


@pytest.mark.slow
@pytest.mark.parametrize("calls", [True, False], ids=["called", "polling-only"])
def test_nothing_is_lost_when_replicas_are_killed_and_the_receiver_fails(
    team: Team,
    tmp_path: Path,
    postgres: str,  # noqa: F811
    calls: bool,
) -> None:
    chance = random.Random(7)
    with receiving(lambda _number: chance.choice([204, 500])) as receiver:
        starts = {name: subscribe(team, name, url(receiver, name)) for name in ("one", "two")}
        with replicas(team, postgres, 5.0 if calls else 0.3, receiver, tmp_path) as running:
            for number in range(200):
                push(team, number)
                if calls:
                    running.call()
                if number % 20 == 10:
                    running.kill()
            expected = {name: told_since(team, start) for name, start in starts.items()}
            assert len(expected["one"]) > 250
            until = time.monotonic() + 240
            while any(len(in_order(receiver, name, expected[name])) < len(expected[name]) for name in expected):
                assert time.monotonic() < until, (tmp_path / "replicas.log").read_text()[-3000:]
                time.sleep(0.2)
        assert running.kills == 10
        assert {name: in_order(receiver, name, expected[name]) for name in expected} == expected
        bodies: dict[str, set[bytes]] = {}
        for one in receiver.received:
            bodies.setdefault(one.id, set()).add(one.body)
        assert all(len(each) == 1 for each in bodies.values()), "an id stands for one body"


@pytest.mark.slow
def test_nothing_is_sent_twice_while_nothing_fails(
    team: Team,
    tmp_path: Path,
    postgres: str,  # noqa: F811
) -> None:
    with receiving() as receiver:
        start = subscribe(team, "one", url(receiver, "one"))
        with replicas(team, postgres, 0.2, receiver, tmp_path) as running:
            for number in range(60):
                push(team, number)
                running.call()
            expected = told_since(team, start)
            receiver.wait(lambda found: len(found) >= len(expected), 180)
            time.sleep(1.5)
        assert [one.id for one in receiver.received] == expected
