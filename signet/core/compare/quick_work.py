"""How much the short cut may do, when it gives up, and which matchers it can overlook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from signet.core.compare import demands, texts, values
from signet.core.compare.modes import Budget
from signet.core.formats.matchers import Rule, Step

DEEPEST = 40
"""Alternatives within alternatives; they may lead back to themselves without end."""


class Doubt(Exception):
    """The short cut has no answer; the evaluator is asked."""


class Work:
    """The work of one body or parameter; ``has_matchers``: matchers speak about it."""

    __slots__ = ("budget", "depth", "has_matchers")

    def __init__(self, budget: Budget, has_matchers: bool) -> None:
        self.budget, self.has_matchers, self.depth = budget, has_matchers, 0

    def spend(self, steps: int) -> None:
        """Take steps; Doubt if none is left."""
        self.budget.quick -= steps
        if self.budget.quick < 0:
            raise Doubt

    def enter(self, branches: int) -> None:
        """Go into alternatives. What ends in Doubt never comes out again, so leaving needs no care."""
        self.spend(5 * branches)
        self.depth += 1
        if self.depth > DEEPEST:
            raise Doubt


def matchers_are_met(rules: Sequence[Rule], value: Any) -> bool:
    """True if every matcher is met by its own example, and so by any schema that takes the example.

    A matcher of a kind is met where the example is of that kind; a pattern, where the example matches it. What a
    matcher loosens (the lengths of lists) is left to the evaluator where a schema bounds it.
    """
    for rule in rules:
        kinds = demands.KINDS.get(rule.kind)
        if kinds is None and rule.kind != "regex":
            continue
        for each in _found(value, rule.path):
            if kinds is not None:
                if values.type_of(each) not in kinds:
                    return False
            elif isinstance(each, str):
                pattern = rule.matcher.get("regex")
                if isinstance(pattern, str) and not texts.matches(f"^(?:{pattern})$", each):
                    return False
    return True


def _found(value: Any, path: Sequence[Step]) -> Iterator[Any]:
    """The values at a path, in which ``*`` is any step."""
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        if step == "*" or str(step) == str(key):
            yield from _found(child, rest)
