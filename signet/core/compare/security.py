"""Step 4: security schemes, as far as a request shows them.

An API key and an ``Authorization`` of an HTTP scheme are seen in a request. OAuth 2, OpenID Connect and mutual TLS are
not: their tokens may travel in several ways, and count as given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet.core.compare.operations import Operation
from signet.core.compare.source import Source


def schemes(source: Source, requirement: Any) -> Iterator[Mapping[str, Any]]:
    """The schemes that a requirement names; one that is defined nowhere is left out."""
    defined = source.once(("security schemes",), lambda: _defined(source))
    for name in requirement if isinstance(requirement, dict) else ():
        if name in defined:
            yield source.resolved(*defined[name])[0]


def _defined(source: Source) -> dict[str, tuple[Any, str]]:
    holder, pointer = source.root, ""
    key = "securityDefinitions"
    if source.dialect != "2.0":
        holder, pointer, key = source.root.get("components"), "/components", "securitySchemes"
    return {name: (value, at) for name, value, at in source.entries(holder, key, pointer)}


def is_satisfied(source: Source, requirement: Any, request: Mapping[str, Any]) -> bool:
    """True if the request shows every scheme of one alternative."""
    return all(_is_shown(scheme, request) for scheme in schemes(source, requirement))


def _is_shown(scheme: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    kind, name = str(scheme.get("type")).lower(), str(scheme.get("name"))
    headers = {header.lower(): value for header, value, _ in request["headers"]}
    if kind == "apikey":
        if scheme.get("in") == "query":
            return any(key == name for key, _, _ in request["query"])
        if scheme.get("in") == "cookie":
            return any(key == name for key, _, _ in cookies(request))
        return name.lower() in headers
    if kind in ("http", "basic"):
        wanted = "basic" if kind == "basic" else str(scheme.get("scheme")).lower()
        return bool(headers.get("authorization", "").lower().split(" ")[0] == wanted)
    return True


def cookies(request: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, value, pointer) of the cookies; a cookie that is written ``name: value`` is forgiven."""
    found = []
    for header, value, pointer in request["headers"]:
        for part in value.replace(", ", "; ").split(";") if header.lower() == "cookie" else ():
            separator = "=" if "=" in part.split(":")[0] or ":" not in part else ":"
            name, _, text = part.partition(separator)
            found.append((name.strip(), text.strip(), pointer))
    return found


def carriers(source: Source, found: Operation, place: str) -> frozenset[str]:
    """The names of headers (in small letters) or query parameters that carry API keys of an operation."""
    return source.once(("carriers", found.pointer, place), lambda: frozenset(_carriers(source, found, place)))


def _carriers(source: Source, found: Operation, place: str) -> list[str]:
    names = [
        str(scheme.get("name"))
        for requirement, _ in found.security
        for scheme in schemes(source, requirement)
        if scheme.get("type") == "apiKey" and scheme.get("in") == place
    ]
    return [name.lower() for name in names] if place == "header" else names
