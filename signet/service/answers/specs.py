"""What changed from one spec to another, and whom it hits: the answers of ``signet changes`` and ``signet impact``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from signet.core.changes import Policy, compare
from signet.core.formats.places import Side, changes_json
from signet.core.impact import impact as weighed
from signet.core.model.spec import Spec
from signet.core.overview import in_order
from signet.errors import Undecided
from signet.registry.stored import current_spec, spec
from signet.service.answers.naming import known
from signet.service.snapshots import Snapshot


def today() -> date:
    """The day in UTC: whether a sunset has passed hangs on it."""
    return datetime.now(UTC).date()


def changes(asked: Snapshot, base: str, revision: str, *, day: date) -> dict[str, Any]:
    """All changes from one spec to another, each ``SERVICE`` or ``SERVICE@VERSION``, with their places in both."""
    before, base_side = spec(base, asked.state)
    after, revision_side = spec(revision, asked.state)
    told = asked.state.changes_policy()
    found = compare(before, after, Policy(told.severity, day, told.notice))
    return changes_json(found, base_side, revision_side, asked.commit)


def impact(
    asked: Snapshot, revision: str, *, base: str | None = None, environment: str | None = None
) -> dict[str, Any]:
    """Whom a spec of a service hits, if it takes the place of another: by default, of the service's current one."""
    service = revision.partition("@")[0]
    known(asked, services=(service,), environment=environment)
    new, new_side = spec(revision, asked.state)
    old = _base(asked, service, base)
    changed = compare(old[0], new) if old is not None else None
    found = weighed(asked.state, service, old[0] if old else None, new, changed.changes if changed else (), environment)
    named = [place for place in found.places if place is not None]
    places = [*in_order(asked.state, named), *([None] if None in found.places else [])]
    return {
        "schema": "signet.impact/1",
        "commit": asked.commit,
        "service": service,
        "base": old[1].label if old else None,
        "revision": new_side.label,
        **found.as_json(places),
        "changes": len(changed.changes) if changed else None,
        "unseen": list(changed.unseen) if changed else [],
    }


def _base(asked: Snapshot, service: str, base: str | None) -> tuple[Spec, Side] | None:
    """The spec before; None if the service has none."""
    if base is not None:
        return spec(base, asked.state)
    try:
        return current_spec(service, asked.state)
    except Undecided:
        return None
