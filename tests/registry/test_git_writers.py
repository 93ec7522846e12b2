"""Many processes publish at once: nothing is lost, the history is a line, and git finds nothing wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.registry.people import person

ROOT = Path(__file__).resolve().parents[2]


def many(location: str, processes: int, each: int, caches: Path) -> None:
    """Run the writers; every other one has a cache of its own, the others share one."""
    running = []
    for number in range(processes):
        cache = caches / (str(number) if number % 2 else "shared")
        command = [sys.executable, "-m", "tests.registry.writer", location, f"w{number}", str(each)]
        environment = os.environ | {"SIGNET_CACHE": str(cache), "CI": "true" if number % 4 == 1 else ""}
        running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True))
    for process in running:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said


def assert_all_there(repository: Path, processes: int, each: int, before: int) -> None:
    written = {f"written/w{number}/{n}" for number in range(processes) for n in range(each)}
    assert set(person(repository, "ls-tree", "-r", "--name-only", "HEAD", "written/").splitlines()) == written
    assert int(person(repository, "rev-list", "--count", "--first-parent", "HEAD")) == before + processes * each
    assert person(repository, "rev-list", "--merges", "HEAD") == ""
    assert person(repository, "fsck", "--full", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize(("processes", "each"), [(4, 2), pytest.param(16, 5, marks=pytest.mark.slow)])
def test_writers_to_one_remote_lose_nothing(remote: str, bare: Path, tmp_path: Path, processes: int, each: int) -> None:
    many(remote, processes, each, tmp_path)

    assert_all_there(bare, processes, each, before=1)


@pytest.mark.parametrize(("processes", "each"), [(4, 3), pytest.param(16, 5, marks=pytest.mark.slow)])
def test_writers_to_one_bare_repository_lose_nothing(bare: Path, tmp_path: Path, processes: int, each: int) -> None:
    many(str(bare), processes, each, tmp_path)

    assert_all_there(bare, processes, each, before=1)


@pytest.mark.parametrize(("processes", "each"), [(3, 2), pytest.param(8, 3, marks=pytest.mark.slow)])
def test_writers_to_one_work_tree_lose_nothing(worktree: Path, tmp_path: Path, processes: int, each: int) -> None:
    many(str(worktree), processes, each, tmp_path)

    assert_all_there(worktree, processes, each, before=1)
    assert person(worktree, "status", "--porcelain") == ""
    assert (worktree / "written" / "w0" / "1").read_bytes() == b"x\n"
