"""One comparison of two specs under way: the two documents, the report, what was walked, and how much is left.

Pairs of schemas wait in a queue, so that neither depth nor circles matter. What one pair says by itself is worked out
once, wherever the pair is met (``Local``).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from signet.core.changes.report import Notes, Record, Report
from signet.core.changes.twins import Twins
from signet.core.changes.where import Where
from signet.core.compare.source import Node, Source

STEPS = 2_000_000
"""What a comparison may take: half a minute at most. 900 operations with 600 schemas, changed everywhere, take half."""
LOCAL_STEPS = 40
"""What it takes to work out what one pair says by itself; to meet a pair again is one step."""
DEEPEST = 40
"""Questions inside questions whether two schemas are the same."""

Key = tuple[str, str, str, str, bool, bool, bool, bool, bool, bool]


class OverBudget(Exception):
    """The comparison has taken all the steps that it may."""


class Waiting(NamedTuple):
    """A pair of schemas that is to be compared, and where they stand; ``key`` once it is known that they differ."""

    old: Node
    new: Node
    where: Where
    key: Key | None = None


class Local(NamedTuple):
    """What a pair says by itself, told of the place at which it was met first, and the pairs inside that may differ."""

    where: Where
    records: tuple[Record, ...]
    unseen: tuple[tuple[str, Where], ...]
    inside: tuple[Waiting, ...]


@dataclass(slots=True)
class Memory:
    """What is worked out once for a whole comparison. ``clean`` are pairs in and below which nothing differs.

    ``open`` are those that are being worked out: met again inside, they are taken for the same, as a circle is the same
    if nothing on it differs. ``assumed`` counts that; what hangs on it is not kept.
    """

    steps: int = STEPS
    local: dict[Key, Local] = field(default_factory=dict)
    clean: set[Key] = field(default_factory=set)
    open: set[Key] = field(default_factory=set)
    assumed: int = 0
    known: dict[Key, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """What the parts of a comparison share. ``walked``: the pairs met below one body or parameter, and in which."""

    base: Source
    revision: Source
    report: Report
    twins: Twins
    memory: Memory = field(default_factory=Memory)
    depth: int = 0
    queue: deque[Waiting] = field(default_factory=deque)
    walked: dict[Key, list[Key]] = field(default_factory=dict)

    @property
    def notes(self) -> Notes:
        """The notes of a comparison aside."""
        if not isinstance(self.report, Notes):
            raise TypeError("this comparison reports")
        return self.report

    def spend(self, steps: int = 1) -> None:
        """Take steps; OverBudget when there are none left."""
        self.memory.steps -= steps
        if self.memory.steps < 0:
            raise OverBudget

    def later(self, old: Node, new: Node, where: Where) -> None:
        """Have two schemas compared; everything that changed from one to the other is told."""
        self.queue.append(Waiting(old, new, where))

    def is_twin(self, old: Node, new: Node) -> bool:
        """True if two schemas are surely the same."""
        return self.twins.are_same(old.schema, old.pointer, new.schema, new.pointer)

    def aside(self, depth: int = 0) -> Run:
        """The same comparison with notes in the place of the report, and nothing walked."""
        notes = Notes(self.report.policy, self.report.operation)
        return Run(self.base, self.revision, notes, self.twins, self.memory, self.depth + depth)

    def remember_clean(self, told: set[Key]) -> None:
        """Of all pairs that were walked, those from which no way leads to one that told something are clean."""
        dirty, waiting = set(told), list(told)
        while waiting:
            for parent in self.walked.get(waiting.pop(), ()):
                if parent not in dirty:
                    dirty.add(parent)
                    waiting.append(parent)
        self.memory.clean.update(self.walked.keys() - dirty)


def key_of(run: Run, old: Node, new: Node, where: Where) -> Key:
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
        run.report.operation.is_draft,
    )
