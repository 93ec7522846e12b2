"""What a comparison of specs is told beside the two documents: severities, and the day on which sunsets are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Policy:
    """``severity`` maps ids, ours or oasdiff's, to levels; ours win. ``today`` judges sunsets; None: they never passed.

    ``notice`` is how many days a sunset must be away when something is deprecated; with 0 it may be left out.
    """

    severity: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None
    notice: int = 0

    def level(self, name: str, alias: str, level: str) -> str:
        """The level of a change whose id is ``name``."""
        return self.severity.get(name, self.severity.get(alias, level) if alias else level)
