"""Events of verdicts: which comparisons, answers of Deploy Guard and owed tests a commit turned.

Told is what turned for those who are live or head their main branches.

Only what the commit touched is judged, on both sides. The recipe:

1. Which pairs meet in each place, before and after, and whose evidence differs (``signet.core.touched_pairs``).
2. The comparison of a consumer with a provider, in a place, is that of their worst pair; it *turned* if it fits now and
   did not, or the other way, and both met on both sides.
3. Deploy Guard's verdict of a service in an environment is that of its worst pair there. *Red* is a no that was none
   before; *green* is a yes of a service that was there and had another verdict.
4. A test is owed newly if ``signet.core.owed`` lists it now and did not; asked of the providers that are concerned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from signet.core.effects import Marked
from signet.core.events import Identity
from signet.core.guard import reason, spec_of
from signet.core.integrations import Meeting
from signet.core.live_versions import live_versions
from signet.core.model import event as kinds
from signet.core.model.event import Event
from signet.core.owed import Owed, owed_by, relevant
from signet.core.touched_pairs import Stirred, stirred
from signet.errors import InvalidData

_FITS = ("compatible", "undecided", "incompatible")
_WEIGHTS = ("none", "yes", "unknown", "no")
_IN_PLACES = frozenset({"environment", "placement"})
_ELSEWHERE = _IN_PLACES | {"webhook", "fixture"}
"""Facts that are none of a service, or that no verdict looks at."""


def turned(before: Marked, after: Marked, changed: Iterable[Identity] | None = None) -> tuple[Event, ...]:
    """What turned; ``changed`` are the facts whose files differ, if that is known: it spares looking for them."""
    found: list[Event] = []
    places, services = _touched(changed)
    for place in stirred(before, after, places, services):  # 1.
        if place.unreadable:
            if not place.was_unreadable:
                found.append(_untold("comparison.turned", environment=place.environment))
            continue
        found += _comparisons(before, after, place)
        if place.environment is not None:
            found += _guard(before, after, place)
    return (*found, *_owed(before, after, changed))


def _touched(changed: Iterable[Identity] | None) -> tuple[Collection[str | None] | None, Collection[str] | None]:
    """The places and the services that a change can have touched; None for all of them."""
    if changed is None:
        return None, None
    services = {one[1] for one in changed if one[0] not in _ELSEWHERE and len(one) > 1}
    return (None if services else {one[1] for one in changed if one[0] in _IN_PLACES}), services


def _untold(what: str, service: str = "", environment: str | None = None) -> Event:
    return Event(kinds.UNREADABLE, service, environment=environment, detail=MappingProxyType({"what": what}))


# --- 2. comparisons


class _Compared(NamedTuple):
    """The worst comparison of a consumer with a provider in a place."""

    verdict: str
    version: str
    provider_version: str | None
    contract: str
    spec: str


def _comparisons(before: Marked, after: Marked, place: Stirred) -> Iterator[Event]:
    for consumer, provider in sorted(
        {(one.consumer, one.pair.provider) for one in place.pairs if one.pair is not None}
    ):
        try:
            was = _compared(before, place.was, consumer, provider)
            now = _compared(after, place.now, consumer, provider)
        except InvalidData:
            yield _untold("comparison.turned", consumer, place.environment)
            continue
        if was is not None and now is not None and was.verdict != now.verdict:
            detail = {"before": was.verdict, "after": now.verdict, "contract": now.contract, "spec": now.spec}
            yield Event(
                kinds.COMPARISON_TURNED,
                consumer,
                now.version,
                provider,
                now.provider_version,
                place.environment,
                MappingProxyType(detail),
            )


def _compared(state: Marked, met: Iterable[Meeting], consumer: str, provider: str) -> _Compared | None:
    found = []
    for one in met:
        if one.pair is None or one.contract is None or (one.consumer, one.pair.provider) != (consumer, provider):
            continue
        if one.pair.provider_version is None and not one.pair.external:
            continue
        spec = spec_of(state, provider, one.pair.provider_version)
        if spec is not None:
            verdict = state.comparison(consumer, provider, one.contract, spec).verdict
            found.append(_Compared(verdict, one.version, one.pair.provider_version, one.contract, spec))
    return max(found, key=lambda one: (_FITS.index(one.verdict), one.version, one.provider_version or ""), default=None)


# --- 3. Deploy Guard


class _Verdict(NamedTuple):
    weight: str
    code: str = ""
    sentence: str = ""


def _guard(before: Marked, after: Marked, place: Stirred) -> Iterator[Event]:
    environment = place.environment
    assert environment is not None  # noqa: S101 - who asks has looked
    was_live, live = _live(before, environment), _live(after, environment)
    services = {one.consumer for one in place.pairs} | {
        one.pair.provider for one in place.pairs if one.pair is not None
    }
    for service in sorted(services & live.keys()):
        was = _verdict(before, place.was, service, environment) if service in was_live else None
        now = _verdict(after, place.now, service, environment)
        red = now.weight == "no" and (was is None or was.weight != "no")
        if not red and (was is None or was.weight not in ("unknown", "no") or now.weight != "yes"):
            continue
        versions = live[service]
        said = {"before": was.weight if was else "", "code": now.code, "sentence": now.sentence}
        yield Event(
            kinds.GUARD_RED if red else kinds.GUARD_GREEN,
            service,
            versions[0] if len(versions) == 1 else None,
            environment=environment,
            detail=MappingProxyType({key: value for key, value in said.items() if value}),
        )


def _live(state: Marked, environment: str) -> Mapping[str, tuple[str, ...]]:
    try:
        return live_versions(state, environment) if environment in state.environments() else {}
    except InvalidData:
        return {}


def _verdict(state: Marked, met: Iterable[Meeting], service: str, environment: str) -> _Verdict:
    """The gravest reason of a service in an environment; yes where it meets nobody."""
    found = [_Verdict("yes")]
    for one in met:
        if one.pair is None and one.consumer == service:
            found.append(_Verdict("no", InvalidData.code))
        elif one.pair is not None and service in (one.consumer, one.pair.provider):
            try:
                why = reason(state, one.pair, environment)
                found.append(_Verdict(why.weight, why.code, why.sentence()))
            except InvalidData as error:
                found.append(_Verdict("no", error.code, error.message))
    worst = max(found, key=lambda one: (_WEIGHTS.index(one.weight), one))
    return _Verdict("yes") if worst.weight in ("none", "yes") else worst


# --- 4. owed


def _owed(before: Marked, after: Marked, changed: Iterable[Identity] | None) -> Iterator[Event]:
    providers = sorted(_providers(before, after, changed))
    old, new = _tests(before, providers), _tests(after, providers)
    for provider in providers:
        was, now = old[provider], new[provider]
        if now is None:
            if was is not None:
                yield _untold("verification.owed", provider)
            continue
        for test, one in now.items():
            if test not in (was or {}):
                yield _owing(one)


_Tests = dict[tuple[str | bool | None, ...], Owed]


def _tests(state: Marked, providers: Collection[str]) -> dict[str, _Tests | None]:
    """What each provider owes; None where a broken file keeps anybody from telling."""
    return {
        name: None if isinstance(tests, InvalidData) else {_test(one): one for one in tests}
        for name, tests in owed_by(state, providers).items()
    }


def _providers(before: Marked, after: Marked, changed: Iterable[Identity] | None) -> set[str]:
    """The services whose debts a change can have touched: those that changed, and the providers of these."""
    if changed is None:
        with suppress(InvalidData):
            return set(after.services())
        return set()
    named = {one[2] if one[0] == "placement" else one[1] for one in changed if one[0] not in ("environment", "webhook")}
    found = set(named)
    for state in (before, after):
        with suppress(InvalidData):
            for service, version in relevant(state):
                manifest = state.manifest(service, version) if service in named else None
                found |= manifest.contracts.keys() if manifest is not None else set()
    with suppress(InvalidData):
        return {one for one in found if one in after.services()}
    return set()


def _test(one: Owed) -> tuple[str | bool | None, ...]:
    return (one.kind, one.provider, one.provider_version, one.consumer, one.contract, one.spec, one.blocking)


def _owing(one: Owed) -> Event:
    said = {"kind": one.kind, "spec": one.spec, "contract": one.contract, "blocking": "yes" if one.blocking else "no"}
    detail = MappingProxyType({key: value for key, value in said.items() if value})
    return Event(kinds.VERIFICATION_OWED, one.provider, one.provider_version, one.consumer, detail=detail)
