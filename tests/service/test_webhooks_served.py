"""``signet serve`` and its webhooks out, as one runs them: the real program, one that answers, one that never does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.domain import Team
from tests.service.receiver import receiving
from tests.service.subscribed import SECRET, subscribe, told_since, url

ROOT = Path(__file__).parents[2]
SIGNET = [sys.executable, "-m", "signet"]


@contextmanager
def served(team: Team, folder: Path, *hosts: str, **variables: str) -> Iterator[str]:
    """The URL of a service over the registry, which polls and may call these hosts."""
    options = [part for host in hosts for part in ("--webhook-host", host)]
    command = [*SIGNET, "serve", "--registry", team.location, "--port", "0", "--folder", str(folder), "--poll", "0.3"]
    environment = os.environ | {"SIGNET_WEBHOOK_KEY": SECRET, "SIGNET_CACHE": str(folder / "cache")} | variables
    process = subprocess.Popen(
        [*command, *options, "--webhook-network", "127.0.0.0/8", "--ignore-config"],
        cwd=folder.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line.startswith("http://"), process.stderr.read() if process.stderr else ""
        yield line
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def deliveries(folder: Path, *arguments: str) -> dict[str, object]:
    """What ``signet deliveries`` answers about the service's store."""
    command = [*SIGNET, "deliveries", "--folder", str(folder), "--ignore-config", "--json", *arguments]
    ran = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, object] = json.loads(ran.stdout)
    return answer


@pytest.mark.slow
def test_one_unreachable_webhook_kills_the_server(tmp_path: Path) -> None:
    """In Signet 2023 it did. Here everybody else is told, questions are answered, and the list says what waits."""
    team = Team.founds(tmp_path / "registry")
    gone = "http://127.0.0.1:9"
    folder = tmp_path / "service"
    folder.mkdir()
    with receiving() as receiver:
        subscribe(team, "gone", f"{gone}/")
        start = subscribe(team, "ci", url(receiver))
        with served(team, folder, receiver.host, gone) as service:
            team.live("catalog", "1", "/items")
            team.contract("cart", "1", "catalog", "/items")
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected), 30)
            asked = {"service": "cart", "version": "1", "environment": "production"}
            answer = httpx.get(f"{service}/api/v1/guard", params=asked, trust_env=False)
            assert (answer.status_code, answer.json()["verdict"]) == (200, "yes")
            (first,) = deliveries(folder, "--webhook", "ci", "--state", "delivered", "--limit", "1")["deliveries"]  # type: ignore[misc]
            assert deliveries(folder, "--webhook", "gone", "--state", "waiting")["deliveries"]
            assert deliveries(folder, "--replay", str(first["id"]))["replayed"] == 1
            again = receiver.wait(lambda found: len(found) >= len(expected) + 1, 30)
        assert [one.id for one in taken] == expected
        assert again[-1].id == first["event"] == expected[-1]


@pytest.mark.slow
def test_how_patient_it_is_can_be_said(tmp_path: Path) -> None:
    """By variables as well as by options; by default a delivery would be tried for days."""
    team = Team.founds(tmp_path / "registry")
    folder = tmp_path / "service"
    folder.mkdir()
    with receiving(lambda _number: 500) as receiver:
        start = subscribe(team, "ci", url(receiver))
        said = {"SIGNET_WEBHOOK_TRIES": "3", "SIGNET_WEBHOOK_WAIT": "0.01", "SIGNET_WEBHOOK_PATIENCE": "600"}
        with served(team, folder, receiver.host, **said):
            team.spec("catalog", "1", "/items")
            expected = told_since(team, start)
            until = time.monotonic() + 30
            while len(dead := deliveries(folder, "--state", "dead")["deliveries"]) < len(expected):  # type: ignore[arg-type]
                assert time.monotonic() < until, dead
                time.sleep(0.1)
        assert [one["attempts"] for one in dead] == [3] * len(expected)  # type: ignore[attr-defined]
        assert [one.id for one in receiver.received] == [each for each in expected for _ in range(3)]
