"""Something that happened to the registry between one commit and the next, told in the field's words.

Events are derived from two trees and never from messages (design: registry.md, Commits). This is the noun; which ones
there are between two states is for ``signet.core.events``.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

SERVICE_REGISTERED = "service.registered"
SERVICE_REMOVED = "service.removed"
ENVIRONMENT_REGISTERED = "environment.registered"
ENVIRONMENT_REMOVED = "environment.removed"
VERSION_REGISTERED = "version.registered"
SPEC_PROPOSED = "spec.proposed"
SPEC_WITHDRAWN = "spec.withdrawn"
SPEC_PUBLISHED = "spec.published"
CONTRACT_PUBLISHED = "contract.published"
CONTRACT_CHANGED = "contract.changed"
VERIFICATION_RECORDED = "verification.recorded"
DEPLOYMENT_DESIRED = "deployment.desired"
DEPLOYMENT_WITHDRAWN = "deployment.withdrawn"
DEPLOYED = "deployment.recorded"
UNDEPLOYED = "deployment.removed"
RELEASED = "release.recorded"
RELEASE_ENDED = "release.ended"
COMPARISON_TURNED = "comparison.turned"
GUARD_RED = "guard.red"
GUARD_GREEN = "guard.green"
VERIFICATION_OWED = "verification.owed"
UNREADABLE = "record.unreadable"

ABOUT: Mapping[str, str] = MappingProxyType(
    {
        SERVICE_REGISTERED: "a service that the registry did not know",
        SERVICE_REMOVED: "a service is gone, with everything about it",
        ENVIRONMENT_REGISTERED: "a new environment",
        ENVIRONMENT_REMOVED: "an environment is gone",
        VERSION_REGISTERED: "a version that the registry did not know",
        SPEC_PROPOSED: "the agreed spec of a service is new, or says something else",
        SPEC_WITHDRAWN: "a service has no agreed spec any more",
        SPEC_PUBLISHED: "a version with a spec",
        CONTRACT_PUBLISHED: "a version with a contract",
        CONTRACT_CHANGED: "that contract says something else than the one before on a branch of the version",
        VERIFICATION_RECORDED: "a spec test or a replay, passed or failed",
        DEPLOYMENT_DESIRED: "a version is to be deployed",
        DEPLOYMENT_WITHDRAWN: "a version is not to be deployed any more, and was not",
        DEPLOYED: "a version was deployed",
        UNDEPLOYED: "a version was taken away, and none stands in its place",
        RELEASED: "a version is released, and supported",
        RELEASE_ENDED: "a release is not supported any more",
        COMPARISON_TURNED: "a contract fits its spec no longer, or again, where both are live or on main branches",
        GUARD_RED: "Deploy Guard says no of a service where it is live, and did not before",
        GUARD_GREEN: "Deploy Guard says yes of a service where it is live, and did not before",
        VERIFICATION_OWED: "a test that nobody owed before",
        UNREADABLE: "something happened that cannot be told, because a file is broken",
    }
)
"""Every type of event, in the order in which those of one commit are told, with what it means."""

_TELLING = ("kind", "instance", "spec", "contract", "file", "what")
"""The details that tell two events of one type apart. What is only said beside them may grow; ids stay."""


class Event(NamedTuple):
    """One event.

    ``service`` is whom it is about: the provider of a spec or of a result, the consumer of a contract; "" where it is
    about an environment alone. ``other`` is its counterpart, where there is one. ``detail`` holds what the type says
    more: digests, results, slots. ``id`` is "" until the event is tied to its commit.
    """

    type: str
    service: str
    version: str | None = None
    other: str | None = None
    other_version: str | None = None
    environment: str | None = None
    detail: Mapping[str, str] = MappingProxyType({})
    id: str = ""

    def of(self, commit: str) -> Event:
        """The event with its id: the same whenever, wherever and however often it is derived from that commit."""
        named = (self.service, self.version, self.other, self.other_version, self.environment)
        subject = [*("" if name is None else name for name in named), *(self.detail.get(key, "") for key in _TELLING)]
        return self._replace(id=sha256("\0".join((commit, self.type, *subject)).encode()).hexdigest())

    def as_json(self) -> dict[str, Any]:
        """The event as a JSON object; what it does not have is left out."""
        named = {
            "service": self.service or None,
            "version": self.version,
            "other": self.other,
            "other_version": self.other_version,
            "environment": self.environment,
        }
        told = ({"id": self.id} if self.id else {}) | {"type": self.type}
        return told | {key: value for key, value in named.items() if value is not None} | {"detail": dict(self.detail)}
