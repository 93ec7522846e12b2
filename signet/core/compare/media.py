"""Media types: which declared one a Content-Type or an Accept header means (RFC 9110, 8.3.1 and 12.5.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from signet.core.formats.bodies import is_json

_NEUTRAL = frozenset({"q", "charset", "boundary"})


MOST_PARSED = 4_096
"""Media types that are remembered; a contract has a handful."""


class MediaType(NamedTuple):
    """A media type: ``type/subtype`` in small letters, and its parameters."""

    essence: str
    parameters: tuple[tuple[str, str], ...] = ()


@lru_cache(MOST_PARSED)
def parse(written: str) -> MediaType:
    """``Application/JSON; version=1`` as ("application/json", (("version", "1"),))."""
    essence, *rest = [part.strip() for part in written.split(";")]
    pairs = []
    for part in rest:
        name, _, value = part.partition("=")
        if value:
            pairs.append((name.strip().lower(), value.strip().strip('"')))
    return MediaType(essence.lower(), tuple(sorted(pairs)))


def fits(declared: MediaType, given: MediaType) -> bool:
    """True if one is the other; either may hold wildcards, and a parameter counts if both name it."""
    if not _same_essence(declared.essence, given.essence):
        return False
    named = dict(given.parameters)
    return all(named.get(name, value) == value for name, value in declared.parameters if name not in _NEUTRAL)


def _same_essence(one: str, other: str) -> bool:
    if "*/*" in (one, other) or "*" in (one, other) or one == other:
        return True
    left, _, right = one.partition("/")
    other_left, _, other_right = other.partition("/")
    if left != other_left:
        return False
    return "*" in (right, other_right)


@lru_cache(MOST_PARSED)
def best(declared: tuple[str, ...], given: str) -> str | None:
    """The declared media type that means the given one: the most exact, or None."""
    wanted = parse(given)
    ranked = []
    for written in declared:
        candidate = parse(written)
        if fits(candidate, wanted):
            exact = candidate.essence == wanted.essence
            common = len(set(candidate.parameters) & set(wanted.parameters))
            ranked.append((-exact, candidate.essence.count("*"), -common, written))
    return min(ranked)[-1] if ranked else None


@lru_cache(MOST_PARSED)
def accepted(accept: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    """The offered media types that an Accept header takes (``q=0`` takes nothing)."""
    ranges = []
    for part in accept.split(","):
        wanted = parse(part)
        weight = dict(wanted.parameters).get("q", "1")
        if wanted.essence and weight.strip("0.") != "":
            ranges.append(wanted)
    return tuple(written for written in offered if any(fits(parse(written), wanted) for wanted in ranges))


def is_json_like(written: str) -> bool:
    """True if a body of this media type is compared as JSON; one that says nothing is."""
    return not written or comparable(written) == "json"


@lru_cache(MOST_PARSED)
def comparable(written: str) -> str:
    """How a body of this media type is compared: "json", "form", "multipart", "text", or "" if it is not."""
    essence = parse(written).essence
    if is_json(essence) or essence in ("*/*", "application/*", "*"):
        return "json"
    if essence == "application/x-www-form-urlencoded":
        return "form"
    if essence.startswith("multipart/form-data"):
        return "multipart"
    return "text" if essence.startswith("text/") and essence != "text/xml" and not essence.endswith("+xml") else ""
