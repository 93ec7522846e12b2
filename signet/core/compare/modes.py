"""How a value is judged, what does not fit, and how much work may be done. The words of ``signet.core.compare.schemas``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from signet.core.formats.matchers import Step

STEPS = 200_000


class OverBudget(Exception):
    """The comparison needs more steps, or goes deeper, than it may."""


@dataclass(slots=True)
class Budget:
    """The steps that are left for one interaction, and how deep the evaluation is."""

    steps: int = STEPS
    depth: int = 0

    def spend(self, steps: int = 1) -> None:
        """Take steps; OverBudget if none is left."""
        self.steps -= steps
        if self.steps < 0:
            raise OverBudget(f"more than {STEPS:,} steps were needed")


class Mode(NamedTuple):
    """``required``: required properties must be there. ``closed``: unnamed properties are not promised."""

    direction: str
    required: bool
    closed: bool


REQUEST = Mode("request", required=True, closed=False)
RESPONSE = Mode("response", required=False, closed=True)
PARTIAL = Mode("response", required=False, closed=False)
PLAIN = Mode("", required=True, closed=False)


class Misfit(NamedTuple):
    """One thing that does not fit: where in the value, why, and where in the spec."""

    place: tuple[Step, ...]
    why: str
    pointer: str
