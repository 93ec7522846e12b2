"""What an index holds and says, to be laid beside that of another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from signet.registry import git
from signet.registry.walking import first_parents
from signet.service.index import Database, History, Index, lines, tables, url_in
from tests.service.happening import SERVICES

BOTH = {"service": SERVICES[2], "environment": "staging"}
PATHS = (
    "environments/production/service-0001.yaml",
    "environments/nowhere/service-0002.yaml",
    "services/service-0001/service.yaml",
    "services/service-0002/versions/1.0.0.json",
    "services/service-0003/branches/main.json",
    "signet.yaml",
)


def rows(index: Index, commit: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row about the history up to a commit, by table, without the number of the line."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with index.database.reading() as connection:
        place = lines.place(connection, commit)
        assert place is not None
        for table in tables.OF_A_LINE:
            chosen = connection.execute(select(table).where(table.c.line == place.line)).mappings()
            found[table.name] = []
            for row in chosen:
                told = {key: value for key, value in row.items() if key != "line"}
                if (told["since"] if "since" in told else told["seq"]) > place.seq:
                    continue
                if told.get("until") is not None and told["until"] > place.seq:
                    told["until"] = None
                found[table.name].append(tuple(told.values()))
            found[table.name].sort(key=repr)
    return found


def answers(index: Index, commit: str) -> bytes:
    """What can be asked of the history up to a commit, as bytes."""
    history = index.history(commit)
    told: list[Any] = [index.last_whole(commit), [fault.as_json() for fault in index.faults(commit)], history.length()]
    for names in ({}, {"service": SERVICES[1]}, {"environment": "production"}, BOTH):
        told.append(_timeline(history, names))
    for path in PATHS:
        told += [one and one.as_json() for one in (history.first(path), history.last(path))]
    return json.dumps(told).encode()


def from_scratch(location: str, commit: str, folder: Path) -> Index:
    """An index that is built from nothing, in one go."""
    folder.mkdir()
    index = Index(Database(url_in(folder)), lambda: git.open_repository(location))
    assert index.bring_to(commit) == len(list(first_parents(git.open_repository(location), commit)))
    return index


def _timeline(history: History, names: dict[str, str]) -> list[Any]:
    page = history.commits(limit=7, **names)  # type: ignore[arg-type]
    found = [one.as_json() for one in page.items]
    while page.next is not None:
        page = history.commits(limit=200, before=page.next, **names)  # type: ignore[arg-type]
        found += [one.as_json() for one in page.items]
    return found
