"""What has just been published, compared with what it meets: advice for whoever published it, and no gate.

A contract meets the agreed spec of its provider and the provider's live versions; a spec meets the contracts of the
live consumers. Live is as for Deploy Guard: what is in an environment, or heads a main branch.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signet.core.model.comparison import Comparison
    from signet.registry.read import RegistryState


@dataclass(frozen=True, slots=True)
class Meeting:
    """One comparison, and the places that it stands for."""

    consumer: str
    consumer_version: str
    provider: str
    provider_version: str | None
    places: tuple[str, ...]
    comparison: Comparison

    def sentence(self) -> str:
        """The outcome in one line."""
        provider = (
            f"{self.provider} {self.provider_version}" if self.provider_version else f"{self.provider} (agreed spec)"
        )
        text = f"{self.comparison.verdict}: {self.consumer} {self.consumer_version} with {provider}"
        text += f" ({', '.join(self.places)})" if self.places else ""
        errors = [one for one in self.comparison.findings if one.severity == "error"]
        if errors:
            text += f"; {len(errors)} {'finding' if len(errors) == 1 else 'findings'}, the first: {errors[0].message}"
        return text

    def as_json(self) -> dict[str, Any]:
        """The meeting as a JSON object, without the findings."""
        return {
            "consumer": self.consumer,
            "consumer_version": self.consumer_version,
            "provider": self.provider,
            "provider_version": self.provider_version,
            "places": list(self.places),
            "verdict": self.comparison.verdict,
            "findings": len(self.comparison.findings),
        }


def of_contracts(state: RegistryState, published: Iterable[tuple[str, str]]) -> list[Meeting]:
    """For each (consumer, version): its contracts with every provider's agreed spec and live versions."""
    live = _live(state)
    found = []
    for consumer, version in dict.fromkeys(published):
        manifest = state.manifest(consumer, version)
        for provider, contract in sorted(manifest.contracts.items()) if manifest else ():
            met: dict[str | None, list[str]] = {None: []} | live.get(provider, {})
            for number, places in met.items():
                found += _meeting(state, (consumer, version), (provider, number), contract, places)
    return found


def of_specs(state: RegistryState, published: Iterable[tuple[str, str | None]]) -> list[Meeting]:
    """For each (provider, version, or None for the agreed spec): the contracts of the live consumers."""
    live = _live(state)
    found = []
    for provider, number in dict.fromkeys(published):
        for consumer, versions in sorted(live.items()):
            for version, places in sorted(versions.items()):
                manifest = state.manifest(consumer, version)
                contract = manifest.contracts.get(provider) if manifest else None
                if contract is not None:
                    found += _meeting(state, (consumer, version), (provider, number), contract, places)
    return found


def _live(state: RegistryState) -> dict[str, dict[str, list[str]]]:
    """By service and version, the places where it is live."""
    from signet.core.live_versions import live_versions

    found: dict[str, dict[str, list[str]]] = {}
    for environment in (*sorted(state.environments()), None):
        for service, versions in live_versions(state, environment).items():
            for version in versions:
                found.setdefault(service, {}).setdefault(version, []).append(environment or "main branch")
    return found


def _meeting(
    state: RegistryState, consumer: tuple[str, str], provider: tuple[str, str | None], contract: str, places: list[str]
) -> list[Meeting]:
    from signet.core.guard import spec_of

    if provider[0] not in state.services():
        return []
    spec = spec_of(state, *provider)
    if spec is None:
        return []
    comparison = state.comparison(consumer[0], provider[0], contract, spec)
    return [Meeting(*consumer, *provider, tuple(places), comparison)]
