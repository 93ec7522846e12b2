"""Outcomes as one JSON document, schema ``signet.test/1``; forms only grow. Equal tests give equal bytes: no times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signet.cli import render
from signet.live.outcome import Outcome


def text(outcomes: Sequence[Outcome]) -> str:
    """The document as text: ASCII only, one value a line."""
    return render.json_text(document(outcomes))


def document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The document as plain values."""
    return {
        "schema": "signet.test/1",
        "passed": bool(outcomes) and all(outcome.passed for outcome in outcomes),
        "outcomes": [outcome.as_json() for outcome in outcomes],
    }
