"""Who may read: whoever shows one of the tokens, and calls the service by one of its names.

A token is shown as a bearer, or as the password of a basic login so that a browser asks for it. What is open to all
(is it alive, is it ready) holds no data; webhooks have secrets of their own.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256
from typing import Any

from signet.service import problems
from signet.service.settings import Settings

OPEN = frozenset({"/healthz", "/readyz"})
HOOKS = "/hooks/"
ASKS = b'Bearer realm="signet"', b'Basic realm="signet", charset="UTF-8"'


class Admitted:
    """An ASGI application that answers those who may read."""

    def __init__(self, app: Any, settings: Settings) -> None:
        self.app = app
        self._digests = [_digest(token.encode()) for token in settings.tokens]
        self._hosts = frozenset(name.encode() for name in settings.hosts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or say that a token is wanted."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if self._hosts and _name(headers.get(b"host", b"")) not in self._hosts:
            title = "The service does not go by this name."
            await problems.problem(421, title)(scope, receive, send)
        elif self._digests and not self._may(scope["path"], headers.get(b"authorization", b"")):
            wanted = problems.problem(401, "A token is wanted.")
            wanted.raw_headers.extend((b"www-authenticate", each) for each in ASKS)
            await wanted(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _may(self, path: str, shown: bytes) -> bool:
        if path in OPEN or path.startswith(HOOKS):
            return True
        given = _digest(_token(shown))
        return sum(hmac.compare_digest(given, each) for each in self._digests) > 0


def _digest(token: bytes) -> bytes:
    """Of one length for all, so that comparing tells nothing of it."""
    return sha256(token).digest()


def _token(shown: bytes) -> bytes:
    kind, _, rest = shown.partition(b" ")
    if kind.lower() == b"bearer":
        return rest.strip()
    if kind.lower() == b"basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return b""


def _name(host: bytes) -> bytes:
    """The name in a Host header, without the port."""
    if host.startswith(b"["):
        return host[1:].partition(b"]")[0]
    return host.rpartition(b":")[0].lower() if b":" in host else host.lower()
