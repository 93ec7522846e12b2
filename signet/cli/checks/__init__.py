"""How ``signet check`` is answered: one file a format, each a function of the same report.

The renderers are imported when they are asked for; ``signet.cli.render`` alone writes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from signet.cli.checks.report import Report
from signet.errors import UsageError

FORMATS = {
    "text": "signet.cli.checks.plain",
    "json": "signet.cli.checks.answer",
    "markdown": "signet.cli.checks.markdown",
    "sarif": "signet.cli.checks.sarif",
    "github": "signet.cli.checks.github",
}
"""Every format, and the module whose ``show(report)`` answers in it."""


def chosen(named: str | None, *, as_json: bool, as_json_typed: bool) -> str:
    """The format that is meant; ``--json`` is short for ``--format json``, and a typed option beats a variable."""
    if named is None:
        return "json" if as_json else "text"
    if named not in FORMATS:
        raise UsageError(f"There is no format '{named}'.", f"The formats are: {', '.join(FORMATS)}.")
    if as_json_typed and named != "json":
        raise UsageError(f"--json and --format {named} are two formats.", "Pass one of them.")
    return named


def show(format_: str, report: Report) -> None:
    """Write a report to stdout."""
    renderer: Callable[[Report], None] = importlib.import_module(FORMATS[format_]).show
    renderer(report)
