"""Which history is in the index, and bringing it forward: what is there stays, what is missing is derived and added.

The recipe of ``bring_to``:
1. A commit that is on a line is there already.
2. Back along first parents to the newest commit that is on a line. Where that is the line's head, the line goes on.
3. Where it is not, history forked: a new line takes over the rows up to there; with none in common it begins at the
   root.
4. The steps from there on are derived, and put down batch by batch. A batch and the new head are one transaction, so
   that a line is always whole up to its head: who dies is gone on for from there.
5. If another process moved the line meanwhile, from 1. again: its rows are the same.
6. Lines that were not brought forward for long go.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, literal, select, update

from signet.errors import Fault
from signet.registry.comparisons import comparer
from signet.registry.walking import first_parents, steps
from signet.service.index import rows, tables
from signet.service.index.database import Database, IndexUnavailable

if TYPE_CHECKING:
    from signet.registry.opening import Repository

BATCH = 400
"""So many commits are put down together."""
KEPT = 3
"""So many lines of one registry are kept: who asks of a commit that history has lost just now still gets an answer."""
_LOOKED = 3
_TRIES = 20


class Place(NamedTuple):
    """Where on a line something is."""

    line: int
    seq: int


class _Joint(NamedTuple):
    """What is there of a commit's history, and what is missing of it, oldest first. ``line`` None: nothing is there."""

    place: Place | None
    missing: tuple[str, ...]
    is_head: bool


class _Moved(Exception):
    """Another process brought the line forward."""


def maker() -> str:
    """What derives the rows, as a hash: rows of another release are not mixed with these."""
    import signet

    return comparer() or signet.__version__


def place(connection: Connection, commit: str) -> Place | None:
    """Where a commit is; on the line that was brought forward last, where it is on several."""
    found = connection.execute(
        select(tables.commits.c.line, tables.commits.c.seq)
        .join(tables.lines, tables.lines.c.id == tables.commits.c.line)
        .where((tables.commits.c.id == commit) & (tables.lines.c.maker == maker()))
        .order_by(tables.lines.c.used.desc())
        .limit(1)
    ).first()
    return None if found is None else Place(found.line, found.seq)


def bring_to(database: Database, repo: Repository, commit: str) -> int:
    """Have the history up to a commit in the database; returns how many commits were missing."""
    added = 0
    for _ in range(_TRIES):
        with database.writing() as connection:
            joint = _joint(connection, repo, commit)  # 1. and 2.
            line, seq, head = _begun(connection, joint)  # 3.
        try:
            steps_found = steps(repo, joint.missing)
            for batch in rows.in_batches(steps_found, BATCH):  # 4.
                with database.writing() as connection:
                    _check_head(connection, line, head)
                    made = rows.Batch(line, seq, _broken(connection, line))
                    for step in batch:
                        made.add(step)
                    made.write(connection)
                    seq, head, added = made.seq, batch[-1].entry.commit, added + len(batch)
                    _note(connection, line, seq, head)
        except _Moved:  # 5.
            continue
        if joint.missing and not joint.is_head:
            _tidy(database, line)  # 6.
        return added
    raise IndexUnavailable("Other processes keep writing the index.", "Let one Signet of another release end first.")


def last_whole(connection: Connection, line: int, upto: int) -> str | None:
    """The newest commit of a line, up to a place, at which nothing is broken."""
    here = (tables.commits.c.line == line) & (tables.commits.c.seq <= upto) & (tables.commits.c.broken == 0)
    found: str | None = connection.execute(
        select(tables.commits.c.id).where(here).order_by(tables.commits.c.seq.desc()).limit(1)
    ).scalar()
    return found


def faults(connection: Connection, line: int, upto: int) -> tuple[Fault, ...]:
    """What is broken at a place of a line, in order of the paths."""
    table = tables.faults
    here = (table.c.line == line) & (table.c.since <= upto) & (table.c.until.is_(None) | (table.c.until > upto))
    told = connection.execute(select(table.c.path, table.c.told).where(here)).all()
    return tuple(fault for row in sorted(told) for fault in rows.faults_of(row.told))


def _joint(connection: Connection, repo: Repository, commit: str) -> _Joint:
    there = place(connection, commit)
    if there is not None:
        return _Joint(there, (), True)
    missing: list[str] = []
    back = first_parents(repo, commit)
    looked = _LOOKED
    while some := list(islice(back, looked)):
        looked = min(2 * looked, 400)  # mostly one commit is missing
        found = _newest(connection, some)
        if found is not None:
            at, where = found
            missing += some[:at]
            head = connection.execute(select(tables.lines.c.seq).where(tables.lines.c.id == where.line)).scalar()
            return _Joint(where, tuple(reversed(missing)), head == where.seq)
        missing += some
    return _Joint(None, tuple(reversed(missing)), True)


def _newest(connection: Connection, commits: list[str]) -> tuple[int, Place] | None:
    """The first of these commits that is on a line; where it is on several, on one that ends there."""
    table, line = tables.commits, tables.lines
    asked = (
        select(table.c.id, table.c.line, table.c.seq, line.c.seq.label("last"), line.c.used)
        .join(line, line.c.id == table.c.line)
        .where(table.c.id.in_(commits) & (line.c.maker == maker()))
    )
    found = [(commits.index(row.id), row.seq != row.last, -row.used, row) for row in connection.execute(asked)]
    if not found:
        return None
    at, _, _, row = min(found, key=lambda one: one[:3])
    return at, Place(row.line, row.seq)


def _begun(connection: Connection, joint: _Joint) -> tuple[int, int, str]:
    """The line that goes on: its id, and its last place and commit."""
    table = tables.lines
    if joint.place is not None and joint.is_head:
        found = connection.execute(select(table.c.head, table.c.seq).where(table.c.id == joint.place.line)).one()
        return joint.place.line, found.seq, found.head
    line = (connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1
    root, head, seq = joint.missing[0], "", 0
    if joint.place is not None:
        seq = joint.place.seq
        own = (tables.commits.c.line == joint.place.line) & (tables.commits.c.seq == seq)
        head = connection.execute(select(tables.commits.c.id).where(own)).scalar_one()
        root = connection.execute(select(table.c.root).where(table.c.id == joint.place.line)).scalar_one()
        _take_over(connection, joint.place, line)
    new = {"id": line, "maker": maker(), "root": root, "head": head, "seq": seq, "used": _next(connection)}
    connection.execute(insert(table).values(new))
    return line, seq, head


def _take_over(connection: Connection, until: Place, line: int) -> None:
    """Copy the rows of a line up to a place into another line; what was mended later is broken there."""
    for table in tables.OF_A_LINE:
        begun = table.c.since if table is tables.faults else table.c.seq
        values: list[ColumnElement[Any]] = []
        for column in table.c:
            if column.name == "line":
                values.append(literal(line).label("line"))
            elif column.name == "until":
                values.append(case((column <= until.seq, column)).label("until"))
            else:
                values.append(column)
        chosen = select(*values).where((table.c.line == until.line) & (begun <= until.seq))
        connection.execute(insert(table).from_select([column.name for column in table.c], chosen))


def _check_head(connection: Connection, line: int, head: str) -> None:
    if connection.execute(select(tables.lines.c.head).where(tables.lines.c.id == line)).scalar() != head:
        raise _Moved


def _broken(connection: Connection, line: int) -> dict[str, int]:
    table = tables.faults
    open_ones = select(table.c.path, table.c.since).where((table.c.line == line) & table.c.until.is_(None))
    return {row.path: row.since for row in connection.execute(open_ones)}


def _note(connection: Connection, line: int, seq: int, head: str) -> None:
    values = {"seq": seq, "head": head, "used": _next(connection)}
    connection.execute(update(tables.lines).where(tables.lines.c.id == line).values(values))


def _next(connection: Connection) -> int:
    return int(connection.execute(select(func.max(tables.lines.c.used))).scalar() or 0) + 1


def _tidy(database: Database, line: int) -> None:
    """Remove the lines of this registry beyond those that were brought forward last."""
    table = tables.lines
    with database.writing() as connection:
        root = connection.execute(select(table.c.root).where(table.c.id == line)).scalar()
        found = connection.execute(select(table.c.id).where(table.c.root == root).order_by(table.c.used.desc()))
        for old in [row.id for row in found][KEPT:]:
            for rows_of in tables.OF_A_LINE:
                connection.execute(delete(rows_of).where(rows_of.c.line == old))
            connection.execute(delete(table).where(table.c.id == old))
