"""Where a registry is: a URL that git may be given, or a path. It refuses everything else and opens nothing."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from signet.errors import UsageError

LONGEST_PATH = 4_000
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_SCP = re.compile(r"(?:(?P<user>[^/@:]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^/:@]{2,}):(?!//)(?P<path>.+)", re.DOTALL)
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\Z|\[[0-9A-Fa-f:.]+\]\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*\Z")
_REMEDY = "Give a path, or a URL that starts with https://, ssh:// or file://, or git@host:path."


class Address(NamedTuple):
    """A registry's location: a ``url`` with the protocols that git may use for it, or a ``path``."""

    url: str = ""
    protocols: str = ""
    path: Path | None = None


def parse(location: str, *, allow_http: bool = False) -> Address:
    """The address for what a user wrote; UsageError for what is neither a safe URL nor a path."""
    if not location or location.startswith("-") or not location.isprintable():
        raise UsageError("The registry's location is empty, looks like an option, or holds odd characters.", _REMEDY)
    if _HELPER.match(location):
        raise UsageError("The registry's location names a transport helper; those can run programs.", _REMEDY)
    if "://" in location:
        return _url(location, allow_http)
    scp = _SCP.fullmatch(location)
    if scp is None:
        return Address(path=_at_home(location))
    if (scp["user"] and not _USER.match(scp["user"])) or not _HOST.match(scp["host"]) or scp["path"].startswith("-"):
        raise UsageError("The registry's location is not of the form git@host:path.", _REMEDY)
    return Address(location, "https:ssh:file")


def _at_home(location: str) -> Path:
    if len(os.fsencode(location)) > LONGEST_PATH or any(len(os.fsencode(part)) > 255 for part in location.split("/")):
        raise UsageError("The registry's location is longer than a path can be.", _REMEDY)
    try:
        return Path(location).expanduser()
    except RuntimeError as error:
        raise UsageError("The registry's location begins with '~' and no user's home is there.", _REMEDY) from error


def is_url(location: str) -> bool:
    """True for what names a remote, False for a path; UsageError as in ``parse``."""
    return parse(location, allow_http=True).path is None


def host_of(url: str) -> str:
    """The host of a remote's URL, without user and port; "" for a path."""
    if "://" in url:
        return urlsplit(url).hostname or ""
    scp = _SCP.fullmatch(url)
    return scp["host"].strip("[]").lower() if scp else ""


def without_credentials(url: str) -> str:
    """A remote's URL for display: no user or password for web addresses, no password anywhere, no query."""
    if "://" not in url:
        return url
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    user, at, host = host.rpartition("@")
    keeps_user = at and scheme == "ssh"
    name = user.partition(":")[0] + "@" if keeps_user else ""
    return f"{scheme}://{name}{host}{slash}{re.split('[?#]', path)[0]}"


def _url(location: str, allow_http: bool) -> Address:
    try:
        parts = urlsplit(location)
        host, user, password, _ = parts.hostname or "", parts.username, parts.password, parts.port
    except ValueError as error:
        raise UsageError("The registry's URL is not a URL.", _REMEDY) from error
    scheme = location.partition("://")[0]
    if scheme not in ("https", "http", "ssh", "file"):
        raise UsageError(f"A registry cannot be reached by {scheme!r}.", _REMEDY)
    if password is not None or (user is not None and scheme != "ssh") or "?" in location or "#" in location:
        raise UsageError(
            "The registry's URL holds a user, a password or a query; it would end up in logs.",
            "Leave them out, and use a credential helper or SIGNET_TOKEN.",
        )
    if scheme == "file":
        if parts.netloc or not parts.path.startswith("/"):
            raise UsageError("A file:// URL has three slashes and a full path.", _REMEDY)
        return Address(location, "https:ssh:file")
    bare = f"[{host}]" if ":" in host else host
    if not _HOST.match(bare) or (user is not None and not _USER.match(user)) or parts.path in ("", "/"):
        raise UsageError("The registry's URL has no proper host, user or path.", _REMEDY)
    if scheme == "http" and not (allow_http or _loopback(host)):
        raise UsageError("Plain http would show the registry and its token to the network.", "Use https://.")
    return Address(location, "https:ssh:file" + (":http" if scheme == "http" else ""))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
