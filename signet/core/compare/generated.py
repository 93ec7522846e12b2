"""Pact's generators: what they put in the place of an example at run time, where the schema allows no such value.

What a consumer relies on is its example and its matchers, and libraries differ in what a generator makes of an example
of another type; so this is a warning: the tests of the contract ran with other values than those that are compared.
Of values that a provider state or a plugin supplies nothing is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple

from signet.core.compare import dates, parameters
from signet.core.compare.modes import Budget, Misfit, Mode, OverBudget
from signet.core.compare.operations import Parameter
from signet.core.compare.report import Report
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node
from signet.core.formats.generators import Generator
from signet.core.formats.matchers import Step, places
from signet.core.formats.text import dump

_UUIDS = {
    "simple": "936da01f9abd4d9d80c702af85c822a8",
    "upper-case-hyphenated": "936DA01F-9ABD-4D9D-80C7-02AF85C822A8",
    "URN": "urn:uuid:936da01f-9abd-4d9d-80c7-02af85c822a8",
}
_UUID = "936da01f-9abd-4d9d-80c7-02af85c822a8"
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"})
_LENGTHS = frozenset({"minLength", "maxLength"})
_LONGEST = 10_000
_MOST_PLACES = 20
_STEPS = 10_000
"""Steps of the evaluator for the generators of one body; what the short cut may do hangs on what was made before."""
_MOST = 100
"""Generators of one body that are looked at."""

Attempt = Callable[[Any], list[Misfit]]


class Made(NamedTuple):
    """What a generator makes: examples at its ends, and the keywords that all of its values break as they do."""

    values: Sequence[Any]
    telling: frozenset[str]


def made(generator: Mapping[str, Any]) -> Made | None:
    """What a generator makes; None where nothing is known of it."""
    kind = generator.get("type")
    if kind == "RandomInt":
        return Made((_count(generator, "min", 0), _count(generator, "max", 10)), _BOUNDS)
    if kind == "RandomDecimal":
        return Made((Decimal("1.5"),), frozenset())
    if kind == "RandomBoolean":
        return Made((True, False), frozenset({"enum", "const"}))
    if kind in ("RandomString", "RandomHexadecimal"):
        size = _count(generator, "size" if kind == "RandomString" else "digits", 10)
        return Made(("a" * max(0, min(size, _LONGEST)),), _LENGTHS)
    if kind == "Uuid":
        return Made((_UUIDS.get(str(generator.get("format")), _UUID),), _LENGTHS | {"format"})
    if kind in ("Date", "Time", "DateTime"):
        pattern = generator.get("format")
        known = dates.written(pattern) if isinstance(pattern, str) else None
        return Made((known.sample,), frozenset({"format"})) if known else Made(("x",), frozenset())
    return Made(("x",), frozenset()) if kind in ("Regex", "MockServerURL") else None


def _count(generator: Mapping[str, Any], key: str, default: int) -> int:
    value = generator.get(key, default)
    return value if type(value) is int else default


def of_body(
    report: Report, side: str, judge: Judge, generators: Sequence[Generator], value: Any, node: Node, mode: Mode
) -> None:
    """Tell of generators of a body that fits with its example, and with nothing that they make.

    It has steps of its own, and ends in silence without them: a hint must not cost the interaction its answer.
    """
    budget = Budget(steps=_STEPS)
    of_bodies = (each for each in generators if each.category == "body")
    for generator in islice(of_bodies, _MOST):
        for place, _ in islice(places(value, generator.path), _MOST_PLACES):

            def attempt(made: Any, place: tuple[Step, ...] = place) -> list[Misfit]:
                try:
                    found = Judge(judge.source, budget=budget).misfits(_with(value, place, made), (node,), mode)
                except OverBudget:
                    return []
                return [each for each in found if each.place[: len(place)] == place]

            if _told(report, side, generator, attempt):
                break


def of_parameter(
    report: Report, side: str, judge: Judge, generators: Sequence[Generator], parameter: Parameter, mode: Mode
) -> None:
    """The same for a parameter or header."""
    fold = str.lower if parameter.place == "header" else str
    for generator in generators:
        if generator.category != parameter.place or not generator.path:
            continue
        if fold(str(generator.path[0])) == fold(parameter.name):
            _told(report, side, generator, lambda made: parameters.misfits(judge, parameter, [_text(made)], mode))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


def _told(report: Report, side: str, generator: Generator, attempt: Attempt) -> bool:
    known = made(generator.said)
    if known is None:
        return False
    tried = [
        {(each.reason, each.pointer) for each in attempt(value) if each.reason in known.telling | {"type"}}
        for value in known.values
    ]
    common = sorted(set.intersection(*tried))
    if not common:
        return False
    reason, pointer = common[0]
    said = Misfit((), reason, pointer, known.values[0])
    report.add(
        f"{side}.generator.incompatible",
        generator.pointer,
        pointer,
        name=str(generator.said.get("type")),
        why=said.why(report.root),
        promised=said.said(report.root),
    )
    return True


def _with(value: Any, place: Sequence[Any], made: Any) -> Any:
    """The value with something else at a place; the rest is shared."""
    if not place:
        return made
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _with(value[place[0]], place[1:], made)
    return copy
