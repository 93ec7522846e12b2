"""How a value is judged, what does not fit, and how much work may be done: the words of ``schemas``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from signet.core.compare.texts import KEPT, effort, effort_of_reading
from signet.core.compare.values import short
from signet.core.formats.matchers import Step
from signet.core.formats.text import resolve

STEPS = 100_000
SHARE = 2_000
POOL = 1_000_000
QUICK_STEPS = 300_000
MAKING = 25
"""Steps of the short cut that a check costs when it is made."""
SURE = QUICK_STEPS // (2 * MAKING + 1)
"""Steps of the short cut with which it gets through, whatever was made before: each may make two checks at most."""
DEPTH = 400
TOO_DEEP = "the schemas are nested too deeply"
"""Why there is no answer where Python's stack ended, of which the caller may have taken some."""


ENDLESS = "the schema refers to itself and ends nowhere"
"""Why a circle of references that goes no level deeper into the value is open: JSON Schema (core, 9.4.1) gives it no
meaning."""
LONGEST_PLACES = 200_000
"""Characters of the pointers of all schemas that hold for one value; each finding, and what is remembered, has one."""
TOO_LONG = f"the places of its schemas are longer than {LONGEST_PLACES:,} characters"
BEYOND = f"schemas are nested deeper than {DEPTH} levels"


class OverBudget(Exception):
    """The comparison needs more steps, or goes deeper, than it may."""


class Purse(Protocol):
    """What work is paid from."""

    def spend(self, steps: int) -> None:
        """Take steps; an exception if none is left."""

    def pay(self, pattern: str, text: str) -> None:
        """Take the steps that matching a text may need, and once those of reading the pattern."""


@dataclass(slots=True)
class Pool:
    """The steps that all interactions of one comparison have together, beside the share that each has for itself.

    The share is what keeps an interaction that has an answer from going without one because of its neighbours.
    """

    steps: int = POOL


@dataclass(slots=True)
class Budget:
    """The steps that are left for one interaction, and how deep the evaluation is.

    ``quick`` are the steps of the short cut, which are some hundred times cheaper.
    """

    steps: int = STEPS
    depth: int = 0
    quick: int = QUICK_STEPS
    pool: Pool = field(default_factory=Pool)
    patterns: set[str] = field(default_factory=set)

    @property
    def is_sure(self) -> bool:
        """True if the short cut had steps enough even if everything had still to be made, or nothing had."""
        return self.quick > QUICK_STEPS - SURE

    def spend(self, steps: int = 1) -> None:
        """Take steps; OverBudget if none is left."""
        self.steps -= steps
        if self.steps < 0:
            raise OverBudget(f"more than {STEPS:,} steps were needed")
        if self.steps < STEPS - SHARE:
            self.pool.steps -= steps
            if self.pool.steps < 0:
                raise OverBudget(f"the interactions of this contract needed more than {POOL:,} steps together")

    def pay(self, pattern: str, text: str) -> None:
        """Take the steps that matching a text may need, and once those of reading the pattern."""
        self.spend(effort(pattern, text) + self.of_reading(pattern))

    def of_reading(self, pattern: str) -> int:
        """The steps of reading a pattern when it is asked for the first time, or when there are too many to keep."""
        if pattern in self.patterns and len(self.patterns) < KEPT:
            return 0
        self.patterns.add(pattern)
        return effort_of_reading(pattern)

    @property
    def is_at_the_deepest(self) -> bool:
        """True if the evaluation may go no level deeper."""
        return self.depth >= DEPTH


class Mode(NamedTuple):
    """``required``: required properties must be there. ``closed``: unnamed properties are not promised."""

    direction: str
    required: bool
    closed: bool

    @property
    def hides(self) -> bool:
        """True if what is ``writeOnly`` may not be there."""
        return self.closed or self.direction == "answer"


REQUEST = Mode("request", required=True, closed=False)
RESPONSE = Mode("response", required=False, closed=True)
PARTIAL = Mode("response", required=False, closed=False)
PLAIN = Mode("", required=True, closed=False)
ANSWER = Mode("answer", required=True, closed=False)
"""A whole response as a provider sends it: JSON Schema as it is written, but for what is ``writeOnly``."""

REASONS = {
    "type": "{value} is not of type {said}",
    "enum": "{value} is none of {said}",
    "const": "{value} is not {said}",
    "minLength": "{value} is shorter than {said} characters",
    "maxLength": "{value} is longer than {said} characters",
    "pattern": "{value} does not match {said}",
    "format": "{value} is not a {said}",
    "minimum": "{value} is less than {said}",
    "maximum": "{value} is more than {said}",
    "exclusiveMinimum": "{value} is not more than the bound",
    "exclusiveMaximum": "{value} is not less than the bound",
    "multipleOf": "{value} is not a multiple of {said}",
    "uniqueItems": "the items of {value} are not all different",
    "minItems": "{value} items are fewer than {said}",
    "maxItems": "{value} items are more than {said}",
    "contains": "{value} of its items are as 'contains' demands",
    "maxContains": "{value} of its items are as 'contains' says, more than {said}",
    "not": "{value} is excluded by 'not'",
    "required": "the property {value} is missing",
    "dependentRequired": "the property {value} needs {said}",
    "dependencies": "the property {value} needs {said}",
    "minProperties": "{value} properties are fewer than {said}",
    "maxProperties": "{value} properties are more than {said}",
    "propertyNames": "the name {value} is not allowed",
    "forbidden": "no value is allowed here",
    "refused": "the property {value} is not allowed",
    "unpromised": "the property {value} is not promised",
    "writeOnly": "the property {value} is sent and never answered (writeOnly)",
    "oneOf": "it fits {value} alternatives of which exactly one must hold",
    "alternatives": "no alternative fits",
    "discriminator": "{value} names none of the alternatives",
}
"""Why something does not fit, by reason; a reason that is not here is a sentence itself."""


_NAMED = frozenset({"required", "dependentRequired", "dependencies", "refused", "unpromised", "writeOnly"})
_COUNTED = frozenset({"minItems", "maxItems", "contains", "maxContains", "minProperties", "maxProperties", "oneOf"})
"""Reasons whose ``{value}`` is the name of a property, and those where it is a count."""


class Misfit(NamedTuple):
    """One thing that does not fit: where in the value, why, where in the spec, and what is meant by ``{value}``.

    ``is_open``: nobody can tell whether it fits, so it speaks neither for nor against. ``matcher`` is the place in the
    contract of the matcher that it is about, if it is about one.
    """

    place: tuple[Step, ...]
    reason: str
    pointer: str
    value: Any = None
    is_open: bool = False
    matcher: str = ""

    def why(self, root: Any, *, is_quiet: bool = False) -> str:
        """The reason as a sentence without its full stop; ``root`` is the spec's document.

        ``is_quiet``: without the value that was judged. Names of properties, and counts, are told.
        """
        template = REASONS.get(self.reason)
        if template is None:
            return self.reason
        is_told = not is_quiet or self.reason in _NAMED or self.reason in _COUNTED
        return template.format(value=short(self.value) if is_told else "the value", said=self.said(root))

    def said(self, root: Any) -> str:
        """What the spec says at the place."""
        try:
            return short(resolve(root, self.pointer))
        except LookupError:
            return ""


def definite(found: list[Misfit]) -> bool:
    """True if something does not fit, whatever the open ones turn out to be."""
    return any(not misfit.is_open for misfit in found)


def likeliest(tried: list[list[Misfit]]) -> list[Misfit]:
    """Of several attempts that did not succeed: one that may, else the one that got deepest with the fewest misfits."""
    return min(
        tried,
        key=lambda each: (definite(each), -max((len(misfit.place) for misfit in each), default=0), len(each)),
        default=[],
    )
