"""What is told of two documents as Markdown, for a job summary or a pull request; nothing of them becomes markup (T44).

All punctuation is escaped; a mention or a reference by number is broken by a space without width, as forges look for
them after escapes are gone. The whole stays below the limit of GitHub's summaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet.cli import render
from signet.cli.formats.outcome import Answer, Told, places_of
from signet.core.formats.places import Place

LIMIT = 900 * 1024
"""Bytes; GitHub takes 1 MiB."""
LONGEST = 2_000
"""Characters of one cell."""
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TAIL = 200


def show(answer: Answer) -> None:
    """Write the document."""
    render.say_lines(lines(answer))


def lines(answer: Answer) -> Iterator[str]:
    """The document, line by line, never longer than the limit."""
    head = [f"## {answer.command}", "", escaped(answer.title), "", f"{answer.counts()}"]
    everything = answer.told()
    if everything:
        head += ["", "| " + " | ".join(answer.columns) + " |", "|---" * len(answer.columns) + "|"]
    size = sum(len(line.encode("utf-8", "replace")) + 1 for line in head)
    yield from head
    for position, told in enumerate(everything):
        row = _row(answer, told)
        size += len(row.encode("utf-8", "replace")) + 1
        if size > LIMIT - _TAIL:
            left = f"{len(everything) - position} more {answer.columns[3]}s"
            yield from ("", f"{left} are not shown: the limit of the size is reached.")
            return
        yield row


def _row(answer: Answer, told: Told) -> str:
    first, second = places_of(answer, told)
    subject = told.subject.removeprefix("interaction ")
    cells = [told.severity, told.code, subject, told.message, _told(first), _told(second)]
    return "| " + " | ".join(map(escaped, cells)) + " |"


def _told(place: Place) -> str:
    return f"{place} #{place.pointer}"


def escaped(text: str) -> str:
    """A text that Markdown shows as it is: no element, no mention and no reference comes of it."""
    shown = render.masked(render.visible(text))
    shown = shown if len(shown) <= LONGEST else shown[:LONGEST] + "..."
    return unlinked(_PUNCTUATION.sub(r"\\\1", shown))


def unlinked(shown: str) -> str:
    """An escaped text in which forges find no mention, no reference and no address."""
    shown = shown.replace("@", "@&#8203;")
    shown = re.sub(r"(?<!&)#(?=\w)", "#&#8203;", shown)
    shown = re.sub(r"(?i)\b(gh)(?=\\?-\d)", r"\1&#8203;", shown)
    return re.sub(r"(?i)\b(ww)(?=w\\?\.)|\b(https?|ftp)(?=\\?:)", lambda found: f"{found[0]}&#8203;", shown)
