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
from signet.cli.formats.outcome import Place

if TYPE_CHECKING:
    from signet.core.formats.text import Document

AROUND = 1
"""Lines shown before and after the one that is meant."""
NARROWEST = 30
LONGEST_MARK = 40
CUT = "..."
_BREAKS = {"json": re.compile("\n"), "yaml": re.compile("\r\n|[\n\r\x85\u2028\u2029]")}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"{}\[\],:][^{}\[\],]*?(?=:?\s|:?$|[{}\[\],])|[{\[]')


class Line(NamedTuple):
    """A line of an excerpt; ``marked`` are the one that is meant and its marker."""

    text: str
    marked: bool


def excerpt(document: Document, place: Place, label: str, width: int) -> list[Line]:
    """The lines around a place, none wider than ``width`` (but for a terminal that is narrower than anything)."""
    first, found = _around(document, place.line)
    gutter = len(str(first + len(found) - 1))
    room = max(width - gutter - 3, NARROWEST)
    start = place.column - 1
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


def _around(document: Document, line: int) -> tuple[int, list[str]]:
    """The number of the first line, and the lines; the text is searched and not split, as it may be large."""
    first = max(line - AROUND, 1)
    breaks = _BREAKS[document.syntax].finditer(document.text)
    begin = 0
    for found in islice(breaks, first - 1):
        begin = found.end()
    lines = []
    for _ in range(line + AROUND - first + 1):
        found_break = next(breaks, None)
        end = found_break.start() if found_break else len(document.text)
        lines.append(document.text[begin:end])
        if found_break is None:
            break
        begin = found_break.end()
    if len(lines) > line - first + 1 and not lines[-1]:
        lines.pop()  # after the last line break there is no line
    return first, lines


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
