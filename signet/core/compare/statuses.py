"""Pact's status matcher (version 4): a class of statuses, or a list of codes, of which the spec must declare one.

The response that an expectation is compared with is found by the example's status (``responses``), not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signet.core.compare.operations import Operation
from signet.core.compare.report import Report
from signet.core.formats.matchers import Rule
from signet.core.model.contract import Interaction

CLASSES: Mapping[str, range] = {
    "information": range(100, 200),
    "success": range(200, 300),
    "redirect": range(300, 400),
    "clientError": range(400, 500),
    "serverError": range(500, 600),
    "nonError": range(100, 400),
    "error": range(400, 600),
}
_SHORTEST = 3


def demanded(report: Report, found: Operation, interaction: Interaction) -> None:
    """Tell of a status matcher that no response of the operation can meet."""
    example = interaction.response["status"]
    for rule in interaction.response["rules"]:
        wanted = wanted_by(rule) if rule.category == "status" else None
        if wanted is None or example in wanted or any(_meets(key, wanted) for key in found.responses):
            continue
        named = rule.matcher.get("status", "success")
        name = named if isinstance(named, str) else ", ".join(map(str, wanted))
        default = next((at for key, (_, at) in found.responses.items() if key.lower() == "default"), None)
        if default is not None:
            report.add("response.status.default", rule.pointer, default, expected=name)
        else:
            promised = ", ".join(sorted(found.responses)) or "none"
            report.add("response.status.unknown", rule.pointer, found.pointer, expected=name, promised=promised)


def wanted_by(rule: Rule) -> range | tuple[int, ...] | None:
    """The statuses that a matcher takes; None where it says nothing about them."""
    if rule.kind != "statusCode":
        return None
    named: Any = rule.matcher.get("status", "success")
    if isinstance(named, str):
        return CLASSES.get(named)
    codes = tuple(each for each in (named if isinstance(named, list) else ()) if type(each) is int)
    return codes or None


def _meets(key: str, wanted: range | tuple[int, ...]) -> bool:
    """True if a response of the spec, under its exact status or a range, may have a status that is wanted."""
    if len(key) == _SHORTEST and key[0].isdigit() and key[1:].upper() == "XX":
        return any(int(key[0]) == status // 100 for status in wanted)
    return key.isdigit() and int(key) in wanted
