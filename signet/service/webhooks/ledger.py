"""The list of deliveries: read page by page, counted, and sent again. It shows no body, no header and no answer."""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select, update

from signet.errors import UsageError
from signet.service.webhooks.store import DEAD, DELIVERED, DROPPED, WAITING, Cursor, Delivery, Store
from signet.service.webhooks.tables import CURSORS, DELIVERIES

STATES = (WAITING, DELIVERED, DEAD, DROPPED)


class Page(NamedTuple):
    """Deliveries, newest first; ``before`` asks for those that come after them, None at the end."""

    deliveries: tuple[Delivery, ...]
    before: int | None


def deliveries(
    store: Store,
    *,
    name: str | None = None,
    state: str | None = None,
    event: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Page:
    """A page of deliveries: of one webhook, in one state, of one event, with ids below ``before``."""
    query = select(DELIVERIES).order_by(DELIVERIES.c.id.desc()).limit(limit + 1)
    wanted = {DELIVERIES.c.name: name, DELIVERIES.c.state: state, DELIVERIES.c.event: event}
    query = query.where(*(column == value for column, value in wanted.items() if value is not None))
    if before is not None:
        query = query.where(DELIVERIES.c.id < before)
    with store.begun() as connection:
        found = tuple(Delivery(**row) for row in connection.execute(query).mappings())
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else None)


def delivery(store: Store, number: int) -> Delivery | None:
    """A delivery by its id."""
    with store.begun() as connection:
        row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == number)).mappings().first()
        return None if row is None else Delivery(**row)


def counts(store: Store) -> dict[str, dict[str, int]]:
    """By webhook, how many deliveries there are in each state."""
    query = select(DELIVERIES.c.name, DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.name, DELIVERIES.c.state)
    with store.begun() as connection:
        found: dict[str, dict[str, int]] = {name: {} for name in connection.execute(select(CURSORS.c.name)).scalars()}
        for name, state, number in connection.execute(query):
            found.setdefault(name, {})[state] = number
    return found


def oldest_waiting(store: Store) -> float | None:
    """Since when the delivery that waits longest has waited (seconds since 1970); None where none does."""
    with store.begun() as connection:
        query = select(func.min(DELIVERIES.c.added)).where(DELIVERIES.c.state == WAITING)
        found: float | None = connection.execute(query).scalar_one()
        return found


def cursors(store: Store) -> dict[str, Cursor]:
    """How far each webhook was told, and what people are to know of it."""
    return store.cursors()


def replay(store: Store, number: int) -> Delivery:
    """Send a delivery again, before what waits in its webhook; UsageError where it is not there, or waits already."""
    found = delivery(store, number)
    if found is None:
        raise UsageError(f"There is no delivery {number}.", "Run: signet deliveries")
    if found.state == WAITING:
        raise UsageError(f"Delivery {number} waits to be sent.", "Run: signet deliveries --state waiting")
    if found.name not in store.cursors():
        raise UsageError(f"The webhook {found.name} is gone.", "Put its file back, and what came since is sent.")
    _again(store, DELIVERIES.c.id == number)
    return found


def replay_all(store: Store, *, name: str | None = None, state: str | None = None, since: float | None = None) -> int:
    """Send again what is finished: of one webhook, in one state, added since a time; how many they are."""
    wanted: list[ColumnElement[bool]] = [DELIVERIES.c.name.in_(select(CURSORS.c.name))]
    wanted += [DELIVERIES.c.name == name] if name is not None else []
    wanted += [DELIVERIES.c.state == state] if state is not None else []
    wanted += [DELIVERIES.c.added >= since] if since is not None else []
    return _again(store, *wanted)


def _again(store: Store, *wanted: ColumnElement[bool]) -> int:
    query = update(DELIVERIES).where(DELIVERIES.c.state != WAITING, *wanted)
    values = {"state": WAITING, "attempts": 0, "next": 0.0, "added": time.time(), "problem": ""}
    with store.begun() as connection:
        return int(connection.execute(query.values(values)).rowcount)
