"""One commit of the registry, ready to be asked; and the shelf that holds the newest one and finds others.

A snapshot never changes: a question that has begun on one ends on it, whatever is pushed meanwhile. It fetches nothing;
``Shelf.refresh`` does.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from signet.errors import UsageError
from signet.registry.opening import Access, newest, open_for_writing, open_fresh, revision_of
from signet.registry.read import RegistryState, state_at

KEPT = 8
"""So many older snapshots are kept ready, for those who look back."""


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """What holds at ``commit``. ``state`` may be asked from several threads at once: it only adds to what it read."""

    commit: str
    state: RegistryState


class Shelf:
    """The snapshots of one registry. ``listeners`` are told, in the thread that refreshed, of each new newest one."""

    def __init__(self, location: str, access: Access) -> None:
        self.location, self.access = location, access
        self.listeners: list[Callable[[Snapshot], None]] = []
        self._refreshing = threading.Lock()
        self._older: OrderedDict[str, Snapshot] = OrderedDict()
        self._newest = self._read()

    def newest(self) -> Snapshot:
        """The newest commit that is whole."""
        return self._newest

    def at(self, revision: str | None) -> Snapshot:
        """The snapshot of a commit, a date or HEAD~N, as ``signet --at`` means them; None is the newest.

        UsageError for what the registry's history does not have.
        """
        if revision is None:
            return self._newest
        commit = revision_of(self._newest.state.repo, revision)
        if commit == self._newest.commit:
            return self._newest
        if commit not in self._older:
            self._older[commit] = Snapshot(commit, state_at(open_for_writing(self.location, self.access), commit))
            while len(self._older) > KEPT:
                self._older.popitem(last=False)
        return self._older[commit]

    def refresh(self) -> Snapshot:
        """Look at the registry, and put its newest commit in place of the one before.

        Raises what fetching and reading raise; then the one before stays.
        """
        with self._refreshing:
            found = self._read()
            if found.commit != self._newest.commit:
                self._newest = found
                for listener in self.listeners:
                    listener(found)
            return self._newest

    def _read(self) -> Snapshot:
        """The newest commit, with a handle of its own: fetching closes the objects of the handle it uses."""
        state = newest(open_fresh(self.location, self.access))
        if state.commit is None:
            raise UsageError(f"The registry {self.location} has no commit yet.", "Run: signet init")
        return Snapshot(state.commit, state)
