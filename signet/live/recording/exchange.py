"""One request and its answer as they went over the line, and their bodies decoded for reading.

A body is a copy for the recording: what the client and the provider said to each other was passed on as it was.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from typing import Any

LARGEST = 2 * 1024 * 1024
"""Bytes of a body that is recorded, as it came and decoded; a larger one is only passed on."""

Headers = tuple[tuple[str, str], ...]
State = tuple[str, dict[str, Any]]
"""A provider state: its name and its parameters."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. ``target`` is the path with the query, as it was sent.

    A body is None where it was not kept: too large, or the answer was never read to its end. ``states`` are those that
    somebody had told when the request came, beside those that it says itself.
    """

    method: str
    target: str
    headers: Headers
    body: bytes | None
    status: int
    answer_headers: Headers
    answer_body: bytes | None
    states: tuple[State, ...] = ()

    def digest(self) -> bytes:
        """Equal for exchanges that are equal in all that a recording looks at, but for dates and the like."""
        found = blake2b(digest_size=16)
        for part in self._parts():
            found.update(b"%d:" % len(part))
            found.update(part)
        return found.digest()

    def _parts(self) -> Iterator[bytes]:
        yield f"{self.method} {self.target} {self.status} {self.body is None} {self.answer_body is None}".encode()
        yield repr(self.states).encode()
        yield repr(self.headers).encode()
        yield repr([each for each in self.answer_headers if each[0].lower() not in _PASSING]).encode()
        yield self.body or b""
        yield self.answer_body or b""


_PASSING = ("date", "server", "connection", "keep-alive")


def first(headers: Headers, name: str) -> str:
    """The value of a header (its name in small letters), the first one if there are several; else nothing."""
    return next((value for each, value in headers if each.lower() == name), "")


def media_type(headers: Headers) -> str:
    """The media type of a body, in small letters and without parameters."""
    return first(headers, "content-type").partition(";")[0].strip().lower()


def decoded(body: bytes, headers: Headers) -> bytes | None:
    """A body without its content encodings; None where it cannot be decoded, or is too large then."""
    codings = [
        coding.strip().lower()
        for name, value in headers
        if name.lower() == "content-encoding"
        for coding in value.split(",")
    ]
    for coding in reversed(codings):
        if coding in ("", "identity") or not body:
            continue
        made = _DECODERS.get(coding)
        try:
            found = made(body) if made else None
        except (ValueError, EOFError, zlib.error, ImportError, RuntimeError):
            return None
        if found is None:
            return None
        body = found
    return body if len(body) <= LARGEST else None


def _gzip(body: bytes) -> bytes | None:
    return _bounded(zlib.decompressobj(wbits=47), body)


def _deflate(body: bytes) -> bytes | None:
    raw = (body[0] & 0x0F) != 8 or (body[0] << 8 | body[1]) % 31 if len(body) > 1 else True
    return _bounded(zlib.decompressobj(wbits=-15 if raw else 15), body)


def _bounded(decoder: Any, body: bytes) -> bytes | None:
    found: bytes = decoder.decompress(body, LARGEST + 1)
    return found if decoder.eof and len(found) <= LARGEST else None


def _brotli(body: bytes) -> bytes | None:
    decoder = import_module("brotli").Decompressor()
    found = bytearray()
    piece = body
    while not decoder.is_finished() and len(found) <= LARGEST:
        more = decoder.process(piece, output_buffer_limit=LARGEST + 1 - len(found))
        if not more and not piece:
            return None
        found += more
        piece = b""
    return bytes(found) if decoder.is_finished() and len(found) <= LARGEST else None


_DECODERS: dict[str, Callable[[bytes], bytes | None]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
}
