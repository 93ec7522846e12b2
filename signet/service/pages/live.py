"""Server-sent events: each new commit of the registry is told to the pages that are open. Pages work without it.

A connection ends by itself after a while, and at once when the service stops; a browser then comes back, and is told
the commit that it missed. There are never more connections than ``MOST``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from threading import Lock

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from signet.service.pages.frame import HEADERS
from signet.service.shelf import Shelf
from signet.service.snapshots import Snapshot

router = APIRouter(include_in_schema=False)

MOST = 200
"""Open connections; more are asked to come back later."""
HEARTBEAT = 15.0
"""Seconds between two signs of life: proxies and browsers find out that a connection is gone."""
LONGEST = 1_800.0
"""Seconds after which a connection ends, and the browser makes a new one."""
RETRY = 3_000
"""Milliseconds after which a browser comes back."""


class Listener:
    """One open connection; the loop it lives in is woken from the thread that refreshes."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.woken = asyncio.Event()
        self.ends = self.loop.time() + LONGEST

    def wake(self) -> None:
        try:
            self.loop.call_soon_threadsafe(self.woken.set)
        except RuntimeError:
            return  # its loop is closed: nobody listens there any more


class Live:
    """Who listens to a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.is_closed = False
        self._listeners: set[Listener] = set()
        self._lock = Lock()
        shelf.listeners.append(self._told)

    def enter(self) -> Listener | None:
        """A new listener; None where there are as many as there may be, or the service stops."""
        with self._lock:
            listener = Listener()
            # Whose browser was gone before the first word never says that it leaves.
            now = listener.loop.time()
            self._listeners = {one for one in self._listeners if now < one.ends + HEARTBEAT}
            if self.is_closed or len(self._listeners) >= MOST:
                return None
            self._listeners.add(listener)
            return listener

    def leave(self, listener: Listener) -> None:
        """A listener is gone."""
        with self._lock:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End all connections; for whoever stops the service. It may be called from any thread, and twice."""
        self.is_closed = True
        self._wake()

    def _told(self, snapshot: Snapshot) -> None:
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            waiting = tuple(self._listeners)
        for listener in waiting:
            listener.wake()


_making = Lock()


def live_of(app: FastAPI) -> Live:
    """The listeners of an application, made when they are first asked for."""
    with _making:
        found: Live | None = getattr(app.state, "live", None)
        if found is None:
            found = app.state.live = Live(app.state.shelf)
        return found


@router.get("/live")
async def live(request: Request) -> Response:
    """A stream of ``commit`` events, the newest commit at once unless the browser has seen it."""
    listening = live_of(request.app)
    listener = listening.enter()
    if listener is None:
        gone = HEADERS | {"Retry-After": "30", "Cache-Control": "no-store"}
        return Response("There are too many connections.", 503, headers=gone, media_type="text/plain")
    seen = request.headers.get("last-event-id", "")
    headers = HEADERS | {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(listening, listener, seen), media_type="text/event-stream", headers=headers)


async def _told(listening: Live, listener: Listener, seen: str) -> AsyncIterator[bytes]:
    """What a connection is sent, until it has lasted long enough."""
    try:
        yield f"retry: {RETRY}\n\n".encode()
        while not listening.is_closed and listener.loop.time() < listener.ends:
            commit = listening.shelf.newest().commit
            if commit != seen:
                seen = commit
                yield f"id: {commit}\nevent: commit\ndata: {json.dumps({'commit': commit})}\n\n".encode()
            try:
                await asyncio.wait_for(listener.woken.wait(), HEARTBEAT)
            except TimeoutError:
                yield b": still here\n\n"
            listener.woken.clear()
    finally:
        listening.leave(listener)
