"""The service follows its registry; a bad commit, a rewrite or a remote that is away changes only its standing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from signet.errors import RegistryUnreachable, TrustError, UsageError
from signet.registry import git
from signet.registry.opening import PLAIN, Access
from signet.registry.serve import served
from signet.service.following import Follower
from signet.service.shelf import Shelf
from signet.service.snapshots import Snapshot
from tests.domain import Team
from tests.service.test_guard import asked_of

BROKEN = {
    "signet.yaml": b"format: [\n",
    "signet.yaml of a later format": b"format: 99\nname: shop\n",
    "environments/production.yaml": b"\tproduction: true\n",
    "environments/production/cart.yaml": b"deployed: {\n",
    "environments/production/cart.yml": b"deployed: ['1']\n",
    "services/cart/service.yaml": b"owners: 7: 8\n",
    "services/cart/versions/1.json": b'{"kind": "version"',
    "services/catalog/openapi.yaml": b"openapi: 3.0.3\npaths: []\n",
    "services/catalog/verifications/1/spec.json": b"[]",
    "webhooks": b"a file in the place of a folder\n",
}
"""What somebody pushes, by path."""


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.with_a_live_pair(tmp_path / "registry.git")


def pushed(team: Team, changes: dict[str, bytes | None]) -> str:
    """A commit by hand."""
    before = team.head
    commit = git.commit(team.repo, before, changes, "by hand\n")
    assert git.publish(team.repo, before, commit).status == "accepted"
    return commit


def moved(team: Team, commit: str) -> str:
    """The branch is forced to a commit."""
    team.repo.objects.references.create("refs/heads/main", commit, force=True)
    return commit


@pytest.mark.parametrize("named", BROKEN)
def test_a_bad_commit_leaves_the_last_good_one_serving_and_a_fix_is_served(team: Team, named: str) -> None:
    path = named.partition(" ")[0]
    good, before = team.head, team.state.bytes_at(path)
    shelf = Shelf(team.location, PLAIN)
    question = {"service": "cart", "version": "1", "environment": "production"}
    answer = asked_of(shelf, "/api/v1/guard", **question)
    bad = pushed(team, {path: BROKEN[named]})
    assert shelf.refresh().commit == good
    standing = shelf.standing()
    assert (standing.is_degraded, standing.code, standing.commit, standing.newest) == (
        True,
        "record-invalid",
        good,
        bad,
    )
    assert path in {fault.file for fault in standing.faults}
    assert standing.since > 0
    assert standing.remedy
    again = asked_of(shelf, "/api/v1/guard", **question)
    assert (again.status_code, again.content) == (200, answer.content)
    assert again.json()["commit"] == good

    restarted = Shelf(team.location, PLAIN)
    assert (restarted.newest().commit, restarted.standing().newest) == (good, bad)

    later = pushed(team, {"services/catalog/notes.txt": None, "README.md": b"more\n"})
    assert shelf.refresh().commit == good
    assert shelf.standing().since == standing.since
    assert shelf.standing().newest == later

    mended = pushed(team, {path: before})
    assert shelf.refresh().commit == mended
    assert (shelf.standing().is_degraded, shelf.standing().faults) == (False, ())


def test_a_team_s_own_files_are_never_a_bad_commit(team: Team) -> None:
    shelf = Shelf(team.location, PLAIN)
    strange = {
        "README.yaml": b"\t",
        "services/README.md": b"\xff",
        "environments/production/.keep": b"",
        "x/y.json": b"{",
    }
    assert shelf.refresh().commit != pushed(team, dict(strange))
    assert shelf.refresh().commit == team.head
    assert not shelf.standing().is_degraded


def test_where_every_commit_is_broken_the_newest_is_served_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "registry.git"
    git.create(path, bare=True)
    team = Team(str(path))
    files = {"signet.yaml": b"format: 1\nname: x\n", "services/cart/service.yaml": b"- no\n"}
    first = git.commit(team.repo, None, files, "broken from the first day\n")
    assert git.publish(team.repo, None, first).status == "accepted"
    shelf = Shelf(team.location, PLAIN)
    assert (shelf.newest().commit, shelf.standing().code) == (first, "record-invalid")
    assert "services/cart/service.yaml" in shelf.standing().message


def test_history_that_was_rewritten_is_not_followed_unless_that_is_wanted(team: Team) -> None:
    kept, follows = Shelf(team.location, PLAIN), Shelf(team.location, PLAIN, follows_rewrites=True)
    old = team.head
    back = git.resolve(team.repo, "HEAD~2")
    new = moved(team, git.commit(team.repo, back, {"README.md": b"squashed\n"}, "squashed\n"))
    with pytest.raises(TrustError):
        kept.refresh()
    assert (kept.newest().commit, kept.standing().code) == (old, "history-rewritten")
    assert kept.standing().remedy
    assert follows.refresh().commit == new
    assert (follows.standing().is_degraded, follows.standing().rewritten) == (False, old)
    moved(team, old)
    assert kept.refresh().commit == old
    assert not kept.standing().is_degraded


def test_a_remote_that_is_rewritten_or_away(team: Team) -> None:
    access = Access(allow_http=True)
    with served(Path(team.location)) as url:
        kept, follows = Shelf(url, access), Shelf(url, access, follows_rewrites=True)
        old = team.head
        new = moved(team, git.commit(team.repo, git.resolve(team.repo, "HEAD~1"), {"README.md": b"new\n"}, "new\n"))
        with pytest.raises(TrustError):
            kept.refresh()
        assert (kept.newest().commit, kept.standing().code) == (old, "history-rewritten")
        assert follows.refresh().commit == new
        assert follows.standing().rewritten == old
        looked = follows.standing().looked
    with pytest.raises(UsageError, match="no commit"):
        follows.at("0123456789" * 4)  # nobody makes the service fetch by asking
    assert follows.at(new[:12]).commit == follows.at("HEAD").commit == new
    with pytest.raises(RegistryUnreachable):
        follows.refresh()
    standing = follows.standing()
    assert (standing.code, standing.commit, standing.looked) == ("registry-unreachable", new, looked)
    assert follows.newest().state.services() == {"catalog", "cart"}
    assert follows.newest().history.commits(limit=1).items[0].commit == new


def test_what_did_not_change_is_not_read_again(team: Team) -> None:
    shelf = Shelf(team.location, PLAIN)
    asked_of(shelf, "/api/v1/guard", service="cart", version="1", environment="production")
    for number in range(3):
        pushed(team, {f"services/web/versions/{number}.json": None, "README.md": b"%d" % number})
    found = shelf.refresh()
    read = found.state.repo.reads["blob"]
    asked_of(shelf, "/api/v1/guard", service="cart", version="1", environment="production")
    assert found.state.repo.reads["blob"] == read
    assert found.state.like is None
    team.spec("catalog", "2", "/nothing")
    team.tested("catalog", "2")
    team.deploy("catalog", "2")
    shelf.refresh()
    answer = asked_of(shelf, "/api/v1/guard", service="cart", version="1", environment="production")
    assert answer.json()["verdict"] == "no"


def eventually(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.01)


def test_a_nudge_is_a_look_at_once_and_many_are_at_most_two(team: Team) -> None:
    shelf = Shelf(team.location, PLAIN)
    looks: list[str] = []
    may_go_on = threading.Event()
    refresh = shelf.refresh

    def slowly() -> Snapshot:
        looks.append("look")
        may_go_on.wait(10)
        return refresh()

    shelf.refresh = slowly  # type: ignore[method-assign]
    follower = Follower(shelf, poll=3600)
    follower.start()
    head = pushed(team, {"README.md": b"new\n"})
    follower.nudge()
    eventually(lambda: looks == ["look"])
    for _ in range(50):
        follower.nudge()
    may_go_on.set()
    eventually(lambda: shelf.newest().commit == head and len(looks) == 2)
    began = time.monotonic()
    assert follower.stop()
    assert time.monotonic() - began < 1
    assert len(looks) == 2


def test_a_look_that_fails_in_any_way_is_followed_by_another(team: Team) -> None:
    shelf = Shelf(team.location, PLAIN)
    troubles: list[Exception] = [ValueError("a bug"), RegistryUnreachable("away")]
    refresh = shelf.refresh

    def failing() -> Snapshot:
        if troubles:
            raise troubles.pop()
        return refresh()

    def listener(_snapshot: Snapshot) -> None:
        raise RuntimeError("a listener's bug")

    told: list[Snapshot] = []
    shelf.listeners += [listener, told.append]
    shelf.refresh = failing  # type: ignore[method-assign]
    follower = Follower(shelf, poll=0.02)
    follower.start()
    head = pushed(team, {"README.md": b"new\n"})
    eventually(lambda: [one.commit for one in told] == [head])
    assert follower.stop()
