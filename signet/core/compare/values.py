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
_BITS = 10_000  # of a number that Python does not write out


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
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def is_part(one: Any, other: Any) -> bool:
    """True if one value is another with properties left out."""
    if isinstance(one, dict):
        return isinstance(other, dict) and all(key in other and is_part(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(is_part, one, other))
    return same(one, other)


def volume(value: Any) -> int:
    """How many values there are in a value."""
    waiting, count = [value], 0
    while waiting:
        each = waiting.pop()
        if isinstance(each, (dict, list)):
            count += len(each)
            waiting.extend(each.values() if isinstance(each, dict) else each)
    return count


def short(value: Any, limit: int = 60) -> str:
    """A value as JSON for a message, cut where it is long; of what is large, only the beginning is read."""
    written = ""
    for piece in _written(value):
        written += piece
        if len(written) > limit:
            return written[: limit - 1] + "…"
    return written


def _written(value: Any) -> Iterator[str]:
    """The pieces of a value as JSON, in the order of the canonical form."""
    if isinstance(value, str):
        yield dump(value[:200])
    elif isinstance(value, dict):
        opening = "{"
        for key in sorted(value):
            yield f"{opening}{dump(key[:200])}:"
            yield from _written(value[key])
            opening = ","
        yield "}" if value else "{}"
    elif isinstance(value, list):
        opening = "["
        for each in value:
            yield opening
            yield from _written(each)
            opening = ","
        yield "]" if value else "[]"
    elif isinstance(value, int) and value.bit_length() > _BITS:
        yield f"a number of {value.bit_length() // 3:,} digits or more"
    else:
        yield dump(value)


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that ``type`` names; empty if it names none, or one that JSON Schema does not know."""
    named = schema.get("type")
    if isinstance(named, str):
        return (named,) if named in TYPES else ()
    if not isinstance(named, list):
        return ()
    known = tuple(kind for kind in named if isinstance(kind, str) and kind in TYPES)
    return known if len(known) == len(named) else ()


def unknown_types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that ``type`` names and nobody defines; Swagger's ``file`` is for what is no JSON."""
    named = schema.get("type")
    listed = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    return tuple(kind for kind in listed if isinstance(kind, str) and kind not in TYPES and kind != "file")


def has_type(value: Any, allowed: tuple[str, ...]) -> bool:
    """True if the value is of one of the types."""
    kind = type_of(value)
    return kind in allowed or (kind == "integer" and "number" in allowed)


def misfits(value: Any, schema: Mapping[str, Any], *, partly: bool = False) -> Iterator[str]:
    """Each keyword about the value alone that it breaks; Unjudgeable where nobody can tell, after all others.

    ``partly``: the value is an expectation, so an object that is listed may have more properties than it.
    """
    allowed = types(schema)
    if allowed and not has_type(value, allowed):
        yield "type"
        return
    choices = schema.get("enum")
    if isinstance(choices, list) and not _is_listed(value, choices, partly):
        yield "enum"
    if "const" in schema and not _equals(value, schema["const"], partly):
        yield "const"
    if isinstance(value, str):
        yield from _of_text(value, schema)
    elif is_number(value):
        yield from _of_number(value, schema)
    unknown = () if allowed else unknown_types(schema)
    if unknown and not has_type(value, tuple(schema["type"])):
        raise texts.Unjudgeable(f"nobody defines the type {short(unknown[0])}")


def _is_listed(value: Any, choices: list[Any], partly: bool) -> bool:
    """What is equal in JSON is equal in Python too, which is asked first, for it is quick."""
    if value not in choices and not (partly and isinstance(value, (dict, list))):
        return False
    return any(_equals(value, choice, partly) for choice in choices)


def _equals(value: Any, choice: Any, partly: bool) -> bool:
    return is_part(value, choice) if partly else same(value, choice)


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
