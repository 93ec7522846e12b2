"""Pact's matching rules: found in every spelling of versions 2 to 4, and looked up for a place in a body.

It knows which rule speaks about which place; what a rule demands of a schema is ``signet.core.compare.demands``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from signet.core.formats.text import escape

CATEGORIES = ("method", "path", "query", "header", "headers", "body", "status", "metadata", "content", "contents")
CASCADING = ("type", "arrayContains", "eachValue", "eachKey", "values")
_STEP = re.compile(r"""\.?(?:\*|[^.\[\]'"]+)|\[\*\]|\[\d+\]|\['[^']*'\]|\["[^"]*"\]""")
_INDEX = re.compile(r"[0-9]{1,9}\Z")
_SPELLINGS = {
    "min": "type",
    "max": "type",
    "min-type": "type",
    "max-type": "type",
    "min-max-type": "type",
    "real": "decimal",
    "array-contains": "arrayContains",
    "content-type": "contentType",
    "each-key": "eachKey",
    "each-value": "eachValue",
    "not-empty": "notEmpty",
    "status-code": "statusCode",
}
"""Names of matchers that the libraries take for others."""
_TELLING = ("regex", "timestamp", "time", "date")
"""Keys that name the matcher where ``match`` is left out."""
_DEEPEST = 8
"""Matchers inside matchers."""

Step = str | int
"""A name, an index, or ``*``."""


class Rule(NamedTuple):
    """One matcher: its category, the place it speaks about, what it says, and where it stands in the document.

    ``either``: of all rules with the same text here one is enough (``"combine": "OR"``).
    """

    category: str
    path: tuple[Step, ...]
    matcher: Mapping[str, Any]
    pointer: str
    either: str = ""

    @property
    def kind(self) -> str:
        """The name of the matcher; version 2 leaves out ``type`` beside ``min``, ``max`` and ``regex``."""
        named = self.matcher.get("match", self.matcher.get("pact:matcher:type"))
        if isinstance(named, str):
            return _SPELLINGS.get(named, named)
        return next((key for key in _TELLING if key in self.matcher), "type")


def by_category(rules: Any) -> bool:
    """True if the rules are sorted by category, as version 3 does; version 2 has paths like ``$.body.id``."""
    return isinstance(rules, dict) and bool(rules) and not any(key.startswith("$") for key in rules)


def read(rules: Any, pointer: str) -> tuple[tuple[Rule, ...], list[tuple[str, str]]]:
    """All rules of a request or response, and the faults found, as (pointer, message).

    Matchers inside ``eachValue`` and ``arrayContains`` are rules of the places that they speak about.
    """
    if not isinstance(rules, dict):
        return (), [(pointer, "matching rules are an object")]
    found: list[Rule] = []
    faults: list[tuple[str, str]] = []
    for category, path, value, place in entries(rules, pointer, _is_entry):
        for rule in _listed(category, path, value, place):
            if isinstance(rule.matcher, dict):
                found.append(rule)
                found.extend(_inner(rule, _DEEPEST))
            else:
                faults.append((rule.pointer, "a matcher is an object"))
    return tuple(found), faults


def _listed(category: str, path: tuple[Step, ...], value: Any, place: str) -> Iterator[Rule]:
    """The matchers of one place: one alone, a list, or ``{"matchers": [...], "combine": ...}``."""
    listed, own = value, place
    either = ""
    if isinstance(value, dict) and isinstance(value.get("matchers"), list):
        listed, own = value["matchers"], f"{place}/matchers"
        either = place if str(value.get("combine")).upper() == "OR" and len(listed) > 1 else ""
    if not isinstance(listed, list):
        yield Rule(category, path, value, place)
        return
    for position, matcher in enumerate(listed):
        yield Rule(category, path, matcher, f"{own}/{position}", either)


def entries(
    rules: Mapping[str, Any], pointer: str, is_entry: Callable[[Mapping[str, Any]], bool]
) -> Iterator[tuple[str, tuple[Step, ...], Any, str]]:
    """(category, path, value, pointer) of what is said about each place, in the spellings of all versions.

    ``is_entry`` tells what is said about one place from a map of places.
    """
    for key, value in rules.items():
        place = f"{pointer}/{escape(key)}"
        if key.startswith("$"):
            steps = steps_of(key)
            category = str(steps[0]) if steps else "body"
            yield ("header" if category == "headers" else category), steps[1:], value, place
            continue
        category = "header" if key == "headers" else key
        if isinstance(value, list) or (isinstance(value, dict) and is_entry(value)):
            yield category, (), value, place
        elif isinstance(value, dict):
            for path, matcher in value.items():
                steps = steps_of(path) if path.startswith("$") else (path,) if path else ()
                yield category, steps, matcher, f"{place}/{escape(path)}"


def _is_entry(value: Mapping[str, Any]) -> bool:
    """True if this is what is said about one place, and no map of places; a parameter may be named ``match``."""
    return isinstance(value.get("matchers"), list) or isinstance(value.get("match"), str)


def _inner(rule: Rule, left: int) -> Iterator[Rule]:
    """The rules that a matcher of a collection holds for its members."""
    found: Iterable[Rule] = ()
    if rule.kind == "eachValue":
        found = _each_value(rule)
    elif rule.kind == "arrayContains":
        found = _variants(rule)
    for inner in found if left else ():
        yield inner
        yield from _inner(inner, left - 1)


def _each_value(rule: Rule) -> Iterator[Rule]:
    held = rule.matcher.get("rules")
    for position, matcher in enumerate(held if isinstance(held, list) else ()):
        if isinstance(matcher, dict):
            yield Rule(rule.category, (*rule.path, "*"), matcher, f"{rule.pointer}/rules/{position}")


def _variants(rule: Rule) -> Iterator[Rule]:
    held = rule.matcher.get("variants")
    for number, variant in enumerate(held if isinstance(held, list) else ()):
        index, rules = (variant.get("index"), variant.get("rules")) if isinstance(variant, dict) else (None, None)
        if not isinstance(rules, dict) or not isinstance(index, int):
            continue
        for path, value in rules.items():
            place = f"{rule.pointer}/variants/{number}/rules/{escape(path)}"
            for inner in _listed(rule.category, (*rule.path, index, *steps_of(path)), value, place):
                if isinstance(inner.matcher, dict):
                    yield inner


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
    """The rules of one body, looked up by place.

    ``as_text``: the values are written as text (parameters, forms), whatever their schema makes of them.
    """

    def __init__(self, rules: Iterable[Rule], category: str = "body", *, as_text: bool = False) -> None:
        self.rules = [rule for rule in rules if rule.category == category]
        self.as_text = as_text
        self._exact: dict[tuple[str, ...], list[Rule]] = {}
        for rule in self.rules:
            if "*" not in rule.path:
                self._exact.setdefault(tuple(map(str, rule.path)), []).append(rule)
        self._wide = [rule for rule in self.rules if "*" in rule.path]

    @property
    def wide(self) -> int:
        """How many rules speak about many places; all of them are looked at for each place."""
        return len(self._wide)

    def own(self, place: tuple[Step, ...]) -> list[Rule]:
        """The rules that speak about exactly this place; the most exact paths only."""
        best = self._exact.get(tuple(map(str, place)), []) if self._exact else []
        if best:
            return best
        weight = -1
        for rule in self._wide:
            if len(rule.path) == len(place) and covers(rule.path, place):
                exact = sum(step != "*" for step in rule.path)
                if exact > weight:
                    best, weight = [], exact
                if exact == weight:
                    best.append(rule)
        return best

    def loose(self, place: tuple[Step, ...]) -> bool:
        """True if the value here is an example of its type: a rule here or above says so, and none here undoes it."""
        if not self.rules or any(rule.kind == "equality" for rule in self.own(place)):
            return False
        return any(
            rule.kind in CASCADING and len(rule.path) <= len(place) and covers(rule.path, place) for rule in self.rules
        )


def covers(path: tuple[Step, ...], place: tuple[Step, ...]) -> bool:
    """True if the steps of a path lead along a place, as far as both go; ``*`` is any step."""
    return all(step == "*" or str(step) == str(own) for step, own in zip(path, place, strict=False))


def places(
    value: Any,
    path: tuple[Step, ...],
    place: tuple[Step, ...] = (),
    spend: Callable[[int], None] | None = None,
) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """(place, value) of all that a path leads to, in which ``*`` is any step.

    ``spend`` is told of half of the values that are looked at, for paths with ``*`` may look at many and lead nowhere.
    """
    if len(place) == len(path):
        yield place, value
        return
    children = _children(value, path[len(place)])
    if spend is not None:
        spend(len(children) >> 1)
    for key, child in children:
        yield from places(child, path, (*place, key), spend)


def _children(value: Any, step: Step) -> Collection[tuple[Step, Any]]:
    """The members of an object or list that a step leads to."""
    if isinstance(value, dict):
        return value.items() if step == "*" else [(str(step), value[str(step)])] if str(step) in value else []
    if not isinstance(value, list):
        return []
    if step == "*":
        return list(enumerate(value))
    index = int(step) if isinstance(step, int) or _INDEX.match(step) else len(value)
    return [(index, value[index])] if index < len(value) else []
