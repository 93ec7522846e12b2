"""Where the requests go: the provider's address, its base path, and the credentials, which are never shown.

An address without a path (``http://127.0.0.1:8000``) is a host: the base path of the spec (that of its first server, or
Swagger's ``basePath``) comes behind it. An address with a path, be it only ``/``, is the place where the spec's paths
begin: a service that a gateway publishes under ``/v1`` often knows nothing of it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from signet.errors import UsageError

HIDDEN = "***"
_SHORTEST = 4
"""Characters; what is shorter than a secret can be is hidden in its header only, else every text would be holes."""


@dataclass(frozen=True, slots=True)
class Target:
    """The address under which the spec's paths are (no credentials in it, no ``/`` at its end) and what goes along."""

    base: str
    host: str
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def masked(self, text: str) -> str:
        """A text without the credentials, in any form in which they may come back."""
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        return text


def target(url: str, source: Any, headers: Mapping[str, str]) -> Target:
    """The target of a test; UsageError for an address that is none, which is never repeated in the message."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _refused() from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise _refused()
    if parts.query or parts.fragment:
        raise UsageError(
            "The address of a provider has no '?' and no '#'.",
            "Credentials can be given as a header for every request.",
        )
    place = f"[{host}]" if ":" in host else host
    given = dict(headers)
    if parts.username is not None or parts.password is not None:
        if any(name.lower() == "authorization" for name in given):
            raise UsageError("The provider's address and a header both have credentials.", "Give one of them.")
        user = unquote_to_bytes(parts.username or "") + b":" + unquote_to_bytes(parts.password or "")
        given["Authorization"] = "Basic " + base64.b64encode(user).decode("ascii")
    path = parts.path or base_path(source)
    base = f"{parts.scheme}://{place}{'' if port is None else f':{port}'}{path.rstrip('/')}"
    return Target(base, host, given, _secrets([*given.values(), *filter(None, (parts.username, parts.password))]))


def _refused() -> UsageError:
    return UsageError(
        "That is not the address of a provider.", "Give a URL that begins with http:// or https:// and names a host."
    )


def base_path(source: Any) -> str:
    """The path that a spec says to be in front of its paths; of several servers it is that of the first."""
    written = source.get("basePath")
    if "openapi" in source:
        servers = source.get("servers")
        first = servers[0] if isinstance(servers, list) and servers else None
        written = _filled(first) if isinstance(first, dict) else None
    if not isinstance(written, str):
        return ""
    try:
        path = urlsplit(written).path
    except ValueError:
        return ""
    path = "/" + path.removeprefix(".").strip("/")
    return "" if path == "/" or re.search(r"[\s{}\x00-\x1f\x7f]", path) else path


def _filled(server: dict[str, Any]) -> str | None:
    """The URL of a server with the defaults of its variables."""
    url, variables = server.get("url"), server.get("variables")
    if not isinstance(url, str):
        return None
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict) and isinstance(variable.get("default"), str):
            url = url.replace("{" + str(name) + "}", variable["default"])
    return url


def _secrets(values: list[str]) -> tuple[str, ...]:
    """Everything that gives a credential away: the value, its parts, and how they are written elsewhere."""
    found: set[str] = set()
    for value in values:
        parts = {value, *value.split(), *(pair.partition("=")[2] for pair in re.split(r"[;,]\s*", value))}
        if value[:6].lower() == "basic ":
            decoded = _decoded(value[6:])
            parts |= {decoded, decoded.partition(":")[2]}
        for part in parts - _SCHEMES:
            found |= {write(part) for write in _WRITINGS}
    return tuple(sorted((one for one in found if len(one) >= _SHORTEST), key=lambda one: (-len(one), one)))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""


_SCHEMES = {"Bearer", "bearer", "Basic", "basic", "Digest", "digest", "Token", "token", "ApiKey", "Negotiate"}
_WRITINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: quote(text, safe=""),
    quote,
    lambda text: json.dumps(text)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: base64.b64encode(text.encode()).decode(),
)
