"""Does a value fit a schema: as a request that is sent, or as a part of a response that is relied on?

One evaluator for both, because a finding needs its place in the spec, through ``$ref`` and merged ``allOf``. A value is
judged against all schemas that hold for it at once (a set of nodes), so ``allOf`` is merged by construction: a property
gets the union of what all members say about it. ``oneOf`` and ``anyOf`` add a branch to the set.

As a response (``RESPONSE``) nothing is required, and a property that no schema of the set names is not promised. As a
request (``REQUEST``) JSON Schema holds as it is written, but for ``required`` properties that are ``readOnly``.

Work is bounded by ``Budget``; ``OverBudget`` and ``Unjudgeable`` leave it to the caller to say that there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from signet.core.compare import demands, inside, values
from signet.core.compare.expansion import Expansion, Group, expand
from signet.core.compare.modes import PARTIAL, PLAIN, Budget, Misfit, Mode, OverBudget
from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Rules, Step

DEPTH = 120
NO_RULES = Rules(())


@dataclass(slots=True)
class Judge:
    """Judges the values of one body or parameter; ``rules`` are the matchers that speak about it."""

    source: Source
    rules: Rules = NO_RULES
    budget: Budget = field(default_factory=Budget)
    memory: dict[Any, list[Misfit]] = field(default_factory=dict)

    def misfits(
        self,
        value: Any,
        nodes: Sequence[Node],
        mode: Mode,
        place: tuple[Step, ...] = (),
        decided: frozenset[str] = frozenset(),
    ) -> list[Misfit]:
        """Everything about ``value`` that does not fit all of ``nodes``; empty if it fits.

        ``decided`` are the oneOf and anyOf groups of which a branch is among the nodes already.
        """
        key = (place, frozenset((node.pointer, node.related) for node in nodes), mode, decided)
        known = self.memory.get(key)
        if known is not None:
            return known
        self.budget.spend()
        if self.budget.depth >= DEPTH:
            raise OverBudget(f"schemas are nested deeper than {DEPTH} levels")
        self.memory[key] = [Misfit(place, "the schema refers to itself and ends nowhere", nodes[0].pointer)]
        self.budget.depth += 1
        try:
            self.memory[key] = self._judge(value, tuple(nodes), mode, place, decided)
        finally:
            self.budget.depth -= 1
        return self.memory[key]

    def holds(self, value: Any, node: Node, place: tuple[Step, ...]) -> bool:
        """True if the value is valid in JSON Schema's plain sense; for ``if``, ``not``, ``contains``."""
        return not self.misfits(value, (node,), PLAIN, place)

    def _judge(
        self, value: Any, nodes: tuple[Node, ...], mode: Mode, place: tuple[Step, ...], decided: frozenset[str]
    ) -> list[Misfit]:
        whole = expand(self, value, nodes, mode.direction == "response", place, decided)
        found = [Misfit(place, "no value is allowed here", pointer) for pointer in whole.forbidden]
        for node in whole.flat:
            found.extend(self._own(value, node, mode, place))
        if isinstance(value, dict):
            found.extend(inside.required(self, value, whole.flat, mode, place))
        if mode.direction == "response" and self.rules.rules:
            found.extend(Misfit(place, *each) for each in demands.unmet(value, whole.flat, self.rules.own(place)))
        if whole.groups and mode.closed:
            return found or self._with_branches(value, whole, mode, place, decided)
        for group in whole.groups:
            found.extend(self._one_of(value, group, mode, place))
        found.extend(inside.parts(self, value, whole, mode, place))
        return found

    def _own(self, value: Any, node: Node, mode: Mode, place: tuple[Step, ...]) -> Iterator[Misfit]:
        """What one node says about the value itself."""
        schema = node.schema
        try:
            for keyword, why in values.misfits(value, schema):
                yield Misfit(place, why, f"{node.pointer}/{keyword}")
        except Unjudgeable as error:
            raise Unjudgeable(error.why, error.pointer or node.pointer) from None
        if isinstance(schema.get("not"), (dict, bool)) and self.holds(value, node.at("not"), (*place, "not")):
            yield Misfit(place, f"{values.short(value)} is excluded by 'not'", f"{node.pointer}/not")
        if isinstance(value, list):
            is_response = mode.direction == "response"
            loose = is_response and self.rules.loose(place)
            rules = self.rules.own(place) if is_response else []
            for keyword, why in demands.lengths(value, schema, rules, loose):
                yield Misfit(place, why, f"{node.pointer}/{keyword}")
            if not loose:
                yield from inside.contained(self, value, node, place)

    # --- oneOf and anyOf ---------------------------------------------------------------------------------------------

    def _one_of(self, value: Any, group: Group, mode: Mode, place: tuple[Step, ...]) -> list[Misfit]:
        tried = [self.misfits(value, (branch,), mode, place) for branch in group.branches]
        fitting = sum(not each for each in tried)
        if not fitting:
            return closest(tried) or [Misfit(place, group.failure, group.pointer)]
        if fitting > 1 and group.exactly_one and mode.required:
            return [Misfit(place, f"it fits {fitting} alternatives of which exactly one must hold", group.pointer)]
        return []

    def _with_branches(
        self, value: Any, whole: Expansion, mode: Mode, place: tuple[Step, ...], decided: frozenset[str]
    ) -> list[Misfit]:
        """Judge the set together with one branch of each group; what a branch names is promised with it."""
        options: list[list[Node]] = []
        for group in whole.groups:
            tried = [self.misfits(value, (branch,), PARTIAL, place) for branch in group.branches]
            left = [branch for branch, each in zip(group.branches, tried, strict=True) if not each]
            if not left:
                return closest(tried) or [Misfit(place, group.failure, group.pointer)]
            options.append(left)
        if not isinstance(value, (dict, list)):
            return []
        now = decided | {group.key for group in whole.groups}
        tried = []
        for chosen in product(*options):
            self.budget.spend()
            found = self.misfits(value, (*whole.flat, *chosen), mode, place, now)
            if not found:
                return []
            tried.append(found)
        return closest(tried)


def closest(tried: list[list[Misfit]]) -> list[Misfit]:
    """Of several failed attempts the one that got deepest into the value, with the fewest misfits."""
    return min(tried, key=lambda each: (-max(len(misfit.place) for misfit in each), len(each)), default=[])
