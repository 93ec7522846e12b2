"""The index: the registry's history in a database, so that the timeline and who changed what are quick to ask.

It holds no truth. It follows from the first-parent history of a clone, commit by commit; delete it, and it comes back
row for row. What holds now is never asked here: that is the tree (``signet.registry.read``).

    tables    what is kept            database  SQLite or PostgreSQL
    rows      a commit as rows        lines     which history is there, and bringing it forward
    history   what can be asked
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from signet.errors import Fault, UsageError
from signet.service.index import lines
from signet.service.index.database import Database, IndexUnavailable, unavailable, url_in
from signet.service.index.history import History, Page, Told

if TYPE_CHECKING:
    from signet.registry.opening import Repository

__all__ = ["Database", "History", "Index", "IndexUnavailable", "Page", "Told", "url_in"]

T = TypeVar("T")

PATIENCE = 20.0
"""So many seconds a question waits while the index is made again."""


class MadeElsewhere(Exception):
    """The index cannot be read now, or lacks the commit; who makes it can mend that. Never told to a caller."""


class Index:
    """The index of one registry. ``opened`` gives a handle of the registry that nobody else uses; without it another
    process makes the index, and what is missing or broken there is never mended here: ``MadeElsewhere``.
    """

    def __init__(self, database: Database, opened: Callable[[], Repository] | None = None) -> None:
        self.database = database
        self._opened = opened
        self._building = threading.Lock()
        self._followed: str | None = None
        self._last: Repository | None = None

    def bring_to(self, commit: str, repo: Repository | None = None) -> int:
        """Have the history up to a commit in the index; returns how many commits were missing.

        IndexUnavailable where the database cannot be written; then nothing is half there, and the next call goes on.
        """
        with self._building:
            self._followed = commit
            return self._bring_to(commit, repo)

    def history(self, commit: str) -> History:
        """The history up to a commit, which need not be in the index yet."""
        return History(self, commit)

    def last_whole(self, commit: str) -> str | None:
        """The newest commit, back from this one, at which no file of the registry is broken; None where all are."""
        return self.asked(commit, lines.last_whole)

    def faults(self, commit: str) -> tuple[Fault, ...]:
        """Why files of the registry cannot be read at a commit."""
        return self.asked(commit, lines.faults)

    def close(self) -> None:
        """Give the database back."""
        self.database.close()

    def asked(self, commit: str, question: Callable[[Connection, int, int], T]) -> T:
        """The answer to a question about the line of a commit, up to it; an index that lacks it is mended first."""
        for is_last in (False, True):
            try:
                with self.database.reading() as connection:
                    place = lines.place(connection, commit)
                    if place is not None:
                        return question(connection, *place)
            except SQLAlchemyError as error:
                if self._opened is None:
                    raise MadeElsewhere from error
                if is_last:
                    raise unavailable(self.database, error) from error
                self.database.mend(error)
            if self._opened is None:
                raise MadeElsewhere
            self._catch_up()
        raise UsageError(
            f"The commit {commit[:10]} is not on the first-parent history of the registry's branch.",
            "Ask at a commit that 'signet log' lists.",
        )

    def _catch_up(self) -> None:
        """Bring the index to where it was; who removed it while it is in use gets it back."""
        if not self._building.acquire(timeout=PATIENCE):
            raise IndexUnavailable("The index of the history is being made again.", "Try again in a minute.")
        try:
            if self._followed is not None:
                self._bring_to(self._followed, None)
        finally:
            self._building.release()

    def _bring_to(self, commit: str, repo: Repository | None) -> int:
        if repo is None:
            assert self._opened is not None  # noqa: S101 - who has no handle to open never builds
            repo = self._opened()
        if self._last is not None:
            repo.share_trees(self._last)
        self._last = repo
        try:
            return lines.bring_to(self.database, repo, commit)
        except IndexUnavailable as error:
            if not isinstance(error.__cause__, SQLAlchemyError):
                raise
            self.database.mend(error.__cause__)
            return lines.bring_to(self.database, repo, commit)
