"""Checks of what a schema says about one value alone, made ready for a type of value; ``values`` is the law.

Texts of common formats are recognised by patterns that are narrower than the format, so that most comparisons need no
engine; all others are judged by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from signet.core.compare import texts, values
from signet.core.compare.quick_work import Doubt

POSITIONS = ("items", "prefixItems")
_NAMES = {str: "string", dict: "object", list: "array", bool: "boolean"}
_NUMERIC = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_DATE = r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_HOUR = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_LARGEST = 500  # values in what an enum lists, which are compared at once
_LONGEST = 500  # the patterns below repeat groups, and each repetition takes memory
SURE = {
    name: re.compile(pattern + r"\Z")
    for name, pattern in {
        "date": _DATE,
        "date-time": rf"{_DATE}T{_HOUR}:[0-5][0-9](?:\.[0-9]{{1,6}})?(?:Z|[+-]{_HOUR})",
        "uuid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "email": r"[A-Za-z0-9]{1,30}(?:[._-][A-Za-z0-9]{1,10}){0,2}@[a-z0-9]{1,30}(?:\.[a-z]{2,10}){1,3}",
        "uri": r"https?://[a-z0-9]{1,30}(?:\.[a-z][a-z0-9]{0,20}){0,4}(?:/[A-Za-z0-9._-]+)*/?",
    }.items()
}
"""Texts that have a format for certain, by format."""
_SAYS_ITS_VALUE = frozenset(
    {"type", "format", "enum", "const", "minLength", "maxLength", "pattern", "nullable", "x-nullable", *_NUMERIC}
)
_SAYS_NOTHING = frozenset({"title", "description", "default", "example", "examples", "deprecated", "readOnly"})
_PLAIN = _SAYS_ITS_VALUE | _SAYS_NOTHING

Own = Callable[[Any], bool]


def check(schema: Mapping[str, Any], kind: type) -> Own | bool:
    """True if every value of the type fits, False if none does, else what tells."""
    allowed = values.types(schema)
    if allowed and not _may_be(allowed, kind):
        return False
    if not allowed and values.unknown_types(schema):
        raise Doubt
    listed = isinstance(schema.get("enum"), list) or "const" in schema
    if kind is str:
        return _of_text(schema)
    if kind is bool:
        return _judged(schema) if listed else True
    if kind in (dict, list):
        if not listed:
            return True
        if values.volume([schema.get("enum"), schema.get("const")]) > _LARGEST:
            raise Doubt  # equality of what is large is paid for by the evaluator
        return _judged(schema)
    if isinstance(schema.get("enum"), list):
        numbers = frozenset(choice for choice in schema["enum"] if values.is_number(choice))
        rest = check({key: said for key, said in schema.items() if key != "enum"}, kind)
        return lambda value: value in numbers and (rest is True or (rest is not False and rest(value)))
    if kind is not int and allowed and "number" not in allowed:
        return _judged(schema)
    bounded = schema.get("format") in values.BOUNDS if isinstance(schema.get("format"), str) else False
    if listed or bounded or any(keyword in schema for keyword in _NUMERIC):
        return _of_number(schema, kind)
    return True


def is_plain(schema: Any) -> bool:
    """True if a schema speaks about a value alone, so that ``check`` tells all about texts, numbers and flags."""
    return isinstance(schema, dict) and _PLAIN.issuperset(schema)


def _may_be(allowed: tuple[str, ...], kind: type) -> bool:
    if kind in _NAMES:
        return _NAMES[kind] in allowed
    return "number" in allowed or "integer" in allowed


def _judged(schema: Mapping[str, Any]) -> Own:
    return lambda value: next(values.misfits(value, schema), None) is None


def _of_number(schema: Mapping[str, Any], kind: type) -> Own:
    """A whole number between whole bounds is compared at once; all else is judged."""
    known = {"type", "format", "minimum", "maximum"}
    touched = known | set(_NUMERIC) | {"enum", "const"}
    bounds = [schema.get("minimum"), schema.get("maximum")]
    if (
        kind is not int
        or (touched & schema.keys()) - known
        or any(type(each) not in (int, type(None)) for each in bounds)
    ):
        return _judged(schema)
    bits = values.BOUNDS.get(schema["format"]) if isinstance(schema.get("format"), str) else None
    lows = [each for each in (bounds[0], -(2**bits) if bits else None) if each is not None]
    highs = [each for each in (bounds[1], 2**bits - 1 if bits else None) if each is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    return lambda value: (low is None or low <= value) and (high is None or value <= high)


def _of_text(schema: Mapping[str, Any]) -> Own | bool:
    if "const" in schema:
        return _judged(schema)
    tests: list[Own] = []
    if isinstance(schema.get("enum"), list):
        tests.append(frozenset(choice for choice in schema["enum"] if isinstance(choice, str)).__contains__)
    if values.is_number(schema.get("minLength")) or values.is_number(schema.get("maxLength")):
        tests.append(_of_length(schema))
    named = schema.get("format")
    if isinstance(named, str) and named not in texts.UNCHECKED:
        tests.append(_of_format(named))
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        tests.append(lambda value: texts.matches(pattern, value))
    if not tests:
        return True
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _of_length(schema: Mapping[str, Any]) -> Own:
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    low = shortest if values.is_number(shortest) else 0
    high = longest if values.is_number(longest) else None
    return lambda value: low <= len(value) and (high is None or len(value) <= high)


def _of_format(name: str) -> Own:
    sure = SURE.get(name)
    if sure is None:
        return lambda value: texts.has_format(name, value)
    match = sure.match
    return lambda value: (len(value) <= _LONGEST and match(value) is not None) or texts.has_format(name, value)


# --- objects and lists -----------------------------------------------------------------------------------------------


def counts_properties(schema: Mapping[str, Any]) -> bool:
    """True if a schema bounds the number of properties."""
    return values.is_number(schema.get("maxProperties")) or values.is_number(schema.get("minProperties"))


def has_count(value: Mapping[str, Any], schema: Mapping[str, Any], is_whole: bool) -> bool:
    """True if an object has as many properties as it may; the least counts only where the object is whole."""
    fewest, most = schema.get("minProperties"), schema.get("maxProperties")
    if values.is_number(most) and len(value) > most:
        return False
    return not (is_whole and values.is_number(fewest) and len(value) < fewest)


def bounds_items(schema: Mapping[str, Any]) -> bool:
    """True if a schema says something about a list as a whole."""
    return any(schema.get(keyword) is not None for keyword in ("minItems", "maxItems", "uniqueItems"))
