"""What is asked about exists: UnknownName with a did-you-mean for what the registry does not know."""

from __future__ import annotations

from signet.core.model.names import nearest
from signet.errors import UnknownName
from signet.service.snapshots import Snapshot

REMEDY = "Nothing was created; /api/v1/services and /api/v1/environments list what the registry knows."


def known(asked: Snapshot, *, services: tuple[str | None, ...] = (), environment: str | None = None) -> None:
    """Every service and environment that is named is one of the registry; all that are not are told at once."""
    state = asked.state
    unknown = [
        ("unknown-service", "service", name, nearest(name, state.services()))
        for name in services
        if name is not None and name not in state.services()
    ]
    if environment is not None and environment not in state.environments():
        near = nearest(environment, state.environments())
        unknown.append(("unknown-environment", "environment", environment, near))
    if unknown:
        raise UnknownName(unknown, REMEDY)


def known_version(asked: Snapshot, service: str, version: str) -> None:
    """The same of a version of a service."""
    known(asked, services=(service,))
    versions = asked.state.versions(service)
    if version not in versions:
        near = nearest(version, versions)
        raise UnknownName([("unknown-version", f"{service} version", version, near)], REMEDY)


def absent(kind: str, name: str) -> UnknownName:
    """The error for something else that is not there."""
    return UnknownName([(f"unknown-{kind}", kind, name, None)], REMEDY)
