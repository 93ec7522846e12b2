"""A few lines of a document around a place, with their numbers, and a marker under the place.

Every character that does not print is written out before anything is measured, so that the marker stands where the
terminal shows the place; long lines are cut around it.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from signet.cli import render
from signet.core.formats.places import Place

if TYPE_CHECKING:
    from signet.core.formats.text import Document

AROUND = 1
"""Lines shown before and after the one that is meant."""
STRIDE = 64
WINDOW = 2_000
NARROWEST = 30
LONGEST_MARK = 40
CUT = "..."
_BREAKS = {"json": re.compile("\n"), "yaml": re.compile("\r\n|[\n\r\x85\u2028\u2029]")}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"{}\[\],:][^{}\[\],]*?(?=:?\s|:?$|[{}\[\],])|[{\[]')


class Line(NamedTuple):
    """A line of an excerpt; ``marked`` are the one that is meant and its marker."""

    text: str
    marked: bool


class Lines:
    """The lines of a document; where they begin is remembered for every ``STRIDE`` of them."""

    def __init__(self, document: Document) -> None:
        self._text, self._breaks = document.text, _BREAKS[document.syntax]
        self._starts: list[int] = []
        self._known: dict[int, tuple[int, list[tuple[int, int]]]] = {}

    def around(self, line: int, column: int = 1) -> tuple[int, list[str], int]:
        """The number of the first line that is shown, the lines, and where the place is in its own, from 0.

        A line longer than the window around the column is cut, as it may be the whole document.
        """
        if line not in self._known:
            self._known[line] = self._spans(line)
        first, spans = self._known[line]
        skipped = max(column - 1 - WINDOW, 0)
        found = []
        for number, (begin, end) in enumerate(spans, first):
            begin += skipped if number == line else 0
            found.append(self._text[begin : min(end, begin + 2 * WINDOW)])
        return first, found, column - 1 - skipped

    def _spans(self, line: int) -> tuple[int, list[tuple[int, int]]]:
        if not self._starts:
            breaks = enumerate(self._breaks.finditer(self._text), 1)
            self._starts = [0, *(found.end() for number, found in breaks if number % STRIDE == 0)]
        first = max(line - AROUND, 1)
        block, skipped = divmod(first - 1, STRIDE)
        breaks_here = self._breaks.finditer(self._text, self._starts[block])
        begin = self._starts[block]
        for found in islice(breaks_here, skipped):
            begin = found.end()
        spans: list[tuple[int, int]] = []
        while len(spans) <= line + AROUND - first:
            at = next(breaks_here, None)
            spans.append((begin, at.start() if at else len(self._text)))
            if at is None:
                break
            begin = at.end()
        if len(spans) > line - first + 1 and spans[-1][0] == len(self._text):
            spans.pop()  # after the last line break there is no line
        return first, spans


def excerpt(lines_of: Lines, place: Place, label: str, width: int) -> list[Line]:
    """The lines around a place, none wider than ``width`` (but for a terminal that is narrower than anything)."""
    first, found, start = lines_of.around(place.line, place.column)
    gutter = len(str(first + len(found) - 1))
    room = max(width - gutter - 3, NARROWEST)
    lines = []
    for number, raw in enumerate(found, first):
        if number != place.line:
            lines.append(Line(f"{number:>{gutter}} | {_cut(_shown(raw), 0, room)[0]}".rstrip(), False))
            continue
        before, token = _shown(raw[:start]), _shown(_token(raw, start))
        text, offset = _cut(_shown(raw), len(before), room)
        lines.append(Line(f"{number:>{gutter}} | {text}".rstrip(), True))
        blank = " " * _columns(text[:offset])
        mark = "^" * max(1, min(_columns(token), LONGEST_MARK, room - len(blank)))
        said = f" {label}" if len(blank) + len(mark) + len(label) < room else ""
        lines.append(Line(f"{' ' * gutter} | {blank}{mark}{said}", True))
    return lines


def _token(raw: str, start: int) -> str:
    found = _TOKEN.match(raw[start : start + 4 * LONGEST_MARK])
    return found.group() if found else raw[start : start + 1]


def _shown(text: str) -> str:
    return render.masked(render.visible(text.replace("\t", "    ")))


def _cut(text: str, keep: int, room: int) -> tuple[str, int]:
    """``text`` in ``room`` columns with the character ``keep`` in it, and where that one is now."""
    if _columns(text) <= room:
        return text, min(keep, len(text))
    begin = max(0, keep - room // 2) if _columns(text[: keep + 1]) > room * 2 // 3 else 0
    head = CUT if begin else ""
    left = room - len(head) - len(CUT)
    end = begin
    while end < len(text) and left >= _wide(text[end]):
        left -= _wide(text[end])
        end += 1
    shown = head + text[begin:end] + (CUT if end < len(text) else "")
    return shown, min(len(head) + keep - begin, len(shown))


def _columns(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_wide, text))


def _wide(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
