"""Which versions a test run brings together: the one that is new, and its counterparts that are productive.

Two triggers. A new consumer version meets every version of its provider that is live in the environment; a new provider
version meets every live consumer version that has a contract with it. Live is as for Deploy Guard, and None as the
environment means the heads of main branches; somebody else than the registry may say it (``of_productive``). What is
run for a trial is in ``signet.core.attempts``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from signet.core.guard import check_names
from signet.core.live_versions import live_manifest, live_versions
from signet.core.model.decision import Candidate
from signet.core.model.names import nearest
from signet.core.model.state import State
from signet.errors import UnknownName, UsageError


@dataclass(frozen=True, slots=True)
class Trial:
    """One consumer version and one provider version; ``contract`` is the full digest of what the one expects.

    The artifacts are what the manifests say is to be started and run (``image``, ``source``, ``tests``): texts of the
    registry, which are data and never commands.
    """

    consumer: str
    consumer_version: str
    provider: str
    provider_version: str
    contract: str
    consumer_artifacts: Mapping[str, str] = field(default_factory=dict)
    provider_artifacts: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The trial as a JSON object: a row of a CI matrix."""
        return {
            "consumer": self.consumer,
            "consumer_version": self.consumer_version,
            "provider": self.provider,
            "provider_version": self.provider_version,
            "contract": self.contract,
            "consumer_artifacts": dict(self.consumer_artifacts),
            "provider_artifacts": dict(self.provider_artifacts),
        }


def of_consumer(state: State, consumer: Candidate, provider: str, environment: str | None) -> tuple[Trial, ...]:
    """A new consumer version with each live version of a provider of its. UnknownName; UsageError without contract."""
    check_names(state, [consumer], environment)
    manifest = state.manifest(consumer.service, consumer.version)
    contracts = manifest.contracts if manifest is not None else {}
    if provider not in contracts:
        raise UsageError(
            f"{consumer.service} {consumer.version} has no contract with {provider}.",
            f"It has contracts with: {', '.join(sorted(contracts)) or 'nobody'}. Publish it first.",
        )
    versions = live_versions(state, environment).get(provider, ())
    return tuple(_trial(state, consumer, Candidate(provider, version), environment) for version in versions)


def of_provider(state: State, provider: Candidate, consumer: str | None, environment: str | None) -> tuple[Trial, ...]:
    """A new provider version, known or not yet, with each live consumer version that has a contract with it.

    Of one ``consumer`` only, if it is named. UnknownName for a service or an environment that is not known.
    """
    _check_provider(state, provider.service)
    if consumer is not None:
        _check_services(state, consumer)
    check_names(state, [], environment)
    found = []
    for service, versions in sorted(live_versions(state, environment).items()):
        for version in versions if consumer in (None, service) else ():
            if provider.service in live_manifest(state, service, version, environment).contracts:
                found.append(_trial(state, Candidate(service, version), provider, environment))
    return tuple(found)


def of_pair(state: State, consumer: Candidate, provider: Candidate) -> Trial:
    """The two versions that are named, wherever they are live. UnknownName; UsageError without contract."""
    check_names(state, [consumer], None)
    (trial,) = [_trial(state, consumer, provider, None)]
    return trial


def _check_services(state: State, *named: str) -> None:
    unknown = [
        ("unknown-service", "service", one, nearest(one, state.services()))
        for one in named
        if one not in state.services()
    ]
    if unknown:
        raise UnknownName(unknown, "'signet status' lists what the registry knows.")


def _check_provider(state: State, name: str) -> None:
    """A consumer may have been first: then somebody has a contract with a provider that has published nothing yet."""
    if not state.consumers(name):
        _check_services(state, name)


class Productive(NamedTuple):
    """A version that is productive, as somebody else than the registry says; its artifacts go before the manifest's."""

    service: str
    version: str
    artifacts: Mapping[str, str]


def of_productive(state: State, new: Candidate, *, consumes: bool, found: Iterable[Productive]) -> tuple[Trial, ...]:
    """The new version (one that ``consumes``, or a provider) with the counterparts that were ``found``.

    A consumer that has no contract with the new provider has nothing to try. UnknownName for a consumer version that
    the registry does not know, UsageError for a new consumer without contract.
    """
    _check_provider(state, new.service)
    trials = []
    for one in found:
        other = Candidate(one.service, one.version)
        if consumes:
            trial = of_pair(state, new, other)
            trials.append(replace(trial, provider_artifacts={**trial.provider_artifacts, **one.artifacts}))
            continue
        check_names(state, [other], None)
        if new.service in live_manifest(state, *other, None).contracts:
            trial = of_pair(state, other, new)
            trials.append(replace(trial, consumer_artifacts={**trial.consumer_artifacts, **one.artifacts}))
    return tuple(trials)


def _trial(state: State, consumer: Candidate, provider: Candidate, environment: str | None) -> Trial:
    expects = live_manifest(state, consumer.service, consumer.version, environment)
    if provider.service not in expects.contracts:
        raise UsageError(
            f"{consumer.service} {consumer.version} has no contract with {provider.service}.",
            f"It has contracts with: {', '.join(sorted(expects.contracts)) or 'nobody'}.",
        )
    promises = state.manifest(provider.service, provider.version)
    return Trial(
        consumer.service,
        consumer.version,
        provider.service,
        provider.version,
        expects.contracts[provider.service],
        expects.artifacts,
        promises.artifacts if promises is not None else {},
    )
