"""Where a repository is, by the address it is cloned from. It asks nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_SCP = re.compile(r"(?:[^/@:]+@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:@]{2,}):(?!//)(?P<path>.+)", re.DOTALL)
_SAME = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com", "altssh.bitbucket.org": "bitbucket.org"}
"""Hosts that take ssh on another port for the forge beside."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Place:
    """A repository at a forge: the web origin that its address tells, and its path there without ``.git``.

    For ssh the origin is https on that host: where else, nobody says.
    """

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def origin(self) -> str:
        """``https://git.example.com:8443``."""
        return origin(self.scheme, self.host, self.port)

    @property
    def page(self) -> str:
        """The address of the repository for a browser."""
        return f"{self.origin}/{quote(self.path)}"


def origin(scheme: str, host: str, port: int | None) -> str:
    """Scheme, host and port as they begin a URL; the port of the scheme itself is left out."""
    named = f"[{host}]" if ":" in host else host
    usual = port in (None, {"https": 443, "http": 80}.get(scheme))
    return f"{scheme}://{named}" if usual else f"{scheme}://{named}:{port}"


def place(url: str) -> Place | None:
    """The place of a repository that is cloned from ``url``; None for a file, and for what is no such address."""
    try:
        parts = urlsplit(url) if "://" in url else None
        port = parts.port if parts else None
    except ValueError:
        return None
    if parts is None:
        scp = _SCP.fullmatch(url)
        return _placed("https", scp["host"].strip("[]"), None, scp["path"]) if scp else None
    if parts.scheme not in ("https", "http", "ssh"):
        return None
    if parts.scheme == "ssh":
        return _placed("https", parts.hostname or "", None, parts.path)
    return _placed(parts.scheme, parts.hostname or "", port, parts.path)


def _placed(scheme: str, host: str, port: int | None, path: str) -> Place | None:
    named = path.strip("/").removesuffix(".git").strip("/")
    steps = named.split("/")
    if not host or not named.isprintable() or any(step in ("", ".", "..") for step in steps):
        return None
    host = host.lower().rstrip(".")
    return Place(scheme, _SAME.get(host, host), port, named)
