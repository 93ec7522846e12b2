"""Pact's matching rules: found in every spelling of versions 2 to 4, and looked up for a place in a body.

It knows which rule speaks about which place; what a rule demands of a schema is ``signet.core.compare.demands``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from signet.core.formats.text import escape

CATEGORIES = ("method", "path", "query", "header", "headers", "body", "status", "metadata", "content", "contents")
CASCADING = ("type", "arrayContains", "eachValue", "eachKey", "values")
_STEP = re.compile(r"""\.?(?:\*|[^.\[\]'"]+)|\[\*\]|\[\d+\]|\['[^']*'\]|\["[^"]*"\]""")
_INDEX = re.compile(r"[0-9]{1,9}\Z")

Step = str | int
"""A name, an index, or ``*``."""


class Rule(NamedTuple):
    """One matcher: its category, the place it speaks about, what it says, and where it stands in the document."""

    category: str
    path: tuple[Step, ...]
    matcher: Mapping[str, Any]
    pointer: str

    @property
    def kind(self) -> str:
        """The name of the matcher; version 2 leaves out ``type`` beside ``min``, ``max`` and ``regex``."""
        named = self.matcher.get("match")
        if isinstance(named, str):
            return named
        return "regex" if "regex" in self.matcher else "type"


def by_category(rules: Any) -> bool:
    """True if the rules are sorted by category, as version 3 does; version 2 has paths like ``$.body.id``."""
    return isinstance(rules, dict) and bool(rules) and not any(key.startswith("$") for key in rules)


def read(rules: Any, pointer: str) -> tuple[tuple[Rule, ...], list[tuple[str, str]]]:
    """All rules of a request or response, and the faults found, as (pointer, message)."""
    if not isinstance(rules, dict):
        return (), [(pointer, "matching rules are an object")]
    found: list[Rule] = []
    faults: list[tuple[str, str]] = []
    for category, path, value, place in _entries(rules, pointer):
        listed = isinstance(value, dict) and "matchers" in value
        for position, matcher in (
            enumerate(value["matchers"]) if listed and isinstance(value["matchers"], list) else [(None, value)]
        ):
            own = f"{place}/matchers/{position}" if position is not None else place
            if not isinstance(matcher, dict):
                faults.append((own, "a matcher is an object"))
            else:
                found.append(Rule(category, path, matcher, own))
    return tuple(found), faults


def _entries(rules: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, tuple[Step, ...], Any, str]]:
    for key, value in rules.items():
        place = f"{pointer}/{escape(key)}"
        if key.startswith("$"):
            steps = steps_of(key)
            category = str(steps[0]) if steps else "body"
            yield ("header" if category == "headers" else category), steps[1:], value, place
        elif isinstance(value, dict) and "matchers" in value:
            yield key, (), value, place
        elif isinstance(value, dict):
            for path, matcher in value.items():
                steps = steps_of(path) if path.startswith("$") else (path,)
                yield key, steps, matcher, f"{place}/{escape(path)}"


def steps_of(path: str) -> tuple[Step, ...]:
    """``$.items[*]['a b'][0]`` as ("items", "*", "a b", 0)."""
    steps: list[Step] = []
    for match in _STEP.finditer(path.removeprefix("$")):
        step = match.group()
        if step.startswith("["):
            inner = step[1:-1]
            steps.append(int(inner) if _INDEX.match(inner) else inner.strip("'\""))
        else:
            steps.append(step.removeprefix("."))
    return tuple(steps)


class Rules:
    """The rules of one body, looked up by place."""

    def __init__(self, rules: tuple[Rule, ...], category: str = "body") -> None:
        self.rules = [rule for rule in rules if rule.category == category]

    def own(self, place: tuple[Step, ...]) -> list[Rule]:
        """The rules that speak about exactly this place; the most exact paths only."""
        best: list[Rule] = []
        weight = -1
        for rule in self.rules:
            if len(rule.path) == len(place) and _covers(rule.path, place):
                exact = sum(step != "*" for step in rule.path)
                if exact > weight:
                    best, weight = [], exact
                if exact == weight:
                    best.append(rule)
        return best

    def loose(self, place: tuple[Step, ...]) -> bool:
        """True if the value here is an example of its type: a rule here or above says so."""
        if not self.rules:
            return False
        return any(
            rule.kind in CASCADING and len(rule.path) <= len(place) and _covers(rule.path, place) for rule in self.rules
        )


def _covers(path: tuple[Step, ...], place: tuple[Step, ...]) -> bool:
    return all(step == "*" or str(step) == str(own) for step, own in zip(path, place, strict=False))
