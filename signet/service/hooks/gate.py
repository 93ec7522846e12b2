"""The gate before the webhooks: who calls too often is answered here, cheaply and late, whatever is asked.

Late, so that a flood from one place slows itself down and not the readers; at different times, so that it does not come
back in waves. Nobody who reads passes here.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

from signet.service.hooks.memory import Rate
from signet.service.metrics import Metrics

PATH = "/hooks/"
HELD = 1.0, 5.0
"""Between so many seconds it takes until who calls too often is answered."""
MOST = 1_000
"""So many wait at once: more would take the connections from others."""
_BODY = b'{"type":"about:blank","title":"Too many calls.","status":429,"code":"too-many"}'
_HEADERS = [
    (b"content-type", b"application/problem+json"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"retry-after", b"10"),
]


class Gate:
    """An ASGI application whose webhooks are called so often by one address, and not more often."""

    def __init__(self, app: Any, metrics: Metrics) -> None:
        self.app, self.rate = app, Rate()
        self._refused = metrics.hooks.labels("", "too-many")
        self._held = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass one request on, or answer that it is too many."""
        if scope["type"] != "http" or not scope["path"].startswith(PATH) or self._is_within(scope):
            await self.app(scope, receive, send)
            return
        self._refused.inc()
        if self._held < MOST:
            self._held += 1
            try:
                await asyncio.sleep(random.uniform(*HELD))  # noqa: S311 - it hides nothing
            finally:
                self._held -= 1
        await send({"type": "http.response.start", "status": 429, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})

    def _is_within(self, scope: Any) -> bool:
        return self.rate.is_within((scope.get("client") or ("",))[0], time.monotonic())
