"""Contract x spec: is what a consumer expects a part of what a provider promises?

``compare`` is a pure function of the two documents. The recipe with its ten steps is ``recipe``, the table of codes
``codes``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from signet.core.compare.modes import Budget, Pool
from signet.core.compare.quick import Plans
from signet.core.compare.recipe import findings
from signet.core.compare.routes import Routes
from signet.core.compare.source import Source
from signet.core.model.comparison import Comparison, Finding
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec

__all__ = ["Prepared", "compare", "judged", "prepare"]

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
    source = Source(spec.source, spec.dialect, spec.marks)
    source.quick = Plans(source) if short_cut else None
    return Prepared(spec, Routes(source))


def compare(contract: Contract, spec: Spec | Prepared) -> Comparison:
    """All findings of a contract with a spec, in the order of the interactions.

    They follow from the two documents alone. What was made ready for other contracts costs no steps any more; where
    that could decide whether the steps are enough, the contract is compared again with a spec that is made ready anew.
    """
    return Comparison(tuple(judged(contract.interactions, spec, findings)))


T = TypeVar("T")
Recipe = Callable[[Routes, T, Budget], list[Finding]]


def judged(things: Sequence[T], spec: Spec | Prepared, recipe: Recipe[T]) -> list[Finding]:
    """All findings of things with a spec by a recipe, each within a budget, all within one pool; as in ``compare``."""
    if sys.getrecursionlimit() < RECURSION:
        sys.setrecursionlimit(RECURSION)  # never lowered again: other threads may be deep inside a comparison
    prepared = spec if isinstance(spec, Prepared) else prepare(spec)
    quick = prepared.routes.source.quick
    is_used = quick is not None and quick.is_used
    found, is_sure = _found(things, prepared, recipe)
    if is_used and not is_sure:
        found, _ = _found(things, prepare(prepared.spec), recipe)
    return found


def _found(things: Sequence[T], prepared: Prepared, recipe: Recipe[T]) -> tuple[list[Finding], bool]:
    """The findings, and whether they are the same whatever was made ready before."""
    pool, is_sure = Pool(), True
    found: list[Finding] = []
    for each in things:
        budget = Budget(pool=pool)
        found += recipe(prepared.routes, each, budget)
        is_sure = is_sure and budget.is_sure
    return found, is_sure
