"""What every format is made from: the comparison, the contract's interactions, and the two documents with their places.

It reads nothing and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signet.core.formats.text import Document
    from signet.core.model.comparison import Comparison, Finding
    from signet.core.model.contract import Interaction

VERBS = {"compatible": "fits", "incompatible": "does not fit", "undecided": "may or may not fit"}


class Place(NamedTuple):
    """Where a value stands in a file: line and column count from 1."""

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two documents: what it is called, and where its values stand in its text."""

    label: str
    document: Document
    prefix: str = ""

    def place(self, pointer: str) -> Place:
        """File, line, column and pointer of a value, as they are in the file."""
        full = self.prefix + pointer
        return Place(self.document.name, *self.document.place(full), full)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A comparison that is to be answered. ``commit`` is that of the registry, if one was read."""

    comparison: Comparison
    interactions: Sequence[Interaction]
    contract: Side
    spec: Side
    commit: str | None = None
    quiet: bool = False

    @property
    def title(self) -> str:
        """The verdict as a sentence."""
        verdict = self.comparison.verdict
        return f"{verdict}: {self.contract.label} {VERBS[verdict]} {self.spec.label}"

    def places(self, finding: Finding) -> tuple[Place, Place]:
        """Where a finding stands in the contract, and where in the spec."""
        return self.contract.place(finding.contract_pointer), self.spec.place(finding.spec_pointer)

    def counts(self) -> str:
        """How many findings of each severity, in words."""
        found = [finding.severity for finding in self.comparison.findings]
        words = []
        for severity, plural in (("error", "errors"), ("warning", "warnings"), ("undecided", "undecided")):
            number = found.count(severity)
            if number:
                words.append(f"{number} {severity if number == 1 else plural}")
        return ", ".join(words) or "no findings"
