"""The tables of the store of deliveries, and the database that they are in: SQLite or PostgreSQL.

What is kept in them, and by which transactions, is for ``store`` and ``ledger``.
"""

from __future__ import annotations

import time
from typing import Any

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
    text,
)
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from signet.errors import RegistryUnreachable, UsageError

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


def opened(url: str) -> Engine:
    """A database, with its tables; UsageError for what is no URL of one, RegistryUnreachable where nobody answers."""
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
            _TABLES.create_all(connection)
    except SQLAlchemyError as error:
        raise unreachable(error) from None
    return engine


def now(connection: Connection) -> float:
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


def unreachable(error: SQLAlchemyError) -> RegistryUnreachable:
    """Nothing of the error but its class: messages of databases hold addresses and statements."""
    kind = type(getattr(error, "orig", None) or error).__name__
    return RegistryUnreachable(
        f"The store of deliveries cannot be used ({kind}).",
        "See that the database of SIGNET_STORE_URL is there and may be written.",
        code="store-unreachable",
    )
