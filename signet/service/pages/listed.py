"""Long lists, one part at a time: which part a page shows, and the addresses of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, NamedTuple, TypeVar

from fastapi import Query

SIZE = 25
FURTHEST = 100_000

Number = Annotated[int, Query(ge=1, le=FURTHEST)]
"""Which part of a list, from 1."""
Text = Annotated[str, Query(max_length=200)]
"""A name, or a part of one, that a list is filtered by."""

T = TypeVar("T")


class Part(NamedTuple, Generic[T]):
    """A part of a list: its items, where it begins (from 0), and how long the whole list is."""

    items: Sequence[T]
    number: int
    start: int
    total: int
    size: int

    @property
    def pages(self) -> int:
        return max(-(-self.total // self.size), 1)

    @property
    def is_whole(self) -> bool:
        return self.total <= self.size


def part(items: Sequence[T], number: int, size: int = SIZE) -> Part[T]:
    """The ``number``-th part (from 1); the last one where there are fewer."""
    number = min(number, max(-(-len(items) // size), 1))
    start = (number - 1) * size
    return Part(items[start : start + size], number, start, len(items), size)


def only(items: Sequence[T], wanted: str, names: Callable[[T], Sequence[str]]) -> list[T]:
    """The items one of whose names contains what is wanted, whatever its case; all where nothing is."""
    folded = wanted.strip().casefold()
    return [one for one in items if not folded or any(folded in name.casefold() for name in names(one))]
