"""JSON values: types, equality and the keywords of a schema that look at one value alone.

Numbers are exact (int and Decimal). What looks into objects and arrays is ``signet.core.compare.schemas``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from signet.core.compare import texts
from signet.core.formats.text import dump

TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
BOUNDS = {"int32": 31, "int64": 63}


def type_of(value: Any) -> str:
    """The JSON type; an integral number is an ``integer``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "integer" if value == int(value) else "number"


def is_number(value: Any) -> bool:
    """True for numbers; a boolean is none."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def same(one: Any, other: Any) -> bool:
    """JSON equality: 1 is 1.0 and not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other if not is_number(one) else is_number(other) and one == other


def short(value: Any, limit: int = 60) -> str:
    """A value as JSON for a message, cut where it is long."""
    written = dump(value)
    return written if len(written) <= limit else written[: limit - 1] + "…"


def types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that ``type`` names; empty if it names none that JSON Schema knows."""
    named = schema.get("type")
    listed = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    return tuple(kind for kind in listed if kind in TYPES) if all(kind in TYPES for kind in listed) else ()


def has_type(value: Any, allowed: tuple[str, ...]) -> bool:
    """True if the value is of one of the types."""
    kind = type_of(value)
    return kind in allowed or (kind == "integer" and "number" in allowed)


def misfits(value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(keyword, why) for each keyword about the value alone that it breaks."""
    allowed = types(schema)
    if allowed and not has_type(value, allowed):
        yield "type", f"{short(value)} is not of type {' or '.join(allowed)}"
        return
    choices = schema.get("enum")
    if isinstance(choices, list) and not any(same(value, choice) for choice in choices):
        yield "enum", f"{short(value)} is none of {short(choices)}"
    if "const" in schema and not same(value, schema["const"]):
        yield "const", f"{short(value)} is not {short(schema['const'])}"
    if isinstance(value, str):
        yield from _of_text(value, schema)
    elif is_number(value):
        yield from _of_number(value, schema)


def _of_text(value: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    longest, shortest = schema.get("maxLength"), schema.get("minLength")
    if is_number(longest) and len(value) > longest:
        yield "maxLength", f"{short(value)} is longer than {longest} characters"
    if is_number(shortest) and len(value) < shortest:
        yield "minLength", f"{short(value)} is shorter than {shortest} characters"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not texts.matches(pattern, value):
        yield "pattern", f"{short(value)} does not match {pattern!r}"
    named = schema.get("format")
    if isinstance(named, str) and not texts.has_format(named, value):
        yield "format", f"{short(value)} is not a {named}"


def _of_number(value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for keyword, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        bound, strict = schema.get(keyword), schema.get(exclusive)
        word = "less" if sign == 1 else "more"
        if is_number(bound):
            beyond = (value - bound) * sign
            if beyond < 0:
                yield keyword, f"{short(value)} is {word} than {short(bound)}"
            elif beyond == 0 and strict is True:
                yield exclusive, f"{short(value)} is the excluded bound itself"
        if is_number(strict) and (value - strict) * sign <= 0:
            yield exclusive, f"{short(value)} is not {'more' if sign == 1 else 'less'} than {short(strict)}"
    step = schema.get("multipleOf")
    if is_number(step) and step > 0 and not is_multiple(value, step):
        yield "multipleOf", f"{short(value)} is not a multiple of {short(step)}"
    bits = BOUNDS.get(schema["format"]) if isinstance(schema.get("format"), str) else None
    if bits and not -(2**bits) <= value < 2**bits:
        yield "format", f"{short(value)} does not fit {schema['format']}"


def is_multiple(value: Any, step: Any) -> bool:
    """Exact: 0.3 is a multiple of 0.1, and 1e308 is divided without rounding."""
    exact, by = Decimal(str(value)).as_integer_ratio(), Decimal(str(step)).as_integer_ratio()
    return (exact[0] * by[1]) % (exact[1] * by[0]) == 0
