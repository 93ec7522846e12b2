"""The gate between the verifier and the provider: a server on loopback, in our own process, for one replay.

The verifier sends to the gate and knows no credentials; they are added here. The gate keeps what was sent and answered
for each interaction, so that an answer that never came is not mistaken for a wrong one. It opens only for who knows its
key (other programs on this machine could else send with these credentials), and only while an interaction is replayed.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from signet.live.replay.functions import Request
from signet.live.replay.plan import FRAMING
from signet.live.replay.upstream import BODILESS, Answer, NoAnswer, Upstream

KEY = "x-signet-gate"
_LARGEST_REQUEST = 64 * 1024 * 1024

Filter = Callable[[Request], Request]


class FilterFailed(Exception):
    """The request filter of a team failed."""


@dataclass
class Passage:
    """What went through the gate for one interaction. ``contract`` is the request as the contract has it."""

    contract: list[Request] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    missing: NoAnswer | None = None
    filter_failed: str = ""


class Gate:
    """Lets requests through to a provider. Use as a context manager."""

    def __init__(self, provider: Upstream, headers: tuple[tuple[str, str], ...], seconds: float) -> None:
        self._provider, self._headers, self._seconds = provider, headers, seconds
        self.filter: Filter | None = None
        self.key = secrets.token_urlsafe(24)
        self.passage: Passage | None = None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.gate = self
        self.port: int = self._server.server_port

    def __enter__(self) -> Gate:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.passage = None
        self._server.shutdown()
        self._server.server_close()

    def opened(self) -> Passage:
        """Start the passage of one interaction; requests of an earlier one find the gate closed."""
        with self._lock:
            self.key = secrets.token_urlsafe(24)
            self.passage = Passage()
            return self.passage

    def passed(self, request: Request) -> Answer | None:
        """The provider's answer to a request, or None if it is not let through or not answered."""
        with self._lock:
            key = next((value for name, value in request.headers if name.lower() == KEY), "")
            passage = self.passage
            if passage is None or not hmac.compare_digest(key.encode(), self.key.encode()):
                return None
            given = replace(request, headers=[each for each in request.headers if each[0].lower() != KEY])
            passage.contract.append(given)
            try:
                made = self._made(given)
                passage.sent.append(made)
                answer = self._provider.send(made.method, made.path, made.headers, made.body, self._seconds)
            except NoAnswer as missing:
                passage.missing = missing
                return None
            except FilterFailed as error:
                passage.filter_failed = str(error)
                return None
            passage.answers.append(answer)
            return answer

    def _made(self, request: Request) -> Request:
        own = f"127.0.0.1:{self.port}"
        headers = [
            (name, self._provider.host if name.lower() == "host" and value == own else value)
            for name, value in request.headers
        ]
        made = replace(request, path=self._provider.base + request.path, headers=headers)
        for name, value in self._headers:
            made.set_header(name, value)
        if self.filter is not None:
            made = self.filter(made)
        kept = [each for each in made.headers if each[0].lower() not in FRAMING]
        if made.body or any(name.lower() == "content-length" for name, _ in request.headers):
            kept.append(("Content-Length", str(len(made.body))))
        made.headers = kept
        return made


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    gate: Gate

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A verifier that is ended in the middle breaks its connection; nobody wants to hear of it."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 60

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.let_through
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""

    def let_through(self) -> None:
        # ``self.path`` has lost one of two leading slashes.
        target = self.requestline.split(" ")[1]
        body = self._body()
        headers = [(name, str(value)) for name, value in self.headers.items()]
        answer = None if body is None else self.server.gate.passed(Request(self.command, target, headers, body))
        if answer is None:
            self.close_connection = True
        else:
            self._hand_over(answer)

    def _hand_over(self, answer: Answer) -> None:
        self.send_response_only(answer.status, answer.reason)
        names = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            self.send_header(name, value)
        has_body = self.command != "HEAD" and answer.status not in BODILESS and answer.status >= 200
        chunked = "transfer-encoding" in names
        if has_body and not chunked and "content-length" not in names:
            self.send_header("Connection", "close")
        self.end_headers()
        if has_body and chunked:
            if answer.body:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(answer.body), answer.body))
            self.wfile.write(b"0\r\n\r\n")
        elif has_body:
            self.wfile.write(answer.body)

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= _LARGEST_REQUEST else None

    def _chunks(self) -> bytes | None:
        body = bytearray()
        while size := int(self.rfile.readline(100).split(b";")[0], 16):
            if len(body) + size > _LARGEST_REQUEST:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(100)
        self.rfile.readline(100)
        return bytes(body)
