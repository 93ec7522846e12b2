"""``state_at(commit) -> RegistryState``: what the tree at one commit says, read late and only what is asked for.

The tree is the state: nothing here looks at messages, dates, a work tree, or another commit. How files are read is
``signet.registry.tree``; specs, contracts and their comparisons are ``signet.registry.contents``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from signet.core.model import names
from signet.core.model.fixture import Fixture, counting
from signet.core.model.state import Environment, Manifest, Placement, Service
from signet.core.model.verification import Replay, SpecTest
from signet.errors import Fault, InvalidData, UnknownName, UsageError
from signet.registry import documents, git, layout
from signet.registry.contents import Contents
from signet.registry.tree import MOST_TAKEN_OVER, Tree


def state_at(repo: git.Repository, commit: str | None) -> RegistryState:
    """The state at a commit; None is a repository without commits.

    UsageError where the commit is no registry; InvalidData where ``signet.yaml`` is broken or of a later format.
    """
    state = RegistryState(repo, commit)
    founded = state.entry(layout.REGISTRY)
    if founded is None:
        raise UsageError(
            f"{repo.location} is not a registry: it has no {layout.REGISTRY}.",
            "Make it one with 'signet init', or pass another --registry.",
            code="not-a-registry",
        )
    state.founded(founded.id)
    return state


class RegistryState(Contents):
    """``signet.core.model.state.State`` over one commit of a repository, with the contents behind the digests."""

    def __init__(self, repo: git.Repository, commit: str | None) -> None:
        super().__init__(repo, commit)
        self._fixtures: dict[str, tuple[Fixture, ...]] = {}
        self._nouns: dict[tuple[str, ...], Any] = {}
        self.derived: dict[Any, Any] = {}

    def take_over(self, other: Tree, changed: Collection[str]) -> None:
        """The same for what was made of records."""
        super().take_over(other, changed)
        if not isinstance(other, RegistryState) or len(other._nouns) > MOST_TAKEN_OVER:
            return
        self._nouns = dict(other._nouns)
        for path in changed:
            self._nouns.pop(layout.identity(path) or (), None)
        for place in {path.split("/")[1] for path in changed if path.startswith("environments/")}:
            known = self._nouns.pop(("placements", place), None)
            if known is not None:
                with suppress(InvalidData):  # whoever asks is told
                    self._place_again(place, known, [one for one in changed if _is_in(one, f"environments/{place}")])

    def _place_again(self, place: str, known: Mapping[str, Placement], changed: Iterable[str]) -> None:
        """Know what is live in an environment from what was before, where only placements changed."""
        found = dict(known)
        for path in changed:
            identity = layout.identity(path)
            if identity is None or identity[0] != "placement":
                if path.count("/") > 1 and path.split("/")[2].startswith("."):
                    continue
                return
            there = self.entry(path)
            if there is None:
                found.pop(identity[2], None)
            elif git.lacks(self.repo, there.id):
                return
            else:
                found[identity[2]] = self.placement(place, identity[2])
        if found.keys() != known.keys():
            found = {service: found[service] for service in sorted(found, key=lambda one: f"{one}.yaml".encode())}
        self._nouns["placements", place] = MappingProxyType(found)

    # --- names

    def services(self) -> Set[str]:
        """The names of all services that the registry knows."""
        return self.names_in("services", "service", "")

    def environments(self) -> Set[str]:
        """The names of all registered environments."""
        return self.names_in("environments", "environment", ".yaml")

    def versions(self, service: str) -> Set[str]:
        """The names of all versions of a service."""
        return self.names_in(f"services/{service}/versions", "version", ".json")

    def resolve_alias(self, name: str) -> str:
        """The registry's name for a name in a Pact file: itself, or the service that has it under ``aliases``."""
        if name in self.services():
            return name
        self.expect(("service", service) for service in self.services())
        found = [service for service in sorted(self.services()) if name in self.service(service).aliases]
        if len(found) > 1:
            raise UsageError(
                f"The alias {name!r} belongs to several services: {', '.join(found)}.",
                "Take it out of all but one services/<service>/service.yaml.",
            )
        return found[0] if found else name

    # --- people's files

    def registry_name(self) -> str:
        """What ``signet.yaml`` calls the registry; empty where it has no name."""
        record = self._record(documents.RegistryFile, ("registry",))
        return "" if record is None else record.name

    def changes_policy(self) -> documents.ChangesPolicy:
        """What ``signet.yaml`` says of changes of specs."""
        record = self._record(documents.RegistryFile, ("registry",))
        return documents.ChangesPolicy() if record is None else record.changes

    def environment(self, name: str) -> Environment:
        """A registered environment; UnknownName for others."""
        record = self._record(documents.EnvironmentFile, ("environment", name))
        if record is None:
            near = names.nearest(name, self.environments())
            raise UnknownName(
                [("unknown-environment", "environment", name, near)], "'signet register-env' registers a new one."
            )
        return record.noun(name)

    def service(self, name: str) -> Service:
        """A service, with defaults where people said nothing about it."""
        key = ("service", name)
        if key not in self._nouns:
            record = self._record(documents.ServiceFile, key)
            self._nouns[key] = Service(name) if record is None else record.noun(name)
        found: Service = self._nouns[key]
        return found

    def placement_file(self, environment: str, service: str) -> documents.PlacementFile:
        """The environment file of a service as people wrote it; an empty one where there is none."""
        record = self._record(documents.PlacementFile, ("placement", environment, service))
        return documents.PlacementFile() if record is None else record

    def placement(self, environment: str, service: str) -> Placement:
        """What is live of a service in an environment; an empty placement where nothing is."""
        key = ("placement", environment, service)
        if key not in self._nouns:
            self._nouns[key] = self.placement_file(environment, service).noun(service)
        found: Placement = self._nouns[key]
        return found

    def placements(self, environment: str) -> Mapping[str, Placement]:
        """By service, what is live in an environment.

        InvalidData for anything there that is no placement (but dot files): a ``cart.yml`` that nobody reads would make
        a live version invisible.
        """
        key = ("placements", environment)
        if key not in self._nouns:
            self._nouns[key] = MappingProxyType(self._placements(f"environments/{environment}", environment))
        found: Mapping[str, Placement] = self._nouns[key]
        return found

    def _placements(self, root: str, environment: str) -> dict[str, Placement]:
        listed = [one for one in self.listing(root) if not one.name.startswith(".")]
        self.prefetch(one.id for one in listed if one.is_file)
        strange = [f"{root}/{one.name}" for one in listed if layout.identity(f"{root}/{one.name}") is None]
        strange += [f"{root}/{one.name}" for one in listed if one.is_tree]
        if strange:
            faults = [Fault(path, None, 0, "is no state of a service: SERVICE.yaml is expected") for path in strange]
            raise documents.refused(root, faults)
        services = [one.name.removesuffix(".yaml") for one in listed]
        return {service: self.placement(environment, service) for service in services}

    # --- machines' files

    def manifest(self, service: str, version: str) -> Manifest | None:
        """A version, or None if it is not known."""
        key = ("manifest", service, version)
        if key not in self._nouns:
            record = self._record(documents.ManifestFile, key, service=service, version=version)
            self._nouns[key] = None if record is None else record.noun()
        found: Manifest | None = self._nouns[key]
        return found

    def head(self, service: str, branch: str) -> str | None:
        """The version that a branch saw last for the first time."""
        record = self._record(documents.HeadFile, ("head", service, branch), service=service, branch=branch)
        return None if record is None else record.version

    def branches(self, service: str) -> Mapping[str, str]:
        """By branch of a service, its head; every branch that was ever seen."""
        root = f"services/{service}/branches"
        listed = [one for one in self.listing(root) if one.name.endswith(".json")]
        self.prefetch(one.id for one in listed if one.is_file)
        return {head.branch: head.version for one in listed if (head := self.head_at(f"{root}/{one.name}", service))}

    def head_at(self, path: str, service: str) -> documents.HeadFile | None:
        """The head whose file this is. The file itself has the name of the branch, which its path must agree with."""
        data = self.bytes_at(path)
        found = None if data is None else documents.parse(documents.HeadFile, data, path, {"service": service})
        if found is not None and layout.path("head", service, found.branch) != path:
            raise documents.refused(path, [Fault(path, "/branch", 0, "its path is that of another branch")])
        return found

    def consumers(self, provider: str) -> frozenset[str]:
        """The services that have, or once had, a contract with a provider. Looks at trees only."""
        return frozenset(name for name in self.services() if self.listing(f"services/{name}/contracts/{provider}"))

    def main_head(self, service: str) -> str | None:
        """The head of the main branch of a service."""
        return self.head(service, self.service(service).main_branch)

    def spec_test(self, service: str, version: str) -> SpecTest | None:
        """The latest spec test of a provider version."""
        key = ("spec-test", service, version)
        if key not in self._nouns:
            record = self._record(documents.SpecTestFile, key, service=service, version=version)
            self._nouns[key] = None if record is None else record.noun()
        found: SpecTest | None = self._nouns[key]
        return found

    def replay(self, service: str, version: str, consumer: str, contract: str) -> Replay | None:
        """The latest replay, by a provider version, of a consumer's contract (full digest)."""
        key = ("replay", service, version, consumer, contract)
        if key not in self._nouns:
            record = self._record(
                documents.ReplayFile, key, service=service, version=version, consumer=consumer, contract=contract
            )
            self._nouns[key] = None if record is None else record.noun()
        found: Replay | None = self._nouns[key]
        return found

    def fixtures(self, service: str, environment: str | None = None) -> tuple[Fixture, ...]:
        """The approved fixtures of a service that count in an environment, by operation and name.

        Those that name environments count in these alone, those that name none everywhere; without an environment only
        the latter are meant. InvalidData with the faults of all files that are broken, UnknownName for an environment
        that is not registered. Whether they fit a spec is ``signet.core.fixtures.misfits``.
        """
        if environment is not None:
            self.environment(environment)
        return counting(self.every_fixture(service), environment)

    def every_fixture(self, service: str) -> tuple[Fixture, ...]:
        """The same of all environments together."""
        from signet.registry import fixtures

        if service not in self._fixtures:
            self._fixtures[service] = fixtures.read(self, service)
        return self._fixtures[service]

    def has_agreed_spec(self, service: str) -> bool:
        """Is there an agreed spec? Looks at the tree only."""
        return self.entry(layout.path("agreed-spec", service)) is not None

    def has_spec(self, service: str) -> bool:
        """Has the service any spec: agreed, of a version, or tested? Looks at trees only."""
        return self.has_agreed_spec(service) or bool(self.listing(f"services/{service}/specs"))

    def has_replays(self, service: str) -> bool:
        """Has any version of the service the result of any replay? Looks at trees only."""
        root = f"services/{service}/verifications"
        return any(
            one.name != "spec.json"
            for version in self.listing(root)
            if version.is_tree
            for one in self.listing(f"{root}/{version.name}")
        )


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
