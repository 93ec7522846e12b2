"""Collects changes, with places in both documents that resolve; every level and sentence comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from signet.core.changes.policy import Policy
from signet.core.changes.rules import RULES
from signet.core.formats.text import dump
from signet.core.model.change import BREAKING, WARNING, Change

LONGEST = 120
MOST = 20_000
"""Changes that are collected; two documents with nothing in common have thousands."""


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation that is compared. ``is_draft``: its makers say that it may change, so nothing in it breaks."""

    method: str = ""
    path: str = ""
    is_draft: bool = False


@dataclass(slots=True)
class Report:
    """The changes found so far, and what was not compared to its end."""

    policy: Policy
    operation: Operation = field(default_factory=Operation)
    changes: list[Change] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def add(self, name: str, places: tuple[str, str], *, what: str = "", before: Any = None, after: Any = None) -> None:
        """Add a change. ``places`` are the pointers in base and revision; the values are shown as JSON, cut."""
        if len(self.changes) >= MOST:
            self.give_up(f"there are more than {MOST:,} changes")
            return
        rule = RULES[name]
        old, new = shown(before), shown(after)
        told = rule.sentence.format(
            what=what, What=what[:1].upper() + what[1:], before=old or "nothing", after=new or "nothing"
        )
        level = WARNING if rule.level == BREAKING and self.operation.is_draft else rule.level
        level = self.policy.level(name, rule.alias, level)
        kind = name, rule.alias, level, rule.direction, rule.effect
        self.changes.append(Change(*kind, self.operation.method, self.operation.path, told, *places, old, new))

    def give_up(self, why: str) -> None:
        """Note that something was not compared to its end."""
        at = f"{self.operation.method} {self.operation.path}: " if self.operation.path else ""
        if f"{at}{why}" not in self.unseen:
            self.unseen.append(f"{at}{why}")

    def scratch(self) -> Report:
        """An empty report for the same operation."""
        return replace(self, changes=[], unseen=[])


def shown(value: Any) -> str:
    """A value in a sentence: JSON, no longer than is read; an empty text where there is none."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)) and len(value) > LONGEST:
        kind = "properties" if isinstance(value, dict) else "items"
        return f"{len(value)} {kind}"
    text = value if isinstance(value, Said) else dump(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


class Said(str):
    """A text that is shown as it is: a name, or what we say ourselves."""

    __slots__ = ()
