"""A generated registry is a registry: what the product would have written, and all of it can be read."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from signet.core.guard import decide
from signet.core.model.decision import Candidate, Decision
from signet.registry import documents, git, layout, read, record
from signet.registry.landing import Writing
from tests.growth import Shape, grow, pipelines
from tests.growth.contents import contract, spec
from tests.growth.grown import found, origin
from tests.growth.story import Pipeline, providers_of, service_name, version_name


def by_the_product(path: Path, shape: Shape) -> git.Repository:
    """The same story, told by the functions behind the commands."""
    repository = found(path)
    for one in pipelines(shape):
        _released(repository, one)
    return repository


def _released(repository: git.Repository, one: Pipeline) -> None:
    service, how = service_name(one.service), Writing(origin(one))
    promised, data = spec(one.service, one.spec)
    items: list[record.SpecItem | record.ContractItem] = [record.SpecItem(promised, data, service, one.version, "main")]
    for provider in one.providers:
        expected = contract(one.service, provider, one.contracts, one.broken)
        items.append(record.ContractItem(expected, one.version, "main"))
    record.publish(repository, items, how=how)
    record.record_spec_test(repository, service, one.version, passed=True, tool="st", how=how)
    for environment in one.environments:
        record.deploy(repository, service, one.version, environment, how=how)


def state_of(repository: git.Repository) -> read.RegistryState:
    return read.state_at(repository, git.head(repository))


def root(repository: git.Repository) -> dict[str, str]:
    state = state_of(repository)
    return {one.name: one.id for one in state.listing("")}


def read_whole(state: read.RegistryState, path: str = "") -> int:
    """Read every file of the registry as what its path says; returns how many there are."""
    count = 0
    for one in state.listing(path):
        here = f"{path}/{one.name}".lstrip("/")
        if not path and one.name not in layout.ROOTS:
            continue  # the team's own files, which no reader looks at
        if one.is_tree:
            count += read_whole(state, here)
        elif path:
            count += 1
            _read_one(state, here)
    return count


def _read_one(state: read.RegistryState, path: str) -> None:
    identity = layout.identity(path)
    assert identity is not None, path
    kind, *names = identity
    match kind:
        case "environment":
            assert state.environment(*names).name == names[0]
        case "placement":
            assert state.placement(*names).versions
        case "manifest":
            assert state.manifest(*names) is not None
        case "head":
            assert state.head(names[0], "main") in state.versions(names[0])
        case "spec-test":
            assert state.spec_test(*names) is not None
        case "spec":
            data = state.bytes_at(path)
            assert data is not None
            digest = documents.parse(documents.SpecFile, data, path).digest
            assert state.spec(names[0], digest).digest.startswith(names[1])
        case "contract":
            data = state.bytes_at(path)
            assert data is not None
            digest = documents.parse(documents.ContractFile, data, path).digest
            assert state.contract(names[0], names[1], digest).interactions
        case _:
            raise AssertionError(f"{path} is nothing that the story writes")


def guard(state: read.RegistryState, service: int, round_number: int) -> Decision:
    return decide(state, [Candidate(service_name(service), version_name(round_number))], "production")


def test_a_grown_registry_is_the_tree_that_the_product_makes_of_the_same_story(tmp_path: Path) -> None:
    shape = Shape(5, 7)
    grow(tmp_path / "grown.git", shape)
    grown = git.open_repository(str(tmp_path / "grown.git"))
    assert root(grown) == root(by_the_product(tmp_path / "recorded.git", shape))


def test_all_of_a_grown_registry_can_be_read_and_git_finds_nothing_wrong(tmp_path: Path) -> None:
    shape = Shape(20, 10)
    grow(tmp_path / "grown.git", shape)
    repository = git.open_repository(str(tmp_path / "grown.git"))
    state = state_of(repository)
    assert read_whole(state) > 20 * 10 * 2
    assert len(state.services()) == 20
    assert {len(state.versions(name)) for name in state.services()} == {10}
    assert {len(state.placements(environment)) for environment in state.environments()} == {20}
    command = ["git", "--git-dir", repository.location, "fsck", "--full", "--strict"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b""
    assert sum(1 for _ in git.log(repository, state.commit or "")) == 20 * 10 + 2  # and init, and an environment


def test_the_same_shape_is_the_same_tree_and_every_verdict_has_its_reason(tmp_path: Path) -> None:
    shape = Shape(20, 10)
    for number in range(2):
        grow(tmp_path / f"{number}.git", shape)
    trees = [root(git.open_repository(str(tmp_path / f"{number}.git"))) for number in range(2)]
    assert trees[0] == trees[1]
    state = state_of(git.open_repository(str(tmp_path / "0.git")))
    for service in range(20):
        newest = guard(state, service, 9)
        broken = next(one for one in pipelines(shape) if (one.service, one.round) == (service, 9)).broken
        assert newest.verdict == ("no" if broken else "yes")
        assert len(newest.reasons) >= len(providers_of(service, 20))
    verdicts = {guard(state, one.service, one.round).verdict for one in pipelines(shape)}
    assert verdicts == {"yes", "no"}


@pytest.mark.slow
def test_300_services_with_50_versions_grow_in_less_than_a_few_minutes(tmp_path: Path) -> None:
    began = time.perf_counter()
    grow(tmp_path / "grown.git", Shape(300, 50))
    assert time.perf_counter() - began < 200
    state = state_of(git.open_repository(str(tmp_path / "grown.git")))
    assert len(state.placements("production")) == 300
    assert guard(state, 0, 49).verdict == "yes" and len(guard(state, 0, 49).reasons) > 290
    some = ["services/service-0000", "services/service-0299", "environments"]
    assert sum(read_whole(state, path) for path in some) > 300 * 3 + 2 * 50 * 2
