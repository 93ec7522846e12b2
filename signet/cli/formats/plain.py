"""What is told of two documents as text for people: each thing with an excerpt of both, as a compiler shows it.

With ``--quiet`` each is one line: place in the first document, severity, message, code, place in the second.
"""

from __future__ import annotations

from signet.cli import render
from signet.cli.formats import excerpts
from signet.cli.formats.outcome import Answer, Told, places_of

COLOURS = {"error": "red", "breaking": "red", "warning": "yellow", "undecided": "yellow", "harmless": "green"}
INDENT = " " * 6


def show(answer: Answer) -> None:
    """Write the verdict, everything that is told, and how much it is."""
    render.say(answer.title, colour=render.MARKS.get(answer.verdict, "yellow"))
    width = render.width()
    lines: dict[int, excerpts.Lines] = {}
    for told in answer.told():
        if answer.quiet:
            _line(answer, told)
        else:
            _shown(answer, told, lines, width)
    render.say(answer.counts())


def _line(answer: Answer, told: Told) -> None:
    first, second = places_of(answer, told)
    render.say(f"{first}: {told.severity}: {told.message} [{told.code}] ({second})")


def _shown(answer: Answer, told: Told, lines: dict[int, excerpts.Lines], width: int) -> None:
    colour = COLOURS.get(told.severity, "yellow")
    render.say(f"  {told.severity}: {told.message} [{told.code}]", colour=colour)
    render.say(f"{INDENT}{told.subject}")
    if told.is_brief:
        return
    found = [side.found(pointer) for side, pointer in zip(answer.sides, told.places, strict=True)]
    for (document, place), label in zip(found, told.labels, strict=True):
        render.say(f"{INDENT}{place} #{place.pointer}")
        if id(document) not in lines:
            lines[id(document)] = excerpts.Lines(document)
        for line in excerpts.excerpt(lines[id(document)], place, label, width - len(INDENT)):
            render.say(INDENT + line.text, colour=colour if line.marked else "dim")
    for below in (told.said, told.rule):
        if below:
            render.say(f"{INDENT}{below}")
