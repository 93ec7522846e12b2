"""Changed specs, each weighed by who relies on it, for ``signet.core.whatif``: which, from what, and whom they hit.

How a change is weighed is ``signet.core.impact``; what follows for an environment is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from signet.core import changes as specs
from signet.core.guard import spec_of
from signet.core.impact import Hit, Impact, Status, impact
from signet.core.model.spec import Spec
from signet.core.usage import Library
from signet.errors import InvalidData


class Marked(Library, Protocol):
    """A state that can tell, without reading, whether a fact is as it is in another state; and has the specs."""

    def mark(self, path: str) -> str | None:
        """Equal marks, equal facts; None where nothing is. What ``where`` calls a fact is its path."""

    def spec(self, service: str, digest: str) -> Spec:
        """A spec by its full digest."""


class Effect(NamedTuple):
    """A changed spec, weighed: the agreed one of a service, or that of a new ``version``.

    ``impact`` is None where a contract could not be read; ``error`` says so.
    """

    service: str
    version: str | None
    impact: Impact | None
    error: str = ""

    def at(self, place: str | None, *statuses: Status) -> tuple[Hit, ...]:
        """Whom it hits in a place, of these statuses."""
        return tuple(hit for hit in (self.impact.at(place) if self.impact else ()) if hit.status in statuses)


def of_agreed(before: Marked, after: Marked, policy: specs.Policy | None = None) -> Iterator[Effect]:
    """Every agreed spec that changed and that somebody has a contract with, weighed."""
    for service in sorted(after.services()):
        need = ("agreed-spec", service)
        mark = after.mark(after.where(need))
        if mark is None or mark == before.mark(before.where(need)) or not after.consumers(service):
            continue
        try:
            digest, base = after.agreed_spec(service), _readable(before, service)
            if digest is None or (base is not None and base.digest == digest):
                continue
            revision = after.spec(service, digest)
        except InvalidData:
            continue  # a fault of the registry
        yield weighed(after, service, None, base, revision, policy)


def _readable(state: Marked, service: str) -> Spec | None:
    try:
        digest = state.agreed_spec(service)
        return None if digest is None else state.spec(service, digest)
    except InvalidData:
        return None


def of_version(
    before: Marked, after: Marked, service: str, version: str, policy: specs.Policy | None = None
) -> Effect | None:
    """The spec of a new version beside what was agreed, or else what the main branch had; None where neither is."""
    if not after.consumers(service):
        return None
    try:
        manifest = after.manifest(service, version)
        if manifest is None or manifest.spec is None:
            return None
        base = _readable(before, service)
        if base is None:
            head = before.head(service, before.service(service).main_branch)
            digest = spec_of(before, service, head) if head is not None else None
            base = before.spec(service, digest) if digest is not None else None
        if base is None or base.digest == manifest.spec:
            return None
        return weighed(after, service, version, base, after.spec(service, manifest.spec), policy)
    except InvalidData:
        return None  # a fault of the registry, or none of this change


def weighed(
    after: Marked,
    service: str,
    version: str | None,
    base: Spec | None,
    revision: Spec,
    policy: specs.Policy | None = None,
) -> Effect:
    """Whom the change from ``base`` to ``revision`` hits; ``policy`` says how grave its parts are."""
    changed = specs.compare(base, revision, policy).changes if base is not None else ()
    try:
        return Effect(service, version, impact(after, service, base, revision, changed))
    except InvalidData as error:
        return Effect(service, version, None, error.message)
