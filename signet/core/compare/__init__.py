"""Contract x spec: is what a consumer expects a part of what a provider promises?

``compare`` is a pure function of the two documents. The recipe with its ten steps is ``recipe``, the table of codes
``codes``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from signet.core.compare.modes import Pool
from signet.core.compare.quick import Plans
from signet.core.compare.recipe import findings
from signet.core.compare.routes import Routes
from signet.core.compare.source import Source
from signet.core.model.comparison import Comparison
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec

__all__ = ["COMPARER", "Prepared", "compare", "prepare"]

COMPARER = "1"
"""Changes whenever a comparison may come out differently; caches of comparisons are keyed by it."""
RECURSION = 8_000
"""Python frames that the deepest evaluation within its budget may take."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A spec made ready to be compared with many contracts."""

    spec: Spec
    routes: Routes = field(repr=False)


def prepare(spec: Spec, *, short_cut: bool = True) -> Prepared:
    """Make a spec ready; operations, schemas and patterns are read at their first use.

    ``short_cut``: what fits is told by a quick check; the findings are the same without it.
    """
    source = Source(spec.source, spec.dialect)
    source.quick = Plans(source) if short_cut else None
    return Prepared(spec, Routes(source))


def compare(contract: Contract, spec: Spec | Prepared) -> Comparison:
    """All findings of a contract with a spec, in the order of the interactions."""
    if sys.getrecursionlimit() < RECURSION:
        sys.setrecursionlimit(RECURSION)  # never lowered again: other threads may be deep inside a comparison
    prepared = spec if isinstance(spec, Prepared) else prepare(spec)
    pool = Pool()
    found = [finding for each in contract.interactions for finding in findings(prepared.routes, each, pool)]
    return Comparison(tuple(found))
