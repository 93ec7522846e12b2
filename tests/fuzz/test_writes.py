"""Two facts that do not concern the same thing give the same tree in any order; and after any sequence of facts the
registry says what a plain model of it says, in a history that git's own check passes.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from signet.core.whatif import whatif
from signet.errors import SignetError
from signet.registry import git, record
from signet.registry.check import check, published
from signet.registry.git import objects
from tests.domain import Team
from tests.fuzz import effort

SERVICES = ("cart", "catalog", "web", "stock", "a-b", "a", "b.c")
ENVIRONMENTS = ("production", "staging")
VERSIONS = ("1", "1.10", "2.0+x", "yes")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Every service in every version, with a spec and a contract with its neighbour; the first version is live."""
    team = Team.founds(tmp_path_factory.mktemp("writes") / "registry.git")
    for number, service in enumerate(SERVICES):
        team.spec(service, None, "/x")
        for version in VERSIONS:
            team.spec(service, version, "/x")
            team.contract(service, version, SERVICES[number - 1], "/x")
        for where in ENVIRONMENTS:
            team.deploy(service, "1", where)
            record.release(team.repo, service, "1", where)
    return team


KINDS: dict[str, tuple[int, Callable[..., Any]]] = {
    "agreed spec": (1, lambda team, service, *_: team.spec(service, None, "/other")),
    "spec": (2, lambda team, service, version, *_: team.spec(service, f"{version}-new", "/x", branch="main")),
    "contract": (2, lambda team, service, version, *_: team.contract(service, f"{version}-new", "somebody", "/y")),
    "register-env": (1, lambda team, service, *_: team.environment(f"env-{service}")),
    "register-service": (1, lambda team, service, *_: record.register_service(team.repo, service, owners=["me"])),
    "register-version": (
        2,
        lambda team, service, version, *_: record.register_version(
            team.repo, service, f"{version}-reg", artifacts={"a": "b"}
        ),
    ),
    "spec test": (2, lambda team, service, version, *_: team.tested(service, version, passed=False)),
    "replay": (
        2,
        lambda team, service, version, *_: record.record_replay(
            team.repo, service, version, passed=True, consumer=_consumer(service), consumer_version="1"
        ),
    ),
    "deploy": (3, lambda team, service, version, where: team.deploy(service, version, where)),
    "deploy instance": (
        3,
        lambda team, service, version, where: team.deploy(service, version, where, instance=f"i{version[0]}"),
    ),
    "undeploy": (3, lambda team, service, _version, where: record.undeploy(team.repo, service, where)),
    "release": (3, lambda team, service, version, where: record.release(team.repo, service, version, where)),
    "end support": (3, lambda team, service, _version, where: record.end_support(team.repo, service, "1", where)),
    "delete integration": (
        1,
        lambda team, service, *_: record.delete_integration(team.repo, service, SERVICES[SERVICES.index(service) - 1]),
    ),
}
"""By kind of fact: what it takes of (service, version, environment) to tell two of them apart, and how it is stated."""


def _consumer(provider: str) -> str:
    return SERVICES[(SERVICES.index(provider) + 1) % len(SERVICES)]


def concerns(kind: str, fact: tuple[str, str, str]) -> set[tuple[str, ...]]:
    """What a fact is about, as paths of things; two facts are independent if they share none."""
    service, version, where = fact
    match kind:
        case "agreed spec" | "register-service" | "register-env":
            return {(kind, service)}
        case "spec" | "contract":
            return {("version", service, f"{version}-new"), ("head", service)}
        case "register-version":
            return {("version", service, f"{version}-reg")}
        case "spec test":
            return {("test", service, version)}
        case "replay":
            return {("replay", service, version), ("contracts", _consumer(service))}
        case "deploy" | "undeploy":
            return {("slot", where, service, "")}
        case "deploy instance":
            return {("slot", where, service, f"i{version[0]}")}
        case "release":
            return {("release", where, service, version)}
        case "end support":
            return {("release", where, service, "1")}
    return {("contracts", service)} | {("version", service, f"{one}-new") for one in VERSIONS}


facts = st.tuples(
    st.sampled_from(sorted(KINDS)),
    st.tuples(st.sampled_from(SERVICES), st.sampled_from(VERSIONS), st.sampled_from(ENVIRONMENTS)),
)


def state(team: Team, fact: tuple[str, tuple[str, str, str]]) -> None:
    KINDS[fact[0]][1](team, *fact[1])


def reset(team: Team, commit: str) -> None:
    team.repo.objects.references.create(team.repo.ref, commit, force=True)


def tree(team: Team) -> str:
    return objects.root_tree(team.repo, team.head)


@effort(40)
@given(facts, facts)
def test_independent_facts_give_one_tree_in_either_order(ground: Team, one: Any, other: Any) -> None:
    """Also of one service in one place: a slot beside a release, two releases, two instances."""
    if concerns(*one) & concerns(*other):
        return
    start = ground.head
    try:
        state(ground, one)
        state(ground, other)
        first = tree(ground)
        reset(ground, start)
        state(ground, other)
        state(ground, one)
        assert tree(ground) == first
        head = ground.head
        state(ground, one)  # it holds already
        assert one[0] == "replay" or ground.head == head
    finally:
        reset(ground, start)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_fact_changes_something(ground: Team, kind: str) -> None:
    start = ground.head
    KINDS[kind][1](ground, "cart", "1.10", "staging")
    assert ground.head != start
    reset(ground, start)


# --- any sequence of facts, against a model


@dataclass
class Model:
    """What a registry should say."""

    versions: dict[str, set[str]] = field(default_factory=dict)
    contracts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    specs: dict[tuple[str, str], str] = field(default_factory=dict)
    tests: dict[tuple[str, str], bool] = field(default_factory=dict)
    slots: dict[tuple[str, str], dict[str | None, str]] = field(default_factory=dict)
    releases: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    environments: set[str] = field(default_factory=lambda: set(ENVIRONMENTS))
    commits: int = 1


services = st.sampled_from(SERVICES[:4])
versions = st.sampled_from(VERSIONS)
instances = st.sampled_from([None, "eu", "1"])
paths = st.sampled_from(["/a", "/b"])


class Registry(RuleBasedStateMachine):
    """Facts in any order; each is recorded and remembered, or refused and forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.team = Team.founds(Path(self.folder.name) / "registry.git")
        self.model = Model()

    def teardown(self) -> None:
        git_says = subprocess.run(
            ["git", "-C", self.team.location, "fsck", "--strict", "--no-dangling"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert git_says.returncode == 0, git_says
        assert not git_says.stderr + git_says.stdout, git_says
        history = list(git.log(self.team.repo, self.team.head))
        assert len(history) == self.model.commits
        assert all(len(one.parents) <= 1 for one in history)
        self.passes_the_check([one.commit for one in history][::-1])
        self.folder.cleanup()

    def passes_the_check(self, commits: list[str]) -> None:
        """Whatever commands recorded is faultless: as a whole, and each commit as a change of the one before."""
        repo = self.team.repo
        for base, revision in [(None, commits[-1]), *pairwise(commits)]:
            found = check(repo, base, revision)
            assert not found.faults, found.findings
            if base is not None:
                whatif(found.before, found.after, published(found))

    def told(self, holds: bool, tell: Callable[[], record.Receipt], remember: Callable[[], Any]) -> None:
        """A fact that ``holds`` already makes no commit; another one makes one."""
        receipt = tell()
        assert receipt.changed != holds, receipt
        self.model.commits += receipt.changed
        remember()

    def known(self, service: str, version: str) -> bool:
        return version in self.model.versions.get(service, ())

    @rule(service=services, version=versions, path=paths)
    def spec(self, service: str, version: str, path: str) -> None:
        held = self.model.specs.get((service, version))
        if held not in (None, path):
            self.refused(lambda: self.team.spec(service, version, path))
            return
        self.told(
            held == path,
            lambda: self.team.spec(service, version, path),
            lambda: self.model.specs.update({(service, version): path}),
        )
        self.model.versions.setdefault(service, set()).add(version)

    @rule(consumer=services, version=versions, provider=services, path=paths)
    def contract(self, consumer: str, version: str, provider: str, path: str) -> None:
        held = self.model.contracts.setdefault((consumer, version), {})
        if held.get(provider) not in (None, path):
            self.refused(lambda: self.team.contract(consumer, version, provider, path))
            return
        self.told(
            held.get(provider) == path,
            lambda: self.team.contract(consumer, version, provider, path),
            lambda: held.update({provider: path}),
        )
        self.model.versions.setdefault(consumer, set()).add(version)

    @rule(consumer=services, provider=services)
    def delete(self, consumer: str, provider: str) -> None:
        if consumer not in self.model.versions:
            self.refused(lambda: record.delete_integration(self.team.repo, consumer, provider))
            return
        own = [held for (name, _), held in self.model.contracts.items() if name == consumer]
        gone = any(provider in held for held in own)
        self.told(
            not gone,
            lambda: record.delete_integration(self.team.repo, consumer, provider),
            lambda: [held.pop(provider, None) for held in own],
        )

    @rule(service=services, version=versions, passed=st.booleans())
    def test(self, service: str, version: str, passed: bool) -> None:
        if (service, version) not in self.model.specs:
            self.refused(lambda: self.team.tested(service, version, passed))
            return
        holds = self.model.tests.get((service, version)) == passed
        self.told(
            holds,
            lambda: self.team.tested(service, version, passed),
            lambda: self.model.tests.update({(service, version): passed}),
        )

    @rule(service=services, version=versions, where=st.sampled_from(ENVIRONMENTS), instance=instances)
    def deploy(self, service: str, version: str, where: str, instance: str | None) -> None:
        if not self.known(service, version):
            self.refused(lambda: self.team.deploy(service, version, where, instance=instance))
            return
        slots = self.model.slots.setdefault((where, service), {})
        self.told(
            slots.get(instance) == version,
            lambda: self.team.deploy(service, version, where, instance=instance),
            lambda: slots.update({instance: version}),
        )

    @rule(service=services, where=st.sampled_from(ENVIRONMENTS), instance=instances)
    def undeploy(self, service: str, where: str, instance: str | None) -> None:
        if service not in self.model.versions:
            self.refused(lambda: record.undeploy(self.team.repo, service, where, instance=instance))
            return
        slots = self.model.slots.setdefault((where, service), {})
        self.told(
            instance not in slots,
            lambda: record.undeploy(self.team.repo, service, where, instance=instance),
            lambda: slots.pop(instance, None),
        )

    @rule(service=services, version=versions, where=st.sampled_from(ENVIRONMENTS), ends=st.booleans())
    def release(self, service: str, version: str, where: str, ends: bool) -> None:
        state_it = record.end_support if ends else record.release
        if not self.known(service, version):
            self.refused(lambda: state_it(self.team.repo, service, version, where))
            return
        held = self.model.releases.setdefault((where, service), set())
        change = held.discard if ends else held.add
        self.told(
            (version in held) != ends,
            lambda: state_it(self.team.repo, service, version, where),
            lambda: change(version),
        )

    @rule(name=st.sampled_from(["qa", "QA", "production", "Staging"]))
    def environment(self, name: str) -> None:
        twins = {one for one in self.model.environments if one != name and one.casefold() == name.casefold()}
        if twins:
            self.refused(lambda: self.team.environment(name))
            return
        self.told(
            name in self.model.environments,
            lambda: self.team.environment(name),
            lambda: self.model.environments.add(name),
        )

    def refused(self, tell: Callable[[], Any]) -> None:
        before = self.team.head
        with pytest.raises(SignetError):
            tell()
        assert self.team.head == before

    @invariant()
    def says_what_the_model_says(self) -> None:
        said = self.team.state
        assert set(said.environments()) == self.model.environments
        for service, known in self.model.versions.items():
            assert set(said.versions(service)) == known
            for version in known:
                manifest = said.manifest(service, version)
                assert manifest is not None
                assert set(manifest.contracts) == set(self.model.contracts.get((service, version), ()))
                assert (manifest.spec is not None) == ((service, version) in self.model.specs)
                test = said.spec_test(service, version)
                assert (test and test.passed) == self.model.tests.get((service, version))
        for where in ENVIRONMENTS:
            live = said.placements(where)
            for service in SERVICES[:4]:
                slots = {slot.instance: slot.version for slot in live[service].deployed} if service in live else {}
                assert slots == self.model.slots.get((where, service), {})
                released = set(live[service].released) if service in live else set()
                assert released == self.model.releases.get((where, service), set())


def test_any_sequence_of_facts_says_what_a_model_says() -> None:
    run_state_machine_as_test(Registry, settings=effort(6, stateful_step_count=15))
