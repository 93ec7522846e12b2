"""How a comparison of two documents is answered: one file a format, each a function of the same value.

A format turns an ``Answer`` into lines or a document; ``signet.cli.render`` alone writes them. The
renderers are imported when they are asked for.
"""

from __future__ import annotations

from signet.cli import answering
from signet.cli.formats.outcome import Answer, Outcome
from signet.core.formats.places import Side

__all__ = ["FORMATS", "Outcome", "Side", "chosen", "show"]

FORMATS = {
    "text": "signet.cli.formats.plain",
    "json": "signet.cli.formats.answer",
    "junit": "signet.cli.formats.junit",
    "sarif": "signet.cli.formats.sarif",
    "markdown": "signet.cli.formats.markdown",
    "github": "signet.cli.formats.github",
}
"""Every format, and the module whose ``show(outcome)`` answers in it."""


def chosen(named: str | None, *, as_json: bool, as_json_typed: bool) -> str:
    """The format that is meant (``signet.cli.answering``)."""
    return answering.chosen(FORMATS, named, as_json=as_json, as_json_typed=as_json_typed)


def show(format_: str, answer: Answer) -> None:
    """Write an answer to stdout."""
    answering.show(FORMATS, format_, answer)
