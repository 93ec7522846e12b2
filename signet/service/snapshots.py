"""One commit of the registry, ready to be asked; and the shelf that holds the newest whole one and finds others.

A snapshot never changes: a question that has begun on one ends on it, whatever is pushed meanwhile. It fetches nothing;
``Shelf.refresh`` does. The recipe of a refresh:

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
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from signet.errors import Fault, InvalidData, SignetError, UsageError
from signet.registry.opening import (
    Access,
    descends,
    following,
    head_of,
    open_for_writing,
    open_newest,
    revision_of,
    rewritten,
)
from signet.registry.read import RegistryState, state_at
from signet.registry.walking import last_whole
from signet.service.index import Database, History, Index, IndexUnavailable

if TYPE_CHECKING:
    from signet.registry.opening import Repository

_LOG = logging.getLogger(__name__)
KEPT = 8
"""So many older snapshots are kept ready, for those who look back."""
MOST_REASONS = 20


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What holds at ``commit``. ``state`` may be asked from several threads at once: it only adds to what it read.

    ``history`` is what led here, along first parents.
    """

    commit: str
    state: RegistryState
    history: History


@dataclass(frozen=True, slots=True)
class Standing:
    """How the service stands to its registry. ``commit`` is served, ``newest`` is what the branch was last seen at.

    ``code`` is "" while all is well; else why not: ``record-invalid`` (the commits after the served one break
    ``faults``), ``history-rewritten``, ``registry-unreachable`` or another error's. ``since`` is when that began, and
    ``looked`` when the registry was last looked at with success, in seconds since 1970. ``rewritten`` is the commit
    that the branch went away from, where it was followed on history that was rewritten.
    """

    commit: str
    newest: str
    code: str = ""
    message: str = ""
    remedy: str = ""
    faults: tuple[Fault, ...] = ()
    since: float = 0.0
    looked: float = 0.0
    rewritten: str = ""

    @property
    def is_degraded(self) -> bool:
        """Is anything but the newest commit served, or may there be a newer one that nobody has seen?"""
        return bool(self.code)


class Shelf:
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
        self.location, self.access = location, access
        self.listeners: list[Callable[[Snapshot], None]] = []
        self.index = Index(Database(database), lambda: open_for_writing(location, access))
        self._follows_rewrites, self._warm = follows_rewrites, warm
        self._refreshing = threading.Lock()
        self._older: OrderedDict[str, Snapshot] = OrderedDict()
        self._keeping = threading.Lock()
        self._standing = Standing("", "")
        self._newest = self._looked(None)

    def newest(self) -> Snapshot:
        """The newest commit that is whole."""
        return self._newest

    def standing(self) -> Standing:
        """How things stand; it asks nobody."""
        return self._standing

    def at(self, revision: str | None) -> Snapshot:
        """The snapshot of a commit, a date or HEAD~N, as ``signet --at`` means them; None is the newest.

        Who names a commit gets it, also one with broken files. UsageError for what the registry's history has not.
        """
        newest = self._newest
        if revision is None:
            return newest
        # Offline, and by a handle of its own: a question must not make the service fetch, for whatever is made up.
        commit = revision_of(open_for_writing(self.location, self.access, offline=True), revision)
        if commit == newest.commit:
            return newest
        found = self._older.get(commit)
        if found is None:
            state = state_at(open_for_writing(self.location, self.access), commit)
            found = Snapshot(commit, state, self.index.history(commit))
            with self._keeping:
                self._older[commit] = found
                while len(self._older) > KEPT:
                    self._older.popitem(last=False)
        return found

    def refresh(self) -> Snapshot:
        """Look at the registry, and put its newest whole commit in place of the one before.

        Raises what fetching, indexing and reading raise; then the one before stays, and ``standing`` says why.
        """
        with self._refreshing:
            before = self._newest
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

    def close(self) -> None:
        """Give the index back; nothing is asked any more."""
        self.index.close()

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
            state = state_at(repo, commit) if before is None else following(before.state, repo, commit)  # 4.
            found = Snapshot(commit, state, self.index.history(commit))
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
