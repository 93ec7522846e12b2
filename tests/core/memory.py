"""A registry state in plain mappings, for tests of rules that need no repository."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from signet.core.model.comparison import Comparison, Finding
from signet.core.model.state import Manifest, Placement, Service, Slot
from signet.core.model.verification import Replay, SpecTest


def _with(severity: str, code: str = "request.path-or-method.unknown") -> Comparison:
    return Comparison((Finding(code, severity, 0, "d", "no such path", "", ""),))


COMPARISONS = {
    "compatible": Comparison(),
    "incompatible": _with("error"),
    "undecided": _with("undecided"),
    "messages": _with("warning", "interaction.ignored"),
}


@dataclass
class MemoryState:
    """``State`` over mappings. A digest here is any text; ``fits`` says how (contract, spec) compares."""

    known: dict[str, Service] = field(default_factory=dict)
    manifests: dict[tuple[str, str], Manifest] = field(default_factory=dict)
    heads: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[str, dict[str, Placement]] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)
    tests: dict[tuple[str, str], SpecTest] = field(default_factory=dict)
    replays: dict[tuple[str, str, str, str], Replay] = field(default_factory=dict)
    fits: dict[tuple[str, str], str] = field(default_factory=dict)

    # --- telling

    def version(self, service: str, version: str, spec: str | None = None, **contracts: str) -> None:
        self.known.setdefault(service, Service(service))
        self.manifests[service, version] = Manifest(service, version, spec=spec, contracts=contracts)

    def deploy(self, environment: str, service: str, *versions: str) -> None:
        slots = tuple(Slot(version, None if not at else f"i{at}") for at, version in enumerate(versions))
        self.places.setdefault(environment, {})[service] = Placement(service, slots)

    def tested(self, service: str, version: str, spec: str, passed: bool = True) -> None:
        self.tests[service, version] = SpecTest(service, version, spec, passed)

    def replayed(self, service: str, version: str, consumer: str, contract: str, passed: bool = True) -> None:
        key = (service, version, consumer, contract)
        self.replays[key] = Replay(service, version, consumer, contract, passed)

    # --- State

    def services(self) -> Collection[str]:
        return self.known.keys()

    def environments(self) -> Collection[str]:
        return self.places.keys()

    def versions(self, service: str) -> Collection[str]:
        return {version for name, version in self.manifests if name == service}

    def service(self, name: str) -> Service:
        return self.known.get(name, Service(name))

    def placements(self, environment: str) -> Mapping[str, Placement]:
        return self.places[environment]

    def manifest(self, service: str, version: str) -> Manifest | None:
        return self.manifests.get((service, version))

    def head(self, service: str, branch: str) -> str | None:
        return self.heads.get((service, branch))

    def branches(self, service: str) -> Mapping[str, str]:
        return {branch: head for (name, branch), head in self.heads.items() if name == service}

    def consumers(self, provider: str) -> Collection[str]:
        return {name for (name, _), one in self.manifests.items() if provider in one.contracts}

    def agreed_spec(self, service: str) -> str | None:
        return self.agreed.get(service)

    def has_agreed_spec(self, service: str) -> bool:
        return service in self.agreed

    def has_spec(self, service: str) -> bool:
        own = any(one.spec for (name, _), one in self.manifests.items() if name == service)
        return own or service in self.agreed or any(name == service for name, _ in self.tests)

    def has_replays(self, service: str) -> bool:
        return any(key[0] == service for key in self.replays)

    def spec_test(self, service: str, version: str) -> SpecTest | None:
        return self.tests.get((service, version))

    def replay(self, service: str, version: str, consumer: str, contract: str) -> Replay | None:
        return self.replays.get((service, version, consumer, contract))

    def comparison(self, consumer: str, provider: str, contract: str, spec: str) -> Comparison:
        return COMPARISONS[self.fits.get((contract, spec), "incompatible")]

    def where(self, need: tuple[str, ...]) -> str:
        return "/".join(need)

    def expect(self, needs: Iterable[tuple[str, ...]]) -> None:
        for _need in needs:
            pass
