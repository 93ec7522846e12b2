"""A state that went on from commit to commit says what one says that is opened there: names, who is live, decisions."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from signet.core.guard import decide
from signet.core.live_versions import meeting
from signet.core.model.decision import Candidate
from signet.errors import SignetError
from signet.registry import git
from signet.registry.opening import following
from signet.registry.read import RegistryState, state_at
from tests.growth import grown
from tests.growth.story import pipeline
from tests.service.happening import SERVICES, SHAPE, Happening

PLACES = (None, "production", "staging", "nowhere")
NAMES = (*SERVICES, "nobody", "README.md", "..", "a/b", "", "Service-0001")


def said(ask: Callable[[], Any]) -> Any:
    """What is answered, or why not."""
    try:
        return ask()
    except SignetError as error:
        return type(error).__name__, error.message, getattr(error, "faults", ())


def knows(state: RegistryState, name: str) -> tuple[bool, ...]:
    """Is it a service, and are there such versions?"""
    versions = state.versions(SERVICES[0])
    return name in state.services(), name in versions, name in state.environments(), "1.1.0" in state.versions(name)


def live(state: RegistryState, place: str) -> list[Any]:
    """What is live in an environment, in its order."""
    return [*state.placements(place).items()]


def decided(state: RegistryState, service: str, place: str | None) -> Any:
    """The decision about a version of a service."""
    return decide(state, [Candidate(service, max(state.versions(service), default="1.0.0"))], place).as_json()


def answers(state: RegistryState) -> Iterator[Any]:
    """Names, looked up before they are listed; who is live, and calls whom; and what may go where."""
    yield from (said(partial(knows, state, name)) for name in NAMES)
    yield from (said(partial(sorted, names())) for names in (state.services, state.environments))
    for place in PLACES:
        if place is not None:
            yield said(partial(live, state, place))
        yield said(partial(meeting, state, place, ()))
        yield from (said(partial(decided, state, service, place)) for service in SERVICES)


def goes_on(folder: Path, seed: int, changes: int) -> int:
    """So many changes, after each of which both states are asked; returns how often there was one to go on from."""
    world = Happening(folder / "registry.git", seed)
    chance = random.Random(seed)
    state: RegistryState | None = None
    went_on = 0
    for number in range(changes):
        commit = world.happens()
        try:
            anew = state_at(git.open_repository(world.location, cache=folder / "none"), commit)
        except SignetError:
            state = None
            continue
        repo = git.open_repository(world.location, cache=folder / "kept")
        try:
            state = following(state, repo, commit) if state is not None else state_at(repo, commit)
        except SignetError:
            state = state_at(repo, commit)
        went_on += 1
        if chance.random() < 0.8:
            assert list(answers(state)) == list(answers(anew)), (number, commit)
    return went_on


def edits(world: Happening) -> Iterator[dict[str, bytes | None]]:
    """Changes that each say something else of who is live or calls whom, one after the other."""
    one, other = SERVICES[1], SERVICES[2]
    manifest, placed = f"services/{one}/versions/1.1.0.json", f"environments/production/{one}.yaml"
    yield {placed: b"deployed: ['1.1.0']\n", f"environments/production/{other}.yaml": b"deployed: ['1.1.0']\n"}
    whole = world.repo.objects[world.head].tree[manifest].data
    record = json.loads(whole)
    assert record["contracts"]
    yield {manifest: json.dumps(record | {"contracts": {}}).encode()}
    yield {manifest: whole}
    yield {manifest: b"broken"}
    yield {manifest: whole}
    yield {placed: None}
    yield {placed: b"deployed: ['1.1.0']\n"}
    yield {placed: b"deployed: ['1.1.0']\n", "environments/production/notes.txt": b"no placement"}
    yield {"environments/production/notes.txt": None, "environments/production/.keep": b""}
    yield {f"services/{one}/service.yaml": b"main_branch: next\n"}
    yield {f"services/{one}/service.yaml": None}
    yield {f"services/{one}/service.yaml": b"external: true\n"}
    yield {f"services/{other}/branches/main.json": None}
    everybody = [f"environments/production/{service}.yaml" for service in SERVICES]
    yield dict.fromkeys((*everybody, "environments/production/.keep"))
    yield {"environments/production": b"a file in its place"}


def test_after_each_kind_of_change(tmp_path: Path) -> None:
    world = Happening(tmp_path / "registry.git", 1)
    commit = world.head
    for number in range(4):
        for service in range(len(SERVICES)):
            commit = git.commit(world.repo, commit, dict(grown._files(pipeline(SHAPE, service, number), set())), "x\n")
            world.repo.objects.references.create("refs/heads/main", commit, force=True)
    state = state_at(git.open_repository(world.location), commit)
    told = [list(answers(state))]
    for edit in edits(world):
        commit = git.commit(world.repo, commit, edit, "x\n")
        state = following(state, git.open_repository(world.location), commit)
        anew = state_at(git.open_repository(world.location, cache=tmp_path / "none"), commit)
        told.append(list(answers(state)))
        assert told[-1] == list(answers(anew)), edit
        assert told[-1] != told[-2], edit


@pytest.mark.parametrize("seed", [3])
def test_after_random_changes(tmp_path: Path, seed: int) -> None:
    assert goes_on(tmp_path, seed, 40) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_after_many_random_changes(tmp_path: Path, seed: int) -> None:
    assert goes_on(tmp_path, seed, 600) > 300
