"""A comparison as one JSON document, schema ``signet.comparison/1``; forms only grow."""

from __future__ import annotations

from typing import Any

from signet.cli import render
from signet.cli.formats.outcome import Outcome, Place


def show(outcome: Outcome) -> None:
    """Write the document."""
    render.say_json(document(outcome))


def document(outcome: Outcome) -> dict[str, Any]:
    """The comparison as plain values."""
    findings = []
    for finding in outcome.comparison.findings:
        contract, spec = outcome.places(finding)
        findings.append(finding.as_json() | {"contract_place": _place(contract), "spec_place": _place(spec)})
    return {
        "schema": "signet.comparison/1",
        "verdict": outcome.comparison.verdict,
        "contract": outcome.contract.label,
        "spec": outcome.spec.label,
        "commit": outcome.commit,
        "findings": findings,
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer}
