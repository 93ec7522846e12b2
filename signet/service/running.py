"""The service as a whole: answers at a port, has its parts start, and ends when it is told to.

The port and the folder are taken first, so that a second service on them is refused before it does anything. Until the
parts stand, whoever asks is told that the service is starting. It reads no option and prints nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from signet import lasting
from signet.errors import SignetError, UsageError
from signet.registry.opening import give_up
from signet.service import problems
from signet.service.connections import BoundedProtocol, Bounds
from signet.service.parts import Parts
from signet.service.settings import Settings
from signet.service.turns import Turns

BACKLOG = 1_024
SOON = 2.0
"""Seconds that the first reading of the registry gets to come to its end, when the service is to stop meanwhile."""
GRACE = 10
"""Seconds that answers on the way get when the service is to stop."""
RESERVED = 200
"""Open files that are for the registry, the databases and the webhooks out, and not for callers."""
DIED = 128
"""What is added to the number of a signal that came twice: the exit code of what did not end in good order."""


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
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def ended(number: int) -> None:
        if caught:
            gone()
            os._exit(DIED + number)  # as a kill would: nothing that is kept needs more
        caught.append(number)
        asked.set()
        live = getattr(front.application.state, "live", None) if front.application else None
        if live is not None:
            live.close()  # who listens to events would do so for ever
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended, number)
    answering = asyncio.create_task(server.serve(sockets=[listening]))
    starting = loop.run_in_executor(None, parts.start, loop)
    try:
        if not await _is_over(starting, asked):
            gone()
            os._exit(0)  # as a kill would: what was put down is whole, and the next start goes on from there
        front.application = await starting
        gc.collect()
        gc.freeze()  # what was read stays: the collector need not walk it again and again
        lasting.collect()
        if not caught:
            ready(url_of(listening))
    except BaseException as error:
        server.force_exit = server.should_exit = True
        if not (caught and isinstance(error, SignetError)):
            raise
    finally:
        await answering
        await loop.run_in_executor(None, parts.stop)
    return 0


async def _is_over(starting: asyncio.Future[FastAPI], asked: asyncio.Event) -> bool:
    """Wait for the start, be it good or bad; False if the service is to stop, and the start goes on all the same."""
    stopping = asyncio.ensure_future(asked.wait())
    either: set[asyncio.Future[Any]] = {starting, stopping}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        give_up()
        await asyncio.wait({starting}, timeout=SOON)
        give_up()
    return starting.done()


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
