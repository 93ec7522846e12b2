"""One commit of the registry, ready to be asked; and what answers questions: the newest one, older ones, how it stands.

A snapshot never changes: a question that has begun on one ends on it, whatever is pushed meanwhile. Nothing here looks
at the registry or fetches: ``signet.service.shelf`` does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signet.errors import Fault
from signet.registry.opening import Access, following, open_for_writing, revision_of
from signet.registry.read import RegistryState, state_at
from signet.service.index import History, Index

if TYPE_CHECKING:
    from signet.registry.opening import Repository

KEPT = 8
"""So many older snapshots are kept ready, for those who look back."""


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


class Held:
    """The snapshots that questions ask: the newest one that was put here, and older ones, which are found.

    ``index`` is that of the registry at ``location``.
    """

    def __init__(self, location: str, access: Access, index: Index) -> None:
        self.location, self.access, self.index = location, access, index
        self._newest: Snapshot | None = None
        self._standing = Standing("", "")
        self._older: OrderedDict[str, Snapshot] = OrderedDict()
        self._keeping = threading.Lock()

    def newest(self) -> Snapshot:
        """The newest commit that is whole."""
        assert self._newest is not None  # noqa: S101 - nobody asks before the first one is here
        return self._newest

    def standing(self) -> Standing:
        """How things stand; it asks nobody."""
        return self._standing

    def hold(self, commit: str, standing: Standing) -> None:
        """Put a commit that the clone has in the place of the newest one."""
        if self._newest is None or self._newest.commit != commit:
            self._newest = self._read(open_for_writing(self.location, self.access), commit)
        self._standing = standing

    def at(self, revision: str | None) -> Snapshot:
        """The snapshot of a commit, a date or HEAD~N, as ``signet --at`` means them; None is the newest.

        Who names a commit gets it, also one with broken files. UsageError for what the registry's history has not.
        """
        newest = self.newest()
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

    def close(self) -> None:
        """Give the index back; nothing is asked any more."""
        self.index.close()

    def _read(self, repo: Repository, commit: str) -> Snapshot:
        """The snapshot of a commit; what did not change since the newest one is taken over from it."""
        before = self._newest
        state = state_at(repo, commit) if before is None else following(before.state, repo, commit)
        return Snapshot(commit, state, self.index.history(commit))
