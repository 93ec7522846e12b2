"""What is told of two documents as one JSON document; its schema is the outcome's own."""

from __future__ import annotations

from signet.cli import render
from signet.cli.formats.outcome import Answer


def show(answer: Answer) -> None:
    """Write the document."""
    render.say_json(answer.document())
