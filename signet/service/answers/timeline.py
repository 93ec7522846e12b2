"""What happened, newest first: commits with their events, and what went live or was taken away.

Each question gives a part, and where the next one begins: the place of a commit in the history (``before``).
"""

from __future__ import annotations

from typing import Any

from signet.core.model.event import (
    DEPLOYED,
    DEPLOYMENT_DESIRED,
    DEPLOYMENT_WITHDRAWN,
    RELEASE_ENDED,
    RELEASED,
    UNDEPLOYED,
    Event,
)
from signet.service.answers.naming import known
from signet.service.snapshots import Snapshot

DEPLOYMENTS = frozenset({DEPLOYED, UNDEPLOYED, DEPLOYMENT_DESIRED, DEPLOYMENT_WITHDRAWN, RELEASED, RELEASE_ENDED})
AT_ONCE, MOST = 500, 5_000
"""So many commits are read at once, and at most, in search of deployments for one part."""

Part = tuple[dict[str, Any], int | None]


def timeline(
    asked: Snapshot,
    *,
    service: str | None = None,
    environment: str | None = None,
    limit: int = 100,
    before: int | None = None,
) -> Part:
    """The commits that led here, with what happened in each; or those that changed something of a service, or there.

    The names need not exist any more: history has what is gone.
    """
    page = asked.history.commits(service=service, environment=environment, before=before, limit=limit)
    told = [one.as_json() for one in page.items]
    return {"schema": "signet.timeline/1", "commit": asked.commit, "commits": told}, page.next


def deployed(
    asked: Snapshot,
    *,
    service: str | None = None,
    environment: str | None = None,
    limit: int = 100,
    before: int | None = None,
) -> Part:
    """The commits in which something was deployed, released or taken away, with these events alone.

    A part may have fewer commits than ``limit`` although there are more: what is far apart takes several.
    """
    known(asked, services=(service,), environment=environment)
    found: list[dict[str, Any]] = []
    for _ in range(MOST // AT_ONCE):
        page = asked.history.commits(service=service, environment=environment, before=before, limit=AT_ONCE)
        for one in page.items:
            events = [event.as_json() for event in one.events if _concerns(event, service, environment)]
            if events:
                found.append(one.as_json() | {"events": events})
                if len(found) == limit:
                    return _deployed(asked, found), one.seq if one.seq > 1 else None
        before = page.next
        if before is None:
            break
    return _deployed(asked, found), before


def _concerns(event: Event, service: str | None, environment: str | None) -> bool:
    is_meant = service in (None, event.service) and environment in (None, event.environment)
    return event.type in DEPLOYMENTS and is_meant


def _deployed(asked: Snapshot, commits: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schema": "signet.timeline/1", "commit": asked.commit, "commits": commits}
