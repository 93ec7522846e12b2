"""What only the service knows: how far each subscription was told, who is telling it now, and what came of each try.

SQLite or PostgreSQL. It holds no secret, no body and no answer: these are made anew from the registry, or not kept. If
it is lost, everything since a webhook was written is sent again with the same ids.

A replica has a subscription to itself by a *lease*, with a number that only grows (the *fence*): whoever writes shows
the number, and one that was overtaken writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, update
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from signet.core.model.event import Event
from signet.errors import LeaseLost
from signet.service.webhooks.tables import CURSORS, DELIVERIES, now, opened, unreachable

WAITING, DELIVERED, DEAD, DROPPED = "waiting", "delivered", "dead", "dropped"


class Delivery(NamedTuple):
    """One event on its way to one subscription. ``tried`` and ``next`` are seconds since 1970."""

    id: int
    name: str
    seq: int
    event: str
    type: str
    subject: str
    commit: str
    state: str
    attempts: int
    added: float
    tried: float | None
    next: float
    status: int | None
    seconds: float | None
    problem: str

    def as_json(self) -> dict[str, Any]:
        """The delivery as a JSON object; times are seconds since 1970."""
        return {"webhook" if key == "name" else key: value for key, value in self._asdict().items()}


class Cursor(NamedTuple):
    """How far a subscription was told: the last commit whose events are among its deliveries."""

    name: str
    commit: str
    seq: int
    note: str
    gone: str


class Lease(NamedTuple):
    """The right to tell one subscription."""

    name: str
    fence: int


class Store:
    """The database behind a URL. Every method is one transaction; all may be called from several threads."""

    def __init__(self, url: str) -> None:
        self.engine = opened(url)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    # --- cursors and leases

    def cursors(self) -> dict[str, Cursor]:
        """Every cursor, by the name of its subscription."""
        with self.begun() as connection:
            rows = connection.execute(select(CURSORS)).mappings()
            return {row["name"]: _cursor(row) for row in rows}

    def knows(self, name: str) -> bool:
        """Has a subscription a cursor?"""
        with self.begun() as connection:
            return connection.execute(select(CURSORS.c.name).where(CURSORS.c.name == name)).first() is not None

    def begin(self, name: str, commit: str) -> None:
        """A cursor for a subscription that has none; of two that begin at once one is taken."""
        with self.begun() as connection:
            known = connection.execute(select(CURSORS.c.name).where(CURSORS.c.name == name)).first()
            if known is not None:
                return
            last = select(func.coalesce(func.max(DELIVERIES.c.seq), 0)).where(DELIVERIES.c.name == name)
            try:
                with connection.begin_nested():
                    seq = connection.execute(last).scalar_one()
                    connection.execute(CURSORS.insert().values(name=name, commit=commit, seq=seq))
            except IntegrityError:
                return

    def lease(self, name: str, owner: str, seconds: float) -> Lease | None:
        """The subscription for oneself; None where another has it, or it has no cursor."""
        with self.begun() as connection:
            present = now(connection)
            free = or_(CURSORS.c.owner == owner, CURSORS.c.until < present)
            taken = update(CURSORS).where(CURSORS.c.name == name, free)
            values = {"owner": owner, "until": present + seconds, "fence": CURSORS.c.fence + 1}
            if connection.execute(taken.values(values)).rowcount == 0:
                return None
            fence = connection.execute(select(CURSORS.c.fence).where(CURSORS.c.name == name)).scalar_one()
            return Lease(name, fence)

    def renew(self, lease: Lease, seconds: float) -> None:
        """Keep it for so long from now; LeaseLost where it is another's."""
        with self._held(lease) as connection:
            mine = update(CURSORS).where(CURSORS.c.name == lease.name)
            connection.execute(mine.values(until=now(connection) + seconds))

    def release(self, lease: Lease) -> None:
        """Give it back."""
        with self.begun() as connection:
            mine = update(CURSORS).where(CURSORS.c.name == lease.name, CURSORS.c.fence == lease.fence)
            connection.execute(mine.values(owner="", until=0.0))

    def cursor(self, lease: Lease) -> Cursor:
        """How far it was told."""
        with self._held(lease) as connection:
            row = connection.execute(select(CURSORS).where(CURSORS.c.name == lease.name)).mappings().one()
            return _cursor(row)

    def note(self, lease: Lease, note: str, gone: str | None = None) -> None:
        """What people are to know of it; ``gone`` is the mark of the file whose receiver wants nothing more."""
        with self._held(lease) as connection:
            values: dict[str, Any] = {"note": _plain(note)} | ({} if gone is None else {"gone": gone})
            connection.execute(update(CURSORS).where(CURSORS.c.name == lease.name).values(values))

    def end(self, lease: Lease) -> None:
        """The subscription is gone from the registry: what waits is dropped, and its cursor with it."""
        with self._held(lease) as connection:
            waiting = (DELIVERIES.c.name == lease.name, DELIVERIES.c.state == WAITING)
            connection.execute(update(DELIVERIES).where(*waiting).values(state=DROPPED, problem="the webhook is gone"))
            connection.execute(CURSORS.delete().where(CURSORS.c.name == lease.name))

    # --- deliveries

    def advance(self, lease: Lease, commit: str, events: Sequence[tuple[str, Event, str]]) -> int:
        """Move the cursor to a commit, with the deliveries of the commits up to there: (commit, event, subject).

        One transaction: the cursor never passes an event that is not kept. What is there already is not added again.
        """
        with self._held(lease) as connection:
            ids = [one.id for _, one, _ in events]
            query = select(DELIVERIES.c.event).where(DELIVERIES.c.name == lease.name, DELIVERIES.c.event.in_(ids))
            known = set(connection.execute(query).scalars()) if ids else set()
            seq = connection.execute(select(CURSORS.c.seq).where(CURSORS.c.name == lease.name)).scalar_one()
            rows = []
            for where, one, subject in events:
                if one.id not in known:
                    known.add(one.id)
                    seq += 1
                    rows.append(_row(lease.name, seq, where, one, subject))
            if rows:
                connection.execute(DELIVERIES.insert(), rows)
            moved = update(CURSORS).where(CURSORS.c.name == lease.name).values(commit=commit, seq=seq)
            connection.execute(moved)
            return len(rows)

    def waiting(self, lease: Lease) -> int:
        """How many deliveries wait."""
        with self.begun() as connection:
            query = select(func.count()).where(DELIVERIES.c.name == lease.name, DELIVERIES.c.state == WAITING)
            return int(connection.execute(query).scalar_one())

    def head(self, name: str) -> Delivery | None:
        """The delivery whose turn it is: the first that waits."""
        with self.begun() as connection:
            query = select(DELIVERIES).where(DELIVERIES.c.name == name, DELIVERIES.c.state == WAITING)
            row = connection.execute(query.order_by(DELIVERIES.c.seq).limit(1)).mappings().first()
            return None if row is None else Delivery(**row)

    def settle(self, lease: Lease, delivery: Delivery, **values: Any) -> None:
        """Write down what came of a try: ``state``, ``attempts``, ``tried``, ``next``, ``status``, ``problem`` ..."""
        with self._held(lease) as connection:
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery.id).values(values))

    def prune(self, lease: Lease, kept: int) -> None:
        """Forget finished deliveries but the last ``kept``; dead ones are forgotten last."""
        with self._held(lease) as connection:
            cursor = connection.execute(select(CURSORS.c.seq).where(CURSORS.c.name == lease.name)).scalar_one()
            mine = DELIVERIES.delete().where(DELIVERIES.c.name == lease.name)
            old = mine.where(DELIVERIES.c.state.in_((DELIVERED, DROPPED)), DELIVERIES.c.seq <= cursor - kept)
            connection.execute(old)
            connection.execute(mine.where(DELIVERIES.c.state == DEAD, DELIVERIES.c.seq <= cursor - 10 * kept))

    # --- plumbing

    @contextmanager
    def begun(self) -> Iterator[Connection]:
        """A transaction."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise unreachable(error) from None

    @contextmanager
    def _held(self, lease: Lease) -> Iterator[Connection]:
        """A transaction in which nobody can take the lease; LeaseLost where somebody has."""
        with self.begun() as connection:
            mine = update(CURSORS).where(CURSORS.c.name == lease.name, CURSORS.c.fence == lease.fence)
            if connection.execute(mine.values(fence=lease.fence)).rowcount == 0:
                raise LeaseLost(f"The webhook {lease.name} is told by another replica by now.")
            yield connection


def _row(name: str, seq: int, commit: str, one: Event, subject: str) -> dict[str, Any]:
    said = {"name": name, "seq": seq, "event": one.id, "type": one.type, "subject": _plain(subject), "commit": commit}
    return said | {"state": WAITING, "attempts": 0, "added": time.time(), "next": 0.0, "problem": ""}


def _plain(text: str) -> str:
    """A text as any database takes it: PostgreSQL has no NUL, and no half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _cursor(row: RowMapping) -> Cursor:
    return Cursor(row["name"], row["commit"], row["seq"], row["note"], row["gone"])
