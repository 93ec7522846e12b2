"""JSON values: types, equality and the keywords of a schema that look at one value alone.

Numbers are exact (int and Decimal). What looks into objects and arrays is ``signet.core.compare.schemas``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from signet.core.compare import texts
from signet.core.formats.text import dump

TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
BOUNDS = {"int32": 31, "int64": 63}
MAX_EXPONENT = 1_000


def type_of(value: Any) -> str:
    """The JSON type; an integral number is an ``integer``."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) or _is_integral(value) else "number"


def _is_integral(value: Decimal | float) -> bool:
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    return exact.adjusted() >= 0 and exact == exact.to_integral_value() if exact else True


def is_number(value: Any) -> TypeGuard[int | float | Decimal]:
    """True for numbers; a boolean is none."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def same(one: Any, other: Any) -> bool:
    """JSON equality: 1 is 1.0 and not true."""
    if isinstance(one, (dict, list)):
        return isinstance(other, type(one)) and dump(one) == dump(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def short(value: Any, limit: int = 60) -> str:
    """A value as JSON for a message, cut where it is long."""
    written = dump(value)
    return written if len(written) <= limit else written[: limit - 1] + "…"


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that ``type`` names; empty if it names none, or one that JSON Schema does not know."""
    named = schema.get("type")
    if isinstance(named, str):
        return (named,) if named in TYPES else ()
    if not isinstance(named, list):
        return ()
    known = tuple(kind for kind in named if isinstance(kind, str) and kind in TYPES)
    return known if len(known) == len(named) else ()


def has_type(value: Any, allowed: tuple[str, ...]) -> bool:
    """True if the value is of one of the types."""
    kind = type_of(value)
    return kind in allowed or (kind == "integer" and "number" in allowed)


def misfits(value: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """Each keyword about the value alone that it breaks; Unjudgeable where nobody can tell, after all others."""
    allowed = types(schema)
    if allowed and not has_type(value, allowed):
        yield "type"
        return
    choices = schema.get("enum")
    if isinstance(choices, list) and not any(same(value, choice) for choice in choices):
        yield "enum"
    if "const" in schema and not same(value, schema["const"]):
        yield "const"
    if isinstance(value, str):
        yield from _of_text(value, schema)
    elif is_number(value):
        yield from _of_number(value, schema)


def _of_text(value: str, schema: Mapping[str, Any]) -> Iterator[str]:
    longest, shortest = schema.get("maxLength"), schema.get("minLength")
    if is_number(longest) and len(value) > longest:
        yield "maxLength"
    if is_number(shortest) and len(value) < shortest:
        yield "minLength"
    named = schema.get("format")
    if isinstance(named, str) and not texts.has_format(named, value):
        yield "format"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not texts.matches(pattern, value):
        yield "pattern"


def _of_number(value: int | float | Decimal, schema: Mapping[str, Any]) -> Iterator[str]:
    number = _exact(value)
    for keyword, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        bound, strict = schema.get(keyword), schema.get(exclusive)
        if is_number(bound):
            order = number.compare(_exact(bound)) * sign
            if order < 0:
                yield keyword
            elif order == 0 and strict is True:
                yield exclusive
        if is_number(strict) and number.compare(_exact(strict)) * sign <= 0:
            yield exclusive
    bits = BOUNDS.get(schema["format"]) if isinstance(schema.get("format"), str) else None
    if bits and not -(2**bits) <= value < 2**bits:
        yield "format"
    step = schema.get("multipleOf")
    if is_number(step) and step > 0 and not is_multiple(value, step):
        yield "multipleOf"


def _exact(value: int | float | Decimal) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def is_multiple(value: int | float | Decimal, step: int | float | Decimal) -> bool:
    """Exact: 0.3 is a multiple of 0.1, and 1e308 is divided without rounding. Unjudgeable for absurd exponents."""
    one, by = _exact(value), _exact(step)
    for number in (one, by):
        if number and abs(number.adjusted()) > MAX_EXPONENT:
            raise texts.Unjudgeable(f"{number} is too far from 1 to be divided exactly")
    above, below = one.as_integer_ratio()
    step_above, step_below = by.as_integer_ratio()
    return (above * step_below) % (below * step_above) == 0
