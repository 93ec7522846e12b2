"""One request to the provider, and its whole answer: exact bytes, no jar, no proxy, bounded in time and size.

It follows no redirect, decodes nothing and repeats nothing. Why there is no answer is an exception here; whether that
is a failure of the provider or no test at all is decided in ``signet.live.replay.stage``.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from signet.errors import UsageError
from signet.live.replay.plan import Limits, Transport

BODILESS = (204, 304)
_CHUNK = 65_536

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider answered. ``headers`` are as they came, ``body`` is as it came but for chunks."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class NoAnswer(Exception):
    """There was no whole answer; the text says why."""


class Unreachable(NoAnswer):
    """There was not even a connection."""


def context(transport: Transport) -> ssl.SSLContext:
    """How TLS is spoken; UsageError if a file of it cannot be used."""
    try:
        made = ssl.create_default_context(cafile=transport.ca_file)
        if transport.client_certificate:
            made.load_cert_chain(transport.client_certificate, transport.client_key)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"The certificates cannot be used: {error}.", "Give PEM files that can be read.") from None
    if not transport.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


class Upstream:
    """A provider, or the URL of its states. One connection for each request, so that none is another's business."""

    def __init__(self, url: str, limits: Limits, transport: Transport) -> None:
        self._parts = urlsplit(url)
        self._limits = limits
        self._context = context(transport) if self._parts.scheme == "https" else None
        self.host = self._parts.netloc
        self.base = self._parts.path.rstrip("/")
        self.target = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")

    def send(self, method: str, target: str, headers: Headers, body: bytes, seconds: float) -> Answer:
        """The whole answer to one request; NoAnswer or Unreachable otherwise."""
        connection = self._connected(min(seconds, self._limits.connect))
        assert connection.sock is not None  # noqa: S101 - it is connected
        ends = time.monotonic() + seconds
        clock = threading.Timer(seconds, _cut, (connection.sock,))
        clock.daemon = True
        clock.start()
        try:
            connection.sock.settimeout(seconds)
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = self._read(connection.getresponse())
            if time.monotonic() >= ends:  # an answer without a length looks whole where it was cut
                raise TimeoutError
            return answer
        except (OSError, http.client.HTTPException, ValueError) as error:
            if time.monotonic() >= ends:
                raise NoAnswer(f"there was no whole answer within {seconds:g} seconds") from None
            raise NoAnswer(_said(error)) from None
        finally:
            clock.cancel()
            connection.close()

    def _connected(self, seconds: float) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=seconds, context=self._context)
            if self._context
            else http.client.HTTPConnection(host, port, timeout=seconds)
        )
        try:
            connection.connect()
        except (OSError, UnicodeError) as error:
            connection.close()
            why = "no connection in time" if isinstance(error, TimeoutError) else _said(error)
            raise Unreachable(why) from None
        return connection

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        body = bytearray()
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > self._limits.largest:
                raise NoAnswer(f"the answer is longer than {self._limits.largest} bytes")
        missing = response.length
        if missing:
            raise NoAnswer(f"the answer broke off, {missing} bytes before its end")
        return Answer(response.status, response.reason, tuple(response.getheaders()), bytes(body))

    def is_there(self) -> bool:
        """True if the provider answers anything at all, right now."""
        try:
            self.send("HEAD", self.base + "/", [("Host", self.host)], b"", self._limits.connect)
        except NoAnswer:
            return False
        return True


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _said(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, ConnectionError):
        return "the connection was reset"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer broke off"
    if isinstance(error, http.client.HTTPException):
        return "what came back is not HTTP"
    if isinstance(error, socket.gaierror):
        return "its host is not known"
    return str(error) or type(error).__name__
