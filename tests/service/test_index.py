"""The index tells the registry's history, up to the commit that is asked about, and comes back when it is removed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from signet.errors import UsageError
from signet.registry import git, layout
from signet.registry.opening import PLAIN, log
from signet.service.index import Database, History, Index, IndexUnavailable, url_in
from signet.service.shelf import Shelf
from tests.domain import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A provider that is live twice, and a consumer."""
    team = Team.founds(tmp_path / "registry")
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    team.deploy("cart", "1")
    team.live("catalog", "2", "/items", "/prices")
    return team


def everything(history: History, **names: str) -> list[str]:
    """All commits of a timeline, page by page."""
    found: list[str] = []
    before = None
    while True:
        page = history.commits(before=before, limit=3, **names)  # type: ignore[arg-type]
        found += [one.commit for one in page.items]
        if page.next is None:
            return found
        before = page.next


def test_the_timeline_is_that_of_signet_log(team: Team) -> None:
    history = Shelf(team.location, PLAIN).newest().history
    for names in ({}, {"service": "catalog"}, {"environment": "production"}, {"service": "cart"}):
        assert everything(history, **names) == [entry.commit for entry in log(team.state, **names)]
    both = {"service": "cart", "environment": "production"}
    assert everything(history, **both) == [entry.commit for entry in log(team.state, **both)] != []


def test_who_brought_a_fact_and_who_changed_it_last(team: Team) -> None:
    history = Shelf(team.location, PLAIN).newest().history
    path = layout.path("placement", "production", "catalog")
    first, last = history.first(path), history.last(path)
    assert first is not None
    assert last is not None
    assert [one.type for one in first.events] == [one.type for one in last.events] == ["deployment.recorded"]
    assert (first.events[0].version, last.events[0].version) == ("1", "2")
    assert last.commit == team.head
    assert history.seq(last.commit) == last.seq == history.length()
    assert history.last("services/nobody/service.yaml") is None


def test_many_facts_are_asked_for_at_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    history = Shelf(team.location, PLAIN).newest().history
    versions = [("catalog", "1"), ("catalog", "2"), ("nobody", "1"), ("catalog", "1")]
    paths = [layout.path("manifest", *one) for one in versions] + [layout.path("placement", "production", "catalog")]
    for at_once in (1, 2, 500):
        monkeypatch.setattr("signet.service.index.history.AT_ONCE", at_once)
        firsts, lasts = history.firsts(iter(paths)), history.lasts(iter(paths))
        there = [one for one in dict.fromkeys(paths) if "nobody" not in one]
        assert list(firsts) == list(lasts) == there
        assert [firsts[one] for one in there] == [history.first(one) for one in there]
        assert [lasts[one] for one in there] == [history.last(one) for one in there]
    assert history.firsts(()) == {}


def test_an_older_snapshot_does_not_hear_of_what_came_later(team: Team) -> None:
    shelf = Shelf(team.location, PLAIN)
    older = shelf.newest()
    before = everything(older.history)
    team.deploy("catalog", "1")
    newer = shelf.refresh()
    assert everything(older.history) == before
    assert everything(newer.history) == [team.head, *before]
    assert everything(shelf.at("HEAD~1").history) == before
    assert older.history.seq(team.head) is None
    assert older.history.told(newer.history.length()) is None


def test_an_index_that_is_removed_while_it_is_used_comes_back(team: Team, tmp_path: Path) -> None:
    shelf = Shelf(team.location, PLAIN, database=url_in(tmp_path))
    before = shelf.newest().history.commits(limit=50)
    for remove in ("index.sqlite*", "index.sqlite"):
        for path in tmp_path.glob(remove):
            path.unlink()
        assert shelf.newest().history.commits(limit=50) == before
    (tmp_path / "index.sqlite").write_bytes(b"no database at all" * 1000)
    assert shelf.newest().history.commits(limit=50) == before
    shelf.index.database.discard()
    team.deploy("catalog", "1")
    assert shelf.refresh().history.commits(limit=50).items[1:] == before.items


@pytest.mark.parametrize("content", [None, b"no database at all" * 1000], ids=["removed", "broken"])
def test_many_threads_that_find_no_index_make_one(team: Team, tmp_path: Path, content: bytes | None) -> None:
    shelf = Shelf(team.location, PLAIN, database=url_in(tmp_path))
    before = shelf.newest().history.commits(limit=50)
    for _ in range(10):  # who meets whom differs from time to time
        shelf.index.database.discard()
        if content is not None:
            (tmp_path / "index.sqlite").write_bytes(content)
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(shelf.newest().history.commits, limit=50) for _ in range(8)]
        assert [one.result() for one in asked] == [before] * 8


def test_a_commit_beside_the_branch_has_no_timeline(team: Team) -> None:
    shelf = Shelf(team.location, PLAIN)
    aside = git.commit(team.repo, team.head, {"README.md": b"aside\n"}, "aside\n")
    with pytest.raises(UsageError, match="first-parent history"):
        shelf.at(aside).history.commits(limit=1)


def test_somebody_elses_database_is_refused_and_left_alone(team: Team, tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "accounts.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table accounts (name text)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="something else"):
        Shelf(team.location, PLAIN, database=f"sqlite:///{path}")
    with pytest.raises(UsageError, match="no URL"):
        Shelf(team.location, PLAIN, database="mysql://somewhere/else")
    no_database = tmp_path / "notes.txt"
    no_database.write_text("not a database, but notes\n" * 100, "utf-8")
    with pytest.raises(IndexUnavailable, match="not a database"):
        Shelf(team.location, PLAIN, database=f"sqlite:///{no_database}")
    assert path.read_bytes() == before
    assert no_database.read_text("utf-8").startswith("not a database, but notes")


def test_a_lock_of_another_process_is_waited_for_and_then_told(team: Team, tmp_path: Path) -> None:
    import sqlite3

    database = Database(url_in(tmp_path), busy=0.2)
    index = Index(database, lambda: team.repo)
    other = sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    with pytest.raises(IndexUnavailable, match="locked"):
        index.bring_to(team.head)
    threading.Timer(0.1, lambda: other.execute("rollback")).start()
    assert index.bring_to(team.head) == len(list(log(team.state)))
    other.close()


def test_a_full_disk_changes_nothing_and_the_next_look_goes_on(team: Team, tmp_path: Path) -> None:
    from sqlalchemy import event

    shelf = Shelf(team.location, PLAIN, database=url_in(tmp_path))
    before = shelf.newest().history.commits(limit=50)
    engine = shelf.index.database.engine

    def fill(connection: Any) -> None:
        connection.exec_driver_sql("pragma max_page_count = 1")  # as many as there are now

    def empty(connection: Any) -> None:
        connection.exec_driver_sql("pragma max_page_count = 1000000")

    event.listen(engine, "begin", fill)
    for number in range(40):
        team.environment(f"{'long' * 12}-{number}")
    full = shelf.refresh()
    assert full.commit == team.head
    assert shelf.standing().code == "index-unavailable"
    assert "full" in shelf.standing().message
    with pytest.raises(IndexUnavailable, match="full"):
        full.history.commits(limit=1)
    older = shelf.at(before.items[0].commit)
    assert older.history.commits(limit=50) == before
    event.remove(engine, "begin", fill)
    event.listen(engine, "begin", empty)
    assert shelf.refresh().history.commits(limit=50).items[40:] == before.items[:10]
    assert not shelf.standing().is_degraded
