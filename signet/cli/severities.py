"""How grave changes of specs are: what the registry's ``signet.yaml`` says, on this day. It compares nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signet.core.changes import Policy
    from signet.registry.documents import ChangesPolicy


def today(told: ChangesPolicy | None) -> Policy:
    """The policy of a comparison now; ``None`` is what two files have, which know no registry."""
    from datetime import UTC, datetime

    from signet.core.changes import Policy

    day = datetime.now(UTC).date()
    return told.noun(day) if told is not None else Policy(today=day)
