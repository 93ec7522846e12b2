"""Two ``signet serve`` on one PostgreSQL, killed at random, beside a receiver that fails half of the time.

Nothing is lost, what is told comes in order and with the ids that ``signet events`` has; and while nothing fails,
nothing comes twice. What has happened is what the program itself says, asked of the registry alone.
"""

from __future__ import annotations

import hmac
import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.domain import Team
from tests.fuzz import NEW
from tests.registry.people import add
from tests.service.postgres import postgres, server  # noqa: F401 - fixtures
from tests.service.receiver import Receiver, receiving
from tests.service.served import PROGRAM, begun
from tests.service.subscribed import SECRET, subscribe, url

PUSHES, KILLS = 200, 16
HOOK = "the-secret-of-the-plain-webhook"
NEVER = "86400"
"""As the time between two looks: who looks earlier was called."""
PATIENT = (
    *("--webhook-network", "127.0.0.0/8", "--webhook-tries", "1000"),
    *("--webhook-wait", "0.02", "--webhook-longest-wait", "0.2"),
)


@dataclass
class Replica:
    """One process after the other in one place: the same folder, mirror and databases, whoever was killed there."""

    folder: Path
    team: Team
    arguments: tuple[str, ...]
    variables: dict[str, str]
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        home = {"HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        self.running = begun(self.folder, f"file://{self.team.location}", *self.arguments, **home, **self.variables)

    def kill(self) -> None:
        """Without a warning: SIGKILL."""
        assert self.running is not None
        self.running.kill()
        self.running.wait()
        (self.folder / "url").unlink(missing_ok=True)

    @property
    def answers(self) -> bool:
        """Has it begun? It is being started for seconds, and there is little to be lost."""
        return (self.folder / "url").exists()

    def called(self) -> bool:
        """The forge calls, once; True if this replica heard it."""
        body = b'{"ref": "refs/heads/main"}'
        seal = hmac.new(HOOK.encode(), body, sha256).hexdigest()
        try:
            where = (self.folder / "url").read_text().strip()
            signed = {"x-signet-signature": f"sha256={seal}"}
            answer = httpx.post(f"{where}/hooks/plain", content=body, headers=signed, timeout=5, trust_env=False)
        except (OSError, httpx.HTTPError):
            return False
        return answer.json() == {"status": "accepted"}


@dataclass
class Pair:
    """Two replicas, and who kills them: each time one of them, at a random moment, which is started again."""

    replicas: tuple[Replica, Replica]
    chance: random.Random
    kills: int = 0
    heard: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    killing: threading.Thread = field(default_factory=threading.Thread)

    def call(self) -> bool:
        """The forge calls one of them; whether it is there, the forge does not ask."""
        was_heard = random.choice(self.replicas).called()
        self.heard += was_heard
        return was_heard

    def begin_to_kill(self) -> None:
        self.killing = threading.Thread(target=self._kill_at_random)
        self.killing.start()

    def _kill_at_random(self) -> None:
        while self.kills < KILLS and not self.ended.wait(self.chance.uniform(0.2, 3.0)):
            at_work = [one for one in self.replicas if one.answers]
            one = self.chance.choice(at_work if at_work and self.chance.random() < 0.8 else self.replicas)
            one.kill()
            self.kills += 1
            self.ended.wait(self.chance.choice([0.0, 0.0, 1.0]))
            one.start()

    def stop(self) -> None:
        """End what is left of them, in whatever order it came to its end."""
        self.ended.set()
        if self.killing.ident is not None:
            self.killing.join()
        for one in self.replicas:
            if one.running is not None:
                one.running.kill()
                one.running.wait()

    def waiting(self) -> str:
        """What has not been delivered, for who must find out why."""
        first = self.replicas[0]
        where = {"SIGNET_STORE_URL": first.variables["SIGNET_DATABASE_URL"]}
        command = [PROGRAM, "deliveries", "--state", "waiting", "--ignore-config", "--json"]
        said = subprocess.run(command, env=os.environ | where, capture_output=True, text=True, check=False)
        return f"{said.stdout}\n{said.stderr}\n{self.log()}"

    def log(self) -> str:
        return "\n".join((one.folder / "log").read_text()[-2000:] for one in self.replicas)


@contextmanager
def replicas(
    team: Team, database: str, receiver: Receiver, folder: Path, poll: str, chance: random.Random
) -> Iterator[Pair]:
    """Both of them, in their own folders; at the end each is asked to stop, and does so in good order."""
    arguments = (*PATIENT, "--webhook-host", receiver.host, "--poll", poll)
    variables = {"SIGNET_DATABASE_URL": database, "SIGNET_HOOK_PLAIN_SECRET": HOOK, "SIGNET_WEBHOOK_KEY": SECRET}
    first, second = (Replica(folder / name, team, arguments, variables) for name in ("first", "second"))
    pair = Pair((first, second), chance)
    try:
        for one in pair.replicas:
            one.start()
        yield pair
        for one in pair.replicas:
            assert one.running is not None and one.running.poll() is None, pair.log()
            one.running.terminate()
            assert one.running.wait(60) == 0, pair.log()
    finally:
        pair.stop()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team.founds(tmp_path / "registry")
    team.live("catalog", "1", "/items")
    return team


@pytest.fixture
def chance() -> random.Random:
    seed = random.randrange(10**6) if NEW else 7
    print(f"seed {seed}")
    return random.Random(seed)


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


def happened(team: Team, since: str) -> list[str]:
    """The ids that ``signet events`` tells, in its order."""
    command = [PROGRAM, "events", "--registry", team.location, "--since", since, "--json", "--ignore-config"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return [one["id"] for one in json.loads(ran.stdout)["events"]]


def taken(receiver: Receiver, path: str) -> list[str]:
    """The ids that were taken at a path, in the order of the first times."""
    return list(dict.fromkeys(one.id for one in receiver.taken if one.path == f"/{path}"))


def are_all(found: list[str], expected: list[str]) -> bool:
    """Have all come? What has come must be the beginning: else one is lost, or out of order."""
    assert found == expected[: len(found)]
    return len(found) == len(expected)


@pytest.mark.slow
@pytest.mark.parametrize("poll", [NEVER, "0.3"], ids=["called", "polling-only"])
def test_nothing_is_lost_when_replicas_are_killed_and_the_receiver_fails(
    team: Team,
    tmp_path: Path,
    postgres: str,  # noqa: F811
    chance: random.Random,
    poll: str,
) -> None:
    """Called, or with all calls dropped: then it is found by looking."""
    fails, pauses = random.Random(chance.random()), random.Random(chance.random())
    with receiving(lambda _number: fails.choice([204, 500])) as receiver:
        starts = {name: subscribe(team, name, url(receiver, name)) for name in ("one", "two")}
        with replicas(team, postgres, receiver, tmp_path, poll, chance) as pair:
            pair.begin_to_kill()
            for number in range(PUSHES):
                push(team, number)
                if poll == NEVER:
                    pair.call()
                time.sleep(pauses.uniform(0.0, 0.3))  # so that they are killed while something happens
            expected = {name: happened(team, start) for name, start in starts.items()}
            assert len(expected["one"]) > 250
            pair.killing.join()
            until = time.monotonic() + 150
            while poll == NEVER and not pair.call():
                time.sleep(0.2)
            while any(not are_all(taken(receiver, name), expected[name]) for name in expected):
                assert time.monotonic() < until, pair.waiting()
                time.sleep(0.2)
            assert pair.kills == KILLS
            assert (pair.heard > 0) == (poll == NEVER)
        assert {name: taken(receiver, name) for name in expected} == expected
        failed = sum(one.status == 500 for one in receiver.received)
        assert failed > len(receiver.received) / 3
        bodies: dict[str, set[bytes]] = {}
        for one in receiver.received:
            bodies.setdefault(one.id, set()).add(one.body)
            assert one.json["id"] == one.id
        assert all(len(each) == 1 for each in bodies.values()), "an id stands for one body"


@pytest.mark.slow
def test_nothing_is_sent_twice_while_nothing_fails(
    team: Team,
    tmp_path: Path,
    postgres: str,  # noqa: F811
    chance: random.Random,
) -> None:
    with receiving() as receiver:
        start = subscribe(team, "one", url(receiver, "one"))
        with replicas(team, postgres, receiver, tmp_path, "0.2", chance) as pair:
            for number in range(60):
                push(team, number)
                pair.call()
            expected = happened(team, start)
            receiver.wait(lambda found: len(found) >= len(expected), 120)
            time.sleep(1.5)
        assert [one.id for one in receiver.received] == expected
