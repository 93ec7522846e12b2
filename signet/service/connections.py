"""How long a client may take, and how much room it gets: uvicorn's HTTP protocol with bounds on slow and greedy ones.

A head has to come within a time and a size, a body within a time, an answer has to be taken within a time, and there
is a most of connections; when that is reached, the one that has waited longest without a request makes room. What a
body may hold is in ``signet.service.limits``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(eq=False)
class Bounds:
    """The bounds of one server, in seconds, bytes and connections; and who is waiting, the longest first."""

    head: float = 10.0
    body: float = 30.0
    answer: float = 30.0
    head_size: int = 65_536
    connections: int = 2_000
    waiting: dict[BoundedProtocol, None] = field(default_factory=dict)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. It waits (for a head), receives (a body), answers, and waits again."""

    def __init__(self, bounds: Bounds, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self.bounds = bounds
        self._head = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._taken: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody calls; where the house is full, who has only been waiting goes."""
        super().connection_made(transport)
        self._waits()
        if len(self.connections) > self.bounds.connections:
            longest = next(iter(self.bounds.waiting))
            self.bounds.waiting.pop(longest)
            longest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over, whoever ended it."""
        self.bounds.waiting.pop(self, None)
        self._cancel()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes have come; the first of a new request start its time."""
        if self._deadline is None and self in self.bounds.waiting:
            self._until(self.bounds.head, "The request's head took too long.")
        super().data_received(data)
        if self in self.bounds.waiting:
            self._head += len(data)
            if self._head > self.bounds.head_size:
                self._refuse(431, "The request's head is too large.")

    def on_headers_complete(self) -> None:
        """The head is whole: what follows is a body, with a time of its own."""
        self._head = 0
        self.bounds.waiting.pop(self, None)
        self._cancel()
        super().on_headers_complete()
        self._until(self.bounds.body, "The request's body took too long.")

    def on_message_complete(self) -> None:
        """The request is whole. One that was answered before (its body was not wanted) leaves the connection idle."""
        self._cancel()
        was_answered = self.cycle.response_complete
        super().on_message_complete()
        if was_answered:
            self._waits(is_idle=True)
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """The answer is whole; where the body is still coming, it is thrown away until its time is over."""
        super().on_response_complete()
        if self._deadline is None and self.cycle.response_complete and not self.pipeline:
            self._waits(is_idle=True)

    def pause_writing(self) -> None:
        """The client does not take what it asked for: it gets a time to do so."""
        super().pause_writing()
        self._taken = self._taken or self.loop.call_later(self.bounds.answer, self.transport.abort)

    def resume_writing(self) -> None:
        """It takes again."""
        super().resume_writing()
        if self._taken is not None:
            self._taken.cancel()
            self._taken = None

    def _waits(self, *, is_idle: bool = False) -> None:
        """No request is on its way; an idle connection is ended by uvicorn's keep-alive, a new one by its own time."""
        self.bounds.waiting[self] = None
        if not is_idle:
            self._until(self.bounds.head, "The request's head took too long.")

    def _until(self, seconds: float, complaint: str) -> None:
        self._cancel()
        self._deadline = self.loop.call_later(seconds, self._refuse, 408, complaint)

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, status: int, complaint: str) -> None:
        """Say why, where nothing has been said yet, and hang up."""
        self._cancel()
        if self.transport.is_closing():
            return
        if self._head or (self not in self.bounds.waiting and not self.cycle.response_started):
            reason = {408: "Request Timeout", 431: "Request Header Fields Too Large"}[status]
            head = f"HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain\r\ncontent-length: {len(complaint)}\r\n"
            self.transport.write(f"{head}connection: close\r\n\r\n{complaint}".encode("ascii"))
        self.transport.close()
