"""What Pact's matchers demand of a schema, beyond the example: lengths of lists, kinds of values, texts of a pattern.

An expectation with matchers allows many values. The example must fit the schema, and so must some value that each
matcher allows. Places and inheritance of rules are ``signet.core.formats.matchers``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from signet.core.compare import values
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable, matches
from signet.core.formats.matchers import Rule
from signet.core.formats.text import dump

KINDS = {
    "integer": ("integer", "number"),
    "decimal": ("number",),
    "number": ("number", "integer"),
    "boolean": ("boolean",),
    "null": ("null",),
    "date": ("string",),
    "time": ("string",),
    "datetime": ("string",),
    "timestamp": ("string",),
    "include": ("string",),
    "semver": ("string",),
}
"""The types of a schema that a matcher can be met by."""


def lengths(
    value: list[Any], schema: Mapping[str, Any], rules: Sequence[Rule], loose: bool
) -> Iterator[tuple[str, int | None]]:
    """(keyword, number of items) where the number of items cannot be what the schema allows.

    ``loose``: the items are examples, and a matcher bounds their number; else the list is meant as it is.
    """
    fewest: int | None = None if loose else len(value)
    most: int | None = None if loose else len(value)
    for rule in rules:
        low, high = rule.matcher.get("min"), rule.matcher.get("max")
        fewest = low if _is_count(low) else fewest
        most = high if _is_count(high) else most
    lowest, highest = schema.get("minItems"), schema.get("maxItems")
    if values.is_number(highest) and fewest is not None and fewest > highest:
        yield "maxItems", fewest
    if values.is_number(lowest) and most is not None and most < lowest:
        yield "minItems", most
    if schema.get("uniqueItems") is True and not loose and len({dump(each) for each in value}) < len(value):
        yield "uniqueItems", None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def unmet(value: Any, flat: Sequence[Node], rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """(why, pointer) for each matcher that no value of the schema can satisfy."""
    for rule in rules:
        kinds = KINDS.get(rule.kind)
        for node in flat:
            allowed = values.types(node.schema)
            if kinds and allowed and not set(kinds) & set(allowed):
                yield f"the matcher demands {rule.kind}, and it is {' or '.join(allowed)}", f"{node.pointer}/type"
            if rule.kind == "regex" and isinstance(value, str):
                yield from _of_pattern(rule, node)


def _of_pattern(rule: Rule, node: Node) -> Iterator[tuple[str, str]]:
    """A pattern must allow one of the texts that the schema lists."""
    pattern, keyword = rule.matcher.get("regex"), "enum" if "enum" in node.schema else "const"
    if not isinstance(pattern, str) or keyword not in node.schema:
        return
    listed = node.schema[keyword] if keyword == "enum" else [node.schema[keyword]]
    if not isinstance(listed, list):
        return
    try:
        met = any(isinstance(choice, str) and matches(f"^(?:{pattern})$", choice) for choice in listed)
    except Unjudgeable:  # the consumer's pattern is of another engine: the example has been judged
        return
    if not met:
        yield f"the matcher demands {pattern!r}, and it is one of {values.short(listed)}", f"{node.pointer}/{keyword}"
