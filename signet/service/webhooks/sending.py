"""One request to a webhook: to an address that was vetted, once, within its time, and without believing the answer.

Redirects are not followed, proxies of the environment are not used, and the body of an answer is not read.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpcore

from signet.errors import WebhookRefused
from signet.service.webhooks.addresses import Resolver, Target, looked_up, vetted
from signet.service.webhooks.outgoing import Outgoing


class Outcome(NamedTuple):
    """What came of a try. ``status`` is None where nobody answered; ``wait`` what the receiver asks for, in seconds."""

    status: int | None
    seconds: float
    problem: str = ""
    wait: float = 0.0

    @property
    def is_delivered(self) -> bool:
        """Did the receiver take it?"""
        return self.status is not None and 200 <= self.status < 300


def send(
    wanted: Target,
    headers: Mapping[str, str],
    body: bytes,
    outgoing: Outgoing,
    *,
    resolver: Resolver = looked_up,
    context: ssl.SSLContext | None = None,
) -> Outcome:
    """POST a body; never raises for anything that the host or the network does."""
    began = time.monotonic()
    try:
        addresses = vetted(wanted, resolver, outgoing.private)
        status, wait = _posted(wanted, addresses, headers, body, outgoing, context, began + outgoing.total)
    except WebhookRefused as error:
        return Outcome(None, time.monotonic() - began, error.message)
    except (httpcore.TimeoutException, TimeoutError):
        return Outcome(None, time.monotonic() - began, "no answer in time")
    except (OSError, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, UnicodeError) as error:
        return Outcome(None, time.monotonic() - began, _reason(error))
    problem = "" if 200 <= status < 300 else f"answered with {status}"
    return Outcome(status, time.monotonic() - began, problem, wait)


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error.__context__ or error
    if isinstance(error, ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return "the certificate or the handshake was not accepted"
    if isinstance(error, httpcore.ProtocolError):
        return "what answered does not speak HTTP"
    return "the host could not be reached"


def _posted(
    wanted: Target,
    addresses: list[str],
    headers: Mapping[str, str],
    body: bytes,
    outgoing: Outgoing,
    context: ssl.SSLContext | None,
    deadline: float,
) -> tuple[int, float]:
    backend = _Pinned(addresses, outgoing.connect, deadline)
    given = [(b"Host", wanted.authority.encode()), (b"Content-Length", str(len(body)).encode())]
    given += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    url = httpcore.URL(
        scheme=wanted.scheme.encode(), host=wanted.host.encode(), port=wanted.port, target=wanted.path.encode()
    )
    tls = (context or ssl.create_default_context()) if wanted.scheme == "https" else None
    with (
        httpcore.ConnectionPool(ssl_context=tls, network_backend=backend, max_connections=1, retries=0) as pool,
        pool.stream("POST", url, headers=given, content=body) as answer,
    ):
        return answer.status, _wait(answer)


def _wait(answer: httpcore.Response) -> float:
    """Retry-After in seconds, where the receiver is busy; a date is taken as no wish."""
    if answer.status not in (429, 503):
        return 0.0
    said = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
    return float(said) if said.isdigit() and len(said) < 8 else 0.0


class _Pinned(httpcore.NetworkBackend):
    """Connects to the vetted addresses, whatever the name says by now, and to nothing else."""

    def __init__(self, addresses: list[str], connect: float, deadline: float) -> None:
        self._addresses, self._connect, self._deadline = addresses, connect, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one."""
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                opened = self._sockets.connect_tcp(address, port, timeout=_left(self._deadline, self._connect))
                return _Bounded(opened, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _Bounded(httpcore.NetworkStream):
    """A connection whose every step ends by one deadline: a receiver that answers drop by drop gains no time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What comes next."""
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it all."""
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same with TLS, for the name and not for the address."""
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Bounded(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the connection says of itself."""
        return self._stream.get_extra_info(info)


def _left(deadline: float, most: float | None = None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left if most is None else min(left, most)
