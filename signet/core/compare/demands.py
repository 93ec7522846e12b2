"""What Pact's matchers demand of a schema, beyond the example: lengths of lists, kinds of values, texts of a pattern.

An expectation with matchers allows many values. The example must fit the schema, and so must some value that each
matcher allows. An example that its matcher takes is such a value; only where it is none, it is asked what the schema
can offer instead, and only what is certain is told. Places and inheritance of rules are
``signet.core.formats.matchers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from signet.core.compare import dates, values
from signet.core.compare.modes import Purse
from signet.core.compare.source import Node, is_nullable
from signet.core.compare.texts import Unjudgeable, has_format, matches
from signet.core.formats.matchers import Rule
from signet.core.formats.text import dump

DATES = ("date", "time", "datetime", "timestamp")
KINDS = {
    "integer": ("integer", "number"),
    "decimal": ("number",),
    "number": ("number", "integer"),
    "boolean": ("boolean", "string"),
    "null": ("null",),
    "semver": ("string",),
    **dict.fromkeys(DATES, ("string",)),
}
"""The types of a schema that a matcher can be met by; the text "true" is a boolean to Pact."""
KNOWN = frozenset({*KINDS, "type", "regex", "equality", "include", "values", "notEmpty", "arrayContains"}) | {
    "eachKey",
    "eachValue",
    "contentType",
    "statusCode",
}
"""All matchers of Pact 2 to 4."""
_WITNESSES: dict[str, tuple[Any, ...]] = {"boolean": (True, False, "true", "false"), "null": (None,)}
_TEXTS = {
    "integer": re.compile(r"[+-]?\d+\Z"),
    "decimal": re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\Z"),
    "number": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z"),
    "boolean": re.compile(r"true\Z|false\Z"),
}
_SEMVER = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?\Z")
_FOREIGN = ("[[:", "[^[:", "&&[")
_END = re.compile(r"(?<!\\)((?:\\\\)*)\\Z")
_NUMERIC = re.compile(r"[0-9+.eE-]*\Z")
_MOMENTS = ("date", "date-time", "time")


class Unmet(NamedTuple):
    """A matcher that no value of the schema can satisfy, and where both stand; ``is_open`` if nobody can tell."""

    why: str
    pointer: str
    matcher: str
    is_open: bool = False


# --- lengths ---------------------------------------------------------------------------------------------------------


def lengths(
    value: list[Any], schema: Mapping[str, Any], rules: Sequence[Rule], loose: bool
) -> Iterator[tuple[str, int]]:
    """(keyword, number of items) where the number of items cannot be what the schema allows.

    ``loose``: the items are examples, and a matcher bounds their number; else the list is meant as it is.
    """
    fewest, most = bounds(rules, None if loose else len(value))
    lowest, highest = schema.get("minItems"), schema.get("maxItems")
    if values.is_number(highest) and fewest is not None and fewest > highest:
        yield "maxItems", fewest
    if values.is_number(lowest) and most is not None and most < lowest:
        yield "minItems", most


def bounds(rules: Sequence[Rule], count: int | None = None) -> tuple[int | None, int | None]:
    """(fewest, most) items that the matchers allow; ``count`` where they leave it open."""
    fewest = most = count
    for rule in rules:
        low, high = _bounds(rule)
        if rule.either:
            rivals = [_bounds(each) for each in rules if each.either == rule.either]
            low = min(lows) if len(lows := [each for each, _ in rivals if each is not None]) == len(rivals) else None
            high = max(tops) if len(tops := [each for _, each in rivals if each is not None]) == len(rivals) else None
        fewest = low if low is not None else fewest
        most = high if high is not None else most
    return fewest, most


def _bounds(rule: Rule) -> tuple[int | None, int | None]:
    if rule.kind == "notEmpty":
        return 1, None
    if rule.kind == "arrayContains":
        return (1 if rule.matcher.get("variants") else None), None
    low, high = rule.matcher.get("min"), rule.matcher.get("max")
    return (low if _is_count(low) else None), (high if _is_count(high) else None)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# --- values ----------------------------------------------------------------------------------------------------------


def is_met(rule: Rule, value: Any, as_text: bool = False, purse: Purse | None = None) -> bool:
    """True if a matcher takes a value; Unjudgeable if nobody can tell. What bounds lists is ``lengths``.

    Patterns are paid for from the ``purse``.
    """
    kind = rule.kind
    if isinstance(value, (list, dict)) and kind != "notEmpty":
        return True  # libraries differ in what such a matcher says about the members
    if kind == "regex":
        pattern = rule.matcher.get("regex")
        return not isinstance(pattern, str) or _is_found(_portable(pattern), _text(value), purse)
    if kind == "include":
        return _text(rule.matcher.get("value", "")) in _text(value)
    if kind == "notEmpty":
        return not isinstance(value, (str, list, dict)) or len(value) > 0
    if kind == "semver":
        return isinstance(value, str) and _SEMVER.match(value) is not None
    if kind in DATES:
        known = _moment(rule)
        return isinstance(value, str) if known is None else matches(known.shape, _text(value))
    if as_text and isinstance(value, str):
        return kind not in _TEXTS or _TEXTS[kind].match(value) is not None
    if kind == "boolean" and isinstance(value, str):
        return value in ("true", "false")
    return kind not in KINDS or values.type_of(value) in KINDS[kind]


def _is_found(pattern: str, written: str, purse: Purse | None) -> bool:
    if purse is not None:
        purse.pay(pattern, written)
    return matches(pattern, written)


def _portable(pattern: str) -> str:
    """A consumer's pattern as the engines here read it; Unjudgeable if they would read something else than Pact's."""
    if any(part in pattern for part in _FOREIGN):
        raise Unjudgeable(f"the pattern {pattern!r} has classes that engines read differently")
    return _END.sub(r"\1\\z", pattern)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


def _moment(rule: Rule) -> dates.Written | None:
    pattern = rule.matcher.get("format", rule.matcher.get(rule.kind))
    return dates.written(pattern) if isinstance(pattern, str) else None


def unmet(
    value: Any, flat: Sequence[Node], rules: Sequence[Rule], purse: Purse, as_text: bool = False
) -> Iterator[Unmet]:
    """Each matcher that the example does not meet, and no value of the schemas can."""
    answers: dict[str, list[Unmet | None]] = {}
    for rule in rules:
        answers.setdefault(rule.either or rule.pointer, []).append(_of(rule, value, flat, as_text, purse))
    for found in answers.values():
        if None not in found:
            yield min((each for each in found if each is not None), key=lambda each: not each.is_open)


def _of(rule: Rule, value: Any, flat: Sequence[Node], as_text: bool, purse: Purse) -> Unmet | None:
    try:
        if is_met(rule, value, as_text, purse):
            return None
    except Unjudgeable as error:
        listing = next((node for node in flat if listed(node.schema) is not None), None)
        return None if listing is None else Unmet(error.why, listing.pointer, rule.pointer, is_open=True)
    found = [unmet for node in flat if (unmet := _against(rule, node, as_text, purse)) is not None]
    return min(found, key=lambda each: each.is_open, default=None)


def _against(rule: Rule, node: Node, as_text: bool, purse: Purse) -> Unmet | None:
    """Why no value of this schema meets the matcher."""
    allowed = values.types(node.schema)
    if allowed and is_nullable(node.schema):
        allowed = (*allowed, "null")
    kinds = KINDS.get(rule.kind)
    if kinds and as_text and rule.kind != "null":
        kinds = (*kinds, "string")
    if rule.kind == "include" and not _NUMERIC.match(_text(rule.matcher.get("value", ""))) and not as_text:
        kinds = ("string", "boolean", "null", "object", "array")
    if kinds and allowed and not set(kinds) & set(allowed):
        why = f"the matcher demands {demanded(rule)}, and it is {' or '.join(allowed)}"
        return Unmet(why, f"{node.pointer}/type", rule.pointer)
    for keyword, why in _of_bounds(rule, node.schema):
        return Unmet(why, f"{node.pointer}/{keyword}", rule.pointer)
    choices = listed(node.schema)
    if choices is None:
        return None
    keyword, options = choices
    try:
        for choice in options:
            purse.spend(1)
            if is_met(rule, choice, as_text, purse) or (as_text and is_met(rule, _text(choice), True, purse)):
                return None
    except Unjudgeable as error:
        return Unmet(error.why, f"{node.pointer}/{keyword}", rule.pointer, is_open=True)
    why = f"the matcher demands {demanded(rule)}, and it is one of {values.short(list(options))}"
    return Unmet(why, f"{node.pointer}/{keyword}", rule.pointer)


def _of_bounds(rule: Rule, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(keyword, why) where lengths, formats or the few values of the matcher leave nothing over."""
    longest, named = schema.get("maxLength"), schema.get("format")
    least = {"include": len(_text(rule.matcher.get("value", ""))), "notEmpty": 1}.get(rule.kind, 0)
    if values.is_number(longest) and longest < least and values.types(schema) == ("string",):
        yield "maxLength", f"the matcher demands {demanded(rule)}, and it has at most {longest} characters"
    moment = _moment(rule) if rule.kind in DATES else None
    if moment is not None and isinstance(named, str) and named in _MOMENTS and not has_format(named, moment.sample):
        yield "format", f"the matcher demands {demanded(rule)}, and it is a {named}"
    witnesses = _WITNESSES.get(rule.kind, ())
    if witnesses and not is_nullable(schema):
        failing = [_first(each, schema) for each in witnesses]
        if all(failing):
            yield failing[-1], f"the matcher demands {rule.kind}, and no such value is allowed"


def _first(value: Any, schema: Mapping[str, Any]) -> str:
    """The first keyword that a value breaks; none where that cannot be told."""
    try:
        return next(values.misfits(value, schema), "")
    except Unjudgeable:
        return ""


def demanded(rule: Rule) -> str:
    """What a matcher demands, in a few words."""
    if rule.kind == "regex":
        return repr(rule.matcher.get("regex"))
    if rule.kind == "include":
        return f"a text with {values.short(rule.matcher.get('value'))}"
    if rule.kind in DATES and _moment(rule) is not None:
        return f"a {rule.kind} like {rule.matcher.get('format', rule.matcher.get(rule.kind))}"
    return {"notEmpty": "what is not empty", "semver": "a semantic version"}.get(rule.kind, rule.kind)


def listed(schema: Mapping[str, Any]) -> tuple[str, Sequence[Any]] | None:
    """(keyword, values) of a schema that has only a few; None where it has more than can be listed."""
    if isinstance(schema.get("enum"), list):
        return "enum", schema["enum"]
    if "const" in schema:
        return "const", [schema["const"]]
    if values.types(schema) == ("boolean",):
        return "type", [True, False, *([None] if is_nullable(schema) else [])]
    return None
