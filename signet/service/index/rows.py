"""Steps of the history as rows of the tables. A row follows from its step, and from what was broken before it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update

from signet.errors import Fault
from signet.registry import layout
from signet.registry.walking import WHOLE, Step
from signet.service.index import tables

LONGEST = 1_000
"""So many characters of a text of a commit are kept."""
MOST_TRAILERS = 32
MOST_FAULTS = 20
_LATEST = 2**62
"""Commits may claim any time; this one and its negative are the last that are told apart."""

Rows = dict[str, Any]


class Batch:
    """The rows of some steps that follow each other on a line."""

    def __init__(self, line: int, seq: int, broken: dict[str, int]) -> None:
        self.line, self.seq = line, seq
        self._broken = broken
        self._rows: dict[Table, list[Rows]] = {table: [] for table in tables.OF_A_LINE}
        self._mended: list[Rows] = []

    def add(self, step: Step) -> None:
        """The rows of the next commit."""
        self.seq += 1
        self._judge(step)
        here = {"line": self.line, "seq": self.seq}
        entry = step.entry
        trailers = {cut(key): cut(value) for key, value in list(entry.trailers.items())[:MOST_TRAILERS]}
        self._rows[tables.commits].append(
            here
            | {
                "id": entry.commit,
                "time": max(-_LATEST, min(entry.time, _LATEST)),
                "author": cut(entry.author),
                "email": cut(entry.email),
                "subject": cut(entry.subject),
                "trailers": json.dumps(trailers),
                "broken": len(self._broken),
            }
        )
        self._rows[tables.touches] += [here | {"path": path} for path, _ in step.facts]
        about = sorted({one for _, identity in step.facts for one in concerned(identity)})
        self._rows[tables.concerns] += [here | {"service": one, "environment": where} for one, where in about]
        for n, one in enumerate(step.events):
            told = one._asdict() | {"detail": json.dumps(dict(one.detail))}
            told.pop("id")
            self._rows[tables.events].append(here | {"n": n} | told)

    def write(self, connection: Connection) -> None:
        """Put all rows into the database."""
        for table, found in self._rows.items():
            if found:
                connection.execute(table.insert(), found)
        if self._mended:
            faults = tables.faults
            here = (faults.c.line == bindparam("on")) & (faults.c.path == bindparam("of"))
            mended = update(faults).where(here & (faults.c.since == bindparam("from")))
            connection.execute(mended.values(until=bindparam("to")), self._mended)

    def _judge(self, step: Step) -> None:
        """What is broken after a commit: what it broke, and what was broken before and was not touched."""
        touched = {WHOLE, *map(named, step.touched)}
        for path in sorted(touched & self._broken.keys()):
            self._mended.append({"on": self.line, "of": path, "from": self._broken.pop(path), "to": self.seq})
        for path, faults in {named(path): faults for path, faults in step.broken.items()}.items():
            self._broken[path] = self.seq
            told = json.dumps([fault.as_json() for fault in faults[:MOST_FAULTS]])
            row = {"line": self.line, "path": path, "since": self.seq, "until": None, "told": told}
            self._rows[tables.faults].append(row)


def named(path: str) -> str:
    """A path as the name of a fault: as it is where every database takes it, else escaped and cut."""
    name = path.encode("utf-8", "backslashreplace").decode()
    return name if len(name) <= LONGEST // 2 else f"{name[:400]}~{sha256(name.encode()).hexdigest()[:16]}"


def faults_of(told: str) -> tuple[Fault, ...]:
    """The faults that a row tells."""
    return tuple(Fault(one["file"], one["pointer"], one["line"] or 0, one["message"]) for one in json.loads(told))


def cut(text: str) -> str:
    """A text that every database takes, and that is not too long."""
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return shown.replace("\0", "�").encode("utf-8", "replace").decode()


def concerned(identity: layout.Identity) -> Iterator[tuple[str, str]]:
    """Whom a fact is about, as service and environment; as ``signet log`` means it."""
    match identity:
        case ("registry",):
            return
        case ("environment", where):
            yield "", where
        case ("placement", where, name):
            yield name, where
        case ("contract", consumer, provider, _):
            yield consumer, ""
            yield provider, ""
        case (_, name, *_):
            yield name, ""


def in_batches(found: Iterable[Step], size: int) -> Iterator[list[Step]]:
    """Steps, so many at a time."""
    batch: list[Step] = []
    for one in found:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
