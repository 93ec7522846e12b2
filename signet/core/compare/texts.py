"""Patterns and formats of texts, judged by jsonschema_rs; each compiled once, at first use, and bounded.

An engine that runs in linear time is tried first; patterns that need look-around get one with a limit of steps. What no
engine can compile or finish is ``Unjudgeable``, never a verdict.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

BACKTRACKS = 100_000
PATTERN_SIZE = 1 << 22
UNCHECKED = frozenset(
    {"binary", "password", "float", "double", "int32", "int64", "int8", "uint8", "int16", "string", ""}
)
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
        try:
            return engine.Draft202012Validator(
                {keyword: value}, validate_formats=True, pattern_options=options, offline=True
            )
        except (ValueError, engine.ReferencingError) as error:
            failure = str(error).splitlines()[0]
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
    validator = _validator("format", name)
    return isinstance(validator, Unjudgeable) or bool(validator.is_valid(value))
