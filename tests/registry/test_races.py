"""Many writers at once, on real processes and a real smart-HTTP remote: nothing lost, nothing shown twice."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from signet.errors import GuardSaidNo
from signet.registry import git, read, record, serve
from tests.domain import Team

SPAWN = multiprocessing.get_context("spawn")


def _publish_facts(url: str, cache: str, number: int, errors: Any) -> None:
    """One pipeline on a machine of its own (an own cache): five facts, one after the other."""
    import os

    os.environ["SIGNET_CACHE"] = cache
    try:
        team = Team(url)
        for fact in range(5):
            team.contract(f"consumer{number}", str(fact), "catalog", f"/items/{fact}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
        errors.put(f"{number}: {type(error).__name__}: {error}")


def git_says(repository: Path, *arguments: str) -> list[str]:
    command = ["git", "--git-dir", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.slow
def test_16_processes_publish_5_facts_each_to_one_remote(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "srv" / "registry.git")
    before = team.head
    errors = SPAWN.Queue()
    with serve.served(tmp_path / "srv") as url:
        processes = [
            SPAWN.Process(
                target=_publish_facts, args=(f"{url}/registry.git", str(tmp_path / f"cache{number}"), number, errors)
            )
            for number in range(16)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    assert errors.empty(), errors.get()
    registry = tmp_path / "srv" / "registry.git"
    state = team.state
    assert sum(len(state.versions(f"consumer{number}")) for number in range(16)) == 80
    for number in range(16):
        for fact in range(5):
            digest = state.manifest(f"consumer{number}", str(fact)).contracts["catalog"]
            assert state.contract(f"consumer{number}", "catalog", digest).interactions
    assert len(git_says(registry, "rev-list", f"{before}..main")) == 80
    assert git_says(registry, "rev-list", "--merges", "main") == []
    assert not [line for line in git_says(registry, "fsck", "--full", "--strict") if "dangling" not in line]


def _guarded(url: str, cache: str, service: str, version: str, start: Any, outcomes: Any) -> None:
    import os

    os.environ["SIGNET_CACHE"] = cache
    repo = git.open_repository(url)
    for round_number in range(ROUNDS):
        start.wait()
        try:
            record.deploy(repo, service, f"{version}.{round_number}", f"env{round_number}", guard=True)
            outcomes.put((round_number, service, "recorded", ""))
        except GuardSaidNo as error:
            against = [one for one in error.decision.reasons if one.weight == "no"]
            named = ", ".join(f"{one.code} {one.consumer_name} {one.provider_name}" for one in against)
            outcomes.put((round_number, service, error.decision.verdict, named))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            outcomes.put((round_number, service, "error", repr(error)))
        start.wait()


ROUNDS = 50


@pytest.mark.slow
def test_two_deployments_that_are_each_safe_alone_and_unsafe_together(tmp_path: Path) -> None:
    """catalog 0 is live with /new. shop needs /new and may go; catalog 1 drops /new and may go, as nobody uses it yet.

    Both go at the same time: exactly one is recorded, and the other is told who stands in its way.
    """
    team = Team.founds(tmp_path / "srv" / "registry.git")
    for number in range(ROUNDS):
        team.environment(f"env{number}")
        team.spec("catalog", f"1.{number}", "/old")
        team.tested("catalog", f"1.{number}")
        team.contract("shop", f"1.{number}", "catalog", "/new")
        team.spec("catalog", f"0.{number}", "/new")
        team.tested("catalog", f"0.{number}")
        team.deploy("catalog", f"0.{number}", f"env{number}")
    with serve.served(tmp_path / "srv") as url:
        start, outcomes = SPAWN.Barrier(2), SPAWN.Queue()
        processes = [
            SPAWN.Process(
                target=_guarded,
                args=(f"{url}/registry.git", str(tmp_path / service), service, version, start, outcomes),
            )
            for service, version in (("catalog", "1"), ("shop", "1"))
        ]
        for process in processes:
            process.start()
        told = [outcomes.get(timeout=120) for _ in range(2 * ROUNDS)]
        for process in processes:
            process.join()
    for number in range(ROUNDS):
        mine = {service: (verdict, named) for at, service, verdict, named in told if at == number}
        assert sorted(verdict for verdict, _ in mine.values()) == ["no", "recorded"], mine
        refused = next(service for service, (verdict, _) in mine.items() if verdict == "no")
        counterpart = f"contract-incompatible shop 1.{number} catalog 1.{number}"
        assert mine[refused][1] == counterpart
        live = read.state_at(team.repo, team.head).placements(f"env{number}")
        before = {"catalog": (f"0.{number}",), "shop": (f"1.{number}",)}
        after = {"catalog": (f"1.{number}",)} if refused == "shop" else before
        assert {name: place.versions for name, place in live.items()} == after


@pytest.mark.slow
def test_50_rounds_of_update_deployment_with_guard(tmp_path: Path) -> None:
    """The same by the command: two processes start together; one exits 0, the other 1 and names its counterpart."""
    team = Team.founds(tmp_path / "srv" / "registry.git")
    team.spec("catalog", "1", "/old")
    team.tested("catalog", "1")
    team.contract("shop", "1", "catalog", "/new")
    team.spec("catalog", "0", "/new")
    team.tested("catalog", "0")
    for number in range(ROUNDS):
        team.environment(f"env{number}")
        team.deploy("catalog", "0", f"env{number}")
    with serve.served(tmp_path / "srv") as url:
        for number in range(ROUNDS):
            processes = {
                service: subprocess.Popen(
                    [
                        *(sys.executable, "-m", "signet", "update-deployment", "--guard", "--registry"),
                        *(f"{url}/registry.git", "--name", service, "--version", "1", "--environment", f"env{number}"),
                    ],
                    env={**os.environ, "SIGNET_CACHE": str(tmp_path / service)},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for service in (("catalog", "shop") if number % 2 else ("shop", "catalog"))
            }
            said = {service: process.communicate(timeout=120) for service, process in processes.items()}
            codes = {service: process.returncode for service, process in processes.items()}
            assert sorted(codes.values()) == [0, 1], said
            winner = next(service for service, code in codes.items() if code == 0)
            loser = "shop" if winner == "catalog" else "catalog"
            assert "contract-incompatible" in said[loser][1] and f"{winner} 1" in said[loser][1]
            place = team.state.placements(f"env{number}")
            assert place["catalog"].versions == (("1",) if winner == "catalog" else ("0",))
            assert ("shop" in place) == (winner == "shop")
