"""The tables of the index: what the registry's history says, in a form that can be asked. No fact is only here.

A *line* is the first-parent history of one commit, its head, from the root on; commits in it count from 1. Rows are
only ever added beyond a line's head, and the head moves in the same transaction, so that who asks of an earlier commit
is never disturbed. History that was rewritten is another line.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

FORMAT = 1
"""Of the tables. Whoever changes one counts it up; an index of an earlier format is made anew."""

metadata = MetaData()
_LINE = Integer
_NAME = String(128)


def _table(name: str, *columns: Column[int] | Column[str] | Column[str | None] | Index | UniqueConstraint) -> Table:
    return Table(f"signet_index_{name}", metadata, *columns, sqlite_with_rowid=False)


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

commits = _table(
    "commits",
    Column("line", _LINE, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", String(64), nullable=False, index=True),
    Column("time", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("trailers", Text, nullable=False),
    Column("broken", Integer, nullable=False),
)
"""``broken`` is how many files of the registry cannot be read at that commit; ``trailers`` is JSON."""

events = _table(
    "events",
    Column("line", _LINE, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("type", _NAME, nullable=False),
    Column("service", _NAME, nullable=False),
    Column("version", Text),
    Column("other", Text),
    Column("other_version", Text),
    Column("environment", Text),
    Column("detail", Text, nullable=False),
)

touches = _table(
    "touches",
    Column("line", _LINE, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
)
"""Which commits changed the file of a fact."""

concerns = _table(
    "concerns",
    Column("line", _LINE, primary_key=True),
    Column("service", _NAME, primary_key=True),
    Column("environment", _NAME, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Index("signet_index_concerns_by_environment", "line", "environment", "seq"),
)
"""Whom a commit is about; "" is no service, or no environment."""

faults = _table(
    "faults",
    Column("line", _LINE, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("since", Integer, primary_key=True),
    Column("until", Integer),
    Column("told", Text, nullable=False),
)
"""A file that cannot be read from commit ``since`` on, before ``until`` (none: still so at the head); JSON says why."""

OF_A_LINE = (commits, events, touches, concerns, faults)
