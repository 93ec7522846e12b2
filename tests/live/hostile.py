"""A provider that does harm, one kind at a time, in plain sockets: no framework would let it.

    python -m tests.live.hostile hang

It prints its port. It behaves for the first ``--good`` requests: ``GET /things`` is answered with ``[]``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import threading
import time

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
MARKUP = '\x1b[2J\x1b]8;;http://evil.example\x07"|`<script>alert(1)</script> @everyone ::error::no ##[x] \u202e'
KINDS = (
    *("hang", "die", "reset", "endless", "drip", "huge"),
    *("malformed", "redirect", "markup", "header", "unavailable"),
)  # fmt: skip


def spec() -> dict[str, object]:
    """What it promises."""
    answer = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array"}}}}}
    number = {"name": "number", "in": "query", "schema": {"type": "integer"}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "hostile", "version": "1"},
        "paths": {
            "/things": {"get": {"responses": answer, "parameters": [number]}},
            "/other": {"get": {"responses": answer}},
        },
    }


class Provider:
    def __init__(self, kind: str, good: int, elsewhere: str) -> None:
        self.kind = kind
        self.good = good
        self.elsewhere = elsewhere
        self.lock = threading.Lock()

    def serve(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            print(listening.getsockname()[1], flush=True)
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            received = b""
            while True:
                while b"\r\n\r\n" not in received:
                    more = connection.recv(65536)
                    if not more:
                        return
                    received += more
                received = received.partition(b"\r\n\r\n")[2]
                with self.lock:
                    self.good -= 1
                    good = self.good >= 0
                if good:
                    connection.sendall(GOOD)
                else:
                    self.answer(connection)

    def answer(self, connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        if self.kind == "hang":
            time.sleep(3600)
        elif self.kind == "die":
            os._exit(1)
        elif self.kind == "reset":
            raise ConnectionResetError
        elif self.kind in ("endless", "drip"):
            connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(
                    b"100000\r\n" + b" " * 0x100000 + b"\r\n" if self.kind == "endless" else b"1\r\n \r\n"
                )
                time.sleep(0 if self.kind == "endless" else 0.2)
        elif self.kind == "huge":
            connection.sendall(head + b"Content-Length: 100000000\r\n\r\n")
            for _ in range(100):
                connection.sendall(b"x" * 1_000_000)
        elif self.kind == "malformed":
            connection.sendall(b"\x00\xff this is no HTTP \x1b[2J\r\n\r\n")
            raise ConnectionResetError
        elif self.kind == "redirect":
            to = f"HTTP/1.1 307 Elsewhere\r\nLocation: {self.elsewhere}\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(to.encode())
        elif self.kind == "markup":
            body = json.dumps({MARKUP: MARKUP}, ensure_ascii=False).encode()
            connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        elif self.kind == "header":
            connection.sendall(head + b"X-Long: " + b"a" * 500_000 + b"\r\nContent-Length: 2\r\n\r\n[]")
        elif self.kind == "unavailable":
            connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--good", type=int, default=0)
    parser.add_argument("--elsewhere", default="")
    given = parser.parse_args()
    Provider(given.kind, given.good, given.elsewhere).serve()
