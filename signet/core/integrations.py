"""Every integration as it stands: which versions of a consumer and a provider meet, where, and what is known of them.

The answer is that of Deploy Guard (``signet.core.guard``), in the words of a table. Versions meet on main branches
and in environments. It decides nothing and says of no test that it must run: ``guard.decide`` and ``owed`` do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from signet.core.guard import Pair, judge, spec_of
from signet.core.live_versions import live_manifest, live_versions
from signet.core.model.decision import (
    Compatible,
    ContractIncompatible,
    ProviderFailedVerification,
    ProviderNotDeployed,
    Reason,
    ReplayFailed,
)
from signet.core.model.state import State
from signet.errors import InvalidData

STATES: Mapping[type[Reason], str] = {
    Compatible: "verified",
    ContractIncompatible: "incompatible",
    ProviderFailedVerification: "failed",
    ReplayFailed: "failed",
    ProviderNotDeployed: "no provider",
}
NOT_YET = "not verified yet"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Integration:
    """A consumer version and a provider version that meet in ``places``: environments, and None for main branches.

    ``state`` is ``verified``, ``not verified yet``, ``failed``, ``incompatible``, ``no provider`` (none is there) or
    ``unreadable`` (a file that is needed is broken); ``code`` is the guard's reason. ``provider`` is None where the
    versions' own file cannot be read, ``provider_version`` also for an external provider.
    """

    consumer: str
    consumer_version: str
    provider: str | None
    provider_version: str | None
    state: str
    code: str
    places: tuple[str | None, ...]

    @classmethod
    def of(cls, pair: Pair, reason: type[Reason], places: tuple[str | None, ...]) -> Integration:
        """The integration of a pair that the guard has this reason for."""
        return cls(*pair[:4], STATES.get(reason, NOT_YET), reason.code, places)

    def as_json(self) -> dict[str, Any]:
        """The integration as a JSON object; main branches are ``"main_branch": true`` beside ``environments``."""
        return {
            "consumer": self.consumer,
            "consumer_version": self.consumer_version,
            "provider": self.provider,
            "provider_version": self.provider_version,
            "state": self.state,
            "code": self.code,
            "main_branch": None in self.places,
            "environments": [place for place in self.places if place is not None],
        }


def integrations(
    state: State, *, service: str | None = None, environment: str | None = None
) -> tuple[Integration, ...]:
    """All integrations; only those of a service (on either side), or only those in an environment."""
    met = met_in(state, service=service, environment=environment)
    state.expect(need for meeting in met for need in results(meeting))
    state.expect(need for meeting in met for need in documents(state, meeting))
    return tuple(_judged(state, meeting, places) for meeting, places in met.items())


def met_in(
    state: State, *, service: str | None = None, environment: str | None = None
) -> dict[Meeting, tuple[str | None, ...]]:
    """Which versions meet, and where, in the order of the answer; how each pair stands is not asked."""
    places = [environment] if environment is not None else [None, *sorted(state.environments())]
    met: dict[Meeting, list[str | None]] = {}
    for place in places:
        for meeting in meetings(state, place):
            if service in (None, meeting.consumer, meeting.pair.provider if meeting.pair else None):
                met.setdefault(meeting, []).append(place)
    return {meeting: tuple(met[meeting]) for meeting in sorted(met, key=_order)}


class Meeting(NamedTuple):
    """A consumer version, and the pair that it is in by a contract; both None where its manifest cannot be read."""

    consumer: str
    version: str
    pair: Pair | None = None
    contract: str | None = None


def meetings(state: State, place: str | None) -> Iterator[Meeting]:
    """Which versions meet in an environment (None: on main branches); InvalidData where that cannot be read."""
    live = live_versions(state, place)
    state.expect(("manifest", service, version) for service, versions in live.items() for version in versions)
    for consumer, version in ((service, version) for service, versions in live.items() for version in versions):
        try:
            contracts = live_manifest(state, consumer, version, place).contracts
        except InvalidData:
            yield Meeting(consumer, version)
            continue
        for provider, contract in contracts.items():
            external = provider in state.services() and state.service(provider).external
            for met in (None,) if external else live.get(provider) or (None,):
                pair = Pair(consumer, version, provider, met, external=external)
                yield Meeting(consumer, version, pair, contract)


def results(meeting: Meeting) -> Iterator[tuple[str, ...]]:
    """The results that a meeting is judged by, for ``State.expect``."""
    pair = meeting.pair
    if pair is not None and pair.provider_version is not None and meeting.contract is not None:
        yield ("spec-test", pair.provider, pair.provider_version)
        yield ("replay", pair.provider, pair.provider_version, pair.consumer, meeting.contract)


def documents(state: State, meeting: Meeting) -> Iterator[tuple[str, ...]]:
    """The documents that are compared, for ``State.expect``; a broken file is for the judgement to find."""
    pair = meeting.pair
    if pair is None or meeting.contract is None:
        return
    try:
        spec = spec_of(state, pair.provider, pair.provider_version)
    except InvalidData:
        return
    if spec is not None and (pair.external or pair.provider_version is not None):
        yield ("spec", pair.provider, spec)
        yield ("contract", pair.consumer, pair.provider, meeting.contract)


def _judged(state: State, meeting: Meeting, places: tuple[str | None, ...]) -> Integration:
    pair = meeting.pair
    if pair is None:
        return Integration(meeting.consumer, meeting.version, None, None, UNREADABLE, InvalidData.code, places)
    try:
        reason = judge(state, pair)
    except InvalidData as error:
        return Integration(*pair[:4], UNREADABLE, error.code, places)
    return Integration.of(pair, reason, places)


def _order(meeting: Meeting) -> tuple[str, str, str, str]:
    pair = meeting.pair
    provider = (pair.provider, pair.provider_version or "") if pair is not None else ("", "")
    return (meeting.consumer, meeting.version, *provider)
