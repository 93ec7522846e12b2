"""A receiver of webhooks on loopback: notes what comes, in order, and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """``answer`` gets the number of the request and says with which status it is answered (and which headers)."""

    answer: Callable[[int], int] = lambda _number: 204
    more: dict[str, str] = field(default_factory=dict)
    port: int = 0
    received: list[Received] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def host(self) -> str:
        """As the service lists it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def taken(self) -> list[Received]:
        """What was answered with 2xx."""
        with self.guard:
            return [one for one in self.received if one.status < 300]

    def wait(self, enough: Callable[[list[Received]], bool], seconds: float = 20.0) -> list[Received]:
        """What was taken, as soon as it is enough."""
        until = time.monotonic() + seconds
        while not enough(self.taken):
            assert time.monotonic() < until, f"{len(self.taken)} taken, {len(self.received)} received"
            time.sleep(0.02)
        return self.taken


@contextmanager
def receiving(
    answer: Callable[[int], int] = lambda _number: 204, *, tls: ssl.SSLContext | None = None, **more: str
) -> Iterator[Receiver]:
    """A receiver that listens as long as the block lasts; ``more`` are headers of its answers."""
    receiver = Receiver(answer, more)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            with receiver.guard:
                status = receiver.answer(len(receiver.received))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.path, headers, body, status))
            self.send_response(status)
            for name, value in receiver.more.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
