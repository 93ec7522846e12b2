"""``signet serve`` that is stopped before it answers ends soon, and the next start goes on from there."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from signet.registry import git
from signet.service.index import Database, Index, url_in
from signet.service.running import SOON
from tests.domain import Team
from tests.service.indexed import from_scratch, rows
from tests.service.served import PATIENCE, begun, serving

COMMITS = 6_000
LATE = SOON + 4.0
"""Seconds after which a stop would be late, on a machine that has more to do."""


def grown(team: Team) -> None:
    """Thousands of commits, each of which changes an environment by hand."""
    stream = b""
    for number in range(COMMITS):
        content = b"display_name: take %d\n" % number
        start = b"from %s\n" % team.head.encode() if number == 0 else b""
        stream += b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\n" % (1_800_000_000 + number)
        stream += b"data 1\nx\n" + start + b"M 100644 inline environments/e%d.yaml\n" % (number % 20)
        stream += b"data %d\n" % len(content) + content
    subprocess.run(["git", "--git-dir", team.location, "fast-import", "--quiet"], input=stream, check=True)


def indexed(folder: Path) -> int:
    """How many commits lie in the index of a service's folder by now."""
    with closing(opened(folder)) as database, suppress(sqlite3.OperationalError):
        return int(database.execute("select count(*) from signet_index_commits").fetchone()[0])
    return 0


def opened(folder: Path) -> sqlite3.Connection:
    """The index of a service's folder, which is not made by looking."""
    return sqlite3.connect(f"file:{folder / 'kept' / 'index.sqlite'}?mode=rw", uri=True, isolation_level=None)


@contextmanager
def held_on_its_way(folder: Path, process: subprocess.Popen[bytes]) -> Iterator[int]:
    """Nobody writes the index in this block, which holds some commits by then: how many, is told."""
    until = time.monotonic() + PATIENCE
    while not ((folder / "kept" / "index.sqlite-wal").exists() and indexed(folder)):
        assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.05)
    with closing(opened(folder)) as database:
        database.execute("begin immediate")
        yield indexed(folder)


def stopped(process: subprocess.Popen[bytes], number: signal.Signals) -> float:
    """Have it stop, which is exit code 0; how many seconds that took."""
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    return time.monotonic() - began


@pytest.mark.slow
def test_the_first_reading_of_a_big_registry_is_left_and_gone_on_with(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry.git")
    grown(team)
    folder = tmp_path / "service"
    process = begun(folder, team.location)
    with held_on_its_way(folder, process) as there:
        assert 0 < there <= COMMITS, "it was all read before it could be stopped"
        assert stopped(process, signal.SIGTERM) < LATE
    assert indexed(folder) == there
    assert not (folder / "url").exists()
    assert "Traceback" not in (folder / "log").read_text()
    with serving(folder, team.location) as service:
        assert service.commit() == team.head
        assert service.ends() == 0
    index = Index(Database(url_in(folder / "kept")), lambda: git.open_repository(team.location))
    anew = from_scratch(team.location, team.head, tmp_path / "scratch")
    assert rows(index, team.head) == rows(anew, team.head)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_remote_that_never_answers_is_not_waited_for(tmp_path: Path, number: signal.Signals) -> None:
    """And nobody fetches any more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(PATIENCE)
        process = begun(tmp_path / "service", f"http://127.0.0.1:{silent.getsockname()[1]}/registry.git")
        caller, _ = silent.accept()
        with caller:
            caller.settimeout(5.0)
            assert caller.recv(10_000).startswith(b"GET /registry.git/")
            assert stopped(process, number) < LATE
            with suppress(ConnectionResetError):
                assert caller.recv(10_000) == b""
    log = (tmp_path / "service" / "log").read_text()
    assert "Traceback" not in log and "http" not in log
