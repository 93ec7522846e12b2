"""The database of the index: a SQLite file of the service's own, or a PostgreSQL server that several replicas share.

It opens and lays out; what the rows mean is ``tables``. A SQLite file that was removed or replaced is noticed at the
next use, and whoever uses it then finds new, empty tables.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError, SQLAlchemyError

from signet.errors import Undecided, UsageError
from signet.service.index import tables

BUSY = 30.0
"""How many seconds another process's lock is waited for."""
_LOCK = 0x5167_6E65_7401
"""The number of the advisory lock of whoever writes the index in PostgreSQL."""
_KINDS = ("sqlite", "postgresql")


class IndexUnavailable(Undecided):
    """The database of the index cannot be used now; what the registry's tree says can still be asked."""

    code = "index-unavailable"


def url_in(folder: Path) -> str:
    """The URL of the SQLite file in a folder."""
    return f"sqlite:///{folder / 'index.sqlite'}"


class Database:
    """An index's database, by its URL; "" is a file that ends with this value. ``is_ready``: another process has made
    its tables, and makes them again where they are gone.

    UsageError for a URL that names none, or somebody else's database.
    """

    def __init__(self, url: str = "", *, busy: float = BUSY, is_ready: bool = False) -> None:
        self.busy = busy
        self._own = None if url else tempfile.TemporaryDirectory(prefix="signet-index-")
        url = url_in(Path(self._own.name)) if self._own is not None else url
        self.url = _parsed(url)
        self.is_server = self.url.get_backend_name() == "postgresql"
        self.engine = _engine(self.url, self.is_server, busy)
        self._mending = threading.Lock()
        if not is_ready:
            self.lay_out()

    def lay_out(self) -> None:
        """Make the tables where they are not; those of an earlier format are made anew."""
        with self._told(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            self._lock(connection)
            there = set(inspect(connection).get_table_names())
            if tables.about.name in there:
                found = connection.execute(select(tables.about.c.format)).scalar()
                if found is not None and found > tables.FORMAT:
                    raise UsageError(
                        f"The database of the index has format {found}; this Signet knows {tables.FORMAT}.",
                        "Use a newer Signet, or give it a database of its own.",
                    )
                if found != tables.FORMAT:
                    tables.metadata.drop_all(connection)
            elif there and not self.is_server:
                raise UsageError(
                    f"{self} is a database of something else: it has tables, and none of an index.",
                    "Give the index a file of its own.",
                )
            tables.metadata.create_all(connection)
            if connection.execute(select(tables.about.c.format)).scalar() is None:
                connection.execute(tables.about.insert().values(format=tables.FORMAT))
        if not self.is_server:
            with self._told():
                self._let_readers_go_on()

    def mend(self, error: SQLAlchemyError) -> None:
        """After such an error, lay the tables out again: somebody removed them, or the file, or there are only broken
        bytes. Of threads that all met it one does it, and the others find it done.
        """
        with self._mending:
            if is_damaged(error) and not self._is_sound():
                self.discard()
            self.lay_out()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the database as it is now until it is given back."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the only writer. IndexUnavailable where it does not come to that in time, or fails."""
        with self._told(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            self._lock(connection)
            yield connection

    def discard(self) -> None:
        """Put a SQLite file that cannot be read out of the way; it is made again."""
        self.engine.dispose()
        if self.is_server or not self.url.database:
            return
        for name in (self.url.database, f"{self.url.database}-wal", f"{self.url.database}-shm"):
            Path(name).unlink(missing_ok=True)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
        if self._own is not None:
            self._own.cleanup()

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    def _is_sound(self) -> bool:
        """Does SQLite find nothing broken in its file?"""
        try:
            with self.reading() as connection:
                return connection.exec_driver_sql("pragma quick_check(1)").scalar() == "ok"
        except SQLAlchemyError:
            return False

    def _let_readers_go_on(self) -> None:
        """Have SQLite write beside what is read. The file remembers it; it is only said to a file that is ours.

        SQLite itself does not wait here while somebody reads the file, so that is done.
        """
        until = time.monotonic() + self.busy
        connection = self.engine.raw_connection()
        try:
            while True:
                try:
                    connection.cursor().execute("pragma journal_mode = wal")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                        raise
                    time.sleep(0.01)
        except sqlite3.Error as error:
            raise SQLAlchemyError(str(error)) from error
        finally:
            connection.close()

    def _lock(self, connection: Connection) -> None:
        if self.is_server:
            connection.execute(text(f"set local lock_timeout = {int(self.busy * 1000)}"))
            connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the database refuses, as one of our errors; no text of it holds the URL's password."""
        try:
            yield
        except SQLAlchemyError as error:
            raise unavailable(self, error) from error


def unavailable(database: Database, error: SQLAlchemyError) -> IndexUnavailable:
    """The error that says so, with the first line of the database's own words."""
    words = str(error.orig if isinstance(error, DBAPIError) else error).strip().split("\n")[0]
    return IndexUnavailable(
        f"The database of the index, {database}, cannot be used: {words[:300]}.",
        "Look at the database; the index comes back by itself, and can be removed at any time.",
    )


def is_damaged(error: SQLAlchemyError) -> bool:
    """Does a SQLite file hold no database, or a broken one?"""
    origin = error.orig if isinstance(error, DBAPIError) else None
    return isinstance(origin, sqlite3.DatabaseError) and not isinstance(origin, sqlite3.OperationalError)


def _parsed(url: str) -> URL:
    try:
        found = make_url(url)
        kind = found.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        kind = ""
    if kind not in _KINDS:
        raise UsageError(
            "The index's database is no URL of SQLite or PostgreSQL.",
            "Try postgresql://USER@HOST/DATABASE, or leave it out for a file of the service's own.",
        )
    return found.set(drivername="postgresql+psycopg") if kind == "postgresql" else found


def _engine(url: URL, is_server: bool, busy: float) -> Engine:
    if is_server:
        arguments = {"connect_timeout": 10, "keepalives_idle": 30, "application_name": "signet index"}
        return create_engine(
            url, pool_pre_ping=True, connect_args=arguments, pool_size=10, max_overflow=20, hide_parameters=True
        )
    engine = create_engine(url, connect_args={"timeout": busy}, pool_size=10, max_overflow=30, hide_parameters=True)
    event.listen(engine, "connect", _connected)
    event.listen(engine, "checkout", _is_still_there)
    event.listen(engine, "begin", _begun)
    return engine


def _connected(connection: Any, record: Any) -> None:
    """Transactions are begun by ``_begun``: sqlite3's own way begins none for reading."""
    connection.isolation_level = None
    connection.execute("pragma synchronous = normal")
    record.info["file"] = _file(connection)


def _is_still_there(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection to a file that is not there any more, or is another one, is not used again."""
    try:
        is_same = record.info["file"] == _file(connection)
    except sqlite3.Error as error:
        raise DisconnectionError(str(error)) from error
    if not is_same:
        raise DisconnectionError("the file was removed or replaced")


def _file(connection: Any) -> tuple[int, int] | None:
    path = connection.execute("pragma database_list").fetchone()[2]
    try:
        about = Path(path).stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def _begun(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("begin immediate" if writes else "begin")
