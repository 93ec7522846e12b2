"""Reaching a provider: a port for it, whether it is healthy, and where it listens instead.

One look at a provider is bounded in time, whatever it answers, and however slowly. Only loopback is meant: no names
are resolved but those of a URL that the user wrote, nothing is encrypted, and no redirect is followed.
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from signet.errors import UsageError
from signet.live.provider import tree

HOST = "127.0.0.1"
LOOK = 5.0
"""Seconds for one answer."""

_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})(?:[ \r\n]|$)")
_LISTENS = "0A"


class Target(NamedTuple):
    """Where to look: a path that must answer 2xx or 3xx; None where it is enough that the port is open."""

    host: str
    port: int
    path: str | None

    def __str__(self) -> str:
        return f"http://{self.host}:{self.port}{self.path}" if self.path else f"{self.host}:{self.port}"


def url(port: int) -> str:
    """The address of a provider, without a slash at the end."""
    return f"http://{HOST}:{port}"


def target(wait_for: str, port: int) -> Target:
    """What ``--wait-for`` says: ``tcp``, a path of the provider, or a whole URL (``http`` only)."""
    remedy = "Write a path such as /health, a URL that begins with http://, or tcp."
    if wait_for == "tcp":
        return Target(HOST, port, None)
    try:
        parts = urlsplit(f"http://{HOST}:{port}{wait_for}" if wait_for.startswith("/") else wait_for)
        found = Target(parts.hostname or "", parts.port or 80, parts.path or "/")
    except ValueError:
        raise UsageError("--wait-for is not a URL.", remedy) from None
    path = (found.path or "") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme != "http" or not found.host or not f"{found.host}{path}".isascii() or re.search(r"[\s\0]", path):
        raise UsageError("--wait-for says nothing that can be asked.", remedy)
    return found._replace(path=path)


def look(at: Target, seconds: float = LOOK, news: IO[bytes] | None = None) -> str:
    """Ask once. Empty if it is healthy, else what was seen: ``it answered 500``, ``nothing listens there``.

    It stops waiting for an answer when there are ``news``: something to read there.
    """
    until = time.monotonic() + seconds
    try:
        with socket.create_connection((at.host, at.port), timeout=seconds) as line:
            if at.path is None:
                return ""
            asked = f"GET {at.path} HTTP/1.1\r\nHost: {at.host}:{at.port}\r\nAccept: */*\r\nUser-Agent: signet\r\n"
            line.sendall(f"{asked}Connection: close\r\n\r\n".encode())
            return _judged(_first_line(line, until, news))
    except ConnectionRefusedError:
        return "nothing listens there"
    except TimeoutError:
        return f"it gave no answer in {seconds:.3g} s"
    except ConnectionError:
        return "it closed the connection without an answer"
    except (OSError, UnicodeError) as error:
        return f"it cannot be reached ({getattr(error, 'strerror', None) or 'not an address'})"


def _first_line(line: socket.socket, until: float, news: IO[bytes] | None) -> bytes:
    """At most 4 KiB, by ``until``: a time-out of a socket counts anew for each byte."""
    held = b""
    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        if news is not None:
            selector.register(news, selectors.EVENT_READ)
        while b"\n" not in held and len(held) < 4096:
            ready = [key.fileobj for key, _ in selector.select(max(until - time.monotonic(), 0))]
            if line not in ready:
                raise TimeoutError
            more = line.recv(1024)
            if not more:
                break
            held += more
    return held


def _judged(answer: bytes) -> str:
    if not answer:
        return "it closed the connection without an answer"
    status = _STATUS.match(answer)
    if status is None:
        return "it answered something that is not HTTP"
    return "" if status[1][:1] in b"23" else f"it answered {status[1].decode()}"


def free_port() -> int:
    """A port that nobody has now. Somebody may take it before the provider does; then another one is tried."""
    with socket.socket() as line:
        line.bind((HOST, 0))
        found: int = line.getsockname()[1]
        return found


def is_free(port: int) -> bool:
    """Can a provider listen there?"""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((HOST, port))
        except OSError:
            return False
    return True


def listening(pids: Iterable[int]) -> list[str]:
    """The addresses at which these processes listen, where the system tells (Linux)."""
    inodes = _sockets(pids)
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for row in (tree.PROC / "net" / table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == _LISTENS and fields[9] in inodes:
                    found.add(_address(fields[1]))
    return sorted(found)


def _sockets(pids: Iterable[int]) -> set[str]:
    found: set[str] = set()
    for pid in pids:
        with suppress(OSError):
            for entry in (tree.PROC / str(pid) / "fd").iterdir():
                with suppress(OSError):
                    name = str(entry.readlink())
                    if name.startswith("socket:["):
                        found.add(name[8:-1])
    return found


def _address(field: str) -> str:
    """``0100007F:1F90`` is 127.0.0.1:8080; each four bytes are one number of the machine."""
    digits, _, port = field.partition(":")
    words = [int(digits[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(digits), 8)]
    raw = b"".join(words)
    host = socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)
    return f"[{host}]:{int(port, 16)}" if ":" in host else f"{host}:{int(port, 16)}"
