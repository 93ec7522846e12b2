"""One comparison of two specs under way: the two documents, the report, what was walked, and how much is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from signet.core.changes.report import Report
from signet.core.changes.twins import Twins
from signet.core.changes.where import Where
from signet.core.compare.source import Node, Source

STEPS = 400_000
"""Pairs of schemas that are looked at in one comparison; GitHub's own spec, changed everywhere, takes a tenth."""
DEEPEST = 150
"""Schemas inside schemas."""
_NOWHERE = 1_000_000

Key = tuple[str, str, str, str, bool, bool, bool, bool, bool]


class OverBudget(Exception):
    """The comparison has taken all the steps that it may."""


@dataclass(slots=True)
class Run:
    """What the parts of a comparison share.

    ``walked`` are the pairs that were met below one body or parameter; ``open`` those that are under way, with their
    depth. ``clean`` are pairs in which nothing differs, whoever asks; ``known`` tells of pairs if they are the same.
    """

    base: Source
    revision: Source
    report: Report
    twins: Twins
    steps: int = STEPS
    depth: int = 0
    walked: set[Key] = field(default_factory=set)
    open: dict[Key, int] = field(default_factory=dict)
    clean: set[Key] = field(default_factory=set)
    known: dict[Key, bool] = field(default_factory=dict)
    _lowest: int = _NOWHERE
    _is_tainted: bool = False

    def spend(self, steps: int = 1) -> None:
        """Take a step; OverBudget when there is none left."""
        self.steps -= steps
        if self.steps < 0:
            raise OverBudget

    def begins(self, key: Key) -> bool:
        """True if a pair is met for the first time below one body or parameter: circles end here."""
        self.spend()
        if key in self.clean:
            return False
        if key in self.open:
            self._lowest = min(self._lowest, self.open[key])
            return False
        if key in self.walked:
            self._is_tainted = True
            return False
        self.walked.add(key)
        return True

    @contextmanager
    def walking(self, key: Key) -> Iterator[None]:
        """A pair is walked; if nothing differs in it, and that hangs on no pair further up, it is clean from now on."""
        lowest, is_tainted, told = self._lowest, self._is_tainted, self._told()
        self._lowest, self._is_tainted = _NOWHERE, False
        self.depth += 1
        self.open[key] = self.depth
        try:
            yield
        finally:
            del self.open[key]
            self._is_tainted = self._is_tainted or told != self._told()
            if self._lowest >= self.depth:
                self._lowest = _NOWHERE
                if not self._is_tainted:
                    self.clean.add(key)
            self.depth -= 1
            self._lowest, self._is_tainted = min(lowest, self._lowest), is_tainted or self._is_tainted

    def _told(self) -> tuple[int, int]:
        return len(self.report.changes), len(self.report.unseen)

    def afresh(self) -> None:
        """Begin with another body or parameter, in which everything is told again."""
        self.walked.clear()

    def is_twin(self, old: Node, new: Node) -> bool:
        """True if two schemas are surely the same."""
        return self.twins.are_same(old.schema, old.pointer, new.schema, new.pointer)

    def fork(self) -> Run:
        """The same comparison with a report and a memory of its own; steps are given back by ``join``."""
        report = self.report.scratch()
        return Run(
            self.base,
            self.revision,
            report,
            self.twins,
            self.steps,
            self.depth,
            clean=self.clean,
            known=self.known,
        )

    def join(self, other: Run) -> None:
        """Pay for what a fork took."""
        self.steps = other.steps


def key_of(old: Node, new: Node, where: Where) -> Key:
    """What the changes of a pair hang on."""
    return (
        old.pointer,
        new.pointer,
        where.prefix,
        where.tree,
        bool(where.path),
        where.is_text,
        where.is_style,
        where.is_listed,
        where.has_no_default,
    )
