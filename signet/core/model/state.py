"""What a registry says at one commit: services, environments, versions, and the ``State`` that answers for them.

``State`` is an interface: whoever implements it (``signet.registry.read`` from a git tree, tests from plain mappings)
may read late and only what is asked for. A fact that is needed and broken raises InvalidData; one that is absent is
None.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from signet.core.model.comparison import Comparison
from signet.core.model.verification import Replay, SpecTest


class Service(NamedTuple):
    """What people say about a service. ``aliases`` are names that Pact files use for it."""

    name: str
    main_branch: str = "main"
    owners: tuple[str, ...] = ()
    repository: str = ""
    aliases: tuple[str, ...] = ()
    external: bool = False


class Environment(NamedTuple):
    """What people say about an environment; ``order`` is its place in the promotion path."""

    name: str
    display_name: str = ""
    production: bool = False
    order: int | None = None
    owners: tuple[str, ...] = ()


class Manifest(NamedTuple):
    """One version of a service: what it was published with. Digests are full (64 hex digits).

    ``contracts`` maps each provider to the digest of the contract with it; ``commit`` and ``build_url`` are of the
    first publish.
    """

    service: str
    version: str
    branches: tuple[str, ...] = ()
    spec: str | None = None
    contracts: Mapping[str, str] = MappingProxyType({})
    commit: str = ""
    build_url: str = ""
    artifacts: Mapping[str, str] = MappingProxyType({})


class Slot(NamedTuple):
    """A deployed version; ``instance`` None is a slot of its own."""

    version: str
    instance: str | None = None


class Placement(NamedTuple):
    """What is live of one service in one environment."""

    service: str
    deployed: tuple[Slot, ...] = ()
    desired: str | None = None
    released: tuple[str, ...] = ()

    @property
    def versions(self) -> tuple[str, ...]:
        """Every live version, once, in order of name: deployed, desired or released."""
        if len(self.deployed) == 1 and self.desired is None and not self.released:
            return (self.deployed[0].version,)  # as most are: whoever asks of a place asks this of everybody there
        wanted = () if self.desired is None else (self.desired,)
        return tuple(sorted({*(slot.version for slot in self.deployed), *wanted, *self.released}))


class State(Protocol):
    """What holds at one commit. Reading the same fact twice gives the same answer.

    One that is asked often may have ``derived``, a dictionary: whoever works something out that follows from the state
    alone may keep it there, under a key that begins with a name of its own.
    """

    def services(self) -> Collection[str]:
        """The names of all services that the registry knows."""

    def environments(self) -> Collection[str]:
        """The names of all registered environments."""

    def versions(self, service: str) -> Collection[str]:
        """The names of all versions of a service (without reading their manifests)."""

    def service(self, name: str) -> Service:
        """A known service."""

    def placements(self, environment: str) -> Mapping[str, Placement]:
        """By service, what is live in a known environment."""

    def manifest(self, service: str, version: str) -> Manifest | None:
        """A version, or None if it is not known."""

    def head(self, service: str, branch: str) -> str | None:
        """The version that a branch saw last for the first time."""

    def branches(self, service: str) -> Mapping[str, str]:
        """By branch of a service, its head; every branch that was ever seen."""

    def consumers(self, provider: str) -> Collection[str]:
        """The services that have, or once had, a contract with a provider (without reading any)."""

    def agreed_spec(self, service: str) -> str | None:
        """The digest of the agreed spec of a service."""

    def has_agreed_spec(self, service: str) -> bool:
        """Is there an agreed spec? (Asked where its content does not matter.)"""

    def has_spec(self, service: str) -> bool:
        """Has the service any spec: agreed, of a version, or tested?"""

    def has_replays(self, service: str) -> bool:
        """Has any version of the service the result of any replay?"""

    def spec_test(self, service: str, version: str) -> SpecTest | None:
        """The latest spec test of a provider version."""

    def replay(self, service: str, version: str, consumer: str, contract: str) -> Replay | None:
        """The latest replay, by a provider version, of a consumer's contract (full digest)."""

    def comparison(self, consumer: str, provider: str, contract: str, spec: str) -> Comparison:
        """The comparison of a stored contract with a stored spec (full digests)."""

    def where(self, need: tuple[str, ...]) -> str:
        """What to call the file of a fact in a message: a need, or ("placement", environment, service)."""

    def expect(self, needs: Iterable[tuple[str, ...]]) -> None:
        """A hint that these facts are asked for soon, so that they can be fetched together. Changes no answer.

        A need is ("manifest", service, version), ("service", name), ("head", service, branch), ("spec-test", service,
        version), ("replay", service, version, consumer, contract), ("agreed-spec", service), ("contract", consumer,
        provider, contract) or ("spec", service, spec).
        """
