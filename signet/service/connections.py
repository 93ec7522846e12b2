"""How long a client may take, and how much room it gets: uvicorn's HTTP protocol with bounds on slow and greedy ones.

A head has to come within a time and a size, a body within a time, an answer has to be taken within a time, and there
is a most of connections; when that is reached, the one that has waited longest without a request makes room. A request
is not even parsed before it is its turn (``signet.service.turns``): five hundred at once would hold up whoever comes
then. What a body may hold is in ``signet.service.limits``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from signet.service.admission import HOOKS, OPEN
from signet.service.turns import Turn, Turns

WITHOUT_TURN = OPEN | {"/metrics"}
"""Who looks after the service asks these, above all when there is much to do."""
_KNOWN_BY = (b"POST ", *(f"GET {path} ".encode() for path in WITHOUT_TURN))
"""How a request begins that takes no turn; webhooks in have a gate of their own."""


@dataclass(eq=False)
class Bounds:
    """The bounds of one server, in seconds, bytes and connections; whose turn it is; who waits, the longest first."""

    head: float = 10.0
    body: float = 30.0
    answer: float = 30.0
    head_size: int = 65_536
    connections: int = 2_000
    turns: Turns = field(default_factory=Turns)
    waiting: dict[BoundedProtocol, None] = field(default_factory=dict)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. It waits (for a head, then for its turn), receives (a body), answers, and waits again."""

    def __init__(self, bounds: Bounds, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self.bounds = bounds
        self._head = 0
        self._turn: Turn | None = None
        self._held: list[bytes] = []
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
        self._is_over()
        self._held.clear()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes have come; the first of a new request start its time; a head that may be whole has to wait."""
        if self._held:
            self._held.append(data)
            if sum(map(len, self._held)) > self.bounds.head_size:
                self.flow.pause_reading()
        elif self in self.bounds.waiting and self._turn is None and b"\n" in data and self._is_question(data):
            self._line_up(data)
        else:
            self._receive(data)

    def _is_question(self, data: bytes) -> bool:
        return self._head > 0 or not data.startswith(_KNOWN_BY)

    def _line_up(self, data: bytes) -> None:
        """Hold the bytes until it is their turn. That takes as long as the service does: no time of the client runs."""
        self._held.append(data)
        self.bounds.waiting.pop(self, None)
        self._cancel()
        self._unset_keepalive_if_required()
        self._turn = Turn(self.client[0] if self.client else "", self._begin)
        self.bounds.turns.ask(self._turn)

    def _begin(self) -> None:
        """It is its turn, which is over at once where these bytes are no whole request yet."""
        data = b"".join(self._held)
        self._held.clear()
        self.bounds.waiting[self] = None
        self.flow.resume_reading()
        self._receive(data)
        if self in self.bounds.waiting or self.scope["path"] in WITHOUT_TURN or self.scope["path"].startswith(HOOKS):
            self._is_over()

    def _is_over(self) -> None:
        """Its turn is."""
        if self._turn is not None:
            self.bounds.turns.over(self._turn)
            self._turn = None

    def _receive(self, data: bytes) -> None:
        """Parse, and count what of a head has come."""
        if self._deadline is None and self in self.bounds.waiting:
            self._until(self.bounds.head, "The request's head took too long.")
        super().data_received(data)
        if self in self.bounds.waiting:
            self._head += len(data)
            if self._head > self.bounds.head_size:
                self._refuse(431, "The request's head is too large.")

    def shutdown(self) -> None:
        """Who stands in the line when the service is to stop is answered at once."""
        if self._turn is not None and self._held:
            self._is_over()
            self._begin()
        super().shutdown()

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
        self._is_over()
        if self.pipeline and not self.transport.is_closing():
            self._turn = Turn(self.client[0] if self.client else "", super().on_response_complete)
            self.bounds.turns.ask(self._turn)
            return
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
