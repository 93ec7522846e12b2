"""Patterns and formats of texts, judged by jsonschema_rs; each compiled once, at first use, and bounded.

An engine that runs in linear time is tried first; patterns that need look-around get one with a limit of steps. What no
engine can compile or finish is ``Unjudgeable``, never a verdict.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from signet.core.compare.patterns import translated

BACKTRACKS = 100_000
PATTERN_SIZE = 1 << 22
UNCHECKED = frozenset(
    {"binary", "password", "float", "double", "int32", "int64", "int8", "uint8", "int16", "string", ""}
)
_DATE, _TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
_SHAPES = {
    name: re.compile(shape + r"\Z")
    for name, shape in {"date": _DATE, "time": _TIME, "date-time": f"{_DATE}[Tt]{_TIME}"}.items()
}
"""RFC 3339's grammar; the engine checks the ranges, and takes other signs for digits (jsonschema_rs 0.60)."""
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")


class Unjudgeable(Exception):
    """Something in a schema that no engine can judge; ``pointer`` is filled in where it is caught."""

    def __init__(self, why: str, pointer: str = "") -> None:
        super().__init__(why)
        self.why, self.pointer = why, pointer


@lru_cache(maxsize=4096)
def _validator(keyword: str, value: str) -> Any:
    import jsonschema_rs as engine

    linear = engine.RegexOptions(size_limit=PATTERN_SIZE)
    bounded = engine.FancyRegexOptions(backtrack_limit=BACKTRACKS, size_limit=PATTERN_SIZE)
    failure = ""
    for options in (linear, bounded):
        said = translated(value, looks_around=options is bounded) if keyword == "pattern" else value
        try:
            return engine.Draft202012Validator(
                {keyword: said}, validate_formats=True, pattern_options=options, offline=True
            )
        except (ValueError, engine.ReferencingError) as error:
            failure = str(error).splitlines()[0] if said == value else "it is no regular expression"
    return Unjudgeable(f"the {keyword} {value!r} cannot be used: {failure}")


def matches(pattern: str, value: str) -> bool:
    """True if the pattern is found in the value; Unjudgeable if nobody can tell."""
    validator = _validator("pattern", pattern)
    if isinstance(validator, Unjudgeable):
        raise Unjudgeable(validator.why)
    if validator.is_valid(value):
        return True
    message = next(iter(validator.iter_errors(value))).message
    if message.startswith("Error executing regex"):
        raise Unjudgeable(f"the pattern {pattern!r} needs too many steps")
    return False


def has_format(name: str, value: str) -> bool:
    """True if a text has a format; formats that nobody defines hold for every text."""
    if name in UNCHECKED:
        return True
    if name == "byte":
        return _BASE64.match("".join(value.split())) is not None
    if name == "regex":
        return not isinstance(_validator("pattern", value), Unjudgeable)
    if name in _SHAPES and not _SHAPES[name].match(value):
        return False
    validator = _validator("format", name)
    return isinstance(validator, Unjudgeable) or bool(validator.is_valid(value))
