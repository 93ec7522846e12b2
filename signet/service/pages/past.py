"""Where on the registry's history a page stands. It reads no git: history answers, and the shelf finds commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from signet.service.index.history import Told
    from signet.service.snapshots import Held, Snapshot


class Past(NamedTuple):
    """The commit that is looked at, as the ``step``-th of ``steps`` from the registry's first one."""

    told: Told | None
    step: int
    steps: int


def past(shelf: Held, asked: Snapshot) -> Past:
    """Where a snapshot stands."""
    step = asked.history.length()
    return Past(asked.history.told(step), step, max(shelf.newest().history.length(), step))
