"""What becomes of a connection that has changed its protocol: bytes go both ways, and nothing is recorded."""

from __future__ import annotations

import asyncio
import contextlib

from signet.live.proxy.side import PIECE, Broken, Side


async def tunnelled(client: Side, provider: Side) -> None:
    """Pass bytes both ways until one end closes; what h11 had read ahead goes first."""
    for one, other in ((client, provider), (provider, client)):
        other.writer.write(one.http.trailing_data[0])
    ways = [asyncio.create_task(_copied(one, other)) for one, other in ((client, provider), (provider, client))]
    try:
        await asyncio.gather(*ways)
    finally:
        for way in ways:
            way.cancel()


async def _copied(one: Side, other: Side) -> None:
    with contextlib.suppress(OSError, Broken):
        while data := await one.reader.read(PIECE):
            other.writer.write(data)
            await other.drained()
    other.half_closed()
