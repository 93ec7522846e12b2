"""A server on loopback that is unwell: every request is answered in one wrong way, or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ADVERTISED = b"001e# service=git-upload-pack\n0000"


def _answer(status: str, body: bytes = b"", kind: str = "text/plain", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


ANSWERS: dict[str, bytes | None] = {
    "401": _answer("401 Unauthorized", b"", "text/plain", 'WWW-Authenticate: Basic realm="x"'),
    "403": _answer("403 Forbidden", b"Write access not granted.\x1b[2K\n"),
    "404": _answer("404 Not Found", b"no such thing"),
    "407": _answer("407 Proxy Authentication Required"),
    "429": _answer("429 Too Many Requests", b"", "text/plain", "Retry-After: 60"),
    "500": _answer("500 Internal Server Error"),
    "503": _answer("503 Service Unavailable"),
    "redirect": _answer("302 Found", b"", "text/plain", "Location: http://localhost:1/elsewhere?secret=1"),
    "html": _answer("200 OK", b"<html>Log in</html>", "text/html"),
    "truncated": _answer("200 OK", _ADVERTISED + b"0100abc", "application/x-git-upload-pack-advertisement"),
    "nonsense": _answer("200 OK", b"zzzz" * 20, "application/x-git-upload-pack-advertisement"),
    "no http": b"SSH-2.0-OpenSSH_9.2\r\n",
    "dropped": b"",
    "silent": None,
}


@contextmanager
def unwell(how: str) -> Iterator[tuple[str, list[bytes]]]:
    """The URL of a server that answers like this, and the requests that it got."""
    listener, got, held = socket.create_server(("127.0.0.1", 0)), [], []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request and (block := connection.recv(65536)):
                request += block
            got.append(request)
            answer = ANSWERS[how]
            if answer is None:
                held.append(connection)
                return
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        connection.close()

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/r.git", got
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        for one in held:
            one.close()
