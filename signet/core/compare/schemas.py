"""Does a value fit a schema: as a request that is sent, or as a part of a response that is relied on?

One evaluator for both, because a finding needs its place in the spec, through ``$ref`` and merged ``allOf``. A value is
judged against all schemas that hold for it at once (a set of nodes), so ``allOf`` is merged by construction: a property
gets the union of what all members say about it. ``oneOf`` and ``anyOf`` add a branch to the set.

As a response (``RESPONSE``) nothing is required, and a property that no schema of the set names is not promised. As a
request (``REQUEST``) JSON Schema holds as it is written, but for ``required`` properties that are ``readOnly``.

Work is bounded by ``Budget``. What no engine can judge becomes an open misfit: it neither hides others nor decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from signet.core.compare import conditions, demands, inside, values
from signet.core.compare.expansion import Expansion, Group, expand
from signet.core.compare.modes import (
    BEYOND,
    ENDLESS,
    LONGEST_PLACES,
    PARTIAL,
    PLAIN,
    TOO_LONG,
    Budget,
    Misfit,
    Mode,
    definite,
    likeliest,
)  # fmt: skip
from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Rules, Step

NO_RULES = Rules(())
Place = tuple[Step, ...]
Key = tuple[Place, Mode, frozenset[str], frozenset[tuple[str, bool]]]


@dataclass(slots=True)
class Judge:
    """Judges the values of one body or parameter; ``rules`` are the matchers that speak about it.

    ``is_quiet``: reasons that are put into sentences on the way tell no values.
    """

    source: Source
    rules: Rules = NO_RULES
    budget: Budget = field(default_factory=Budget)
    memory: dict[Key, list[Misfit]] = field(default_factory=dict)
    asked: dict[Key, int] = field(default_factory=dict)
    lowest: int = 0
    is_quiet: bool = False

    def found(self, value: Any, node: Node, mode: Mode) -> list[Misfit]:
        """Everything about a whole body or parameter that does not fit; the short cut is asked first."""
        quick = self.source.quick
        if quick is not None and quick.fits(value, node, mode, self.rules, self.budget):
            return []
        return self.misfits(value, (node,), mode)

    def misfits(
        self,
        value: Any,
        nodes: Sequence[Node],
        mode: Mode,
        place: Place = (),
        decided: frozenset[str] = frozenset(),
    ) -> list[Misfit]:
        """Everything about ``value`` that does not fit all of ``nodes``; empty if it fits.

        ``decided`` are the oneOf and anyOf groups of which a branch is among the nodes already. A question that leads
        back to itself is open, and so is one at the deepest level. What is certain all the same is certain (Kleene's
        logic), and kept; an open answer that rests on an open question is kept only as long as that is asked.
        """
        key = (place, mode, decided, frozenset([(node.pointer, node.related) for node in nodes]))
        known = self.memory.get(key)
        if known is not None:
            return known
        if key in self.asked:
            self.lowest = min(self.lowest, self.asked[key])
            return [Misfit(place, ENDLESS, nodes[0].pointer, is_open=True)]
        if self.budget.is_at_the_deepest:
            return [Misfit(place, BEYOND, nodes[0].pointer, is_open=True)]
        places = len(nodes[0].pointer) if len(nodes) == 1 else sum([len(node.pointer) for node in nodes])
        if places > LONGEST_PLACES:
            return [Misfit(place, TOO_LONG, nodes[0].pointer, is_open=True)]
        self.budget.spend(1 + (len(nodes) >> 3) + (places >> 9))
        self.budget.depth += 1
        level = self.asked[key] = self.budget.depth
        outer, self.lowest = self.lowest, level
        try:
            found = self._judge(value, nodes, mode, place, decided)
        finally:
            self.budget.depth -= 1
            del self.asked[key]
        if not found or definite(found) or self.lowest >= level:
            self.memory[key] = found
        self.lowest = min(outer, self.lowest)
        return found

    def holds(self, value: Any, node: Node, place: Place) -> bool:
        """True if the value is valid in JSON Schema's plain sense; for ``if``, ``not``, ``contains``."""
        found = self.misfits(value, (node,), PLAIN, place)
        if found and not definite(found):
            raise Unjudgeable(found[0].reason, found[0].pointer)
        return not found

    def _judge(
        self, value: Any, nodes: Sequence[Node], mode: Mode, place: Place, decided: frozenset[str]
    ) -> list[Misfit]:
        whole = expand(self, value, nodes, mode.direction == "response", place, decided)
        found = [Misfit(place, "forbidden", pointer) for pointer in whole.forbidden]
        found += [Misfit(place, why, pointer, is_open=True) for why, pointer in whole.doubts]
        for node in whole.flat:
            self._own(found, value, node, mode, place)
        if isinstance(value, dict):
            found.extend(inside.required(self, value, whole.flat, mode, place))
        if mode.direction and self.rules.rules:
            self.budget.spend(self.rules.wide >> 5)
            for each in demands.unmet(value, whole.flat, self.rules.own(place), self.budget, self.rules.as_text):
                found.append(Misfit(place, each.why, each.pointer, is_open=each.is_open, matcher=each.matcher))
        if whole.groups and mode.closed:
            return found if definite(found) else found + self._with_branches(value, whole, mode, place, decided)
        for group in whole.groups:
            found += self._one_of(value, group, mode, place)
        return found + inside.parts(self, value, whole, mode, place)

    def _own(self, found: list[Misfit], value: Any, node: Node, mode: Mode, place: Place) -> None:
        """Add what one node says about the value itself."""
        schema, pointer = node.schema, node.pointer
        is_response = mode.direction == "response"
        if "pattern" in schema or "enum" in schema:
            self._pay(value, schema)
        try:
            for keyword in values.misfits(value, schema, partly=is_response):
                found.append(Misfit(place, keyword, f"{pointer}/{keyword}", value))
        except Unjudgeable as error:
            found.append(Misfit(place, error.why, error.pointer or pointer, is_open=True))
        if isinstance(schema.get("not"), (dict, bool)):
            self._denied(found, value, node, place, is_response)
        if isinstance(value, list):
            self._own_list(found, value, node, mode, place)

    def _denied(self, found: list[Misfit], value: Any, node: Node, place: Place, is_response: bool) -> None:
        try:
            if conditions.holds(self, value, node.at("not"), place, is_response):
                found.append(Misfit(place, "not", f"{node.pointer}/not", value))
        except Unjudgeable as error:
            found.append(Misfit(place, error.why, error.pointer or node.pointer, is_open=True))

    def _pay(self, value: Any, schema: Mapping[str, Any]) -> None:
        """Take the steps of what takes longer than others: patterns, and long lists of values."""
        pattern, choices = schema.get("pattern"), schema.get("enum")
        if isinstance(value, str) and isinstance(pattern, str):
            self.budget.pay(pattern, value)
        if isinstance(choices, list):
            is_large = isinstance(value, (dict, list)) and value
            self.budget.spend(len(choices) * (1 + values.volume(value)) >> 4 if is_large else len(choices) >> 6)

    def _own_list(self, found: list[Misfit], value: list[Any], node: Node, mode: Mode, place: Place) -> None:
        schema, pointer, is_response = node.schema, node.pointer, mode.direction == "response"
        self.budget.spend(len(self.rules.rules) >> 6)
        loose = is_response and self.rules.loose(place)
        rules = self.rules.own(place) if mode.direction else []
        counted = list(demands.lengths(value, schema, rules if is_response else (), loose))
        if rules and not is_response:  # what is sent must fit as it is, and so must what its matchers allow
            counted += demands.lengths([], schema, rules, loose=True)
        for keyword, count in counted:
            found.append(Misfit(place, keyword, f"{pointer}/{keyword}", count))
        if loose:
            return
        if schema.get("uniqueItems") is True and inside.has_doubles(value, self.budget, is_response):
            found.append(Misfit(place, "uniqueItems", f"{pointer}/uniqueItems", value))
        found.extend(inside.contained(self, value, node, place, is_response))

    # --- oneOf and anyOf ---------------------------------------------------------------------------------------------

    def _one_of(self, value: Any, group: Group, mode: Mode, place: Place) -> list[Misfit]:
        tried = [self.misfits(value, (branch,), mode, place, group.made) for branch in group.branches]
        fitting = sum([not each for each in tried])
        if not fitting:
            return likeliest(tried) or [Misfit(place, group.failure, group.pointer, group.named)]
        if not (group.exactly_one and mode.required):
            return []
        if fitting > 1:
            return [Misfit(place, "oneOf", group.pointer, fitting)]
        return next((each for each in tried if each and not definite(each)), [])

    def _with_branches(
        self, value: Any, whole: Expansion, mode: Mode, place: Place, decided: frozenset[str]
    ) -> list[Misfit]:
        """Judge the set together with one branch of each group; what a branch names is promised with it.

        Branches that are open are tried where those that fit are not enough: what they make possible stays open.
        """
        sure: list[list[Node]] = []
        possible: list[list[Node]] = []
        doubts: list[Misfit] = []
        for group in whole.groups:
            tried = [self.misfits(value, (branch,), PARTIAL, place, group.made) for branch in group.branches]
            pairs = list(zip(group.branches, tried, strict=True))
            sure.append([branch for branch, each in pairs if not each])
            possible.append([branch for branch, each in pairs if not definite(each)])
            if not possible[-1]:
                return likeliest(tried) or [Misfit(place, group.failure, group.pointer, group.named)]
            doubts += next((each for each in tried if each and not definite(each)), [])
        if not isinstance(value, (dict, list)):
            return [] if all(sure) else doubts
        search = _Search(self, value, whole.flat, mode, place, decided | {group.key for group in whole.groups})
        found = search.run(sure) if all(sure) else doubts
        if doubts and (definite(found) or not all(sure)):
            found = search.run(possible)
            return found if definite(found) else doubts
        return found


@dataclass(slots=True)
class _Search:
    """Looks for one branch of each group that make the set fit together.

    More branches name more properties, so all that are left together are judged first: where they fail, every choice
    does, and their failure is the reason. Then the choice is narrowed group by group, with a step back where needed.
    """

    judge: Judge
    value: Any
    flat: Sequence[Node]
    mode: Mode
    place: Place
    decided: frozenset[str]

    def run(self, options: list[list[Node]]) -> list[Misfit]:
        """The misfits of the best choice; empty if one fits."""
        found = self.judge.misfits(
            self.value, (*self.flat, *[node for left in options for node in left]), self.mode, self.place, self.decided
        )
        position = next((index for index, left in enumerate(options) if len(left) > 1), None)
        if definite(found) or position is None:
            return found
        tried = []
        for branch in options[position]:
            found = self.run([*options[:position], [branch], *options[position + 1 :]])
            if not found:
                return []
            tried.append(found)
        return likeliest(tried)
