"""What is told of two documents as annotations of GitHub Actions: a workflow command for each.

``signet.cli.render`` writes the commands, so that nothing of the documents can end one and begin another.
"""

from __future__ import annotations

from signet.cli import render
from signet.cli.formats.outcome import Answer, places_of

COMMANDS = {
    "error": "error",
    "breaking": "error",
    "warning": "warning",
    "undecided": "warning",
    "harmless": "notice",
}


def show(answer: Answer) -> None:
    """Write the verdict, an annotation for each thing at its place in the first document, and the counts."""
    render.say(answer.title)
    other = answer.columns[-1]
    for told in answer.told():
        first, second = places_of(answer, told)
        open_ = "undecided: " if told.severity == "undecided" else ""
        render.annotate(
            COMMANDS[told.severity],
            f"{open_}{told.message} ({told.subject}; {other}: {second})",
            file=first.file,
            line=first.line,
            col=first.column,
            title=told.code,
        )
    render.say(answer.counts())
