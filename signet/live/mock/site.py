"""The services of one mock as an ASGI application: prefixes, bodies, trouble, and whoever listens. It opens no port."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from signet.core.model.names import nearest
from signet.errors import UsageError
from signet.live.mock.exchange import Answer, Exchange, Request
from signet.live.mock.problems import Wrong, problem
from signet.live.mock.service import Outcome, Service
from signet.live.mock.trouble import Trouble

MAX_BODY = 20 * 1024 * 1024

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Listener = Callable[[Exchange], None]


class Mounted(NamedTuple):
    """A service and the prefix that it stands behind: ``/name``, or an empty text for all paths."""

    prefix: str
    service: Service


class Site:
    """Some services, side by side.

    ``listeners`` are told of every exchange after its answer was sent, in the order of the answers; what they raise
    ends the request's task and reaches no client.
    """

    def __init__(
        self,
        mounted: Sequence[Mounted],
        *,
        trouble: Trouble | None = None,
        listeners: Sequence[Listener] = (),
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.mounted = tuple(mounted)
        self.by_prefix = {each.prefix: each.service for each in mounted}
        if len(self.by_prefix) < len(self.mounted):
            raise UsageError("Two services have one name here.", "Give one of them another: NAME=SPEC.")
        self.trouble = trouble if trouble is not None and trouble.is_any else None
        self.listeners, self.tell = tuple(listeners), tell
        self.told: set[str] = set()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        raw, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        path = raw.partition(b"?")[0].decode("utf-8", "replace")
        service, rest = self._found(path)
        body = await _body(receive)
        request = Request(scope["method"], rest, query.decode("latin-1"), tuple(scope["headers"]), body or b"")
        if body is None:
            wrong = Wrong("request.body.too-large", f"The body has more than {MAX_BODY:,} bytes.", "/body")
            outcome = Outcome("", problem(413, [wrong], ((b"connection", b"close"),)))
        elif service is None:
            outcome = Outcome("", self._nowhere(path))
        else:
            outcome = await self._outcome(service, request)
        answer = outcome.answer
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})
        if self.listeners or answer.notes:
            target = raw + (b"?" + query if query else b"")
            self._heard(Exchange(service.name if service else "", outcome.operation, target, request, answer))

    async def _outcome(self, service: Service, request: Request) -> Outcome:
        if self.trouble is None:
            return service.outcome(request)
        delay, status = self.trouble.meets(request)
        if delay:
            await asyncio.sleep(delay)
        return service.outcome(request) if status is None else Outcome("", service.fault(request, status))

    def _heard(self, exchange: Exchange) -> None:
        for note in exchange.answer.notes:
            if self.tell is not None and note not in self.told:
                self.told.add(note)
                self.tell(f"{exchange.service}: {note}")
        for listener in self.listeners:
            listener(exchange)

    def _found(self, path: str) -> tuple[Service | None, str]:
        """The service that a path means, and the path inside it."""
        alone = self.by_prefix.get("")
        if alone is not None:
            return alone, path
        end = path.find("/", 1)
        prefix, rest = (path, "/") if end < 0 else (path[:end], path[end:])
        return self.by_prefix.get(prefix), rest

    def _nowhere(self, path: str) -> Answer:
        names = [prefix.removeprefix("/") for prefix in self.by_prefix]
        near = nearest(path.split("/")[1], names)
        hint = f" (did you mean /{near}?)" if near else ""
        message = f"No service stands there{hint}; there are {', '.join(sorted(self.by_prefix))}."
        return problem(404, [Wrong("request.service.unknown", message, "/path")])


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large, of which no more is read."""
    message = await receive()
    first: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return first if len(first) <= MAX_BODY else None
    blocks, size = [first], len(first)
    while message.get("more_body", False):
        message = await receive()
        blocks.append(message.get("body", b""))
        size += len(blocks[-1])
        if size > MAX_BODY:
            return None
    return b"".join(blocks)
