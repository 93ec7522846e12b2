"""History up to one commit, asked of the index: the timeline, and who first brought or last changed a fact.

Everything follows from the registry's first-parent history; the index only makes it quick. Answers are those of one
commit, whatever is pushed meanwhile. It derives nothing: ``signet.registry.walking`` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, Row, Select, func, select

from signet.core.model.event import Event
from signet.registry.history import date_text
from signet.service.index.tables import commits, concerns, events, touches

T = TypeVar("T")

AT_ONCE = 500
"""So many paths or places are asked for in one query: databases bound what one may hold."""


class Told(NamedTuple):
    """A commit of the history and what happened in it. ``seq`` counts along first parents, from 1 at the root.

    ``time`` is the committer's, in seconds since 1970 as written; author and texts are what the commit claims. Long
    texts are cut.
    """

    seq: int
    commit: str
    time: int
    author: str
    email: str
    subject: str
    trailers: Mapping[str, str]
    events: tuple[Event, ...]

    @property
    def date(self) -> str:
        """The time in UTC (RFC 3339); empty for one that no calendar has."""
        return date_text(self.time)

    def as_json(self) -> dict[str, Any]:
        """The commit as a JSON object."""
        return {
            "seq": self.seq,
            "commit": self.commit,
            "date": self.date,
            "author": self.author,
            "email": self.email,
            "subject": self.subject,
            "trailers": dict(self.trailers),
            "events": [one.as_json() for one in self.events],
        }


class Page(NamedTuple, Generic[T]):
    """Some of the answers, in their order. ``next`` is the ``before`` of the following page; None on the last one."""

    items: tuple[T, ...]
    next: int | None = None


class Asked(Protocol):
    """What answers: the index, which finds the line and the place of a commit, and mends itself where it must."""

    def asked(self, commit: str, question: Callable[[Connection, int, int], T]) -> T:
        """The answer to a question about a line up to a place."""


class History:
    """The history of a registry up to a commit, along first parents; that commit is its newest."""

    def __init__(self, index: Asked, commit: str) -> None:
        self.commit = commit
        self._index = index

    def commits(
        self,
        *,
        service: str | None = None,
        environment: str | None = None,
        before: int | None = None,
        limit: int,
    ) -> Page[Told]:
        """The timeline, newest first; with names, the commits that changed something of that service, or there.

        ``before`` is the ``seq`` above which nothing is told. What counts is which files a commit changed.
        """

        def found(connection: Connection, line: int, upto: int) -> Page[Told]:
            last = upto if before is None else min(upto, before - 1)
            chosen = _concerned(line, service, environment) if service or environment else _all(line)
            column = chosen.selected_columns[0]
            asked = chosen.where(column <= last).order_by(column.desc()).limit(limit + 1)
            seqs = [int(seq) for (seq,) in connection.execute(asked)]
            items = _told(connection, line, seqs[:limit])
            return Page(items, seqs[limit - 1] if len(seqs) > limit else None)

        return self._index.asked(self.commit, found)

    def first(self, path: str) -> Told | None:
        """The commit that first brought the file of a fact, be it gone since or not."""
        return self.firsts((path,)).get(path)

    def last(self, path: str) -> Told | None:
        """The commit that last changed the file of a fact, or removed it."""
        return self.lasts((path,)).get(path)

    def firsts(self, paths: Iterable[str]) -> dict[str, Told]:
        """The commits that first brought files, of those that ever were there."""
        return self._at(paths, func.min(touches.c.seq))

    def lasts(self, paths: Iterable[str]) -> dict[str, Told]:
        """The commits that last changed or removed files, of those that ever were there."""
        return self._at(paths, func.max(touches.c.seq))

    def seq(self, commit: str) -> int | None:
        """The place of a commit, by its full id; None where the history up to here has no such commit."""

        def found(connection: Connection, line: int, upto: int) -> int | None:
            here = (commits.c.line == line) & (commits.c.id == commit) & (commits.c.seq <= upto)
            return connection.execute(select(commits.c.seq).where(here)).scalar()

        return self._index.asked(self.commit, found)

    def told(self, seq: int) -> Told | None:
        """The commit at a place; None beyond either end."""

        def found(connection: Connection, line: int, upto: int) -> Told | None:
            return next(iter(_told(connection, line, [seq] if seq <= upto else [])), None)

        return self._index.asked(self.commit, found)

    def length(self) -> int:
        """How many commits there are; the ``seq`` of the newest."""
        return self._index.asked(self.commit, lambda _connection, _line, upto: upto)

    def _at(self, paths: Iterable[str], which: Any) -> dict[str, Told]:
        asked = tuple(dict.fromkeys(paths))

        def found(connection: Connection, line: int, upto: int) -> dict[str, Told]:
            at: dict[str, int] = {}
            for some in _parts(asked):
                here = (touches.c.line == line) & touches.c.path.in_(some) & (touches.c.seq <= upto)
                rows = connection.execute(select(touches.c.path, which).where(here).group_by(touches.c.path))
                at.update((path, int(seq)) for path, seq in rows)
            told = {one.seq: one for some in _parts(sorted(set(at.values()))) for one in _told(connection, line, some)}
            return {path: told[at[path]] for path in asked if path in at}

        return self._index.asked(self.commit, found) if asked else {}


def _parts(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    return (whole[at : at + AT_ONCE] for at in range(0, len(whole), AT_ONCE))


def _all(line: int) -> Select[Any]:
    return select(commits.c.seq).where(commits.c.line == line)


def _concerned(line: int, service: str | None, environment: str | None) -> Select[Any]:
    found = select(concerns.c.seq).distinct().where(concerns.c.line == line)
    if service:
        found = found.where(concerns.c.service == service)
    return found.where(concerns.c.environment == environment) if environment else found


def _told(connection: Connection, line: int, seqs: Sequence[int]) -> tuple[Told, ...]:
    """The commits at these places, in their order; places that there are not are left out."""
    here = (commits.c.line == line) & commits.c.seq.in_(seqs)
    rows = {row.seq: row for row in connection.execute(select(commits).where(here))}
    there = (events.c.line == line) & events.c.seq.in_(seqs)
    happened: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(select(events).where(there).order_by(events.c.seq, events.c.n)):
        happened.setdefault(row.seq, []).append(row)
    return tuple(_one(rows[seq], happened.get(seq, ())) for seq in seqs if seq in rows)


def _one(row: Row[Any], happened: Iterable[Row[Any]]) -> Told:
    return Told(
        row.seq,
        row.id,
        row.time,
        row.author,
        row.email,
        row.subject,
        MappingProxyType(json.loads(row.trailers)),
        tuple(_event(one).of(row.id) for one in happened),
    )


def _event(row: Row[Any]) -> Event:
    detail = MappingProxyType(json.loads(row.detail))
    return Event(row.type, row.service, row.version, row.other, row.other_version, row.environment, detail)
