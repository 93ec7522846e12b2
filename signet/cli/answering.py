"""Which form an answer has, and the module that writes it: the same rule for every command with ``--format``.

A table has the formats of a question, each with the module whose ``show`` answers in it. A module is imported when it
is needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from signet.errors import UsageError


def chosen(formats: Mapping[str, str], named: str | None, *, as_json: bool, as_json_typed: bool) -> str:
    """The format that is meant; ``--json`` is short for ``--format json``, and a typed option beats a variable."""
    if named is None:
        return "json" if as_json else "text"
    if named not in formats:
        raise UsageError(f"There is no format '{named}'.", f"The formats are: {', '.join(formats)}.")
    if as_json_typed and named != "json":
        raise UsageError(f"--json and --format {named} are two formats.", "Pass one of them.")
    return named


def show(formats: Mapping[str, str], format_: str, value: Any) -> None:
    """Write the answer to stdout."""
    importlib.import_module(formats[format_]).show(value)
