"""How much the short cut may do, when it gives up, and which matchers it can overlook."""

from __future__ import annotations

from typing import Any

from signet.core.compare import demands, texts
from signet.core.compare.modes import Budget
from signet.core.formats import matchers
from signet.core.formats.matchers import Rules

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

    def pay(self, pattern: str, text: str) -> None:
        """Take the steps that matching a text may need, and once those of reading the pattern."""
        self.spend(3 * (texts.effort(pattern, text) + self.budget.of_reading(pattern)))

    def enter(self, branches: int) -> None:
        """Go into alternatives. What ends in Doubt never comes out again, so leaving needs no care."""
        self.spend(5 * branches)
        self.depth += 1
        if self.depth > DEEPEST:
            raise Doubt


def matchers_are_met(rules: Rules, value: Any, work: Work) -> bool:
    """True if every matcher is met by its own example, and so by any schema that takes the example.

    What a matcher loosens (the lengths of lists) is left to the evaluator where a schema bounds it.
    """
    for rule in rules.rules:
        for _, each in matchers.places(value, rule.path, spend=work.spend):
            if not demands.is_met(rule, each, rules.as_text, work):
                return False
    return True
