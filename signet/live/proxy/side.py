"""One end of a connection: bytes in and out, the events of HTTP/1.1 that h11 makes of them, and copies of bodies."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import h11

from signet.live.proxy.target import CONNECT, Target
from signet.live.recording.exchange import LARGEST

PIECE = 1 << 18
LARGEST_HEAD = 1 << 18
"""Bytes of a request line or of headers; whoever is behind has limits of its own."""


class Copy:
    """The copy of a body that is recorded; nothing, once it is too large."""

    def __init__(self) -> None:
        self.bytes: bytearray | None = bytearray()

    def add(self, data: bytes | bytearray) -> None:
        """Take a piece."""
        if self.bytes is not None:
            self.bytes += data
            if len(self.bytes) > LARGEST:
                self.bytes = None

    @property
    def whole(self) -> bytes | None:
        """The body, or None."""
        return None if self.bytes is None else bytes(self.bytes)


class Broken(Exception):
    """The connection ended in the middle, or what came is no HTTP."""


class Side:
    """The client's end (``h11.SERVER``: we answer) or the provider's (``h11.CLIENT``: we ask)."""

    def __init__(self, role: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.http = h11.Connection(role, max_incomplete_event_size=LARGEST_HEAD)
        self.reader, self.writer = reader, writer

    def ready(self) -> Any:
        """The next event, if it is there already; h11.NEED_DATA or h11.PAUSED if not."""
        try:
            return self.http.next_event()
        except h11.RemoteProtocolError as error:
            raise Broken(str(error)) from error

    async def event(self) -> Any:
        """The next event; Broken if none can come."""
        while (event := self.ready()) is h11.NEED_DATA:
            try:
                data = await self.reader.read(PIECE)
            except OSError as error:
                raise Broken("the connection was reset") from error
            self.http.receive_data(data)
        return event

    def put(self, event: Any) -> bytes:
        """The bytes of an event, on their way."""
        data = self.http.send(event) or b""
        self.writer.write(data)
        return data

    async def send(self, event: Any) -> None:
        """Send an event, and wait while there is too much on its way; Broken if nobody takes it."""
        self.put(event)
        await self.drained()

    async def drained(self) -> None:
        """Wait while there is too much on its way."""
        try:
            await self.writer.drain()
        except OSError as error:
            raise Broken("the connection was reset") from error

    async def refuse(self, status: int, why: str) -> bool:
        """Answer ourselves, repeating nothing of the request; False, since no other may follow."""
        body = json.dumps({"title": "signet proxy", "status": status, "detail": why}).encode()
        head = [
            ("Content-Type", "application/problem+json"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        with contextlib.suppress(Broken, h11.LocalProtocolError):
            self.put(h11.Response(status_code=status, headers=head))
            self.put(h11.Data(data=body))
            await self.send(h11.EndOfMessage())
        return False

    @property
    def is_reusable(self) -> bool:
        """May another request follow on this connection?"""
        return self.http.our_state is h11.DONE and self.http.their_state is h11.DONE

    def unwatched(self) -> None:
        """Let nobody hear of its end."""
        protocol = self.writer.transport.get_protocol()
        if isinstance(protocol, Watched):
            protocol.ended = lambda: None

    @property
    def has_ended(self) -> bool:
        """Has the other end said that nothing more comes?"""
        return self.reader.at_eof() or self.writer.is_closing()

    @property
    def is_garbled(self) -> bool:
        """Did the other end say what is no HTTP, and is still there to hear so?"""
        return self.http.their_state is h11.ERROR and not self.has_ended

    def half_closed(self) -> None:
        """Say that nothing more comes from here."""
        try:
            if self.writer.can_write_eof():
                self.writer.write_eof()
            else:
                self.writer.close()
        except (OSError, RuntimeError):
            self.cut()

    def close(self) -> None:
        """Close it, after what is on its way."""
        self.writer.close()

    def cut(self) -> None:
        """Close it at once, so that the other end sees that something is missing."""
        self.writer.transport.abort()


class Watched(asyncio.StreamReaderProtocol):
    """Streams that also tell when the other end says nothing more: nobody may be reading just then."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ended: Callable[[], None]) -> None:
        self.reader = asyncio.StreamReader(limit=PIECE, loop=loop)
        super().__init__(self.reader, loop=loop)
        self.ended = ended

    def eof_received(self) -> bool | None:
        """The other end may still listen."""
        keep = super().eof_received()
        self.ended()
        return keep

    def connection_lost(self, exc: Exception | None) -> None:
        """The other end is gone."""
        super().connection_lost(exc)
        self.ended()


async def connected(target: Target, ended: Callable[[], None]) -> Side:
    """A new connection to the provider; OSError (TimeoutError too) if there is none."""
    loop = asyncio.get_running_loop()
    making = loop.create_connection(lambda: Watched(loop, ended), target.host, target.port, ssl=target.context)
    transport, protocol = await asyncio.wait_for(making, CONNECT)
    return Side(h11.CLIENT, protocol.reader, asyncio.StreamWriter(transport, protocol, protocol.reader, loop))
