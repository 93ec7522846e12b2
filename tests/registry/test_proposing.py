"""Fixtures are proposed on a branch and approved by merging it: real repositories, real git, both transports."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from signet.core.fixtures import Exchange, Provenance, asked
from signet.core.fixtures.choice import content
from signet.core.model.fixture import Answered
from signet.errors import InvalidData, PushRefused, RaceLost, Undecided, UnknownName
from signet.registry import fitting, git, layout, read, record, serve
from signet.registry.faults import reached
from signet.registry.git import transport as transports
from tests.domain import Team
from tests.registry.people import person
from tests.registry.test_git_remote import hook

SCHEMA = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "token": {"type": "string"}}}


def document(*operations: str, schema: object = None) -> bytes:
    paths: dict[str, dict[str, object]] = {}
    for operation in operations or ("get /items/{id}", "get /items"):
        method, _, path = operation.partition(" ")
        body = {"application/json": {"schema": schema or SCHEMA}}
        item: dict[str, object] = {"responses": {"200": {"description": "ok", "content": body}}}
        if "{id}" in path:
            item["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
        paths.setdefault(path, {})[method] = item
    return json.dumps({"openapi": "3.0.3", "info": {"title": "catalog", "version": "1"}, "paths": paths}).encode()


def seen(*identities: str, **more: str) -> list[Exchange]:
    """What a test saw of items."""
    return [
        Exchange(
            f"item {each}",
            asked("GET", f"/items/{each}", [("authorization", "Bearer canary-of-the-test")], b""),
            Answered(
                200,
                {"content-type": "application/json", "set-cookie": "sid=canary-of-the-provider"},
                content("application/json", json.dumps({"id": each, **more}).encode()),
            ),
        )
        for each in identities
    ]


PROVIDER = Provenance("catalog")
CART = Provenance("catalog", "cart")


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team.founds(tmp_path / "srv" / "registry.git")
    team.environment("staging")
    team.spec("catalog", None, data=document())
    return team


@pytest.fixture(params=["bare", "worktree", "git", "dulwich"])
def place(
    request: pytest.FixtureRequest, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Path, str]]:
    """A repository that holds the registry, and where it is for the one who proposes."""
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "cache"))
    bare = Path(team.location)
    if request.param == "bare":
        yield bare, str(bare)
    elif request.param == "worktree":
        person(tmp_path, "clone", "-q", str(bare), "clone")
        yield tmp_path / "clone", str(tmp_path / "clone")
    else:
        if request.param == "dulwich":
            monkeypatch.setattr(transports, "OLDEST_GIT", (99,))
            monkeypatch.setattr(transports, "_ages", {})
        with serve.served(bare.parent) as url:
            yield bare, f"{url}/registry.git"


def git_in(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def merged(folder: Path, tmp_path: Path, branch: str) -> None:
    """Somebody merges a branch into the main one, with nothing but git."""
    target = folder
    if git_in(folder, "rev-parse", "--is-bare-repository") == "true":
        target = tmp_path / f"merger-{branch.replace('/', '-')}"
        person(tmp_path, "clone", "-q", str(folder), target.name)
    name = branch if target == folder else f"origin/{branch}"
    person(target, "merge", "-q", "--no-edit", name)
    if target != folder:
        person(target, "push", "-q", "origin", "HEAD:main")


def state_of(location: str) -> read.RegistryState:
    repo = git.open_repository(location)
    git.refresh(repo)
    return read.state_at(repo, git.head(repo))


def test_what_is_proposed_counts_when_it_is_merged_and_not_before(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, location = place
    before = git_in(folder, "rev-parse", "main")
    receipt = record.propose_fixtures(git.open_repository(location), seen("7", "8"), PROVIDER)
    assert receipt.proposal is not None and receipt.changed
    branch = receipt.proposal.branch
    assert branch == "signet/fixtures/catalog/by-provider"
    assert git_in(folder, "rev-parse", "main") == before == git_in(folder, "rev-parse", f"{branch}~1")
    assert git_in(folder, "status", "--porcelain") == "" if (folder / ".git").exists() else True
    assert state_of(location).fixtures("catalog") == ()

    merged(folder, tmp_path, branch)
    found = fitting.judged(state_of(location), "catalog")
    assert [(one.name, one.source.value, misfits) for one, misfits in found] == [
        ("7", "provider", ()),
        ("8", "provider", ()),
    ]
    again = record.propose_fixtures(git.open_repository(location), seen("8", "7"), PROVIDER)
    assert not again.changed and again.proposal is None


def test_a_newer_proposal_takes_the_place_of_the_older_on_top_of_the_newest_head(place: tuple[Path, str]) -> None:
    folder, location = place
    repo = git.open_repository(location)
    first = record.propose_fixtures(repo, seen("7"), PROVIDER)
    record.register_service(git.open_repository(location), "web")
    head = git_in(folder, "rev-parse", "main")
    second = record.propose_fixtures(git.open_repository(location), seen("8"), PROVIDER)
    assert first.proposal and second.proposal and first.proposal.branch == second.proposal.branch
    branch = second.proposal.branch
    assert git_in(folder, "rev-list", f"main..{branch}") == second.commit
    assert git_in(folder, "rev-parse", f"{branch}~1") == head == git_in(folder, "rev-parse", "main")
    assert git_in(folder, "diff", "--name-only", "main", branch).splitlines() == list(second.paths)


def test_proposals_of_several_origins_do_not_meet(place: tuple[Path, str], tmp_path: Path) -> None:
    folder, location = place
    staging = Provenance("catalog", "cart", frozenset({"staging"}))
    for whose in (PROVIDER, CART, staging):
        record.propose_fixtures(git.open_repository(location), seen("7"), whose)
    branches = [f"signet/fixtures/catalog/{name}" for name in ("by-cart", "by-cart-for-staging", "by-provider")]
    found = git_in(folder, "for-each-ref", "--format=%(refname:short)", "refs/heads/signet/fixtures")
    assert found.splitlines() == branches
    for branch in branches:
        merged(folder, tmp_path, branch)
    state = state_of(location)
    assert [one.name for one in state.fixtures("catalog")] == ["7", "cart.7"]
    assert [one.name for one in state.fixtures("catalog", "staging")] == ["7", "cart.7", "cart.7.in-staging"]


def test_a_registry_that_moves_meanwhile_loses_nothing(
    place: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody publishes and somebody proposes between our reading and our push."""
    folder, location = place
    moved: list[str] = []

    def meanwhile(point: str) -> None:
        if point == "committed" and not moved:
            moved.append(point)
            record.register_service(git.open_repository(location), "meanwhile")
            record.propose_fixtures(git.open_repository(location), seen("9"), PROVIDER)
        reached(point)

    monkeypatch.setattr("signet.registry.landing.reached", meanwhile)
    receipt = record.propose_fixtures(git.open_repository(location), seen("7"), PROVIDER)
    assert receipt.proposal is not None and moved
    assert "meanwhile" in state_of(location).services()
    branch = receipt.proposal.branch
    assert git_in(folder, "rev-parse", branch) == receipt.commit
    kept = git_in(folder, "ls-tree", "-r", "--name-only", branch).splitlines()
    assert layout.path("fixture", "catalog", "GET /items/{id}", "7") in kept


def test_a_new_answer_changes_one_file_and_one_that_people_named_anew_is_known(team: Team, tmp_path: Path) -> None:
    folder = Path(team.location)
    branch = record.propose_fixtures(team.repo, seen("7"), PROVIDER).proposal
    assert branch is not None
    merged(folder, tmp_path, branch.branch)
    changed = record.propose_fixtures(team.repo, seen("7", token="x"), PROVIDER)
    assert changed.subject == "fixtures: catalog (0 new, 1 changed)"
    assert changed.paths == (layout.path("fixture", "catalog", "GET /items/{id}", "7"),)

    clone = tmp_path / "renaming"
    person(tmp_path, "clone", "-q", str(folder), clone.name)
    old, new = (clone / layout.path("fixture", "catalog", "GET /items/{id}", name) for name in ("7", "Tea"))
    new.write_text(old.read_text(encoding="utf-8").replace('"name": "7"', '"name": "Tea"'), encoding="utf-8")
    old.unlink()
    person(clone, "add", "-A")
    person(clone, "commit", "-qm", "a better name")
    person(clone, "push", "-q", "origin", "HEAD:main")
    assert not record.propose_fixtures(team.repo, seen("7"), PROVIDER).changed
    other = record.propose_fixtures(team.repo, seen("tea"), PROVIDER)
    assert len(other.paths) == 1 and "/tea-" in other.paths[0].casefold(), "a name that differs only in case is none"


def test_what_does_not_fit_any_more_is_not_served_and_not_proposed(team: Team, tmp_path: Path) -> None:
    branch = record.propose_fixtures(team.repo, seen("7"), PROVIDER).proposal
    assert branch is not None
    merged(Path(team.location), tmp_path, branch.branch)
    team.spec("catalog", None, data=document("get /things"))
    ((one, misfits),) = fitting.judged(team.state, "catalog")
    assert one.name == "7" and [each.code for each in misfits] == ["request.path-or-method.unknown"]
    receipt = record.propose_fixtures(team.repo, seen("8"), PROVIDER)
    assert not receipt.changed
    assert receipt.notes == ("not proposed: item 8: its request means no operation of the spec",)
    team.spec("catalog", "2", data=document())
    ((_, found),) = fitting.judged(team.state, "catalog", version="2")
    assert found == ()


def test_a_service_that_has_specs_of_versions_only_is_held_to_its_main_branch(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry.git")
    team.spec("catalog", "1", data=document(), branch="main")
    assert record.propose_fixtures(team.repo, seen("7"), PROVIDER).changed
    record.register_service(team.repo, "bare")
    with pytest.raises(Undecided):
        record.propose_fixtures(team.repo, seen("7"), Provenance("bare"))


@pytest.mark.parametrize(
    "whose",
    [Provenance("nobody"), Provenance("catalog", "", frozenset({"nowhere"}))],
)
def test_unknown_names_propose_nothing(team: Team, whose: Provenance) -> None:
    before = git_in(Path(team.location), "for-each-ref")
    with pytest.raises(UnknownName):
        record.propose_fixtures(team.repo, seen("7"), whose)
    assert git_in(Path(team.location), "for-each-ref") == before


def test_a_broken_fixture_in_the_registry_is_named_before_anything_is_proposed(team: Team) -> None:
    path = layout.path("fixture", "catalog", "GET /items/{id}", "broken")
    repo = team.repo
    git.publish(repo, team.head, git.commit(repo, team.head, {path: b"{}\n"}, "by hand\n"))
    with pytest.raises(InvalidData) as caught:
        record.propose_fixtures(team.repo, seen("7"), PROVIDER)
    assert {fault.file for fault in caught.value.faults} == {path}


def test_a_forge_that_refuses_the_branch_is_told(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "cache"))
    bare = Path(team.location)
    hook(bare, "pre-receive", "echo no branches here >&2; exit 1")
    with serve.served(bare.parent) as url, pytest.raises(PushRefused) as caught:
        record.propose_fixtures(git.open_repository(f"{url}/registry.git"), seen("7"), PROVIDER)
    assert not isinstance(caught.value, RaceLost)


def test_no_canary_is_in_any_object_of_the_repository(team: Team) -> None:
    exchanges = [*seen("7", token="canary-token"), *seen("ghp_canaryCanary0123456789")]
    receipt = record.propose_fixtures(team.repo, exchanges, PROVIDER)
    assert receipt.changed and "secret" in " ".join(receipt.notes)
    folder = Path(team.location)
    written = subprocess.run(
        ["git", "-C", str(folder), "cat-file", "--batch", "--batch-all-objects"], capture_output=True, check=True
    ).stdout
    assert b"catalog" in written
    for canary in (b"canary-token", b"canary-of-the", b"canaryCanary"):
        assert canary not in written
    assert all("canary" not in note for note in receipt.notes if "item" not in note)


@pytest.mark.parametrize("name", ["a..b", "x.lock", "y.", "plain"])
def test_every_service_has_a_branch(name: str) -> None:
    from signet.registry.facts import proposing
    from signet.registry.git.repository import check_branch

    found = proposing.branch(Provenance(name, name))
    check_branch(found)
    assert (name == "plain") == found.endswith("plain/by-plain")
