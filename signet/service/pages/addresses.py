"""Addresses of pages: names become path segments and queries that come back as they were; ``at`` is carried along."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of pages that look at the registry ``at`` a commit (None: the newest)."""

    at: str | None = None

    def to(self, *segments: str, at: str | None = "", fragment: str = "", **query: str | int | None) -> str:
        """The address of a page; ``at`` other than "" looks at another commit, None at the newest."""
        path = "/" + "/".join(quote(one, safe="") for one in segments)
        chosen = self.at if at == "" else at
        asked = [(key.rstrip("_"), value) for key, value in query.items() if value not in (None, "")]
        asked += [("at", chosen)] if chosen else []
        return path + (f"?{urlencode(asked)}" if asked else "") + (f"#{quote(fragment)}" if fragment else "")


def own(text: str) -> str:
    """The path and query of an address that stays on these pages; "/" for any other, so that no link leads away."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or not text.startswith("/") or text.startswith("//"):
        return "/"
    if "\\" in text or not text.isprintable() or not text.isascii():
        return "/"
    return text
