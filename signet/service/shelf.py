"""The shelf: it looks at the registry, and holds the newest commit that is whole.

The recipe of a refresh:

1. Fetch. What cannot be fetched (the remote is away, history was rewritten) changes nothing but the standing.
2. Index what is new, along first parents.
3. Choose: the newest commit at which no file of the registry is broken. A later one that breaks a file is told in the
   standing and not served; where every commit has a broken file, the newest that is a registry at all is served.
4. Take over what was read and did not change, so that a push costs what it changed.
5. Have it made warm, put it in the place of the one before, and tell the listeners.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from signet.errors import Fault, InvalidData, SignetError, UsageError
from signet.registry.opening import (
    Access,
    descends,
    head_of,
    open_for_writing,
    open_newest,
    rewritten,
)
from signet.registry.walking import last_whole
from signet.service.index import Database, Index, IndexUnavailable
from signet.service.snapshots import Held, Snapshot, Standing

if TYPE_CHECKING:
    from signet.registry.opening import Repository

_LOG = logging.getLogger(__name__)
MOST_REASONS = 20


class Shelf(Held):
    """The snapshots of one registry. ``listeners`` are told, in the thread that refreshed, of each new newest one.

    ``database`` is the URL of the index; without one it is a file that ends with this process. ``follows_rewrites``:
    history that was rewritten is followed, where else the last commit before that stays. ``warm`` is called with a
    snapshot before it is served.
    """

    def __init__(
        self,
        location: str,
        access: Access,
        *,
        database: str = "",
        follows_rewrites: bool = False,
        warm: Callable[[Snapshot, Snapshot | None], None] | None = None,
    ) -> None:
        super().__init__(location, access, Index(Database(database), lambda: open_for_writing(location, access)))
        self.listeners: list[Callable[[Snapshot], None]] = []
        self._follows_rewrites, self._warm = follows_rewrites, warm
        self._refreshing = threading.Lock()
        self._newest = self._looked(None)

    def refresh(self) -> Snapshot:
        """Look at the registry, and put its newest whole commit in place of the one before.

        Raises what fetching, indexing and reading raise; then the one before stays, and ``standing`` says why.
        """
        with self._refreshing:
            before = self.newest()
            try:
                found = self._looked(before)
            except SignetError as error:
                self._stand(before.commit, self._standing.newest, error)
                raise
            if found is not before:
                self._newest = found
                for listener in tuple(self.listeners):
                    _tell(listener, found)
            return found

    def _looked(self, before: Snapshot | None) -> Snapshot:
        """The snapshot to serve after a look at the registry: the one before, where there is no better one."""
        repo = open_newest(self.location, self.access, follows_rewrites=self._follows_rewrites)  # 1.
        head = head_of(repo)
        if head is None:
            raise UsageError(f"The registry {self.location} has no commit yet.", "Run: signet init")
        if before is not None and not descends(repo, self._standing.newest, head):
            if not self._follows_rewrites:
                raise rewritten(self.location, self._standing.newest, head)
            self._standing = replace(self._standing, rewritten=self._standing.newest)
        commit, error = self._chosen(repo, head, before)  # 2. and 3.
        if before is not None and commit == before.commit:
            found = before
        else:
            found = self._read(repo, commit)  # 4.
            if self._warm is not None:  # 5.
                self._warm(found, before)
        self._stand(commit, head, error, looked=time.time())
        return found

    def _chosen(
        self, repo: Repository, head: str, before: Snapshot | None
    ) -> tuple[str, InvalidData | IndexUnavailable | None]:
        """Which commit to serve, and what is wrong. Without its database the service goes on without the index."""
        try:
            self.index.bring_to(head, repo)
            commit, faults = self.index.last_whole(head) or head, self.index.faults(head)
        except IndexUnavailable as error:
            if before is None:
                raise
            commit, faults = last_whole(repo, before.commit, head)
            return commit, _broken(head, faults) if faults else error
        return commit, _broken(head, faults) if faults else None

    def _stand(self, commit: str, newest: str, error: SignetError | None, *, looked: float = 0.0) -> None:
        was = self._standing
        code = error.code if error is not None else ""
        since = 0.0 if error is None else was.since if code == was.code else time.time()
        faults = error.faults if isinstance(error, InvalidData) else ()
        message, remedy = ("", "") if error is None else (error.message, error.remedy)
        self._standing = Standing(
            commit, newest, code, message, remedy, faults, since, looked or was.looked, was.rewritten
        )


def _tell(listener: Callable[[Snapshot], None], found: Snapshot) -> None:
    """A listener that fails is no reason for the others not to be told."""
    try:
        listener(found)
    except Exception:  # noqa: BLE001 - whatever a listener does, the newest commit is served
        _LOG.exception("A listener failed at the commit %s.", found.commit)


def _broken(head: str, faults: tuple[Fault, ...]) -> InvalidData:
    """Why a commit is not served, or is served although it is broken."""
    files = sorted({fault.file for fault in faults})
    shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    return InvalidData(
        f"At the commit {head[:10]} of the registry a file cannot be read: {shown}.",
        faults[:MOST_REASONS],
        "Mend or remove the file in a new commit; 'signet check' names every fault. Until then the last whole commit "
        "is served.",
    )
