"""Replicas on one PostgreSQL, and builders that are killed: the rows are those of one builder that was left alone."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from signet.errors import SignetError
from signet.registry import git
from signet.registry.opening import PLAIN, Access
from signet.registry.serve import served
from signet.service.index import Database, Index, IndexUnavailable, lines, tables, url_in
from signet.service.shelf import Shelf
from tests.domain import Team
from tests.service.happening import Happening
from tests.service.indexed import answers, from_scratch, rows
from tests.service.postgres import Server, postgres, server  # noqa: F401
from tests.service.test_guard import asked_of

KILLED = 5
BUILDER = """
import sys
from signet.registry import git
from signet.service.index import Database, Index, lines
lines.BATCH = 3
location, database, commit = sys.argv[1:]
index = Index(Database(database), lambda: git.open_repository(location))
print("ready", flush=True)
index.bring_to(commit)
print("done", flush=True)
"""


def built_by_the_killed(world: Happening, database: str, seed: int) -> int:
    """Builders are started and killed, and the last one is left alone; returns how many died on their way."""
    died = 0
    chance = random.Random(seed)
    for is_last in (*[False] * KILLED, True):
        command = [sys.executable, "-c", BUILDER, world.location, database, world.head]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as builder:
            assert builder.stdout is not None
            assert builder.stdout.readline() == "ready\n"
            if not is_last:
                time.sleep(chance.uniform(0.0, 0.15))
                builder.kill()
            if builder.stdout.readline() != "done\n":
                assert not is_last, "a builder that was left alone failed"
                died += 1
    return died


def grown(path: Path, seed: int, changes: int) -> Happening:
    """A registry to which so much has happened."""
    world = Happening(path, seed)
    for _ in range(changes):
        world.happens()
    return world


@pytest.mark.slow
def test_builders_that_are_killed_leave_nothing_half_done(tmp_path: Path) -> None:
    world = grown(tmp_path / "registry.git", 3, 80)
    database = url_in(tmp_path)
    assert built_by_the_killed(world, database, 3) > 0
    index = Index(Database(database), lambda: git.open_repository(world.location))
    assert index.bring_to(world.head) == 0
    anew = from_scratch(world.location, world.head, tmp_path / "scratch")
    assert rows(index, world.head) == rows(anew, world.head)
    assert answers(index, world.head) == answers(anew, world.head)


@pytest.mark.slow
def test_the_same_in_postgresql_with_another_who_builds_at_once(tmp_path: Path, postgres: str) -> None:  # noqa: F811
    world = grown(tmp_path / "registry.git", 4, 80)
    index = Index(Database(postgres), lambda: git.open_repository(world.location))
    other = threading.Thread(target=built_by_the_killed, args=(world, postgres, 4))
    other.start()
    index.bring_to(world.head)
    other.join(120)
    anew = from_scratch(world.location, world.head, tmp_path / "scratch")
    assert rows(index, world.head) == rows(anew, world.head)
    with index.database.reading() as connection:
        assert connection.execute(text("select count(*) from signet_index_lines")).scalar() == 1


@pytest.mark.slow
def test_two_replicas_share_an_index_and_each_answers_from_its_own_commit(tmp_path: Path, postgres: str) -> None:  # noqa: F811
    team = Team.founds(tmp_path / "registry.git")
    team.live("catalog", "1", "/items")
    access = Access(allow_http=True)
    with served(Path(team.location)) as url:
        first, second = (Shelf(url, access, database=postgres, follows_rewrites=True) for _ in range(2))
        behind = second.newest()
        for number in range(5):
            team.contract("cart", str(number), "catalog", "/items")
            first.refresh()
            assert [one.commit for one in behind.history.commits(limit=1).items] == [behind.commit]
        before = second.index.database
        assert second.refresh().commit == first.newest().commit == team.head
        assert second.newest().history.commits(limit=99) == first.newest().history.commits(limit=99)
        with before.reading() as connection:
            assert connection.execute(text("select count(*) from signet_index_lines")).scalar() == 1
        back = git.resolve(team.repo, "HEAD~3")
        team.repo.objects.references.create("refs/heads/main", back, force=True)
        team.contract("web", "1", "catalog", "/items")
        old = second.newest()
        assert first.refresh().commit == team.head
        assert old.history.commits(limit=1).items[0].commit == old.commit
        assert second.refresh().history.commits(limit=99) == first.newest().history.commits(limit=99)


@pytest.mark.slow
def test_without_its_database_the_service_serves_the_newest_commit_and_no_history(
    tmp_path: Path,
    server: Server,  # noqa: F811
    postgres: str,  # noqa: F811
) -> None:
    team = Team.founds(tmp_path / "registry.git")
    team.live("catalog", "1", "/items")
    with closing(Shelf(team.location, PLAIN, database=postgres)) as shelf:
        before = shelf.newest().history.commits(limit=9)
        server.stop("immediate")
        try:
            team.contract("cart", "1", "catalog", "/items")
            assert shelf.refresh().commit == team.head
            assert shelf.standing().code == "index-unavailable"
            question = {"service": "cart", "version": "1", "environment": "production"}
            assert asked_of(shelf, "/api/v1/guard", **question).json()["verdict"] == "yes"
            with pytest.raises(IndexUnavailable) as refused:
                shelf.newest().history.commits(limit=1)
            assert "@127.0.0.1" in str(refused.value)
        finally:
            server.start()
        assert shelf.newest().history.commits(limit=9).items[1:] == before.items
        shelf.refresh()
        assert not shelf.standing().is_degraded


@pytest.mark.slow
def test_a_replica_that_hangs_while_it_writes_is_waited_for_and_then_told(tmp_path: Path, postgres: str) -> None:  # noqa: F811
    team = Team.founds(tmp_path / "registry.git")
    index = Index(Database(postgres, busy=0.3), lambda: team.repo)
    engine = create_engine(postgres)
    with index.database.writing(), pytest.raises(IndexUnavailable, match="lock timeout"):
        Index(Database(postgres, busy=0.3), lambda: team.repo)
    engine.dispose()
    assert index.bring_to(team.head) > 0


@pytest.mark.slow
def test_rows_that_another_release_derived_are_not_used(
    tmp_path: Path,
    postgres: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = grown(tmp_path / "registry.git", 5, 10)
    index = Index(Database(postgres), lambda: git.open_repository(world.location))
    added = index.bring_to(world.head)
    monkeypatch.setattr(lines, "maker", lambda: "a later release")
    assert index.bring_to(world.head) == added
    monkeypatch.setattr(tables, "FORMAT", tables.FORMAT + 1)
    assert Index(Database(postgres), lambda: git.open_repository(world.location)).bring_to(world.head) == added
    monkeypatch.undo()
    with pytest.raises(SignetError, match="newer Signet"):
        Database(postgres)


@pytest.mark.slow
def test_many_who_ask_while_it_is_brought_forward(tmp_path: Path, postgres: str) -> None:  # noqa: F811
    world = grown(tmp_path / "registry.git", 6, 5)
    with closing(Shelf(world.location, PLAIN, database=postgres, follows_rewrites=True)) as shelf:
        ends = threading.Event()
        wrong: list[object] = []

        def asks() -> None:
            while not ends.is_set():
                found = shelf.newest()
                page = found.history.commits(limit=3)
                if page.items[0].commit != found.commit:
                    wrong.append(page)

        threads = [threading.Thread(target=asks) for _ in range(4)]
        for one in threads:
            one.start()
        until = time.monotonic() + 60
        for _ in range(30):
            world.happens()
            shelf.refresh()
            assert time.monotonic() < until
        ends.set()
        for one in threads:
            one.join(30)
        assert wrong == []
