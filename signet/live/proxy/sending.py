"""The body of one request on its way from the client to the provider, and its copy for the recording.

What is there goes on at once, the rest as it comes. The head of the request is not its business, nor is any answer.
"""

from __future__ import annotations

from typing import Any

import h11

from signet.live.proxy.side import Broken, Copy, Side


class Sending:
    """The body of the request that the client has begun."""

    def __init__(self, client: Side, provider: Side) -> None:
        self.client, self.provider, self.copy = client, provider, Copy()

    async def sends_all(self) -> bool:
        """Send what is there already; True if that is all."""
        while (event := self.client.ready()) is not h11.NEED_DATA:
            if await self._sent(event):
                return True
        return False

    async def pump(self) -> None:
        """Send the rest, as it comes."""
        try:
            while not await self._sent(await self.client.event()):
                pass
        except (Broken, h11.LocalProtocolError):
            self.copy.bytes = None
            if self.client.has_ended or self.client.is_garbled:
                self.provider.cut()  # else the provider took no more: what it answers says why

    async def _sent(self, event: Any) -> bool:
        """Pass one event on; True at the end of the request."""
        if isinstance(event, h11.Data):
            self.copy.add(event.data)
            await self.provider.send(h11.Data(data=event.data))
            return False
        if isinstance(event, h11.EndOfMessage):
            self.provider.put(h11.EndOfMessage(headers=list(event.headers.raw_items())))
            return True
        raise Broken("the client has gone away")
