"""Which matchers speak about a parameter or header, and which say nothing that can be compared.

Parameters are texts, so their matchers see texts; what they demand of a schema is ``signet.core.compare.demands``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from signet.core.compare.demands import KNOWN, is_met
from signet.core.compare.modes import Budget, OverBudget
from signet.core.compare.report import Report
from signet.core.compare.texts import Unjudgeable
from signet.core.formats import matchers
from signet.core.formats.bodies import Body
from signet.core.formats.matchers import Rule, Rules, Step
from signet.core.model.contract import Interaction

MOST = 100
"""Examples of one matcher that are looked at."""
COUNTING = ("type", "notEmpty", "arrayContains")
"""Matchers of a list as a whole."""


def about(rules: Sequence[Rule], category: str, name: str) -> list[Rule]:
    """The matchers of one parameter or header; the names of headers have no case."""
    if not rules:
        return []
    fold = str.lower if category == "header" else str
    return [each for each in rules if each.category == category and each.path and fold(str(each.path[0])) == fold(name)]


def placed(rules: Sequence[Rule], value: Any, are_separate: bool) -> Rules:
    """The matchers of a parameter as rules of the value that its texts mean.

    ``are_separate``: each item of a list has a text of its own; else a matcher without an index is about all of them.
    """
    found = [rule._replace(category="body", path=path) for rule in rules for path in _paths(rule, value, are_separate)]
    return Rules(found, as_text=True)


def _paths(rule: Rule, value: Any, are_separate: bool) -> Iterator[tuple[Step, ...]]:
    tail = rule.path[1:]
    if isinstance(value, list):
        if tail or rule.kind in COUNTING:
            yield tail[:1]
        elif are_separate:
            yield ("*",)
    elif not isinstance(value, dict):
        yield ()


def matchers_without_effect(report: Report, side: str, interaction: Interaction) -> None:
    """Tell of each matcher that nothing is compared with: one that Pact does not define, and what cannot be read."""
    told = {finding.contract_pointer for finding in report.findings}
    values = interaction.request if side == "request" else interaction.response
    budget = Budget()
    for rule in values["rules"]:
        why = _why(rule, values, budget)
        if why and rule.pointer not in told:
            report.add(f"{side}.matcher.ignored", rule.pointer, "", why=why)


def _why(rule: Rule, side: Any, budget: Budget) -> str:
    if rule.kind not in KNOWN:
        return f"{rule.kind!r} is none of Pact's"
    if rule.kind != "regex":
        return ""
    if not isinstance(rule.matcher.get("regex"), str):
        return "it has no pattern that is a text"
    try:
        for each in _examples(rule, side, budget) or [""]:
            is_met(rule, each, purse=budget)
    except Unjudgeable as error:
        return error.why
    except OverBudget:  # it may have an effect: what cannot be compared is told where it is compared
        return ""
    return ""


def _examples(rule: Rule, side: Any, budget: Budget) -> list[Any]:
    """The values in a request or response that a matcher is about."""
    if rule.category == "body":
        body: Body | None = side.get("body")
        found = matchers.places(body.value, rule.path, spend=budget.spend) if body is not None else iter(())
        return [value for _, value in islice(found, MOST)]
    if rule.category in ("header", "query"):
        held = side.get("headers" if rule.category == "header" else "query", ())
        return [text for name, text, _ in held if about([rule], rule.category, name)]
    return [side["path"]] if rule.category == "path" and "path" in side else []
