"""Headers on their way through: what is between neighbours alone stays behind, the rest goes on as it was written."""

from __future__ import annotations

from typing import Any

import h11

from signet.live.proxy.target import Target
from signet.live.recording.exchange import Headers
from signet.live.recording.states import HEADER

Raw = list[tuple[bytes, bytes]]
"""Names as they were written, with their values, in order."""

_HOP = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"upgrade"})
_STATE = HEADER.encode()


def to_provider(request: h11.Request, target: Target) -> Raw:
    """The headers of a request for the provider. An upgrade (web sockets) goes on as one."""
    raw = _framed_once(request)
    upgrade = _upgrade(request.headers)
    named = _named(request.headers) - {b"upgrade"} if upgrade else _named(request.headers)
    found: Raw = []
    for name, value in raw:
        plain = name.lower()
        if plain == b"host":
            found.append((name, target.authority.encode()))
        elif plain == b"te" and b"trailers" in value.lower():
            found += [(name, b"trailers"), (b"Connection", b"TE")]
        elif (_stays(plain, named) and plain != _STATE) or (plain == b"upgrade" and upgrade):
            found.append((name, value))
    if upgrade:
        found.append((b"Connection", b"Upgrade"))
    if all(name.lower() != b"host" for name, _ in raw):
        found.insert(0, (b"Host", target.authority.encode()))  # HTTP/1.0
    if target.login and all(name.lower() != b"authorization" for name, _ in raw):
        found.append((b"Authorization", target.login))
    return found


def _framed_once(request: h11.Request) -> Raw:
    """The headers as they came; where both lengths and chunks are announced, chunks are meant, and only they go on."""
    raw = list(request.headers.raw_items())
    has_chunks = any(name.lower() == b"transfer-encoding" for name, _ in raw)
    return [each for each in raw if not (has_chunks and each[0].lower() == b"content-length")]


def to_client(response: h11.Response | h11.InformationalResponse, target: Target, own: str) -> Raw:
    """The headers of an answer for the client; a Location at the provider leads back through the proxy."""
    switches = response.status_code == 101
    named = _named(response.headers)
    found: Raw = []
    for name, value in response.headers.raw_items():
        plain = name.lower()
        if plain == b"location":
            found.append((name, _location(value, target, own)))
        elif _stays(plain, named) or (switches and plain in (b"upgrade", b"connection")):
            found.append((name, value))
    return found


def _stays(name: bytes, named: set[bytes]) -> bool:
    return name not in _HOP and name not in named


def as_written(head: bytes, own: Raw) -> bytes:
    """A head as h11 writes it, with its headers in the order and case in which they came, if they are the same."""
    start, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    ours = [name + b": " + value for name, value in own]
    if sorted(map(bytes.lower, ours)) != sorted(map(bytes.lower, lines)):
        return head
    return b"\r\n".join([start, *ours, b"", b""])


def _location(value: bytes, target: Target, own: str) -> bytes:
    whole = f"{target.origin}{target.base}"
    for start, ours in ((whole, own), (target.origin, own), (target.base, "")):
        rest = value[len(start) :]
        if start and value.lower().startswith(start.lower().encode()) and rest[:1] in (b"", b"/", b"?", b"#"):
            return ours.encode() + rest
    return value


def _named(headers: Any) -> set[bytes]:
    """The headers that Connection names; those that say where a body ends are none that it could take away."""
    named = {
        word.strip().lower()
        for name, value in headers
        if name == b"connection"
        for word in value.split(b",")
        if word.strip().lower() not in (b"close", b"keep-alive")
    }
    return named - {b"content-length", b"transfer-encoding"}


def _upgrade(headers: Any) -> bool:
    """Does the client want another protocol? HTTP/2 is none that could be recorded: Java asks for it each time."""
    wanted = b",".join(value for name, value in headers if name == b"upgrade").lower()
    return b"upgrade" in _named(headers) and bool(wanted) and b"h2c" not in wanted


def told(headers: Any) -> Headers:
    """Headers as texts, for the recording."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw_items())
