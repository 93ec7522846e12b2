"""What is told of two documents as SARIF 2.1.0: the rules from the table of codes, a result for each.

The location of a result is in the first document, as that is what has to change or to be agreed on; the place in the
second is a related location, which the message links to.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from signet import __version__
from signet.cli import render
from signet.cli.formats.outcome import Answer, Rule, Told, places_of
from signet.core.formats.places import Place

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "breaking": "error", "warning": "warning", "undecided": "warning", "harmless": "note"}
"""By severity; whether a warning is an undecided finding stands in its properties."""


def show(answer: Answer) -> None:
    """Write the document."""
    render.say_json(document(answer))


def document(answer: Answer) -> dict[str, Any]:
    """The SARIF log as plain values."""
    rules = answer.rules()
    positions = {rule.code: position for position, rule in enumerate(rules)}
    driver = {"name": "signet", "semanticVersion": __version__, "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(answer, told, positions[told.code]) for told in answer.told()],
        "properties": {"verdict": answer.verdict},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.short},
        "fullDescription": {"text": rule.full},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": dict(rule.properties),
    }


def _result(answer: Answer, told: Told, position: int) -> dict[str, Any]:
    first, second = places_of(answer, told)
    other = answer.columns[-1]
    return {
        "ruleId": told.code,
        "ruleIndex": position,
        "level": LEVELS[told.severity],
        "message": {"text": f"{plain(told.named)} See [the {other}](0)."},
        "locations": [location(first)],
        "relatedLocations": [location(second) | {"id": 0, "message": {"text": f"What the {other} says."}}],
        "properties": dict(told.properties),
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
