"""The walk along a schema: choices made one by one, with a step back where one leads nowhere.

What is made for a set of schemas that leave a choice open is judged against all of them; so is what no construction
can promise (``not``, ``contains``, what is left over). Objects, lists, texts and numbers are made in modules beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from signet.core.compare import values
from signet.core.compare.modes import Budget, Mode, OverBudget, Pool, definite
from signet.core.compare.quick_work import Doubt, Work
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source, is_nullable
from signet.core.compare.texts import Unjudgeable
from signet.live.mock.generated.draw import Draw
from signet.live.mock.generated.numbers import numbers
from signet.live.mock.generated.said import Choice, Option, Said, said
from signet.live.mock.generated.strings import strings

STEPS = 20_000
"""Values and alternatives that may be tried for one answer."""
JUDGED = 10_000_000
SIZE = 8
"""Parts of a value that count as one step where the short cut judges it."""
STEP = 50
"""Steps of the evaluator that count as one of these."""
FULL = 1_500
"""Values after which only what must be there is made."""
DEEPEST = 60
LEAN_BELOW = 8
"""Levels below which only what must be there is made."""
MOST_REPEATS = 3
"""How often a schema may stand inside itself on the way down."""
MOST_PROPOSED = 400
TURNS = 997
_ORDER = ("object", "array", "string", "integer", "number", "boolean", "null")
_BY_KEYWORD = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_UNSURE = frozenset(
    {"not", "if", "contains", "unevaluatedProperties", "unevaluatedItems", "propertyNames", "dependentSchemas"}
) | {"dependencies", "patternProperties", "uniqueItems", "minProperties"}
"""Keywords whose meaning a construction only aims at."""


class NoValue(Exception):
    """No value was found."""


class Exhausted(Exception):
    """The steps are used up: what else could be tried is not tried any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is made. ``turn`` makes values of one kind differ; ``is_lean``: only what must be there.

    ``above`` are the schemas on the way down, by place, and how often each was met.
    """

    steps: tuple[str | int, ...] = ()
    turn: int = 0
    is_lean: bool = False
    above: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The property that the value is for."""
        return next((step for step in reversed(self.steps) if isinstance(step, str)), "")

    def inside(self, step: str | int, whole: Said, *, turn: int | None = None, is_lean: bool = False) -> Place:
        """The place of a part of a value."""
        above = dict(self.above)
        for pointer in whole.pointers:
            above[pointer] = above.get(pointer, 0) + 1
        lean = self.is_lean or is_lean
        return Place((*self.steps, step), self.turn if turn is None else turn, lean, above)

    def leaner(self) -> Place:
        """The same place, where only what must be there is made."""
        return Place(self.steps, self.turn, True, self.above)

    def repeats(self, pointers: set[str]) -> int:
        """How often the schemas were met on the way down."""
        return max((self.above[each] for each in pointers if each in self.above), default=0)


class _Kind(NamedTuple):
    """A type that a value may have, and whether it must be tried last."""

    name: str
    is_last: bool


@dataclass(slots=True)
class Maker:
    """Makes one value; ``left`` are the steps that it may still take."""

    source: Source
    mode: Mode
    draw: Draw
    is_wary: bool
    left: int = STEPS
    tried: int = 0

    @property
    def is_long(self) -> bool:
        """True if so much was made that the rest should be short."""
        return self.tried > FULL

    def said(self, nodes: Sequence[Node], made: frozenset[str] = frozenset()) -> Said:
        """What schemas say."""
        return said(self.source, nodes, made, is_wary=self.is_wary)

    def leads_back(self, nodes: Sequence[Node], place: Place) -> bool:
        """True if schemas stand inside themselves there."""
        try:
            return place.repeats(self.said(nodes).pointers) > 0
        except Unjudgeable:
            return True

    def value(self, nodes: Sequence[Node], place: Place, made: frozenset[str] = frozenset()) -> Any:
        """A value for a set of schemas; NoValue where none is found."""
        self.left -= 1
        self.tried += 1
        if self.left < 0:
            raise Exhausted
        if len(place.steps) > DEEPEST:
            raise NoValue(f"a value nests deeper than {DEEPEST} levels")
        try:
            whole = self.said(nodes, made)
        except Unjudgeable as error:
            raise NoValue(error.why) from None
        if whole.is_impossible:
            raise NoValue("the schema allows no value")
        repeats = place.repeats(whole.pointers)
        if repeats >= MOST_REPEATS:
            raise NoValue("the schema demands itself without end")
        if repeats or self.is_long or len(place.steps) > LEAN_BELOW:
            place = place.leaner()
        if whole.choices:
            return self._chosen(nodes, whole, place, made)
        for candidate in self._proposed(whole, nodes, place):
            if self._may_be(candidate, whole.flat, nodes):
                return candidate
        raise NoValue(f"no value fits the schema at {nodes[0].pointer}")

    # --- choices -----------------------------------------------------------------------------------------------------

    def _chosen(self, nodes: Sequence[Node], whole: Said, place: Place, made: frozenset[str]) -> Any:
        choice = whole.choices[0]
        self.left -= 2 * len(choice.options)
        for at in (place,) if place.is_lean else (place, place.leaner()):
            for option in self._ordered(choice.options, place):
                try:
                    found = self.value((*nodes, *option), at, made | {choice.key})
                except NoValue:
                    continue
                for candidate in self._with_spoiled(found, option, choice.options):
                    if self.fits(candidate, nodes) and self._is_alone(candidate, choice):
                        return candidate
        raise NoValue(f"no alternative fits at {choice.key}")

    def _ordered(self, options: list[Option], place: Place) -> list[Option]:
        """The options that lead round in no circle first; null last, and first where it should be short."""
        if len(options) > 1 and self.draw.is_varied:
            start = self.draw.number(place.steps, "option", len(options))
            options = options[start:] + options[:start]
        return sorted(options, key=lambda option: self._cost(option, place))

    def _cost(self, option: Option, place: Place) -> tuple[int, bool]:
        try:
            whole = self.said(option)
        except Unjudgeable:
            return (MOST_REPEATS, True)
        is_null = any(each.schema.get("type") == "null" for each in whole.flat)
        return (place.repeats(whole.pointers), is_null != place.is_lean)

    def _is_alone(self, value: Any, choice: Choice) -> bool:
        """True unless a value fits several alternatives of which JSON Schema takes one.

        A discriminator settles which one is meant, and the evaluator asks no more; in 3.1 others count all the same.
        """
        if not (self.is_wary and self.source.siblings and choice.is_exact):
            return True
        return sum(self.fits(value, option[:1]) for option in choice.options) == 1

    def _with_spoiled(self, found: Any, option: Option, options: list[Option]) -> Iterator[Any]:
        """What was found; then, if it is an object, with one property more that keeps it out of other alternatives."""
        yield found
        for other in options if isinstance(found, dict) else ():
            for node in self.said(other).flat if other is not option else ():
                properties = node.schema.get("properties")
                for name in properties if isinstance(properties, dict) else ():
                    wrong = [each for each in (1, "text") if not self.fits(each, (node.at("properties", name),))]
                    if name not in found and wrong:
                        yield {**found, name: wrong[0]}

    # --- proposals ---------------------------------------------------------------------------------------------------

    def _proposed(self, whole: Said, nodes: Sequence[Node], place: Place) -> Iterator[Any]:
        turn = place.turn + self.draw.number(place.steps, "turn", TURNS)
        listed = _listed(whole.flat)
        if listed is not None:
            yield from listed[turn % len(listed) :] if listed else ()
            yield from listed[: turn % len(listed)] if listed else ()
            return
        if not self.draw.is_varied:
            yield from self._said_by_people(whole.flat, nodes, place.turn)
        schemas = [node.schema for node in whole.flat]
        for kind in _kinds(schemas, place):
            yield from self._of_kind(kind, whole, nodes, place, turn)

    def _said_by_people(self, flat: Sequence[Node], nodes: Sequence[Node], turn: int) -> Iterator[Any]:
        """Examples and defaults of the schemas, where they fit."""
        given: list[Any] = []
        for node in flat:
            examples = node.schema.get("examples")
            given += [node.schema["example"]] if "example" in node.schema else []
            given += examples if isinstance(examples, list) else []
            default = node.schema.get("default")
            given += [default] if default is not None and not isinstance(default, (dict, list)) else []
        for each in given[turn : turn + 3]:
            if self.fits(each, nodes):
                yield each

    def _of_kind(self, kind: str, whole: Said, nodes: Sequence[Node], place: Place, turn: int) -> Iterator[Any]:
        from signet.live.mock.generated.lists import lists
        from signet.live.mock.generated.objects import objects

        schemas = [node.schema for node in whole.flat]
        if kind == "object":
            yield from objects(self, whole, nodes, place)
        elif kind == "array":
            yield from lists(self, whole, place)
        elif kind == "string":
            for count, text in enumerate(strings(schemas, place.name, turn)):
                if count > MOST_PROPOSED:
                    return
                yield text
        elif kind in ("integer", "number"):
            yield from numbers(schemas, kind == "integer", turn)
        elif kind == "boolean":
            yield from (turn % 2 == 0, turn % 2 == 1)
        else:
            yield None

    # --- judging -----------------------------------------------------------------------------------------------------

    def _may_be(self, value: Any, flat: Sequence[Node], nodes: Sequence[Node]) -> bool:
        """True if a value fits plain schemas: by what they say about it alone, where that is all."""
        if any(not _UNSURE.isdisjoint(node.schema) for node in flat):
            return self.fits(value, nodes)
        if isinstance(value, (dict, list)) and not any({"enum", "const"} & node.schema.keys() for node in flat):
            return True
        if value is None:
            return self.fits(value, nodes)
        try:
            return not any(next(values.misfits(value, node.schema), None) for node in flat)
        except Unjudgeable:
            return True

    def fits(self, value: Any, nodes: Sequence[Node]) -> bool:
        """True if the evaluator finds nothing that is certainly wrong; the short cut is asked first.

        What that costs is told by the size of the value: what was made ready before must not change what is made.
        """
        told = self._at_once(value, nodes)
        if told is not None:
            self.left -= 1 + _size(value) // SIZE
            return told
        budget = Budget(JUDGED, pool=Pool(JUDGED))
        try:
            return not definite(Judge(self.source, budget=budget).misfits(value, nodes, self.mode))
        except Unjudgeable:
            return True
        except (OverBudget, RecursionError):
            return False
        finally:
            self.left -= 1 + (JUDGED - budget.steps) // STEP

    def _at_once(self, value: Any, nodes: Sequence[Node]) -> bool | None:
        """The answer of the short cut; None where only the evaluator can tell."""
        quick = self.source.quick
        if quick is None:
            return None
        try:
            return quick.plan(nodes, self.mode).fits(value, Work(Budget(JUDGED, pool=Pool(JUDGED)), False))
        except (Doubt, Unjudgeable, OverBudget, RecursionError):
            return None


def _size(value: Any) -> int:
    """How many values a value is made of."""
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def _listed(flat: Sequence[Node]) -> list[Any] | None:
    """The values that are listed, null last; None where none are."""
    consts = [node.schema["const"] for node in flat if "const" in node.schema]
    lists = [node.schema["enum"] for node in flat if isinstance(node.schema.get("enum"), list)]
    if not consts and not lists:
        return None
    shortest = [consts[0]] if consts else min(lists, key=len)
    return sorted(shortest, key=lambda each: each is None)


def _kinds(schemas: Sequence[Mapping[str, Any]], place: Place) -> list[str]:
    """The types that all schemas allow, the likeliest first."""
    allowed: set[str] | None = None
    order: list[str] = []
    for schema in schemas:
        named = values.types(schema)
        if not named:
            continue
        own = {*named, *(("integer",) if "number" in named else ()), *(("null",) if is_nullable(schema) else ())}
        order = order or list(named)
        allowed = own if allowed is None else allowed & own
    if allowed is None:
        found = [kind for kind in _ORDER if any(_speaks_of(kind, schema) for schema in schemas)]
        return [
            *found,
            *(kind for kind in (("object",) if not place.name else ("string",)) if kind not in found),
            "null",
        ]
    ranked = [*(kind for kind in order if kind != "null"), *(kind for kind in _ORDER if kind not in order), "null"]
    found = [kind for kind in dict.fromkeys(ranked) if kind in allowed]
    return [kind for kind in found if not (kind == "integer" and "number" in found[: found.index(kind)])] or found


def _speaks_of(kind: str, schema: Mapping[str, Any]) -> bool:
    return any(keyword in schema for keyword in _BY_KEYWORD.get(kind, ()))
