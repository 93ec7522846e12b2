"""Lines of a document: those around a place, with the place marked, and a part of the whole. Never markup."""

from __future__ import annotations

import re
from typing import NamedTuple

from signet.core.formats.places import Side

AROUND = 3
"""Lines before and after the one that is meant."""
WIDEST = 300
"""Characters of a line; a longer one is cut around the place, as it may be the whole document."""
PAGE = 500
"""Lines of a document on one page."""
_BREAK = re.compile("\r\n|[\n\r]")


class Line(NamedTuple):
    number: int
    text: str
    is_marked: bool = False
    is_cut: bool = False


class Excerpt(NamedTuple):
    """Some lines of a file of the registry; ``line`` is the one that is meant."""

    file: str
    line: int
    lines: tuple[Line, ...]


class Lines:
    """The lines of a document, split once."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.texts = _BREAK.split(side.document.text)
        if self.texts[-1:] == [""]:
            self.texts.pop()

    def around(self, pointer: str) -> Excerpt:
        """The lines around the value at a JSON pointer."""
        place = self.side.place(pointer)
        first = max(place.line - AROUND, 1)
        last = min(place.line + AROUND, len(self.texts))
        lines = tuple(
            _line(number, self.texts[number - 1], number == place.line, place.column)
            for number in range(first, last + 1)
        )
        return Excerpt(place.file, place.line, lines)

    def page(self, number: int) -> tuple[Line, ...]:
        """The ``number``-th page of the document, from 1."""
        start = (number - 1) * PAGE
        return tuple(_line(at, text) for at, text in enumerate(self.texts[start : start + PAGE], start + 1))

    def page_of(self, line: int) -> int:
        """The page that a line is on."""
        return (line - 1) // PAGE + 1


def _line(number: int, text: str, is_marked: bool = False, column: int = 1) -> Line:
    if len(text) <= WIDEST:
        return Line(number, text, is_marked)
    begin = max(min(column - 1 - WIDEST // 3, len(text) - WIDEST), 0)
    cut = ("…" if begin else "") + text[begin : begin + WIDEST] + ("…" if begin + WIDEST < len(text) else "")
    return Line(number, cut, is_marked, True)
