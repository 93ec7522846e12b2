"""HTTP for the transport by dulwich: one origin, no redirects, no cookies, no .netrc, certificates always checked.

From the environment it takes ``SIGNET_TOKEN`` (for the registry's origin only), ``https_proxy``, ``http_proxy``,
``all_proxy``, ``no_proxy``, ``GIT_SSL_CAINFO`` and what OpenSSL itself looks at (``SSL_CERT_FILE``, ``SSL_CERT_DIR``);
from the user's git configuration ``http.proxy`` and ``http.sslCAInfo``. Nothing else of git's settings matters here.
"""

from __future__ import annotations

import base64
import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from dulwich.client import AbstractHttpGitClient, default_user_agent_string

from signet.errors import UsageError
from signet.registry.git import program
from signet.registry.git.address import without_credentials
from signet.registry.git.settings import user_settings
from signet.registry.git.transport.limits import MOST_ADVERTISED, MOST_PACKED, Clock, bounded
from signet.registry.git.transport.words import Words

_SAFE = "%/:=&?~#+!$,;'@()*[]"
_SMART = "application/x-git-"


class Web(AbstractHttpGitClient):
    """dulwich's smart HTTP client on one plain connection of our own at a time."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(url, thin_packs=False, quiet=True)
        self._clock = clock
        self._origin = urlsplit(url)
        self._authorization = program.authorization(url)
        self._settings = user_settings("http.proxy", "http.sslcainfo")
        self._proxy = _proxy_for(self._origin, self._settings.get("http.proxy", ""))
        self._sockets: list[socket.socket] = []
        self.heard = ""  # by HTTP, nothing is said beside the conversation

    def break_off(self) -> None:
        """End what is under way; whoever waits for it gets an end of file or an error."""
        for one in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)  # not SSLSocket's: that is not for another thread

    def close(self) -> None:
        """End the connection."""
        self.break_off()
        self._sockets = []

    @staticmethod
    def _warn_filter_objects() -> None:
        """A server without filters sends everything: nothing that a user needs to hear of."""

    def _http_request(
        self,
        url: str,
        headers: dict[str, str] | None = None,
        data: bytes | Iterator[bytes] | None = None,
        raise_for_status: bool = True,
    ) -> tuple[Any, Callable[[int], bytes]]:
        self._clock.check()
        target = urlsplit(quote(url, safe=_SAFE))
        if (target.scheme, target.netloc) != (self._origin.scheme, self._origin.netloc):
            raise Words("HTTP 302 to another address")
        sent = {"User-Agent": default_user_agent_string(), "Accept-Encoding": "identity", "Connection": "close"}
        sent |= headers or {}
        if self._authorization:
            sent["Authorization"] = self._authorization
        body = data if data is None or isinstance(data, bytes) else b"".join(data)
        answer = self._exchange(target, sent, body)
        kind = answer.getheader("Content-Type", "").partition(";")[0].strip()
        if answer.status != 200:
            raise Words(_status_words(answer, kind))
        if not kind.startswith(_SMART):
            raise Words(f"no git server: the answer is {program.one_line(kind, 60) or 'of no kind'}")
        dulwichs: Any = answer
        dulwichs.content_type, dulwichs.redirect_location = kind, ""
        packed = kind == "application/x-git-upload-pack-result" and b"command=ls-refs" not in (body or b"")[:100]
        most = MOST_PACKED if packed else MOST_ADVERTISED
        return answer, bounded(answer.read, most, self._clock)

    def _exchange(self, target: SplitResult, headers: dict[str, str], body: bytes | None) -> http.client.HTTPResponse:
        path = target.path + (f"?{target.query}" if target.query else "")
        connection, headers, path = self._connection(target, headers, path)
        connection.connect()
        self._sockets = [connection.sock]
        self._clock.check()
        connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
        return connection.getresponse()

    def _connection(
        self, target: SplitResult, headers: dict[str, str], path: str
    ) -> tuple[http.client.HTTPConnection, dict[str, str], str]:
        """A connection to the origin or through the proxy, with the headers and the path that fit it."""
        secure = target.scheme == "https"
        where = self._proxy or target
        options: dict[str, Any] = {"timeout": self._clock.step}
        if secure:
            options["context"] = _trust(self._settings.get("http.sslcainfo", ""))
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port or (80 if self._proxy or not secure else 443), **options)
        if self._proxy is None:
            return connection, headers, path
        login = _proxy_login(self._proxy)
        if secure:
            connection.set_tunnel(target.hostname or "", target.port or 443, headers=login)
            return connection, headers, path
        return connection, headers | login, f"{target.scheme}://{target.netloc}{path}"


def _proxy_for(origin: SplitResult, configured: str) -> SplitResult | None:
    """The proxy for an origin: from the environment, else the configured one."""
    proxies = getproxies_environment()
    host = f"{origin.hostname}:{origin.port}" if origin.port else origin.hostname or ""
    if proxy_bypass(host, proxies):
        return None
    named = proxies.get(origin.scheme) or proxies.get("all") or configured
    if not named:
        return None
    try:
        proxy = urlsplit(named if "://" in named else f"http://{named}")
        usable = proxy.scheme == "http" and bool(proxy.hostname) and (proxy.port or 80) > 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            "The proxy is none that the transport dulwich can use.",
            "Name it as http://host:port in https_proxy, or install git, which knows other kinds.",
        )
    return proxy


def _proxy_login(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(login.encode()).decode()}


def _trust(configured: str) -> ssl.SSLContext:
    """Whom to trust: the authorities of one file, where one is named, else those of the machine."""
    bundle = os.environ.get("GIT_SSL_CAINFO") or configured
    try:
        return ssl.create_default_context(cafile=bundle or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"The certificates in {program.one_line(bundle)} cannot be read.", "Look at GIT_SSL_CAINFO."
        ) from error


def _status_words(answer: http.client.HTTPResponse, kind: str) -> str:
    """The status as words, after what the server says of it in plain text (git shows that too)."""
    said = answer.read(2000).decode("utf-8", "replace") if kind == "text/plain" else ""
    status = f"HTTP {answer.status} {http.client.responses.get(answer.status, '')}".strip()
    if 300 <= answer.status < 400:
        status += f" to {without_credentials(answer.getheader('Location', '?'))}"
    return f"remote: {said.strip()}\n{status}" if said.strip() else status
