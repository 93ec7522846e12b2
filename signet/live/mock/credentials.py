"""Security schemes, as strictly as a mock can be: what must be shown has to be there. No key or token is checked.

Of OAuth 2 and OpenID Connect a bearer token is expected, in ``Authorization`` or as ``access_token`` (RFC 6750). What a
request cannot show (mutual TLS) counts as given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from signet.core.compare.operations import Operation
from signet.core.compare.security import schemes
from signet.core.compare.source import Source
from signet.live.mock.exchange import Answer, Request
from signet.live.mock.problems import Wrong, problem

Shown = Callable[[Request], bool]


class Alternative(NamedTuple):
    """Schemes that must all be shown: what tells, and how each is asked for."""

    shown: tuple[Shown, ...]
    names: tuple[str, ...]
    challenges: tuple[str, ...]


class Credentials:
    """The alternatives of one operation."""

    def __init__(self, source: Source, found: Operation) -> None:
        self.pointer = found.security[0][1] if found.security else found.pointer
        self.alternatives = tuple(_alternative(source, requirement) for requirement, _ in found.security)
        self.is_open = not self.alternatives or any(not each.shown for each in self.alternatives)

    def refusal(self, request: Request) -> Answer | None:
        """The refusal of a request that satisfies no alternative."""
        if self.is_open or any(all(shown(request) for shown in each.shown) for each in self.alternatives):
            return None
        wanted = " or ".join(" and ".join(each.names) for each in self.alternatives)
        message = f"The request satisfies no security alternative ({wanted})."
        wrong = Wrong("request.authorization.missing", message, "/header/authorization", self.pointer)
        asked = dict.fromkeys(challenge for each in self.alternatives for challenge in each.challenges)
        return problem(401, [wrong], tuple((b"www-authenticate", each.encode("latin-1", "replace")) for each in asked))


def _alternative(source: Source, requirement: Any) -> Alternative:
    names = tuple(requirement) if isinstance(requirement, dict) else ()
    told = [_told(scheme) for scheme in schemes(source, requirement)]
    return Alternative(
        tuple(shown for shown, _ in told if shown is not None), names, tuple(challenge for _, challenge in told)
    )


def _told(scheme: Mapping[str, Any]) -> tuple[Shown | None, str]:
    """What tells whether a scheme is shown, and the challenge that asks for it."""
    kind, name = str(scheme.get("type")).lower(), str(scheme.get("name"))
    if kind == "apikey":
        return _key(str(scheme.get("in")), name), f'ApiKey in="{scheme.get("in")}", name="{name}"'
    if kind in ("http", "basic"):
        wanted = "basic" if kind == "basic" else str(scheme.get("scheme")).lower()
        return (lambda request: _authorized(request, wanted)), f'{wanted.capitalize()} realm="mock"'
    if kind in ("oauth2", "openidconnect"):
        return _has_token, 'Bearer realm="mock"'
    return None, "Mutual"


def _key(place: str, name: str) -> Shown:
    if place == "query":
        return lambda request: any(key == name for key, _ in parse_qsl(request.query, keep_blank_values=True))
    if place == "cookie":
        return lambda request: name in _cookies(request)
    header = name.lower().encode("latin-1", "replace")
    return lambda request: any(key == header for key, _ in request.headers)


def _authorized(request: Request, wanted: str) -> bool:
    kind, _, rest = (request.header(b"authorization") or "").partition(" ")
    return kind.lower() == wanted and bool(rest.strip())


def _has_token(request: Request) -> bool:
    query = parse_qsl(request.query) if "access_token" in request.query else ()
    return _authorized(request, "bearer") or any(key == "access_token" for key, _ in query)


def _cookies(request: Request) -> set[str]:
    return {part.partition("=")[0].strip() for part in (request.header(b"cookie") or "").split(";")}
