"""A relay before a real server: it counts, and can do something before a request, or lose an answer after it."""

from __future__ import annotations

import base64
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Relay:
    """What passed ("POST git-receive-pack"), and what happens on the way."""

    url: str = ""
    passed: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[str], object] = lambda what: None
    loses: str = ""
    login: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # a client that is asked for a login tries again on the same connection
    relay: Relay
    upstream: str

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def do_CONNECT(self) -> None:
        self.relay.passed.append(f"CONNECT {self.path}")
        if not self._let_in():
            return
        host, _, port = self.path.partition(":")
        self.send_response(200)
        self.end_headers()
        with socket.create_connection((host, int(port))) as there:
            back = threading.Thread(target=_pump, args=(there, self.connection), daemon=True)
            back.start()
            _pump(self.connection, there)
            back.join(5)
        self.close_connection = True

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""

    def _let_in(self) -> bool:
        wanted = "Basic " + base64.b64encode(self.relay.login.encode()).decode()
        if not self.relay.login or self.headers["Proxy-Authorization"] == wanted:
            return True
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        body = b"".join(self._chunks()) if chunked else self.rfile.read(length)
        what = f"{self.command} {self.path.rpartition('/')[2]}"
        self.relay.passed.append(what)
        self.relay.headers.append(dict(self.headers))
        if not self._let_in():
            return
        self.relay.before(what)
        target = urlsplit(self.path if self.path.startswith("http://") else self.upstream + self.path)
        there = http.client.HTTPConnection(target.hostname or "", target.port or 80, timeout=60)
        dropped = ("host", "transfer-encoding", "content-length", "proxy-authorization", "connection")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in dropped}
        path = target.path + (f"?{target.query}" if target.query else "")
        there.request(self.command, path, body=body or None, headers=headers)
        answer = there.getresponse()
        content = answer.read()
        if self.relay.loses and self.relay.loses in what:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def relaying(upstream: str) -> Iterator[Relay]:
    """A relay to ``upstream``, a URL; used as a proxy, it goes wherever the client says."""
    parts, relay = urlsplit(upstream), Relay()
    handler = type("Handler", (_Handler,), {"relay": relay, "upstream": f"http://{parts.netloc}"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    relay.url = f"http://127.0.0.1:{server.server_port}{parts.path}"
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
