"""Pact's generators (versions 3 and 4): which place of a request or response each one fills at run time.

It finds them; what they make, and whether a schema allows it, is ``signet.core.compare.generated``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from signet.core.formats.matchers import Step, entries


class Generator(NamedTuple):
    """One generator: its category (body, header, query ...), the place it fills, what it says and where it stands."""

    category: str
    path: tuple[Step, ...]
    said: Mapping[str, Any]
    pointer: str


def read(generators: Any, pointer: str) -> tuple[Generator, ...]:
    """All generators of a request or response. What is of another shape is none: generators decide nothing."""
    if not isinstance(generators, dict):
        return ()
    found = entries(generators, pointer, lambda value: isinstance(value.get("type"), str))
    return tuple([Generator(*each) for each in found if isinstance(each[2], dict)])
