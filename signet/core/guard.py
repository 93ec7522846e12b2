"""Deploy Guard: may these versions go there, given what is live there? A pure function of the registry's state.

The law, with every edge, is rules.md ("Deploy Guard"). This module decides; it does not record, wait or explain blame.

The recipe:
1. Every service, version and environment that is named exists, or it is an input error (all unknown names at once).
2. Live is what is deployed, desired or released; for main branches their heads. A candidate stands for its own service.
3. As consumer: each contract of the candidate version, with every live version of its provider.
4. As provider: every live consumer version that has a contract with the candidate's service.
5. A pair gives exactly one reason, the first that applies.
6. Anything against: no. Else anything open: unknown. Else yes; with nothing left to check, yes and it says so.
7. Only direct neighbours count; no order of files, no other service and no clock changes a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypedDict

from signet.core.live_versions import live_manifest, meeting
from signet.core.model.comparison import Comparison
from signet.core.model.decision import (
    Candidate,
    ComparisonUndecided,
    Compatible,
    ContractIncompatible,
    Decision,
    Evidence,
    Ignored,
    IgnoreNoMatch,
    NothingToCheck,
    ProviderFailedVerification,
    ProviderNotDeployed,
    ProviderUnverified,
    Reason,
    ReplayFailed,
    ReplayMissing,
    SpecMissing,
)
from signet.core.model.names import nearest
from signet.core.model.state import Manifest, State
from signet.errors import InvalidData, UnknownName, UsageError

MOST_KEPT = 20_000
"""So many reasons are kept with a state that is asked often; then it begins anew."""
_WEIGHTS = ("no", "unknown", "yes", "none")


class Pair(NamedTuple):
    """A consumer version and a provider version that would meet.

    ``provider_version`` is None where no version of the provider is live, and for an external provider.
    """

    consumer: str
    consumer_version: str
    provider: str
    provider_version: str | None
    external: bool = False


def decide(
    state: State, candidates: Sequence[Candidate], environment: str | None, *, ignore: Sequence[str] = ()
) -> Decision:
    """May ``candidates`` go to ``environment`` together? None asks for the heads of main branches.

    ``ignore`` holds ``SERVICE`` or ``SERVICE@VERSION``. UnknownName for names that the registry does not know
    (nothing is ever created by asking), UsageError for two versions of one service, InvalidData for a broken file
    that is needed.
    """
    # 1. names
    chosen = _candidates(candidates)
    check_names(state, chosen, environment)
    # 2. live
    live = _Live(state, chosen, environment)
    # 3. and 4. pairs
    pairs = sorted(
        {pair for one in chosen for pair in (*live.as_consumer(one), *live.as_provider(one))},
        key=lambda pair: (pair.consumer, pair.consumer_version, pair.provider, pair.provider_version or ""),
    )
    # 5. reasons
    ignored = {pair for pair in pairs if any(_matches(entry, pair) for entry in ignore)}
    looked_at = [pair for pair in pairs if pair not in ignored]
    state.expect(need for pair in looked_at for need in (*_evidence(state, pair, live), *_likely_spec(state, pair)))
    state.expect(need for pair in looked_at for need in _spec_needs(state, pair))
    reasons = [_reason(state, pair, live, pair in ignored) for pair in pairs]
    notes: list[Reason] = [IgnoreNoMatch(detail=entry) for entry in {*ignore} if not _is_known(state, entry)]
    # 6. verdict
    weights = {reason.weight for reason in reasons}
    verdict = "no" if "no" in weights else "unknown" if "unknown" in weights else "yes"
    if not weights & {"no", "unknown", "yes"}:
        why = "every neighbour is ignored" if pairs else "no live service meets the candidate"
        notes.append(NothingToCheck(detail=why))
    notes.sort(key=lambda note: note.detail)
    # As ``order`` has it: notes name nobody, and the pairs are in their order already.
    reasons = sorted((*notes, *reasons), key=lambda reason: _WEIGHTS.index(reason.weight))
    return Decision(verdict, chosen, environment, tuple(reasons))


def judge(state: State, pair: Pair) -> type[Reason]:
    """Step 5 without ignoring: the one class of reason that a pair of versions has. Read by ``owed`` as well."""
    return type(reason(state, pair, None))


def reason(state: State, pair: Pair, environment: str | None) -> Reason:
    """The same with its sentence, as ``decide`` would give it for a candidate; it carries no evidence."""
    return _judged(state, pair, environment)


def check_names(state: State, candidates: Iterable[Candidate], environment: str | None) -> None:
    """Step 1: UnknownName with every name that the registry does not know, each with a did-you-mean."""
    unknown: list[tuple[str, str, str, str | None]] = []
    for one in candidates:
        if one.service not in state.services():
            unknown.append(("unknown-service", "service", one.service, nearest(one.service, state.services())))
        elif one.version not in state.versions(one.service):
            near = nearest(one.version, state.versions(one.service))
            unknown.append(("unknown-version", f"{one.service} version", one.version, near))
    if environment is not None and environment not in state.environments():
        near = nearest(environment, state.environments())
        unknown.append(("unknown-environment", "environment", environment, near))
    if unknown:
        raise UnknownName(unknown, "Nothing was created; 'signet status' lists what the registry knows.")


def _candidates(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    chosen = tuple(dict.fromkeys(candidates))
    versions: dict[str, str] = {}
    for one in chosen:
        if versions.setdefault(one.service, one.version) != one.version:
            raise UsageError(
                f"Two versions of {one.service} are candidates: {versions[one.service]} and {one.version}.",
                "Ask for one version of each service.",
            )
    if not chosen:
        raise UsageError("No candidate is named.", "Pass --name and --version.")
    return chosen


class _Live:
    """Step 2: who is live there, with the candidates in place of their services' live versions."""

    def __init__(self, state: State, candidates: tuple[Candidate, ...], environment: str | None) -> None:
        self.state = state
        self.environment = environment
        self.named: Mapping[str, str] = {one.service: one.version for one in candidates}
        needs = [("manifest", one.service, one.version) for one in candidates]
        self.actual, self._callers = meeting(state, environment, needs)
        state.expect(needs)

    def versions(self, service: str) -> tuple[str, ...]:
        """The versions that stand for a service in this question."""
        return (self.named[service],) if service in self.named else self.actual.get(service, ())

    def manifest(self, service: str, version: str) -> Manifest:
        return live_manifest(self.state, service, version, self.environment)

    def providers(self, provider: str, consumer: Candidate) -> tuple[str, ...]:
        """The versions of a provider that a consumer version would meet; a service that calls itself meets both."""
        if provider == consumer.service and provider in self.named:
            return tuple(dict.fromkeys((self.named[provider], *self.actual.get(provider, ()))))
        return self.versions(provider)

    def as_consumer(self, one: Candidate) -> Iterable[Pair]:
        """3. Each contract of the candidate version with every live version of its provider."""
        providers = self.manifest(one.service, one.version).contracts
        self.state.expect(("service", provider) for provider in providers)
        for provider in providers:
            yield from self._pairs(one, provider)

    def _pairs(self, consumer: Candidate, provider: str) -> Iterable[Pair]:
        if provider in self.state.services() and self.state.service(provider).external:
            yield Pair(consumer.service, consumer.version, provider, None, external=True)
            return
        versions = self.providers(provider, consumer)
        for version in versions or (None,):
            yield Pair(consumer.service, consumer.version, provider, version)

    def as_provider(self, one: Candidate) -> Iterable[Pair]:
        """4. Every live consumer version that has a contract with the candidate's service."""
        if self.state.service(one.service).external:
            return
        for service, version in self._calling(one.service):
            if service not in self.named or service == one.service:
                yield Pair(service, version, one.service, one.version)
        for service, version in self.named.items():
            if one.service in self.manifest(service, version).contracts:
                yield Pair(service, version, one.service, one.version)

    def _calling(self, provider: str) -> Iterable[tuple[str, str]]:
        """The live versions that have a contract with a provider; InvalidData where a needed manifest is broken."""
        if self._callers is not None:
            return self._callers.get(provider, ())
        needed = {**self.actual, **{one: self.actual.get(one, ()) if one == provider else () for one in self.named}}
        return [
            (service, version)
            for service, versions in sorted(needed.items())
            for version in versions
            if provider in self.manifest(service, version).contracts
        ]


def spec_of(state: State, provider: str, version: str | None) -> str | None:
    """The spec of a provider version: the one of its latest spec test, else the one it was published with.

    For version None (an external provider): the agreed spec.
    """
    if version is None:
        return state.agreed_spec(provider)
    test = state.spec_test(provider, version)
    if test is not None:
        return test.spec
    manifest = state.manifest(provider, version)
    return manifest.spec if manifest else None


def _reason(state: State, pair: Pair, live: _Live, ignored: bool) -> Reason:
    kept = getattr(state, "derived", {})
    key = ("reason", pair, live.environment, ignored)
    found: Reason | None = kept.get(key)
    if found is None:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        reason = Ignored(**_named(pair)) if ignored else _judged(state, pair, live.environment)
        found = kept[key] = replace(reason, evidence=tuple(dict.fromkeys(_evidence(state, pair, live))))
    return found


def _judged(state: State, pair: Pair, environment: str | None) -> Reason:
    """5. The first reason that applies, in the order of the rules."""
    named = _named(pair)
    if pair.provider_version is None and not pair.external:
        return ProviderNotDeployed(**named, environment=environment)
    contract = _contract(state, pair)
    replay, tested = None, None
    if pair.provider_version is not None:
        replay = state.replay(pair.provider, pair.provider_version, pair.consumer, contract)
    if replay is not None and not replay.passed:
        return ReplayFailed(**named)
    if pair.provider_version is not None:
        tested = state.spec_test(pair.provider, pair.provider_version)
    spec = spec_of(state, pair.provider, pair.provider_version)
    comparison: Comparison | None = None
    if spec is not None:
        comparison = state.comparison(pair.consumer, pair.provider, contract, spec)
        if comparison.verdict == "incompatible":
            return ContractIncompatible(**named, detail=_summary(comparison))
    if tested is not None and not tested.passed:
        return ProviderFailedVerification(**named)
    if replay is not None:
        return Compatible(**named, detail="the replay of its contract passed")
    if comparison is not None and comparison.verdict == "compatible" and comparison.beyond_spec:
        why = f"{comparison.beyond_spec} of its interactions are messages, of which an HTTP spec says nothing"
        return ComparisonUndecided(**named, detail=why)
    if comparison is not None and comparison.compatible and (pair.external or tested is not None):
        why = "its contract fits the agreed spec" if pair.external else "its contract fits a spec that was tested"
        return Compatible(**named, detail=why)
    if comparison is not None and comparison.verdict == "undecided":
        return ComparisonUndecided(**named)
    if comparison is not None or (not pair.external and state.has_agreed_spec(pair.provider)):
        return ProviderUnverified(**named)
    if not pair.external and not state.has_spec(pair.provider) and state.has_replays(pair.provider):
        return ReplayMissing(**named)
    return SpecMissing(**named)


def _contract(state: State, pair: Pair) -> str:
    manifest = state.manifest(pair.consumer, pair.consumer_version)
    if manifest is None or pair.provider not in manifest.contracts:
        raise LookupError(f"{pair} has no contract")
    return manifest.contracts[pair.provider]


def _evidence(state: State, pair: Pair, live: _Live) -> list[Evidence]:
    """The facts that a pair stands on, besides who is live."""
    found: list[Evidence] = [("manifest", pair.consumer, pair.consumer_version)]
    if live.environment is not None:
        for service, version in ((pair.consumer, pair.consumer_version), (pair.provider, pair.provider_version)):
            if version in live.actual.get(service, ()):
                found.append(("placement", live.environment, service))
    contract = _contract(state, pair)
    if pair.external:
        return [*found, ("agreed-spec", pair.provider), ("contract", pair.consumer, pair.provider, contract)]
    if pair.provider_version is None:
        return found
    here = (pair.provider, pair.provider_version)
    return [
        *found,
        ("manifest", *here),
        ("contract", pair.consumer, pair.provider, contract),
        ("spec-test", *here),
        ("replay", *here, pair.consumer, contract),
    ]


def _likely_spec(state: State, pair: Pair) -> list[Evidence]:
    """The spec that a provider version was published with: mostly the tested one, too; then it comes with the rest."""
    manifest = state.manifest(pair.provider, pair.provider_version) if pair.provider_version is not None else None
    return [("spec", pair.provider, manifest.spec)] if manifest is not None and manifest.spec is not None else []


def _spec_needs(state: State, pair: Pair) -> list[Evidence]:
    """The spec that the comparison of a pair reads; nothing where a broken file stands in the way (judging says so)."""
    if pair.provider_version is None and not pair.external:
        return []
    try:
        spec = spec_of(state, pair.provider, pair.provider_version)
    except InvalidData:
        return []
    return [("spec", pair.provider, spec)] if spec is not None else []


class _Named(TypedDict):
    consumer: str
    consumer_version: str
    provider: str
    provider_version: str | None


def _named(pair: Pair) -> _Named:
    return {
        "consumer": pair.consumer,
        "consumer_version": pair.consumer_version,
        "provider": pair.provider,
        "provider_version": pair.provider_version,
    }


def _matches(entry: str, pair: Pair) -> bool:
    service, at, version = entry.partition("@")  # "cart@" is a version that has no name, and not all of cart
    sides = ((pair.consumer, pair.consumer_version), (pair.provider, pair.provider_version))
    return any(name == service and (not at or version == here) for name, here in sides)


def _is_known(state: State, entry: str) -> bool:
    service, at, version = entry.partition("@")
    return service in state.services() and (not at or version in state.versions(service))


def _summary(comparison: Comparison) -> str:
    errors = [finding for finding in comparison.findings if finding.severity == "error"]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{errors[0].message}{more}"


def order(reason: Reason) -> tuple[int, str, str, str, str, str]:
    """The place of a reason among others: what is against first, then what is open; then by names."""
    names = (reason.consumer, reason.consumer_version, reason.provider, reason.provider_version, reason.detail)
    first, second, third, fourth, fifth = (name or "" for name in names)
    return (_WEIGHTS.index(reason.weight), first, second, third, fourth, fifth)
