"""The proxy as something that runs: a port on 127.0.0.1, a thread of its own, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import h11

from signet.errors import CouldNotTest
from signet.live.proxy.passing import Passing
from signet.live.proxy.side import Side, Watched
from signet.live.proxy.target import Target, target
from signet.live.recording import Recorder

HOST = "127.0.0.1"
PATIENCE = 2.0
"""Seconds that answers which are on their way get at the end."""
_BACKLOG = 1024


class Proxy:
    """A proxy that runs. ``url`` has no slash at the end."""

    def __init__(self, listening: socket.socket, to: Target, recorder: Recorder) -> None:
        self.port: int = listening.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._listening, self._target, self._recorder = listening, to, recorder
        self._loop = asyncio.new_event_loop()
        self._passing: dict[asyncio.Task[None], Passing] = {}
        self._over = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signet-proxy", daemon=True)

    def start(self) -> None:
        """Accept connections from now on."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Accept nothing more, let answers that are on their way arrive for a moment, and end all connections."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._protocol, sock=self._listening, backlog=_BACKLOG)
        self._ready.set()
        try:
            await self._over.wait()
        finally:
            server.close()
            await self._ended()

    async def _ended(self) -> None:
        until = self._loop.time() + PATIENCE
        while self._loop.time() < until and any(one.is_busy for one in self._passing.values()):
            await asyncio.sleep(0.02)
        tasks = list(self._passing)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _protocol(self) -> asyncio.Protocol:
        return _Accepted(self._loop, self._accepted)

    def _accepted(self, protocol: _Accepted, transport: asyncio.Transport) -> None:
        writer = asyncio.StreamWriter(transport, protocol, protocol.reader, self._loop)
        passing = Passing(Side(h11.SERVER, protocol.reader, writer), self._target, self._recorder, self.url)
        protocol.ended = passing.client_ended
        task = self._loop.create_task(passing.run())
        self._passing[task] = passing
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._passing.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            self._recorder.noted(f"a bug of ours ({type(task.exception()).__name__})")


class _Accepted(Watched):
    """The client's end, when it has just connected."""

    def __init__(self, loop: asyncio.AbstractEventLoop, accepted: object) -> None:
        super().__init__(loop, lambda: None)
        self._hand_over = accepted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to pass on what it says."""
        super().connection_made(transport)
        assert callable(self._hand_over)  # noqa: S101 - it is the method of the proxy
        self._hand_over(self, transport)


@contextmanager
def proxied(url: str, recorder: Recorder, port: int | None = None) -> Iterator[Proxy]:
    """A proxy in front of ``url`` while the block runs, at a free port or this one; CouldNotTest if that is taken."""
    to = target(url)
    recorder.hides(*to.secrets)
    # asyncio sends without delay only where the protocol is named; each answer would take 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port or 0))
    except OSError:
        listening.close()
        raise CouldNotTest(f"Port {port} is taken by another program.", "Stop it, or choose another --port.") from None
    proxy = Proxy(listening, to, recorder)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
