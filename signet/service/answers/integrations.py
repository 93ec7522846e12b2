"""Integrations as they stand, the matrix of the versions of two services, and comparisons with both places."""

from __future__ import annotations

from typing import Any

from signet.core.formats.places import comparison_json
from signet.core.guard import Pair, reason, spec_of
from signet.core.integrations import NOT_YET, STATES, UNREADABLE
from signet.core.integrations import integrations as found_in
from signet.core.owed import relevant
from signet.errors import InvalidData
from signet.registry.stored import stored_contract, stored_spec
from signet.service.answers.naming import absent, known, known_version
from signet.service.snapshots import Snapshot


def integrations(asked: Snapshot, *, service: str | None = None, environment: str | None = None) -> dict[str, Any]:
    """Which versions meet, on main branches and in environments, and how each pair stands."""
    known(asked, services=(service,), environment=environment)
    found = found_in(asked.state, service=service, environment=environment)
    told = [one.as_json() for one in found]
    return {"schema": "signet.integrations/1", "commit": asked.commit, "integrations": told}


def matrix(asked: Snapshot, consumer: str, provider: str, *, every: bool = False) -> dict[str, Any]:
    """Each version of a consumer that has a contract with a provider, with each version of the provider.

    Only versions that are live somewhere or head their main branch, or ``every`` one. An external provider has one
    column, its agreed spec: version null.
    """
    known(asked, services=(consumer, provider))
    state = asked.state
    consumers = {version: manifest.contracts[provider] for version, manifest in _contracting(asked, consumer, provider)}
    external = state.service(provider).external
    columns: list[str | None] = [None] if external else list(_versions(asked, provider, every))
    rows = [version for version in _versions(asked, consumer, every) if version in consumers]
    cells = []
    for version in rows:
        for column in columns:
            pair = Pair(consumer, version, provider, column, external=external)
            cells.append(_cell(asked, pair, consumers[version]))
    return {
        "schema": "signet.matrix/1",
        "commit": asked.commit,
        "consumer": consumer,
        "provider": provider,
        "consumer_versions": rows,
        "provider_versions": columns,
        "cells": cells,
    }


def comparison(
    asked: Snapshot, consumer: str, consumer_version: str, provider: str, provider_version: str | None
) -> dict[str, Any]:
    """The comparison of a consumer version's contract with the spec of a provider version; None: the agreed spec."""
    known_version(asked, consumer, consumer_version)
    known(asked, services=(provider,))
    if provider_version is not None:
        known_version(asked, provider, provider_version)
    manifest = asked.state.manifest(consumer, consumer_version)
    contract = manifest.contracts.get(provider) if manifest is not None else None
    if contract is None:
        raise absent("contract", f"{consumer} {consumer_version} with {provider}")
    spec = spec_of(asked.state, provider, provider_version)
    label = provider if provider_version is None else f"{provider}@{provider_version}"
    if spec is None:
        raise absent("spec", label)
    return _compared(asked, (consumer, provider, contract, spec), f"{consumer}@{consumer_version}", label)


def comparison_of(asked: Snapshot, consumer: str, provider: str, contract: str, spec: str) -> dict[str, Any]:
    """The comparison of a stored contract with a stored spec of its provider, by full digests."""
    known(asked, services=(consumer, provider))
    stored = (("contract", (consumer, provider, contract), contract), ("spec", (provider, spec), spec))
    for kind, identity, digest in stored:
        found = asked.state.stored(kind, *identity)
        if (found is None or found.digest != digest) and not (kind == "spec" and _is_agreed(asked, provider, spec)):
            raise absent(kind, digest)
    return _compared(asked, (consumer, provider, contract, spec), contract, spec)


def _is_agreed(asked: Snapshot, provider: str, spec: str) -> bool:
    return asked.state.agreed_spec(provider) == spec


def _compared(asked: Snapshot, pair: tuple[str, str, str, str], contract: str, spec: str) -> dict[str, Any]:
    consumer, provider, contract_digest, spec_digest = pair
    found = asked.state.comparison(*pair)
    _, contract_side = stored_contract(asked.state, contract, consumer, provider, contract_digest)
    spec_side = stored_spec(asked.state, spec, provider, spec_digest)
    digests = {"contract_digest": contract_digest, "spec_digest": spec_digest}
    return comparison_json(found, contract_side, spec_side, asked.commit) | digests


def _contracting(asked: Snapshot, consumer: str, provider: str) -> list[tuple[str, Any]]:
    state = asked.state
    names = sorted(state.versions(consumer))
    state.expect(("manifest", consumer, version) for version in names)
    manifests = [(version, state.manifest(consumer, version)) for version in names]
    return [(version, one) for version, one in manifests if one is not None and provider in one.contracts]


def _versions(asked: Snapshot, service: str, every: bool) -> list[str]:
    if every:
        return sorted(asked.state.versions(service))
    return sorted(version for name, version in relevant(asked.state) if name == service)


def _cell(asked: Snapshot, pair: Pair, contract: str) -> dict[str, Any]:
    told = {"consumer_version": pair.consumer_version, "provider_version": pair.provider_version, "contract": contract}
    try:
        found = reason(asked.state, pair, None)
    except InvalidData as error:
        return told | {"state": UNREADABLE, "code": error.code, "sentence": error.message}
    return told | {"state": STATES.get(type(found), NOT_YET), "code": found.code, "sentence": found.sentence()}
