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

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.engine import Connection, Engine, RowMapping, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from signet.core.model.event import Event
from signet.errors import RegistryUnreachable, SignetError, UsageError

WAITING, DELIVERED, DEAD, DROPPED = "waiting", "delivered", "dead", "dropped"

_TABLES = MetaData()
CURSORS = Table(
    "signet_webhook_cursors",
    _TABLES,
    Column("name", String(64), primary_key=True),
    Column("commit", String(64), nullable=False),
    Column("seq", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    Column("gone", Text, nullable=False, default=""),  # the mark of the file whose receiver is gone (410)
    Column("owner", String(64), nullable=False, default=""),
    Column("until", Float, nullable=False, default=0.0),
    Column("fence", Integer, nullable=False, default=0),
)
DELIVERIES = Table(
    "signet_webhook_deliveries",
    _TABLES,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("event", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("commit", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("added", Float, nullable=False),
    Column("tried", Float, nullable=True),
    Column("next", Float, nullable=False, default=0.0),
    Column("status", Integer, nullable=True),
    Column("seconds", Float, nullable=True),
    Column("problem", Text, nullable=False, default=""),
    UniqueConstraint("name", "event"),
    UniqueConstraint("name", "seq"),
    Index("signet_webhook_waiting", "name", "state", "seq"),
)
_LOCK = 7_313_371
"""The advisory lock under which tables are made: two replicas may start at once."""


class Lost(SignetError):
    """The lease is another's by now; what was to be written was not."""


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
        self.engine = _engine(url)
        try:
            with self.engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
                _TABLES.create_all(connection)
        except SQLAlchemyError as error:
            raise _unreachable(error) from None

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
            now = _now(connection)
            free = or_(CURSORS.c.owner == owner, CURSORS.c.until < now)
            taken = update(CURSORS).where(CURSORS.c.name == name, free)
            values = {"owner": owner, "until": now + seconds, "fence": CURSORS.c.fence + 1}
            if connection.execute(taken.values(values)).rowcount == 0:
                return None
            fence = connection.execute(select(CURSORS.c.fence).where(CURSORS.c.name == name)).scalar_one()
            return Lease(name, fence)

    def renew(self, lease: Lease, seconds: float) -> None:
        """Keep it for so long from now; Lost where it is another's."""
        with self._held(lease) as connection:
            mine = update(CURSORS).where(CURSORS.c.name == lease.name)
            connection.execute(mine.values(until=_now(connection) + seconds))

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
            raise _unreachable(error) from None

    @contextmanager
    def _held(self, lease: Lease) -> Iterator[Connection]:
        """A transaction in which nobody can take the lease; Lost where somebody has."""
        with self.begun() as connection:
            mine = update(CURSORS).where(CURSORS.c.name == lease.name, CURSORS.c.fence == lease.fence)
            if connection.execute(mine.values(fence=lease.fence)).rowcount == 0:
                raise Lost(f"The webhook {lease.name} is told by another replica by now.")
            yield connection


def _row(name: str, seq: int, commit: str, one: Event, subject: str) -> dict[str, Any]:
    said = {"name": name, "seq": seq, "event": one.id, "type": one.type, "subject": _plain(subject), "commit": commit}
    return said | {"state": WAITING, "attempts": 0, "added": time.time(), "next": 0.0, "problem": ""}


def _plain(text: str) -> str:
    """A text as any database takes it: PostgreSQL has no NUL, and no half of a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _cursor(row: RowMapping) -> Cursor:
    return Cursor(row["name"], row["commit"], row["seq"], row["note"], row["gone"])


def _now(connection: Connection) -> float:
    """The database's own clock: those of replicas may differ."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one())
    return time.time()


def file_of(url: str) -> str | None:
    """The file of a store in SQLite; None for a server. UsageError for what is no URL of a database."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _no_url() from None
    return parsed.database if parsed.get_backend_name() == "sqlite" else None


def _no_url() -> UsageError:
    return UsageError(
        "The URL of the store names no database that Signet can use.",
        "Write sqlite:///PATH or postgresql://USER@HOST/DATABASE.",
    )


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql" and "+" not in parsed.drivername:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ArgumentError
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise _no_url() from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _of_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("begin immediate"))
    return engine


def _of_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, and as writers
    for pragma in ("journal_mode=wal", "synchronous=normal", "busy_timeout=20000"):
        connection.execute(f"pragma {pragma}").close()


def _unreachable(error: SQLAlchemyError) -> RegistryUnreachable:
    """Nothing of the error but its class: messages of databases hold addresses and statements."""
    kind = type(getattr(error, "orig", None) or error).__name__
    return RegistryUnreachable(
        f"The store of deliveries cannot be used ({kind}).",
        "See that the database of SIGNET_STORE_URL is there and may be written.",
        code="store-unreachable",
    )
