"""Collects changes, with places in both documents that resolve; every level and sentence comes from the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from signet.core.changes.policy import Policy
from signet.core.changes.rules import RULES
from signet.core.changes.where import Where
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


class Record(NamedTuple):
    """A change of a schema that is not told yet."""

    name: str
    places: tuple[str, str]
    what: Where
    before: Any
    after: Any


@dataclass(slots=True)
class Report:
    """The changes found so far, and what was not compared to its end."""

    policy: Policy
    operation: Operation = field(default_factory=Operation)
    changes: list[Change] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def add(
        self, name: str, places: tuple[str, str], *, what: Where | str = "", before: Any = None, after: Any = None
    ) -> None:
        """Add a change. ``places`` are the pointers in base and revision; the values are shown as JSON, cut."""
        if len(self.changes) >= MOST:
            self.give_up(f"there are more than {MOST:,} changes")
            return
        rule, named = RULES[name], what if isinstance(what, str) else what.what
        old, new = shown(before), shown(after)
        told = rule.sentence.format(
            what=named, What=named[:1].upper() + named[1:], before=old or "nothing", after=new or "nothing"
        )
        level = WARNING if rule.level == BREAKING and self.operation.is_draft else rule.level
        level = self.policy.level(name, rule.alias, level)
        kind = name, rule.alias, level, rule.direction, rule.effect
        self.changes.append(Change(*kind, self.operation.method, self.operation.path, told, *places, old, new))

    def give_up(self, why: str, what: Where | str = "") -> None:
        """Note that something was not compared to its end."""
        named = what if isinstance(what, str) else what.what
        parts = [f"{self.operation.method} {self.operation.path}" if self.operation.path else "", named, why]
        told = ": ".join(part for part in parts if part)
        if told not in self.unseen:
            self.unseen.append(told)


@dataclass(slots=True)
class Notes(Report):
    """Takes what a report takes, of schemas, and tells nothing."""

    records: list[Record] = field(default_factory=list)
    places_unseen: list[tuple[str, Where]] = field(default_factory=list)

    def add(
        self, name: str, places: tuple[str, str], *, what: Where | str = "", before: Any = None, after: Any = None
    ) -> None:
        """Note a change."""
        self.records.append(Record(name, places, _where(what), before, after))

    def give_up(self, why: str, what: Where | str = "") -> None:
        """Note that something was not compared to its end."""
        self.places_unseen.append((why, _where(what)))

    @property
    def is_empty(self) -> bool:
        """True if nothing was noted."""
        return not self.records and not self.places_unseen


def _where(what: Where | str) -> Where:
    return Where("", "", what) if isinstance(what, str) else what


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
