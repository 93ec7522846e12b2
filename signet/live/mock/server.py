"""A port of this machine that answers for a site, until it is asked to stop. Only 127.0.0.1 is listened on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from signet.errors import UsageError
from signet.live.mock.site import Site

HOST = "127.0.0.1"
GRACE = 2.0
"""Seconds that answers on the way get when the mock is to stop."""
BACKLOG = 1_024


def run(site: Site, port: int, ready: Callable[[str], None]) -> int:
    """Answer until SIGINT, SIGTERM or SIGHUP comes, and return the number of the signal; ``ready`` gets the URL.

    UsageError where the port is taken. It runs in the main thread.
    """
    with _listening(port) as listening:
        return _runner(_serve(site, listening, ready))


@contextlib.contextmanager
def serving(site: Site, port: int = 0) -> Iterator[str]:
    """Answer in a thread as long as the block runs; yields the URL."""
    started, urls = threading.Event(), list[str]()
    stop: list[Callable[[], object]] = []

    def ready(url: str) -> None:
        urls.append(url)
        started.set()

    with _listening(port) as listening:
        thread = threading.Thread(target=lambda: _runner(_serve(site, listening, ready, stop)), daemon=True)
        thread.start()
        started.wait()
        try:
            yield urls[0]
        finally:
            stop[0]()
            thread.join()


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen(BACKLOG)
        except OSError as error:
            raise UsageError(
                f"Port {port} cannot be listened on: {error.strerror}.",
                "Name another one; without --port it is a free one.",
            ) from None
        yield listening


def _runner(serving: Any) -> int:
    """Run to the end, by uvloop where it is installed."""
    made: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop

        made = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=made) as runner:
        # What asyncio does for SIGINT by itself would cancel answers that are on their way.
        return int(runner.get_loop().run_until_complete(serving))


async def _serve(
    site: Site, listening: socket.socket, ready: Callable[[str], None], stop: list[Callable[[], object]] | None = None
) -> int:
    import uvicorn

    class Server(uvicorn.Server):
        """Signals are ours to take."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(f"http://{HOST}:{listening.getsockname()[1]}")

    config = uvicorn.Config(
        site,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(GRACE),
        h11_max_incomplete_event_size=1 << 20,
    )
    server = Server(config)
    loop = asyncio.get_running_loop()
    caught: list[int] = []

    def ended(number: int = 0) -> None:
        caught.append(number)
        server.force_exit = len(caught) > 1
        server.should_exit = True

    if stop is not None:
        stop.append(lambda: loop.call_soon_threadsafe(ended))
    else:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, ended, number)
    gc.collect()
    gc.freeze()  # what was prepared stays: the collector need not walk a large spec again and again
    await server.serve(sockets=[listening])
    return caught[0] if caught else 0
