"""How a comparison is answered: one file a format, each a function of the same value.

A format turns an ``Outcome`` of a comparison into lines or a document; ``signet.cli.render`` alone writes them. The
renderers are imported when they are asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from signet.cli.formats.outcome import Outcome, Side
from signet.errors import UsageError

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
    """The format that is meant; ``--json`` is short for ``--format json``, and a typed option beats a variable."""
    if named is None:
        return "json" if as_json else "text"
    if named not in FORMATS:
        raise UsageError(f"There is no format '{named}'.", f"The formats are: {', '.join(FORMATS)}.")
    if as_json_typed and named != "json":
        raise UsageError(f"--json and --format {named} are two formats.", "Pass one of them.")
    return named


def show(format_: str, outcome: Outcome) -> None:
    """Write an outcome to stdout."""
    renderer: Callable[[Outcome], None] = importlib.import_module(FORMATS[format_]).show
    renderer(outcome)
