"""What is owed: the spec tests and replays that would have to run so that no reason of any guard stays open.

The rule is rules.md ("Verification", *Owed*). An entry is *blocking* where a guard waits for it (a spec that was never
tested; a contract that nothing else decides) and *advisory* where the guard has its answer without it. Relevant are the
versions that are live anywhere or head their main branch. It reads the state and records nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from signet.core.guard import Pair, check_names, judge, spec_of
from signet.core.live_versions import live_manifest, live_versions
from signet.core.model.decision import Candidate, ComparisonUndecided, ReplayMissing, SpecMissing
from signet.core.model.names import nearest
from signet.core.model.state import State
from signet.errors import InvalidData, UnknownName, UsageError

_REPLAY_DECIDES = (ReplayMissing, SpecMissing, ComparisonUndecided)


@dataclass(frozen=True, slots=True, order=True)
class Because:
    """Why a version matters: ``main-branch``, ``deployed``, ``desired``, ``released`` (with where), ``asked``.

    Or it heads another ``branch``, of development: then it informs, and gates nothing.
    """

    because: str
    environment: str | None = None

    def as_json(self) -> dict[str, str]:
        """``{"because": ..., "environment": ...}``; no environment for main branches."""
        return {"because": self.because} | ({"environment": self.environment} if self.environment else {})


@dataclass(frozen=True, slots=True)
class Owed:
    """A test that would have to run: a ``spec-test`` (with ``spec``) or a ``replay`` (with the rest).

    ``consumer_versions`` all have the contract; digests are full; ``reasons`` say why the provider version matters.
    """

    kind: str
    provider: str
    provider_version: str
    blocking: bool
    reasons: tuple[Because, ...]
    spec: str | None = None
    consumer: str | None = None
    consumer_versions: tuple[str, ...] = ()
    contract: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The entry as a JSON object; what does not belong to its kind is left out."""
        side = {"spec": self.spec}
        if self.kind == "replay":
            side = {"consumer": self.consumer, "contract": self.contract}
        return {
            "kind": self.kind,
            "provider": self.provider,
            "provider_version": self.provider_version,
            **side,
            **({"consumer_versions": list(self.consumer_versions)} if self.kind == "replay" else {}),
            "blocking": self.blocking,
            "reasons": [reason.as_json() for reason in self.reasons],
        }


def owed(
    state: State,
    waits: Callable[[State, Pair], bool] | None = None,
    /,
    *,
    provider: str | None = None,
    provider_version: str | None = None,
    consumer: str | None = None,
    consumer_version: str | None = None,
) -> tuple[Owed, ...]:
    """Everything that is owed: by the whole registry, by one provider (version), or for one consumer (version).

    A consumer version or provider version that is named counts as relevant, live or not. UnknownName for names that the
    registry does not know; UsageError for a version without its service. ``waits`` says of a pair whether a guard waits
    for its replay; without one, the pair is judged.
    """
    _check(state, (provider, provider_version), (consumer, consumer_version))
    known = relevant(state)
    providers = _sides(known, provider, provider_version)
    consumers = _sides(known, consumer, consumer_version)
    state.expect(("manifest", *one) for one in {**providers, **consumers})
    contracts = _contracts(state, consumers)
    state.expect(("spec-test", *one) for one in providers)
    found: list[Owed] = []
    for (service, version), reasons in providers.items():
        if state.service(service).external:
            continue
        if consumer is None:
            found += _spec_tests(state, service, version, reasons)
        found += _replays(state, service, version, reasons, contracts.get(service, {}), waits or _waits)
    if consumer is not None:
        waited = {(one.provider, one.provider_version) for one in found}
        found += [test for one in sorted(waited) for test in _spec_tests(state, *one, providers[one])]
    return tuple(sorted(found, key=_order))


def owed_by(state: State, providers: Collection[str]) -> dict[str, tuple[Owed, ...] | InvalidData]:
    """What each of some known providers owes, or why that cannot be told; asked together, the rest is read once."""
    try:
        known = relevant(state)
        contracts = _contracts(state, known)
    except InvalidData as error:
        return dict.fromkeys(providers, error)
    found: dict[str, tuple[Owed, ...] | InvalidData] = {}
    for provider in providers:
        try:
            found[provider] = tuple(
                test
                for (service, version), reasons in _sides(known, provider, None).items()
                if not state.service(service).external
                for test in (
                    *_spec_tests(state, service, version, reasons),
                    *_replays(state, service, version, reasons, contracts.get(service, {}), _waits),
                )
            )
        except InvalidData as error:
            found[provider] = error
    return found


def _check(state: State, *named: tuple[str | None, str | None]) -> None:
    candidates = []
    for service, version in named:
        if service is None and version is not None:
            raise UsageError(f"Version {version} is named without its service.", "Name the service as well.")
        if service is not None and version is not None:
            candidates.append(Candidate(service, version))
        elif service is not None and service not in state.services():
            near = nearest(service, state.services())
            raise UnknownName([("unknown-service", "service", service, near)], "'signet status' lists the services.")
    check_names(state, candidates, None)


def relevant(state: State) -> dict[tuple[str, str], tuple[Because, ...]]:
    """Every version that is live anywhere or heads its main branch, and why."""
    found: dict[tuple[str, str], set[Because]] = {}
    for name, heads in live_versions(state, None).items():
        for head in heads:
            found.setdefault((name, head), set()).add(Because("main-branch"))
    for environment in sorted(state.environments()):
        for name, place in state.placements(environment).items():
            for slot in place.deployed:
                found.setdefault((name, slot.version), set()).add(Because("deployed", environment))
            if place.desired is not None:
                found.setdefault((name, place.desired), set()).add(Because("desired", environment))
            for version in place.released:
                found.setdefault((name, version), set()).add(Because("released", environment))
    return {
        one: tuple(sorted(found[one], key=lambda why: (why.because, why.environment or ""))) for one in sorted(found)
    }


def _sides(
    known: Mapping[tuple[str, str], tuple[Because, ...]], service: str | None, version: str | None
) -> dict[tuple[str, str], tuple[Because, ...]]:
    if service is None:
        return dict(known)
    if version is None:
        return {one: why for one, why in known.items() if one[0] == service}
    return {(service, version): known.get((service, version), (Because("asked"),))}


def _contracts(
    state: State, consumers: Mapping[tuple[str, str], tuple[Because, ...]]
) -> dict[str, dict[tuple[str, str], list[str]]]:
    """By provider: (consumer, contract digest) -> the consumer versions that have it."""
    found: dict[str, dict[tuple[str, str], list[str]]] = {}
    for (name, version), why in consumers.items():
        manifest = live_manifest(state, name, version, why[0].environment)
        for provider, contract in manifest.contracts.items():
            found.setdefault(provider, {}).setdefault((name, contract), []).append(version)
    return found


def _spec_tests(state: State, provider: str, version: str, reasons: tuple[Because, ...]) -> list[Owed]:
    if state.spec_test(provider, version) is not None:
        return []
    spec = spec_of(state, provider, version) or state.agreed_spec(provider)
    return [Owed("spec-test", provider, version, True, reasons, spec=spec)] if spec is not None else []


def _replays(
    state: State,
    provider: str,
    version: str,
    reasons: tuple[Because, ...],
    contracts: Mapping[tuple[str, str], list[str]],
    waits: Callable[[State, Pair], bool],
) -> list[Owed]:
    found = []
    for (consumer, contract), versions in sorted(contracts.items()):
        if state.replay(provider, version, consumer, contract) is not None:
            continue
        found.append(
            Owed(
                "replay",
                provider,
                version,
                waits(state, Pair(consumer, versions[0], provider, version)),
                reasons,
                consumer=consumer,
                consumer_versions=tuple(sorted(versions)),
                contract=contract,
            )
        )
    return found


def _waits(state: State, pair: Pair) -> bool:
    return judge(state, pair) in _REPLAY_DECIDES


def _order(one: Owed) -> tuple[bool, str, str, str, str, str]:
    return (not one.blocking, one.provider, one.provider_version, one.kind, one.consumer or "", one.contract or "")
