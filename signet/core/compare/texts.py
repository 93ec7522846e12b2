"""Patterns and formats of texts, judged by jsonschema_rs; each compiled once, at first use, and bounded.

An engine that runs in linear time is tried first; patterns that need look-around get one with a limit of steps. What no
engine can compile or finish is ``Unjudgeable``, never a verdict. Linear is linear in the text and in the size of the
program, so what a match may take is told by both: ``effort``.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from signet.core.compare.patterns import translated

BACKTRACKS = 10_000
LONGEST_PATTERN = 20_000
KEPT = 1_024
"""Patterns that are kept compiled; who needs more reads them again and again."""
UNCHECKED = frozenset(
    {"binary", "password", "float", "double", "int32", "int64", "int8", "uint8", "int16", "string", ""}
)
_DATE, _TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
_SHAPES = {
    name: re.compile(shape + r"\Z")
    for name, shape in {"date": _DATE, "time": _TIME, "date-time": f"{_DATE}[Tt]{_TIME}"}.items()
}
"""RFC 3339's grammar; the engine checks the ranges, and takes other signs for digits (jsonschema_rs 0.60)."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")


class Unjudgeable(Exception):
    """Something in a schema that no engine can judge; ``pointer`` is filled in where it is caught."""

    def __init__(self, why: str, pointer: str = "") -> None:
        super().__init__(why)
        self.why, self.pointer = why, pointer


class _Size(NamedTuple):
    """How large a compiled pattern may be, and what an engine may remember of texts beside it (bytes).

    ``doubling`` tells what it may cost to match: for the linear engine, how many characters a step pays for, and for
    the one that looks around, of how many the square is one step (both as powers of 2). ``longest`` is the longest text
    that it is given.
    """

    bytes: int
    memory: int
    doubling: int
    longest: int | None = None

    @property
    def looks_around(self) -> bool:
        """True for the engine whose steps may each walk all of the text."""
        return self.longest is not None


SMALL, MEDIUM, LARGE = _Size(1 << 12, 1 << 16, 6), _Size(1 << 16, 1 << 18, 1), _Size(1 << 22, 1 << 18, -2)
AROUND, FAR_AROUND = _Size(1 << 14, 1 << 18, 7, 2_000), _Size(1 << 20, 1 << 18, 3, 500)


class _Pattern(NamedTuple):
    """A pattern that is compiled, or why it cannot be."""

    engine: Any
    size: _Size


def _short(written: str) -> str:
    return repr(written if len(written) <= 60 else f"{written[:59]}…")


def _compiled(pattern: str, *sizes: _Size) -> _Pattern | None:
    import jsonschema_rs as engine

    for size in sizes:
        limits = {"size_limit": size.bytes, "dfa_size_limit": size.memory}
        options: Any = engine.RegexOptions(**limits)
        if size.looks_around:
            options = engine.FancyRegexOptions(backtrack_limit=BACKTRACKS, **limits)
        said = translated(pattern, looks_around=size.looks_around)
        try:
            ready = engine.Draft202012Validator({"pattern": said}, pattern_options=options, offline=True)
        except (ValueError, engine.ReferencingError):
            continue
        return _Pattern(ready, size)
    return None


@lru_cache(maxsize=KEPT)
def _small(pattern: str) -> _Pattern | None:
    if len(pattern) > LONGEST_PATTERN:
        why = f"the pattern {_short(pattern)} is longer than {LONGEST_PATTERN:,} characters"
        return _Pattern(Unjudgeable(why), SMALL)
    return _compiled(pattern, SMALL)


@lru_cache(maxsize=128)
def _medium(pattern: str) -> _Pattern | None:
    return _compiled(pattern, MEDIUM)


@lru_cache(maxsize=16)
def _large(pattern: str) -> _Pattern:
    """What may take megabytes, of which few are kept."""
    found = _compiled(pattern, LARGE, AROUND, FAR_AROUND)
    return found or _Pattern(Unjudgeable(f"the pattern {_short(pattern)} cannot be used"), SMALL)


def _ready(pattern: str) -> _Pattern:
    return _small(pattern) or _medium(pattern) or _large(pattern)


def effort(pattern: str, value: str) -> int:
    """How many steps of a budget it may take to match a text."""
    size, length = _ready(pattern).size, len(value)
    if size.looks_around:
        return 50 + (length * length >> size.doubling)
    return 1 + (length >> size.doubling if size.doubling >= 0 else length << -size.doubling)


def effort_of_reading(pattern: str) -> int:
    """How many steps it takes to compile a pattern."""
    return 10 + (_ready(pattern).size.bytes >> 10)


def matches(pattern: str, value: str) -> bool:
    """True if the pattern is found in the value; Unjudgeable if nobody can tell."""
    engine, size = _ready(pattern)
    if isinstance(engine, Unjudgeable):
        raise Unjudgeable(engine.why)
    if size.longest is None:
        return bool(engine.is_valid(value))
    if len(value) > size.longest:
        raise Unjudgeable(f"the pattern {_short(pattern)} looks around, and the text is too long for that")
    failure = next(iter(engine.iter_errors(value)), None)
    if failure is not None and failure.message.startswith("Error executing regex"):
        raise Unjudgeable(f"the pattern {_short(pattern)} needs too many steps")
    return failure is None


# --- formats ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def _format(name: str) -> Any:
    import jsonschema_rs as engine

    try:
        return engine.Draft202012Validator({"format": name}, validate_formats=True, offline=True)
    except (ValueError, engine.ReferencingError):
        return None


def has_format(name: str, value: str) -> bool:
    """True if a text has a format; formats that nobody defines hold for every text."""
    if name in UNCHECKED:
        return True
    if name == "byte":
        letters = "".join(value.split())
        return len(letters) % 4 == 0 and _BASE64.match(letters) is not None
    if name == "regex":
        return not isinstance(_ready(value).engine, Unjudgeable)
    if name in _SHAPES and not _SHAPES[name].match(value):
        return False
    validator = _format(name)
    return validator is None or bool(validator.is_valid(value))
