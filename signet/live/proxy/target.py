"""Where the provider is: its URL taken apart, what of a request's target is for it, and why it cannot be reached."""

from __future__ import annotations

import base64
import re
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from signet.errors import UsageError

CONNECT = 20.0
"""Seconds for a connection; how long an answer takes is the business of client and provider."""
_REMEDY = "Write http://HOST:PORT or https://HOST, with a path if the provider has one in front of all others."


@dataclass(frozen=True, slots=True)
class Target:
    """A provider. ``base`` is its path without a slash at the end; ``login`` is for Authorization."""

    host: str
    port: int
    base: str
    authority: str
    context: ssl.SSLContext | None
    login: bytes
    secrets: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Scheme and authority."""
        return f"{'https' if self.context else 'http'}://{self.authority}"


def target(url: str) -> Target:
    """The provider at a URL; UsageError, which does not repeat the URL, if it is none."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise UsageError("--target is no URL.", _REMEDY) from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise UsageError("--target is no URL of a provider.", _REMEDY)
    if re.search(r"[\x00-\x20\x7f-\U0010ffff]", url):
        raise UsageError("--target has characters that a URL cannot have.", _REMEDY)
    secure = parts.scheme == "https"
    login = b""
    hidden: tuple[str, ...] = ()
    if parts.username is not None:
        plain = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        encoded = base64.b64encode(plain.encode())
        login, hidden = b"Basic " + encoded, (encoded.decode(), plain, unquote(parts.password or ""))
    return Target(
        host,
        port or (443 if secure else 80),
        parts.path.rstrip("/"),
        parts.netloc.rpartition("@")[2],
        ssl.create_default_context() if secure else None,
        login,
        hidden,
    )


def origin_form(target: bytes) -> bytes:
    """The path and query of a request; a client that takes us for its proxy writes a whole URL."""
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        return target
    authority = re.match(rb"[^/?#]*", rest)
    path = rest[authority.end() :] if authority else b""
    return path if path.startswith(b"/") else b"/" + path


def said(error: OSError) -> str:
    """Why there is no connection, without a word of the system's."""
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, TimeoutError):
        return "there was no connection in time"
    return "its certificate is not accepted" if isinstance(error, ssl.SSLError) else "there was no connection"
