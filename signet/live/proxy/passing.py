"""One connection of a client, from its first byte to its last: requests go on, answers come back, both are overheard.

1. A request comes in; its head goes on at once, its body as it comes (so do ``100 Continue`` and early answers).
2. The answer comes back in the same way. A copy of both bodies is kept for the recording, up to a limit.
3. When the answer is complete it is handed over; so is one that the client did not read to its end, without its body.
4. An answer that breaks off breaks off for the client too, and is none.

The connection to the provider lives as long as that of the client, and is nobody else's. If the provider closes it
between two requests, so is the client's: it sees what it would have seen without us.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11

from signet.live.proxy import headers
from signet.live.proxy.sending import Sending
from signet.live.proxy.side import Broken, Copy, Side, connected
from signet.live.proxy.target import Target, origin_form, said
from signet.live.proxy.tunnel import tunnelled
from signet.live.recording import Exchange, Recorder
from signet.live.recording.exchange import State


class Passing:
    """The requests of one connection."""

    def __init__(self, client: Side, target: Target, recorder: Recorder, own: str) -> None:
        self.client, self.target, self.recorder, self.own = client, target, recorder, own
        self.provider: Side | None = None
        self.is_busy = False
        self.begun: h11.Response | None = None
        self.stated: tuple[State, ...] = ()

    async def run(self) -> None:
        """Until one of the two ends it."""
        try:
            while isinstance(event := await self._next_request(), h11.Request):
                self.is_busy = True
                if not await self._exchange(event):
                    return
                self.is_busy = False
        except Broken:
            self.client.cut()
        finally:
            self.is_busy = False
            self.client.close()
            self._dismiss()

    def client_ended(self) -> None:
        """The client says nothing more, or is gone; the provider hears of it, if it is still answering."""
        if self.is_busy and self.provider is not None:
            if self.client.writer.is_closing():
                self.provider.cut()
            elif self.provider.http.our_state is h11.DONE:
                self.provider.half_closed()

    def provider_ended(self) -> None:
        """The provider says nothing more; between two requests the client hears of it at once."""
        if not self.is_busy:
            self.client.close()

    async def _next_request(self) -> Any:
        """The next request; another event, or None, if none comes."""
        try:
            return await self.client.event()
        except Broken:
            if not self.client.has_ended:
                await self._refuse_what_is_no_request()
            return None

    # --- one exchange ------------------------------------------------------------------------------------------------

    async def _exchange(self, request: h11.Request) -> bool:
        """One request and its answer; True if another may follow on this connection."""
        if request.method == b"CONNECT":
            self.recorder.noted("a CONNECT request")
            return await self.client.refuse(501, "This proxy stands in front of one provider; it opens no tunnels.")
        if request.http_version not in (b"1.0", b"1.1") or not origin_form(request.target).startswith((b"/", b"*")):
            return await self._refuse_what_is_no_request()
        pumping = None
        self.stated = self.recorder.stated
        is_new = self.provider is None or self.provider.has_ended
        try:
            provider = await self._connected()
            made = headers.to_provider(request, self.target)
            head = h11.Request(method=request.method, target=self._target(request), headers=made)
            provider.writer.write(headers.as_written(provider.http.send(head) or b"", made))
            body = Sending(self.client, provider)
            if not await body.sends_all():
                pumping = asyncio.create_task(body.pump())
            return await self._answer(request, provider, body.copy, pumping)
        except OSError as error:
            self.recorder.noted("the provider could not be reached")
            return await self.client.refuse(502, f"The provider cannot be reached: {said(error)}.")
        except _Left:
            raise
        except (Broken, h11.LocalProtocolError, asyncio.CancelledError) as error:
            if not self.client.is_garbled:
                self.recorder.noted("there was no whole answer")
            if isinstance(error, asyncio.CancelledError):
                raise
            if self.begun is None and self.client.is_garbled:
                return await self._refuse_what_is_no_request()
            if self.begun is not None or not is_new:
                raise Broken("the answer broke off") from None
            return await self.client.refuse(502, "The provider gave no answer that can be passed on.")
        finally:
            self.begun = None
            if pumping is not None:
                pumping.cancel()
                await asyncio.gather(pumping, return_exceptions=True)

    async def _connected(self) -> Side:
        """The connection to the provider that belongs to this one; a new one if that has ended."""
        if self.provider is not None and self.provider.has_ended:
            self._dismiss()
        if self.provider is None:
            self.provider = await connected(self.target, self.provider_ended)
        return self.provider

    def _dismiss(self) -> None:
        """Close the connection to the provider; its end is no news then."""
        if self.provider is not None:
            self.provider.unwatched()
            self.provider.close()
            self.provider = None

    def _target(self, request: h11.Request) -> bytes:
        target = origin_form(request.target)
        return target if target == b"*" else self.target.base.encode() + target

    async def _answer(
        self, request: h11.Request, provider: Side, asked: Copy, pumping: asyncio.Task[None] | None
    ) -> bool:
        copy = Copy()
        try:
            response = await self._head(request, provider)
            if response is None:
                return False
            await self._body(provider, copy)
        except (Broken, asyncio.CancelledError):
            if self.begun is None or not (self.client.has_ended or _is_stream(self.begun)):
                raise
            self._record(request, self.begun, asked, None)  # the client has read as much as it wanted
            raise _Left("the client went away") from None
        try:
            if pumping is not None:
                await pumping
        finally:
            self._record(request, response, asked, copy.whole)
            self.begun = None
        return self._goes_on(provider)

    async def _head(self, request: h11.Request, provider: Side) -> h11.Response | None:
        """Pass the head of the answer on, and all 1xx before it; None if another protocol was spoken instead."""
        while True:
            event = await provider.event()
            if isinstance(event, h11.InformationalResponse):
                await self._inform(request, event)
                if event.status_code == 101:
                    self.recorder.noted("a connection that became a web socket, or another protocol")
                    self.is_busy = False
                    provider.unwatched()
                    await tunnelled(self.client, provider)
                    return None
            elif isinstance(event, h11.Response):
                self.begun = event
                self._send_head(request, event)
                await self.client.drained()
                return event
            else:
                raise Broken("it closed the connection")

    async def _inform(self, request: h11.Request, event: h11.InformationalResponse) -> None:
        if request.http_version >= b"1.1":
            made = headers.to_client(event, self.target, self.own)
            await self.client.send(
                h11.InformationalResponse(status_code=event.status_code, headers=made, reason=event.reason)
            )

    def _send_head(self, request: h11.Request, response: h11.Response) -> None:
        """The head as the provider sent it; h11 would announce chunks for answers that have no body."""
        made = headers.to_client(response, self.target, self.own)
        event = h11.Response(status_code=response.status_code, headers=made, reason=response.reason)
        data = self.client.http.send(event) or b""
        if request.method == b"HEAD" and not any(name.lower() == b"transfer-encoding" for name, _ in made):
            data = data.replace(b"\r\nTransfer-Encoding: chunked\r\n", b"\r\n", 1)
        self.client.writer.write(headers.as_written(data, made))

    async def _body(self, provider: Side, copy: Copy) -> None:
        while True:
            event = await provider.event()
            if isinstance(event, h11.Data):
                copy.add(event.data)
                await self.client.send(h11.Data(data=event.data))
            elif isinstance(event, h11.EndOfMessage):
                self.client.put(h11.EndOfMessage(headers=list(event.headers.raw_items())))
                return
            else:
                raise Broken("the answer broke off")

    def _goes_on(self, provider: Side) -> bool:
        """Make both ends ready for another request; False if the client's connection ends here."""
        if not self.client.is_reusable:
            return False
        self.client.http.start_next_cycle()
        if provider.is_reusable and not provider.has_ended:
            provider.http.start_next_cycle()
        else:
            self._dismiss()
        return True

    def _record(self, request: h11.Request, response: h11.Response, asked: Copy, body: bytes | None) -> None:
        if request.target == b"*":
            self.recorder.noted("a request for no path")
            return
        self.recorder.add(
            Exchange(
                request.method.decode("latin-1"),
                origin_form(request.target).decode("latin-1"),
                headers.told(request.headers),
                asked.whole,
                response.status_code,
                headers.told(response.headers),
                body,
                self.stated,
            )
        )

    async def _refuse_what_is_no_request(self) -> bool:
        self.recorder.noted("a request was no HTTP/1.1")
        return await self.client.refuse(400, "The request is no HTTP/1.1 that can be passed on.")


class _Left(Broken):
    """The client went away when it had read what it wanted."""


def _is_stream(response: h11.Response) -> bool:
    """A stream of events has no end that anybody waits for."""
    return any(name == b"content-type" and value.lower().startswith(b"text/event-stream")
               for name, value in response.headers)  # fmt: skip
