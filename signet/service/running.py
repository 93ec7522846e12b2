"""The service as a whole: starts its parts in order, answers at a port, and ends them in the opposite order.

The port and the folder are taken first, so that a second service on them is refused before it does anything. Until the
parts stand, whoever asks is told that the service is starting. It reads no option and prints nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import logging
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from signet.errors import SignetError, UsageError
from signet.registry.opening import kept_comparisons
from signet.service import problems
from signet.service.app import application
from signet.service.comparing import Comparing
from signet.service.connections import BoundedProtocol, Bounds
from signet.service.following import Follower
from signet.service.index.database import url_in
from signet.service.journal import Journal
from signet.service.metrics import Gauge
from signet.service.settings import Settings
from signet.service.snapshots import Shelf, Snapshot
from signet.service.turns import Turns
from signet.service.webhooks import ledger
from signet.service.webhooks.courier import Courier
from signet.service.webhooks.store import Store

BACKLOG = 1_024
GRACE = 10
"""Seconds that answers on the way get when the service is to stop."""
RESERVED = 200
"""Open files that are for the registry, the databases and the webhooks out, and not for callers."""
COLLECTED = 5_000, 10, 10
"""After how many new objects the collector looks for garbage. Commands put it off for good, as they end soon; here
cursors of the database, which keep much more memory than the collector sees, would gather.
"""
DIED = 128
"""What is added to the number of a signal that came twice: the exit code of what did not end in good order."""


class Parts:
    """What works behind the port, from the first look at the registry to the end; each part is ended if it began."""

    def __init__(self, settings: Settings, turns: Turns) -> None:
        self.settings, self.turns = settings, turns
        self.journal = Journal(settings.log_format)
        self._ends = ExitStack()

    def start(self) -> FastAPI:
        """Start everything, and return the application that answers. It may take a while: it reads the registry."""
        told = logging.getLogger("signet")
        told.setLevel(logging.INFO)
        told.addHandler(self.journal)
        self._ends.callback(told.removeHandler, self.journal)
        try:
            return self._started()
        except BaseException:
            self.stop()
            raise

    def _started(self) -> FastAPI:
        settings = self.settings
        comparing = Comparing(settings.registry, settings.access)
        self._ends.callback(comparing.stop)
        shelf = Looking(
            settings.registry,
            settings.access,
            database=settings.database or url_in(settings.folder),
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


class Front:
    """What the port answers with: the application, or, until that stands, that it is starting."""

    def __init__(self) -> None:
        self.application: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, as ASGI has it."""
        if self.application is not None:
            await self.application(scope, receive, send)
        elif scope["path"] == "/healthz":
            await JSONResponse({"status": "starting"})(scope, receive, send)
        else:
            starting = problems.problem(503, "The service is starting.")
            starting.headers["retry-after"] = "1"
            await starting(scope, receive, send)


def run(settings: Settings, ready: Callable[[str], None], gone: Callable[[], None]) -> int:
    """Serve until SIGINT, SIGTERM or SIGHUP comes, and return 0 at an end in good order.

    ``ready`` gets the URL. A second signal ends the process at once, after ``gone``: its exit code is 128 and the
    signal's number. Raises UsageError for a port or a folder that cannot be had, and what opening the registry and the
    databases raises. It runs in the main thread.
    """
    with (
        _listening(settings.host, settings.port) as listening,
        alone(settings.folder),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        # What asyncio does for SIGINT by itself would cancel answers that are on their way.
        return runner.get_loop().run_until_complete(_serve(settings, listening, ready, gone))


async def _serve(
    settings: Settings, listening: socket.socket, ready: Callable[[str], None], gone: Callable[[], None]
) -> int:
    turns = Turns()
    front, parts, caught = Front(), Parts(settings, turns), list[int]()
    server = _server(front, turns)
    loop = asyncio.get_running_loop()

    def ended(number: int) -> None:
        if caught:
            gone()
            os._exit(DIED + number)  # as a kill would: nothing that is kept needs more
        caught.append(number)
        live = getattr(front.application.state, "live", None) if front.application else None
        if live is not None:
            live.close()  # who listens to events would do so for ever
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended, number)
    answering = asyncio.create_task(server.serve(sockets=[listening]))
    starting = loop.run_in_executor(None, parts.start)
    try:
        front.application = await starting
        gc.collect()
        gc.freeze()  # what was read stays: the collector need not walk it again and again
        gc.set_threshold(*COLLECTED)
        if not caught:
            ready(url_of(listening))
    except BaseException:
        server.force_exit = server.should_exit = True
        raise
    finally:
        await answering
        await loop.run_in_executor(None, parts.stop)
    return 0


def _server(application: Any, turns: Turns) -> uvicorn.Server:
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    bounds = Bounds(connections=max(50, min(Bounds.connections, most - RESERVED)), turns=turns)

    def protocol(**given: Any) -> BoundedProtocol:
        return BoundedProtocol(bounds, **given)

    class Server(uvicorn.Server):
        """Signals are ours to take."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        application,
        http=protocol,  # type: ignore[arg-type]  # it is called, as a class would be
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=65,  # a proxy before us keeps its connections for a minute
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config)


def url_of(listening: socket.socket) -> str:
    """Where a socket can be called."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError:
        raise UsageError(f"The host {host} is no address of this machine.", "Name one, such as 127.0.0.1.") from None
    with socket.socket(family, kind) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
            listening.listen(BACKLOG)
        except OSError as error:
            raise UsageError(
                f"Port {port} of {host} cannot be listened on: {error.strerror}.", "Name another one with --port."
            ) from None
        yield listening


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """In this block, no other service works in the folder, which is made if it is not there.

    The lock is the kernel's: it is gone with the process, however that ends. UsageError where the folder is taken, or
    cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be written: {error.strerror}.", "Name another one with --folder."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"Another service works in the folder {folder}.",
                "Stop it, or give this one a folder of its own with --folder.",
            ) from None
        yield
