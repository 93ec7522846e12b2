"""How ``signet check`` is answered: one file a format, each a function of the same report.

The renderers are imported when they are asked for; ``signet.cli.render`` alone writes.
"""

from __future__ import annotations

from signet.cli import answering
from signet.cli.checks.report import Report

FORMATS = {
    "text": "signet.cli.checks.plain",
    "json": "signet.cli.checks.answer",
    "markdown": "signet.cli.checks.markdown",
    "sarif": "signet.cli.checks.sarif",
    "github": "signet.cli.checks.github",
}
"""Every format, and the module whose ``show(report)`` answers in it."""


def chosen(named: str | None, *, as_json: bool, as_json_typed: bool) -> str:
    """The format that is meant (``signet.cli.answering``)."""
    return answering.chosen(FORMATS, named, as_json=as_json, as_json_typed=as_json_typed)


def show(format_: str, report: Report) -> None:
    """Write a report to stdout."""
    answering.show(FORMATS, format_, report)
