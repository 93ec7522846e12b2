"""From commits to deliveries: which events a subscription is told, from the commit after the one that brought it.

Whether a commit's events are told to a subscription is decided by its file as it stood *before* that commit, so the
answer follows from the registry alone, and a lost store leads to the same deliveries again. Nothing is sent here.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from signet.core.model.event import Event
from signet.core.sentences import sentence
from signet.core.webhooks import Occasion, Subscription
from signet.errors import InvalidData, SignetError, UsageError
from signet.registry import events, layout
from signet.registry.history import date_text
from signet.registry.opening import came_at, descends, open_for_writing
from signet.registry.read import RegistryState, state_at
from signet.registry.webhooks import subscription
from signet.service.shelf import Shelf
from signet.service.webhooks.store import Cursor, Lease, Store

if TYPE_CHECKING:
    from signet.registry.opening import Repository

AT_ONCE = 20
"""Commits whose events are taken in one transaction."""
ENOUGH = 1_000
"""With so many waiting, no more are taken: the registry keeps them as well as the store does."""
REMEMBERED = 256
LONGEST = 500
"""So many characters of a sentence are kept for the list of deliveries."""
_LOG = logging.getLogger("signet.webhooks")


class Seen(NamedTuple):
    """The newest commit that was seen, whole or not: a broken file somewhere holds back no event."""

    commit: str
    state: RegistryState

    @property
    def repo(self) -> Repository:
        """Where its history is."""
        return self.state.repo


class Feed:
    """The events of commits, derived once for all subscriptions of this process."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._told: OrderedDict[str, events.Told] = OrderedDict()
        self._deriving = threading.Lock()
        self._reader = events.Reader(shelf.newest().state.repo)
        self._seen: Seen | None = None

    def newest(self) -> Seen:
        """The newest commit; the one that is served, where a broken ``signet.yaml`` makes the newest no registry."""
        served, commit = self.shelf.newest(), self.shelf.standing().newest
        seen = self._seen
        if seen is None or seen.commit != commit:
            try:
                seen = Seen(commit, state_at(open_for_writing(self.shelf.location, self.shelf.access), commit))
            except InvalidData:
                return Seen(served.commit, served.state)
            self._seen = seen
        return seen

    def looked(self) -> Seen:
        """The newest commit after a look at the registry: no replica has told of a newer one before."""
        self.shelf.refresh()
        return self.newest()

    def told(self, repo: Repository, commit: str) -> events.Told:
        """The events of a commit; InvalidData or KeyError where it is not there any more."""
        with self._deriving:
            found = self._told.get(commit)
            if found is None:
                self._reader.repo = repo
                found = self._told[commit] = events.told(repo, commit, self._reader)
                while len(self._told) > REMEMBERED:
                    self._told.popitem(last=False)
            self._told.move_to_end(commit)
            return found

    def occasion(self, seen: Seen, commit: str, event: str) -> Occasion | None:
        """An event of a commit by its id, with what is said beside it; None where there is none."""
        try:
            found = self.told(seen.repo, commit)
        except (SignetError, KeyError):
            return None
        one = next((one for one in found.events if one.id == event), None)
        return one and Occasion(one, commit, date_text(found.time), seen.state.registry_name())

    def begin(self, seen: Seen, store: Store, name: str) -> None:
        """A cursor at the commit that brought the subscription's file."""
        if not store.knows(name):
            store.begin(name, came_at(seen.repo, seen.commit, layout.path("webhook", name)))

    def advance(self, seen: Seen, store: Store, lease: Lease, newest: Subscription) -> bool:
        """Take the events of the next commits; True if there are more to take."""
        cursor = store.cursor(lease)
        if cursor.commit == seen.commit or store.waiting(lease) >= ENOUGH:
            return False
        ahead = self._ahead(seen, store, lease, cursor)
        taken = ahead[:AT_ONCE]
        if not taken:
            return False
        found: list[tuple[str, Event, str]] = []
        for commit in taken:
            one = self._before(seen, commit, newest)
            found += [(commit, event, sentence(event)[:LONGEST]) for event in self._wanted(seen, commit, one)]
        store.advance(lease, taken[-1], found)
        return len(ahead) > len(taken)

    def _wanted(self, seen: Seen, commit: str, one: Subscription | None) -> list[Event]:
        if one is None or not one.enabled:
            return []
        try:
            return [event for event in self.told(seen.repo, commit).events if one.wants(event)]
        except InvalidData as error:
            _LOG.warning("the events of commit %s cannot be told: %s", commit[:10], ascii(error.message))
            return []

    def _ahead(self, seen: Seen, store: Store, lease: Lease, cursor: Cursor) -> list[str]:
        """The commits after a cursor, oldest first; none where this replica is behind the one that moved it."""
        repo = seen.repo
        try:
            return events.between(repo, cursor.commit, seen.commit)[::-1]
        except UsageError:
            if descends(repo, seen.commit, cursor.commit):
                return []
        seen = self.looked()  # another replica may have seen more
        repo = seen.repo
        try:
            return events.between(repo, cursor.commit, seen.commit)[::-1]
        except UsageError:
            pass
        start = events.common(repo, cursor.commit, seen.commit)
        start = start or came_at(repo, seen.commit, layout.path("webhook", lease.name))
        _LOG.warning("webhook %s: history was rewritten, it goes on after %s", lease.name, start[:10])
        store.advance(lease, start, [])
        return events.between(repo, start, seen.commit)[::-1]

    def _before(self, seen: Seen, commit: str, newest: Subscription) -> Subscription | None:
        """The subscription as the tree before a commit has it; the newest one where that is broken."""
        repo = seen.repo
        try:
            parents = events.parents(repo, commit)
            before = RegistryState(repo, parents[0] if parents else None)
            if before.mark(layout.path("webhook", newest.name)) == newest.mark:
                return newest
            return subscription(before, newest.name)
        except InvalidData:
            return newest
