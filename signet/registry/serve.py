"""Bare repositories over smart HTTP on loopback: a real remote for the demo and the tests, and nothing for production.

One thread for each connection, one ``git http-backend`` for each request; git's own locks order concurrent pushes.
There is no access control: whoever reaches 127.0.0.1 may read and push.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from signet.registry import git

_SPOOLED = 1 << 20
_FORWARDED = {
    "Content-Encoding": "HTTP_CONTENT_ENCODING",
    "Git-Protocol": "GIT_PROTOCOL",
    "Content-Type": "CONTENT_TYPE",
}


@contextmanager
def served(path: Path, handler: type[Handler] | None = None) -> Iterator[str]:
    """Serve a bare repository, or all that lie in a directory, until the block ends; yields the URL.

    For a directory, a repository's URL is the yielded one, a slash, and its name. ``handler`` is for servers that
    misbehave on purpose.
    """
    path = path.resolve()
    single = (path / "HEAD").is_file()
    root, only = (path.parent, f"/{path.name}") if single else (path, "")
    server = _Server(("127.0.0.1", 0), handler or Handler)
    server.root, server.only = root, only
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{only}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    root: Path
    only: str

    def server_activate(self) -> None:
        """Listen; who is gone before he is heard is not waited for, as that would keep the block from ending."""
        super().server_activate()
        self.socket.setblocking(False)


class Handler(BaseHTTPRequestHandler):
    """One connection: each request is handed to git, and its answer back."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer with what git says."""
        self._answer()

    def do_POST(self) -> None:
        """Answer with what git says."""
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: the demo and the tests own the terminal."""

    def _answer(self) -> None:
        target, _, query = self.path.partition("?")
        target = unquote(target)
        with tempfile.TemporaryFile() as body:
            self._receive(body)
            if ".." in target.split("/") or (self.server.only and not target.startswith(self.server.only + "/")):
                self.send_error(404)
                return
            request = {"REQUEST_METHOD": self.command, "PATH_INFO": target, "QUERY_STRING": query}
            request |= {"REMOTE_ADDR": self.client_address[0], "CONTENT_LENGTH": str(body.tell())}
            request |= {name: self.headers[header] for header, name in _FORWARDED.items() if header in self.headers}
            body.seek(0)
            self.relay(request, body)

    def _receive(self, body: IO[bytes]) -> None:
        """The whole body into a file: git may answer before it has read everything, and pipes would block both."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            left = int(self.headers.get("Content-Length") or 0)
            while left > 0 and (block := self.rfile.read(min(left, _SPOOLED))):
                body.write(block)
                left -= len(block)
            return
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body.write(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass

    def relay(self, request: dict[str, str], body: IO[bytes]) -> None:
        """Run git for a request (CGI variables, and the body as a file), and send its answer."""
        process = git.http_backend(self.server.root, request, body)
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        with process, process.stdout as answer:
            headers = []
            while line := answer.readline().strip():
                name, _, value = line.decode("latin-1").partition(":")
                headers.append((name, value.strip()))
            status = next((value for name, value in headers if name == "Status"), "200 OK")
            self.send_response(int(status.split()[0]) if headers else 500)
            for name, value in headers:
                if name != "Status":
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            shutil.copyfileobj(answer, self.wfile)
        self.close_connection = True
