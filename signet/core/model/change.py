"""The outcome of spec x spec: changes with stable ids, and places in both documents."""

from __future__ import annotations

from typing import Any, NamedTuple

BREAKING, WARNING, HARMLESS = "breaking", "warning", "harmless"
LEVELS = (BREAKING, WARNING, HARMLESS)
"""The levels, the gravest first."""


class Change(NamedTuple):
    """One thing that differs between two specs.

    ``alias`` is the id that oasdiff has for it, where it has one. ``direction`` says who sends what changed: "request"
    (the consumer), "response" (the provider) or "neither". ``effect`` says what became of the values that are allowed:
    "narrows", "widens", "differs" (neither set holds the other), "unknown" or "none". ``method`` and ``path`` are empty
    where no single operation is meant; the path is the revision's, where it has one. Both pointers resolve, each in
    its document: where a value is missing, to what it is missing from.
    """

    id: str
    alias: str
    level: str
    direction: str
    effect: str
    method: str
    path: str
    message: str
    base_pointer: str
    revision_pointer: str
    before: str = ""
    after: str = ""

    def as_json(self) -> dict[str, Any]:
        """The change as a JSON object; fields as named here."""
        return dict(self._asdict())


class Changes(NamedTuple):
    """All changes of a revision, sorted. ``unseen`` tells what was not compared to its end, and why."""

    changes: tuple[Change, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``breaking``; else ``undecided`` where something was not compared; else ``warning`` or ``compatible``."""
        levels = {change.level for change in self.changes}
        if BREAKING in levels:
            return BREAKING
        if self.unseen:
            return "undecided"
        return WARNING if WARNING in levels else "compatible"
