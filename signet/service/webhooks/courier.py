"""Who carries the deliveries: threads, each with one subscription at a time, and a clock that says when to look again.

Every subscription has a queue of its own, and is told in order: the next event goes out when the one before was taken,
or given up. A receiver that does not answer keeps one thread for as long as one try may take, and nobody else waits
for it. Nothing that a receiver, the registry or the database does ends a thread.

The recipe, for a subscription whose lease was got:
1. The events of new commits become deliveries (``feed``).
2. What hinders sending (a variable that is not set, a host that is not allowed) is noted; then everything waits.
3. The first that waits is sent if it is due. 2xx: delivered. 410: all waits until the file changes. Else it is due
   again later; after so many tries, or so much time, it is dead, and the next one has its turn.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from signet.core.webhooks import Subscription
from signet.errors import InvalidData, LeaseLost, SignetError, WebhookRefused
from signet.registry.opening import descends
from signet.registry.webhooks import subscriptions
from signet.service.shelf import Shelf
from signet.service.snapshots import Snapshot
from signet.service.webhooks import message as messages
from signet.service.webhooks.addresses import Resolver, looked_up
from signet.service.webhooks.feed import Feed, Seen
from signet.service.webhooks.outgoing import Outgoing
from signet.service.webhooks.sending import Outcome, send
from signet.service.webhooks.store import DEAD, DELIVERED, WAITING, Delivery, Lease, Store

SWEEP = 10.0
"""Seconds after which a subscription is looked at again although nothing called: its replica may have died."""
IN_A_ROW = 50
"""Deliveries of one subscription before another one may have the thread."""
GONE = 410
_LOG = logging.getLogger("signet.webhooks")


class Courier:
    """Carries deliveries from ``start`` to ``stop``. Several in several processes share the work through the store."""

    def __init__(
        self,
        outgoing: Outgoing,
        shelf: Shelf,
        store: Store,
        *,
        variables: Mapping[str, str] | None = None,
        resolver: Resolver = looked_up,
        clock: Callable[[], float] = time.time,
        sweep: float = SWEEP,
    ) -> None:
        self.outgoing, self.shelf, self.store, self.sweep = outgoing.checked(), shelf, store, sweep
        self.feed = Feed(shelf)
        self.owner = uuid.uuid4().hex
        self._variables = os.environ if variables is None else variables
        self._resolver, self._clock = resolver, clock
        self._called, self._stopped = threading.Event(), threading.Event()
        self._due: dict[str, float] = {}
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._warned: dict[str, str] = {}
        self._guard = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._ticking: threading.Thread | None = None

    def start(self) -> None:
        """Begin; it looks at once, at each new snapshot, and whenever something is due."""
        self._pool = ThreadPoolExecutor(self.outgoing.at_once, thread_name_prefix="webhook")
        self._ticking = threading.Thread(target=self._tick, name="webhooks", daemon=True)
        self.shelf.listeners.append(self.nudge)
        self._ticking.start()

    def stop(self) -> None:
        """End: what is on its way is brought to its end, nothing new begins. It takes as long as one try may."""
        self._stopped.set()
        self._called.set()
        with suppress(ValueError):
            self.shelf.listeners.remove(self.nudge)
        if self._ticking is not None:
            self._ticking.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def nudge(self, _served: Snapshot | None = None) -> None:
        """There is something new: look at every subscription now."""
        with self._guard:
            self._due.clear()
            self._again |= self._busy
        self._called.set()

    # --- the clock

    def _tick(self) -> None:
        while not self._stopped.is_set():
            try:
                wait = self._look()
            except Exception as error:  # noqa: BLE001 - whatever it is, webhooks go on
                _LOG.error("looking after webhooks failed: %s", _where(error))
                wait = self.sweep
            self._called.wait(wait)
            self._called.clear()

    def _look(self) -> float:
        """Give every subscription that is due a thread; the seconds until the next one is."""
        try:
            seen = self.feed.newest()
            known: dict[str, Subscription | InvalidData | None] = dict(subscriptions(seen.state))
            known |= {name: None for name in self.store.cursors() if name not in known}
        except SignetError as error:
            self._warn("", error)
            return self.sweep
        now = self._clock()
        for name, found in sorted(known.items()):
            with self._guard:
                if name in self._busy or self._due.get(name, 0.0) > now or self._stopped.is_set():
                    continue
                self._busy.add(name)
            assert self._pool is not None  # noqa: S101 - it was started
            self._pool.submit(self._serve, seen, name, found)
        with self._guard:
            nearest = min(
                (self._due.get(name, now) for name in known if name not in self._busy), default=now + self.sweep
            )
        return min(max(nearest - now, 0.01), self.sweep)

    def _serve(self, seen: Seen, name: str, found: Subscription | InvalidData | None) -> None:
        due = self._clock() + self.sweep
        try:
            due = min(due, self._carry(seen, name, found))
        except LeaseLost:
            pass
        except SignetError as error:
            self._warn(name, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other webhooks go on
            _LOG.error("webhook %s failed: %s", name, _where(error))
        with self._guard:
            self._busy.discard(name)
            self._due[name] = 0.0 if name in self._again else due
            self._again.discard(name)
        self._called.set()

    def _warn(self, name: str, error: SignetError) -> None:
        """Say why a webhook ("": all of them) waits, once for each reason."""
        if self._warned.get(name) != error.message:
            self._warned[name] = error.message
            _LOG.warning("webhook %s waits: %s", name or "*", ascii(error.message))

    # --- one subscription

    def _carry(self, seen: Seen, name: str, found: Subscription | InvalidData | None) -> float:
        """Everything that can be done for a subscription now; when to come again."""
        if isinstance(found, Subscription):
            self.feed.begin(seen, self.store, name)
        lease = self.store.lease(name, self.owner, self.outgoing.lease)
        if lease is None:
            return self._clock() + self.sweep
        try:
            if isinstance(found, Subscription):
                return self._told(seen, lease, found)
            self._untold(seen, lease, found)
            return self._clock() + self.sweep
        finally:
            with suppress(SignetError):
                self.store.release(lease)

    def _untold(self, seen: Seen, lease: Lease, error: InvalidData | None) -> None:
        """A file that is broken: everything waits until it is mended. One that is gone: nobody waits any more."""
        if error is not None:
            self.store.note(lease, "its file is broken: " + (str(error.faults[0]) if error.faults else error.message))
        elif descends(seen.repo, self.store.cursor(lease).commit, seen.commit):
            self.store.end(lease)

    def _told(self, seen: Seen, lease: Lease, one: Subscription) -> float:
        more = self.feed.advance(seen, self.store, lease, one)  # 1
        cursor = self.store.cursor(lease)
        note = "" if one.enabled else "it is switched off"
        note = note or messages.hindrance(one, self.outgoing, self._variables)  # 2
        if not note and cursor.gone and cursor.gone == one.mark:
            note = "its receiver said that it is gone (410); it is called again when its file changes"
        if note != cursor.note:
            self.store.note(lease, note)
        if note:
            return self._clock() + (0.0 if more else self.sweep)
        for _ in range(IN_A_ROW):  # 3
            head = self.store.head(lease.name)
            if head is None:
                self.store.prune(lease, self.outgoing.kept)
                return self._clock() + (0.0 if more else self.sweep)
            if head.next > self._clock() or self._stopped.is_set():
                return head.next
            if not self._delivered(seen, lease, one, head):
                break
        return 0.0

    def _delivered(self, seen: Seen, lease: Lease, one: Subscription, head: Delivery) -> bool:
        """Try one delivery; False where its receiver is gone."""
        told = self.feed.occasion(seen, head.commit, head.event)
        told = told or self.feed.occasion(self.feed.looked(), head.commit, head.event)  # another replica saw more
        if told is None:
            self._later(lease, head, Outcome(None, 0.0, "the registry does not tell this event any more"))
            return True
        self.store.renew(lease, self.outgoing.lease)  # fenced: whoever was overtaken sends nothing
        try:
            said = messages.message(one, told, self.outgoing, self._variables, self._clock())
            outcome = send(said.target, said.headers, said.body, self.outgoing, resolver=self._resolver)
        except WebhookRefused as error:
            outcome = Outcome(None, 0.0, error.message)
        if outcome.is_delivered:
            self._settle(lease, head, outcome, state=DELIVERED, problem="")
            return True
        if outcome.status == GONE:
            self._settle(lease, head, outcome, state=WAITING, problem=outcome.problem)
            self.store.note(lease, "its receiver said that it is gone (410)", gone=one.mark)
            return False
        self._later(lease, head, outcome)
        return True

    def _later(self, lease: Lease, head: Delivery, outcome: Outcome) -> None:
        """Another try after a random time (full jitter), or none any more."""
        tries, now = head.attempts + 1, self._clock()
        if tries >= self.outgoing.attempts or now - head.added > self.outgoing.patience:
            self._dead(lease, head, outcome)
            return
        most = min(self.outgoing.longest, self.outgoing.first * 2.0 ** min(head.attempts, 30))
        wait = max(random.uniform(0.0, most), min(outcome.wait, self.outgoing.longest))  # noqa: S311 - no secret
        self._settle(lease, head, outcome, next=now + wait, problem=outcome.problem)

    def _dead(self, lease: Lease, head: Delivery, outcome: Outcome) -> None:
        _LOG.warning("webhook %s: delivery %s is given up: %s", head.name, head.id, outcome.problem)
        self._settle(lease, head, outcome, state=DEAD, problem=outcome.problem)

    def _settle(self, lease: Lease, head: Delivery, outcome: Outcome, **values: object) -> None:
        said = {"attempts": head.attempts + 1, "tried": self._clock(), "status": outcome.status}
        self.store.settle(lease, head, **said, seconds=round(outcome.seconds, 4), **values)


def _where(error: BaseException) -> str:
    """What failed and where, and nothing of what it was about: messages of strangers may hold anything."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
