"""What works behind the port: started in order, ended in the opposite order. It listens nowhere and takes no signal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from fastapi import FastAPI

from signet.errors import SignetError
from signet.registry.opening import give_up, kept_comparisons
from signet.service.app import application
from signet.service.comparing import Comparing
from signet.service.computing import Computing
from signet.service.following import Follower
from signet.service.index.database import url_in
from signet.service.journal import Journal
from signet.service.metrics import Gauge
from signet.service.settings import Settings
from signet.service.shelf import Shelf
from signet.service.snapshots import Snapshot
from signet.service.turns import Turns
from signet.service.webhooks import ledger
from signet.service.webhooks.courier import Courier
from signet.service.webhooks.store import Store


class Parts:
    """What works behind the port, from the first look at the registry to the end; each part is ended if it began."""

    def __init__(self, settings: Settings, turns: Turns) -> None:
        self.settings, self.turns = settings, turns
        self.journal = Journal(settings.log_format)
        self._ends = ExitStack()

    def start(self, loop: asyncio.AbstractEventLoop) -> FastAPI:
        """Start everything, and return the application that answers. It may take a while: it reads the registry.

        ``loop`` is the one in which that application is to answer; it is another thread's.
        """
        told = logging.getLogger("signet")
        told.setLevel(logging.INFO)
        told.addHandler(self.journal)
        self._ends.callback(told.removeHandler, self.journal)
        try:
            return self._started(loop)
        except BaseException:
            self.stop()
            raise

    def _started(self, loop: asyncio.AbstractEventLoop) -> FastAPI:
        settings = self.settings
        self._ends.callback(give_up)
        comparing = Comparing(settings.registry, settings.access)
        self._ends.callback(comparing.stop)
        database = settings.database or url_in(settings.folder)
        shelf = Looking(
            settings.registry,
            settings.access,
            database=database,
            follows_rewrites=settings.follow_rewrites,
            warm=comparing,
        )
        self._ends.callback(shelf.close)
        store = Store(settings.store_url)
        self._ends.callback(store.close)
        store.cursors()  # tables of that name may be somebody else's
        app = application(settings, shelf, self.journal)
        app.state.store = store
        follower = Follower(shelf, settings.poll)
        courier = Courier(settings.outgoing, shelf, store, variables=settings.variables)
        app.state.nudge = follower.nudge
        app.state.checks += [partial(_index_answers, shelf), store.cursors]
        app.state.metrics.sources += [shelf.gauges, partial(_deliveries, store), self.turns.gauges]
        courier.start()
        self._ends.callback(courier.stop)
        follower.start()
        self._ends.callback(follower.stop)
        computing = app.state.computing = Computing(shelf, database)
        app.state.metrics.sources.append(computing.gauges)
        self._ends.callback(computing.stop)
        shelf.listeners.append(computing.told)
        computing.start(loop)
        return app

    def stop(self) -> None:
        """End what was started, the last first: nobody looks any more, then what is on its way is delivered."""
        self._ends.close()


class Looking(Shelf):
    """A shelf that counts how often somebody looked at the registry."""

    looks = failures = 0

    def refresh(self) -> Snapshot:
        """The same, counted."""
        self.looks += 1
        try:
            return super().refresh()
        except SignetError:
            self.failures += 1
            raise

    def gauges(self) -> Iterator[Gauge]:
        """How often somebody looked, and in vain."""
        yield "signet_looks", "Looks at the registry since the service began.", {}, self.looks
        kept, size = kept_comparisons()
        yield "signet_comparisons_kept", "Results of comparisons in the cache.", {}, kept
        yield "signet_comparisons_kept_bytes", "How large they are.", {}, size
        yield "signet_looks_failed", "Looks at the registry that failed.", {}, self.failures


def _index_answers(shelf: Shelf) -> None:
    shelf.newest().history.commits(limit=1)


def _deliveries(store: Store) -> Iterator[Gauge]:
    try:
        found = ledger.counts(store)
    except SignetError:
        return  # /readyz says so
    for name, states in found.items():
        for state, number in states.items():
            labels = {"webhook": name, "state": state}
            yield "signet_deliveries", "Deliveries of webhooks out that are remembered.", labels, number
