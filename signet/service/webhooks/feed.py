"""From commits to deliveries: which events a subscription is told, from the commit after the one that brought it.

Whether a commit's events are told to a subscription is decided by its file as it stood *before* that commit, so the
answer follows from the registry alone, and a lost store leads to the same deliveries again. Nothing is sent here.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from signet.core.model.event import Event
from signet.core.sentences import sentence
from signet.core.webhooks import Occasion, Subscription
from signet.errors import InvalidData, SignetError, UsageError
from signet.registry import events, layout
from signet.registry.history import date_text
from signet.registry.opening import came_at, descends
from signet.registry.read import RegistryState
from signet.registry.webhooks import subscription
from signet.service.snapshots import Shelf, Snapshot
from signet.service.webhooks.store import Cursor, Lease, Store

if TYPE_CHECKING:
    from signet.registry.opening import Repository

AT_ONCE = 50
"""Commits whose events are taken in one transaction."""
ENOUGH = 1_000
"""With so many waiting, no more are taken: the registry keeps them as well as the store does."""
REMEMBERED = 256
LONGEST = 500
"""So many characters of a sentence are kept for the list of deliveries."""
_LOG = logging.getLogger("signet.webhooks")


class Feed:
    """The events of commits, derived once for all subscriptions of this process."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._told: OrderedDict[str, events.Told] = OrderedDict()
        self._deriving = threading.Lock()
        self._reader: events.Reader | None = None

    def told(self, repo: Repository, commit: str) -> events.Told:
        """The events of a commit; InvalidData or KeyError where it is not there any more."""
        with self._deriving:
            found = self._told.get(commit)
            if found is None:
                if self._reader is None or self._reader.repo is not repo:
                    self._reader = events.Reader(repo)
                found = self._told[commit] = events.told(repo, commit, self._reader)
                while len(self._told) > REMEMBERED:
                    self._told.popitem(last=False)
            self._told.move_to_end(commit)
            return found

    def occasion(self, snapshot: Snapshot, commit: str, event: str) -> Occasion | None:
        """An event of a commit by its id, with what is said beside it; None where there is none."""
        try:
            found = self.told(snapshot.state.repo, commit)
        except (SignetError, KeyError):
            return None
        one = next((one for one in found.events if one.id == event), None)
        return one and Occasion(one, commit, date_text(found.time), snapshot.state.registry_name())

    def begin(self, snapshot: Snapshot, store: Store, name: str) -> None:
        """A cursor at the commit that brought the subscription's file."""
        store.begin(name, came_at(snapshot.state.repo, snapshot.commit, layout.path("webhook", name)))

    def advance(self, snapshot: Snapshot, store: Store, lease: Lease, newest: Subscription) -> bool:
        """Take the events of the next commits; True if there are more to take."""
        cursor = store.cursor(lease)
        if cursor.commit == snapshot.commit or store.waiting(lease) >= ENOUGH:
            return False
        ahead = self._ahead(snapshot, store, lease, cursor)
        taken = ahead[:AT_ONCE]
        if not taken:
            return False
        found: list[tuple[str, Event, str]] = []
        for commit in taken:
            one = self._before(snapshot, commit, newest)
            found += [(commit, event, sentence(event)[:LONGEST]) for event in self._wanted(snapshot, commit, one)]
        store.advance(lease, taken[-1], found)
        return len(ahead) > len(taken)

    def _wanted(self, snapshot: Snapshot, commit: str, one: Subscription | None) -> list[Event]:
        if one is None or not one.enabled:
            return []
        try:
            return [event for event in self.told(snapshot.state.repo, commit).events if one.wants(event)]
        except InvalidData as error:
            _LOG.warning("the events of commit %s cannot be told: %s", commit[:10], ascii(error.message))
            return []

    def _ahead(self, snapshot: Snapshot, store: Store, lease: Lease, cursor: Cursor) -> list[str]:
        """The commits after a cursor, oldest first; none where this replica is behind the one that moved it."""
        repo = snapshot.state.repo
        try:
            return events.between(repo, cursor.commit, snapshot.commit)[::-1]
        except UsageError:
            if descends(repo, snapshot.commit, cursor.commit):
                return []
        seen = self.shelf.refresh()  # another replica may have seen more; after this look it has not
        repo = seen.state.repo
        try:
            return events.between(repo, cursor.commit, seen.commit)[::-1]
        except UsageError:
            pass
        start = events.common(repo, cursor.commit, seen.commit)
        start = start or came_at(repo, seen.commit, layout.path("webhook", lease.name))
        _LOG.warning("webhook %s: history was rewritten, it goes on after %s", lease.name, start[:10])
        store.advance(lease, start, [])
        return events.between(repo, start, seen.commit)[::-1]

    def _before(self, snapshot: Snapshot, commit: str, newest: Subscription) -> Subscription | None:
        """The subscription as the tree before a commit has it; the newest one where that is broken."""
        repo = snapshot.state.repo
        try:
            parents = events.parents(repo, commit)
            return subscription(RegistryState(repo, parents[0]), newest.name) if parents else None
        except InvalidData:
            return newest
