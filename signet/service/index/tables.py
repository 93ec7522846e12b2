"""The tables of the index: what the registry's history says, in a form that can be asked. No fact is only here.

A *line* is the first-parent history of one commit, its head, from the root on; commits in it count from 1. Rows are
only ever added beyond a line's head, and the head moves in the same transaction, so that who asks of an earlier commit
is never disturbed. History that was rewritten is another line.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

FORMAT = 1
"""Of the tables. Whoever changes one counts it up; an index of an earlier format is made anew."""

metadata = MetaData()
_NAME = String(128)


def _of_a_line(name: str, *columns: Column[int] | Column[str] | Column[str | None] | Index) -> Table:
    """A table whose rows belong to a line, and have the key that begins with it."""
    line = Column("line", Integer, primary_key=True)
    return Table(f"signet_index_{name}", metadata, line, *columns, sqlite_with_rowid=False)


def _key(name: str, kind: type[Integer] | type[Text] | String = Integer) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _said(*names: str) -> list[Column[str]]:
    """Texts that are always there."""
    return [Column(name, Text, nullable=False) for name in names]


def _perhaps(*names: str) -> list[Column[str | None]]:
    """Texts that may be missing."""
    return [Column(name, Text) for name in names]


about = Table("signet_index", metadata, Column("format", Integer, nullable=False))
"""One row."""

lines = Table(
    "signet_index_lines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("maker", String(64), nullable=False),
    Column("root", String(64), nullable=False),
    Column("head", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("used", BigInteger, nullable=False),
)
"""``maker`` is a hash of the code that derived the rows; ``used`` tells which line was brought forward last."""

commits = _of_a_line(
    "commits",
    _key("seq"),
    Column("id", String(64), nullable=False, index=True),
    Column("time", BigInteger, nullable=False),
    *_said("author", "email", "subject", "trailers"),
    Column("broken", Integer, nullable=False),
)
"""``broken`` is how many files of the registry cannot be read at that commit; ``trailers`` is JSON."""

events = _of_a_line(
    "events",
    _key("seq"),
    _key("n"),
    Column("type", _NAME, nullable=False),
    Column("service", _NAME, nullable=False),
    *_perhaps("version", "other", "other_version", "environment"),
    *_said("detail"),
)

touches = _of_a_line("touches", _key("path", Text), _key("seq"))
"""Which commits changed the file of a fact."""

concerns = _of_a_line(
    "concerns",
    _key("service", _NAME),
    _key("environment", _NAME),
    _key("seq"),
    Index("signet_index_concerns_by_environment", "line", "environment", "seq"),
)
"""Whom a commit is about; "" is no service, or no environment."""

faults = _of_a_line("faults", _key("path", Text), _key("since"), Column("until", Integer), *_said("told"))
"""A file that cannot be read from commit ``since`` on, before ``until`` (none: still so at the head); JSON says why."""

OF_A_LINE = (commits, events, touches, concerns, faults)
