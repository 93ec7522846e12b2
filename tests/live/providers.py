"""Providers for the proxy: one that says word for word what it is told to, and one that does a bit of everything.

Both are real servers on loopback, in threads of the test; the first shares no code with any HTTP library, so what
arrives at it, and what leaves it, are bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["Line"], None]


class Line:
    """A connection that was accepted, or made: bytes in and out."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(10)
        self.held = b""

    def until(self, mark: bytes) -> bytes:
        """What comes, up to and with the mark; all of it if the other end closes first."""
        while mark not in self.held:
            more = self.sock.recv(65536)
            if not more:
                found, self.held = self.held, b""
                return found
            self.held += more
        at = self.held.index(mark) + len(mark)
        found, self.held = self.held[:at], self.held[at:]
        return found

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self.held) < count:
            more = self.sock.recv(65536)
            assert more, "closed too early"
            self.held += more
        found, self.held = self.held[:count], self.held[count:]
        return found

    def rest(self) -> bytes:
        """All until the other end closes."""
        while more := self.sock.recv(65536):
            self.held += more
        found, self.held = self.held, b""
        return found

    def says(self, data: bytes) -> None:
        """Send."""
        self.sock.sendall(data)

    def head(self) -> bytes:
        """The next head, with its empty line."""
        return self.until(b"\r\n\r\n")


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    """A provider at which each connection does what the script says; its URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    failed: list[BaseException] = []

    def serve(sock: socket.socket) -> None:
        with sock:
            try:
                script(Line(sock))
            except OSError:
                pass
            except BaseException as error:  # noqa: BLE001 - it belongs to the test
                failed.append(error)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listening.accept()
                threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
    assert failed == []


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """A connection to a server on loopback."""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as sock:
        yield Line(sock)


_NUMBERS = itertools.count(1000)


class Everything(BaseHTTPRequestHandler):
    """``/echo`` says what was sent, ``/own`` answers each client with its own, ``/orders`` makes up ids and times,
    ``/items/N`` is JSON, ``/large`` is bytes, ``/stream`` chunks, ``/slow`` waits."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path == "/echo":
            told = {"method": self.command, "path": self.path, "headers": self.headers.items()}
            self.answer(200, json.dumps({**told, "body": hashlib.sha256(body).hexdigest()}).encode())
        elif path.startswith("/own/"):
            own = path.rpartition("/")[2]
            said = {"own": own, "cookie": self.headers.get("Cookie"), "body": body.decode()}
            self.answer(
                200, json.dumps(said).encode(), ("Set-Cookie", f"session=cookie-of-{own}; Path=/"), ("X-Own", own)
            )
        elif path.startswith("/items/"):
            item = {
                "id": int(path.rpartition("/")[2]),
                "name": "a thing",
                "at": time.time(),
                "seen": "2026-01-02T03:04:05Z",
            }
            self.answer(200, json.dumps(item).encode())
        elif path.startswith("/orders"):
            self.orders(path, body)
        elif path == "/gzip":
            self.answer(200, gzip.compress(b'{"name": "packed"}', mtime=0), ("Content-Encoding", "gzip"))
        elif path == "/large":
            self.answer(200, large(int(query or 5)), kind="application/octet-stream")
        elif path == "/stream":
            self.stream(large(int(query or 5)))
        elif path == "/slow":
            time.sleep(float(query or 1))
            self.answer(200, b'{"slow": true}')
        elif path == "/secret":
            self.answer(200, b'{"ok": true}')
        else:
            self.answer(404, b'{"detail": "There is no such thing."}')

    def orders(self, path: str, body: bytes) -> None:
        """``POST /orders`` makes one up: a number, a UUID, times, a token; ``GET /orders/NUMBER`` has more of that."""
        now = datetime.now(UTC).isoformat()
        if self.command == "POST":
            number = next(_NUMBERS)
            made = {"id": number, "key": str(uuid.uuid4()), "at": now, "token": secrets.token_urlsafe(20)}
            headers = (("Location", f"/orders/{number}"), ("Set-Cookie", f"session={secrets.token_hex(16)}"))
            self.answer(201, json.dumps({**made, "item": json.loads(body)["item"]}).encode(), *headers)
        else:
            number = int(path.rpartition("/")[2])
            said = {"id": number, "seen": now, "etag": secrets.token_hex(12), "since": int(time.time())}
            self.answer(200, json.dumps({**said, "by": self.headers.get("Authorization", "")}).encode())

    do_POST = do_GET  # noqa: N815 - the names that the library calls

    def answer(self, status: int, body: bytes, *headers: tuple[str, str], kind: str = "application/json") -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self, body: bytes) -> None:
        """An answer in chunks of odd sizes."""
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        at, size = 0, 1
        while at < len(body):
            piece = body[at : at + size]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            at, size = at + size, min(size * 3 + 1, 300_000)
        self.wfile.write(b"0\r\n\r\n")


def large(mebibytes: int) -> bytes:
    """Bytes that are no text and do not repeat soon."""
    block = b"".join(hashlib.sha256(str(at).encode()).digest() for at in range(4096))
    return b"".join(bytes([at % 251]) + block for at in range(mebibytes * 8))[: mebibytes * 1024 * 1024]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


@contextmanager
def everything() -> Iterator[str]:
    """A provider that does a bit of everything; its URL."""
    server = _Server(("127.0.0.1", 0), Everything)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
