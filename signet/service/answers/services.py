"""Services, and the versions of a service: what they are, where they live, and what they were published with."""

from __future__ import annotations

from typing import Any

from signet.core import overview
from signet.core.model.state import Manifest
from signet.core.model.verification import Replay
from signet.core.owed import Because, relevant
from signet.registry import listing
from signet.service.answers.naming import known, known_version
from signet.service.snapshots import Snapshot


def services(asked: Snapshot, *, name: str | None = None) -> dict[str, Any]:
    """All services by name; with ``name``, those whose name or alias contains it, whatever its case."""
    state = asked.state
    found = [overview.service(state, one) for one in sorted(state.services())]
    if name:
        wanted = name.casefold()
        found = [one for one in found if any(wanted in text.casefold() for text in (one["name"], *one["aliases"]))]
    return {"schema": "signet.services/1", "commit": asked.commit, "services": found}


def service(asked: Snapshot, name: str) -> dict[str, Any]:
    """One service: also its branches, where it is live, whom it has contracts with, and who has some with it."""
    known(asked, services=(name,))
    state = asked.state
    heads = state.branches(name)
    live = [
        {"environment": environment} | overview.placement(name, placement)
        for environment in overview.in_order(state, state.environments())
        if (placement := state.placement(environment, name)).versions
    ]
    return {
        "schema": "signet.service/1",
        "commit": asked.commit,
        **overview.service(state, name),
        "branches": [{"branch": branch, "version": heads[branch]} for branch in sorted(heads)],
        "live": live,
        "providers": _providers(asked, name),
        "consumers": sorted(state.consumers(name)),
    }


def _providers(asked: Snapshot, name: str) -> list[str]:
    """Whom the versions of a service that matter have contracts with."""
    manifests = [asked.state.manifest(*one) for one in relevant(asked.state) if one[0] == name]
    return sorted({provider for manifest in manifests if manifest for provider in manifest.contracts})


def versions(asked: Snapshot, service: str) -> dict[str, Any]:
    """All versions of a service by name, each with why it matters: live somewhere, or head of its main branch."""
    known(asked, services=(service,))
    state = asked.state
    names = sorted(state.versions(service))
    state.expect(("manifest", service, version) for version in names)
    why = relevant(state)
    found = []
    for version in names:
        manifest = state.manifest(service, version)
        if manifest is not None:
            found.append(_version(manifest, why.get((service, version), ())))
    return {"schema": "signet.versions/1", "commit": asked.commit, "service": service, "versions": found}


def version(asked: Snapshot, service: str, version: str) -> dict[str, Any]:
    """One version: the same, and its results."""
    known_version(asked, service, version)
    state = asked.state
    manifest = state.manifest(service, version) or Manifest(service, version)
    why = relevant(state).get((service, version), ())
    told = [_result(one) for one in listing.results(state, service, version)]
    head = {"schema": "signet.version/1", "commit": asked.commit, "service": service}
    return head | _version(manifest, why) | {"verifications": told}


def verifications(asked: Snapshot, service: str, *, version: str | None = None) -> dict[str, Any]:
    """The latest results of a provider, by its versions; or of one version."""
    known(asked, services=(service,))
    if version is not None:
        known_version(asked, service, version)
    chosen = [version] if version is not None else listing.tested(asked.state, service)
    found = [_result(one) for each in chosen for one in listing.results(asked.state, service, each)]
    return {"schema": "signet.verifications/1", "commit": asked.commit, "service": service, "verifications": found}


def _version(manifest: Manifest, why: tuple[Because, ...]) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "branches": list(manifest.branches),
        "spec": manifest.spec,
        "contracts": [{"provider": name, "contract": manifest.contracts[name]} for name in sorted(manifest.contracts)],
        "source": manifest.commit,
        "build_url": manifest.build_url,
        "artifacts": dict(sorted(manifest.artifacts.items())),
        "reasons": [one.as_json() for one in why],
    }


def _result(one: listing.Result) -> dict[str, Any]:
    about: dict[str, Any] = {"kind": "spec-test", "version": one.version}
    if isinstance(one, Replay):
        about = {"kind": "replay", "version": one.version, "consumer": one.consumer, "contract": one.contract}
    else:
        about["spec"] = one.spec
    return about | {"passed": one.passed, "tool": one.tool, "url": one.url}
