"""Something that happened to the registry between one commit and the next, told in the field's words.

Events are derived from two trees and never from messages (design: registry.md, Commits). This is the noun; which ones
there are between two states is for ``signet.core.events``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

SPEC_PROPOSED = "spec.proposed"
SPEC_PUBLISHED = "spec.published"
CONTRACT_PUBLISHED = "contract.published"
CONTRACT_CHANGED = "contract.changed"
COMPARISON_TURNED = "comparison.turned"
VERIFICATION_RECORDED = "verification.recorded"
VERIFICATION_OWED = "verification.owed"
DEPLOYED = "deployment.recorded"
UNDEPLOYED = "deployment.removed"
GUARD_RED = "guard.red"
GUARD_GREEN = "guard.green"


class Event(NamedTuple):
    """One event.

    ``service`` is whom it is about: the provider of a spec or of a result, the consumer of a contract. ``other`` is its
    counterpart, where there is one. ``detail`` holds what the type says more: digests, results, slots.
    """

    type: str
    service: str
    version: str | None = None
    other: str | None = None
    other_version: str | None = None
    environment: str | None = None
    detail: Mapping[str, str] = MappingProxyType({})

    def as_json(self) -> dict[str, Any]:
        """The event as a JSON object; what it does not have is left out."""
        named = {
            "version": self.version,
            "other": self.other,
            "other_version": self.other_version,
            "environment": self.environment,
        }
        told = {"type": self.type, "service": self.service}
        return told | {key: value for key, value in named.items() if value is not None} | {"detail": dict(self.detail)}
