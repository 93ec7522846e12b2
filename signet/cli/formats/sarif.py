"""A comparison as SARIF 2.1.0: the rules from the table of codes, a result for each finding.

The location of a result is in the contract, as that is what has to change or to be agreed on; the place in the spec is
a related location, which the message links to.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from signet import __version__
from signet.cli import render
from signet.cli.formats.outcome import Outcome, Place
from signet.core.compare.codes import CODES
from signet.core.model.comparison import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "undecided": "warning"}
"""By severity; whether a warning is an undecided finding stands in its properties."""
RULES = {code: position for position, code in enumerate(CODES)}


def show(outcome: Outcome) -> None:
    """Write the document."""
    render.say_json(document(outcome))


def document(outcome: Outcome) -> dict[str, Any]:
    """The SARIF log as plain values."""
    driver = {"name": "signet", "semanticVersion": __version__, "rules": [_rule(code) for code in CODES]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(outcome, finding) for finding in outcome.comparison.findings],
        "properties": {"verdict": outcome.comparison.verdict},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    row = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": row.rule},
        "fullDescription": {"text": f"Step {row.step} of the comparison. {row.rule}"},
        "defaultConfiguration": {"level": LEVELS[row.severity]},
        "properties": {"severity": row.severity, "step": row.step},
    }


def _result(outcome: Outcome, finding: Finding) -> dict[str, Any]:
    contract, spec = outcome.places(finding)
    named = f"Interaction {finding.interaction} ({finding.description}): {finding.message}"
    return {
        "ruleId": finding.code,
        "ruleIndex": RULES[finding.code],
        "level": LEVELS[finding.severity],
        "message": {"text": f"{plain(named)} See [the spec](0)."},
        "locations": [location(contract)],
        "relatedLocations": [location(spec) | {"id": 0, "message": {"text": "What the spec says."}}],
        "properties": {
            "severity": finding.severity,
            "interaction": finding.interaction,
            "expected": finding.expected,
            "promised": finding.promised,
        },
    }


def plain(text: str) -> str:
    """A text in a message: brackets would be a link (SARIF 3.11.6)."""
    return render.visible(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def location(place: Place) -> dict[str, Any]:
    """A place in a file as a location."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place.file)},
            "region": {"startLine": place.line, "startColumn": place.column},
        },
        "logicalLocations": [{"fullyQualifiedName": f"#{place.pointer}", "kind": "object"}],
    }


def _uri(file: str) -> str:
    """A path as a URI reference; what is no UTF-8 in it is replaced."""
    quoted = quote(file, safe="/", errors="replace")
    return f"file://{quoted}" if file.startswith("/") else quoted
