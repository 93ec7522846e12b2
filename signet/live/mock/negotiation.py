"""Which media type an answer has (RFC 9110, 12.5.1), and what the client prefers beyond it (RFC 7240)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from signet.core.compare.media import MediaType, fits, is_json_like, parse

MOST_KEPT = 1_024
_PREFERENCE = re.compile(
    r"\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,;\"]*)))?\s*(?:[,;]|$)"
)
_CONCRETE = {
    "*/*": "application/json",
    "application/*": "application/json",
    "text/*": "text/plain",
    "*": "application/json",
}
_CONCRETE |= {"image/*": "image/png", "audio/*": "audio/mpeg", "video/*": "video/mp4"}


class Preferences(NamedTuple):
    """What ``Prefer`` asks for; None where it says nothing. ``applied`` is the header to answer with."""

    code: str | None = None
    example: str | None = None
    is_dynamic: bool = False

    @property
    def applied(self) -> str:
        """The preferences, as they are sent back."""
        told = [f"code={self.code}"] if self.code else []
        told += [f'example="{self.example}"'] if self.example else []
        return ", ".join([*told, *(["dynamic=true"] if self.is_dynamic else [])])


@lru_cache(MOST_KEPT)
def preferences(written: str | None) -> Preferences:
    """What a ``Prefer`` header asks for; preferences that are not known are left out, as the RFC says."""
    found: dict[str, str] = {}
    for name, quoted, plain in _PREFERENCE.findall(written or ""):
        found.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or plain)
    return Preferences(
        found.get("code") or None, found.get("example") or None, found.get("dynamic", "").lower() == "true"
    )


@lru_cache(MOST_KEPT)
def chosen(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """The media type of an answer among those offered; None where none of them is accepted.

    The client's weights decide, then JSON, then the order of the spec.
    """
    ranges = [_weighed(part) for part in (accept or "").split(",") if part.strip()]
    ranked = []
    for position, written in enumerate(offered):
        weight = _weight(parse(written), ranges) if ranges else 1.0
        if weight > 0:
            ranked.append((-weight, not (written and is_json_like(written)), position, written))
    return min(ranked)[-1] if ranked else None


def concrete(declared: str, accept: str | None) -> str:
    """The media type to send for one that is declared with wildcards: one that is accepted, where it says which."""
    if "*" not in declared and declared:
        return declared
    usual = _CONCRETE.get(parse(declared or "*/*").essence, "application/octet-stream")
    ranges = [_weighed(part)[0] for part in (accept or "").split(",") if part.strip()]
    if not ranges or any(fits(parse(usual), each) for each in ranges):
        return usual
    return next(
        (each.essence for each in ranges if "*" not in each.essence and fits(parse(declared or "*/*"), each)), usual
    )


def _weighed(part: str) -> tuple[MediaType, float]:
    wanted = parse(part)
    named = dict(wanted.parameters)
    try:
        weight = float(named.pop("q", "1"))
    except ValueError:
        weight = 0.0
    return MediaType(wanted.essence, tuple(sorted(named.items()))), weight


def _weight(offered: MediaType, ranges: list[tuple[MediaType, float]]) -> float:
    """The weight that the most exact range gives."""
    matching = [
        (("*" not in each.essence) + (each.essence != "*/*"), len(each.parameters), weight)
        for each, weight in ranges
        if fits(offered, each)
    ]
    return max(matching, default=(0, 0, 0.0))[2]
