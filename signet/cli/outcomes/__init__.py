"""How the outcomes of live tests are told: one file a format, each a function of the same values.

``text(outcomes)`` of a format is the whole report, harmless in a terminal, a CI log and a file; ``show(outcomes)``
writes it to stdout. The renderers are imported when they are asked for. They know no command and no registry.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from signet.cli import render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.live.outcome import Outcome

FORMATS = {
    "text": "signet.cli.outcomes.plain",
    "json": "signet.cli.outcomes.answer",
    "junit": "signet.cli.outcomes.junit",
    "markdown": "signet.cli.outcomes.markdown",
}
"""Every format, and the module whose ``text(outcomes)`` tells in it."""


def text(format_: str, outcomes: Sequence[Outcome]) -> str:
    """A report; UsageError for a format that there is not."""
    if format_ not in FORMATS:
        raise UsageError(f"There is no format '{format_}'.", f"The formats are: {', '.join(FORMATS)}.")
    told: str = importlib.import_module(FORMATS[format_]).text(outcomes)
    return told


def show(format_: str, outcomes: Sequence[Outcome]) -> None:
    """Write a report to stdout; as text with colours, where a terminal has them."""
    if format_ == "text":
        from signet.cli.outcomes import plain

        plain.show(outcomes)
    else:
        render.say_lines(text(format_, outcomes).splitlines())
