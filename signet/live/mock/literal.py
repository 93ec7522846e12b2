"""Is a value valid by JSON Schema alone, too? Examples of people are judged by it, beside the comparison's rules.

The comparison reads two things kindly that strict validators do not: ``nullable`` beside alternatives, and alternatives
with a discriminator whose property is missing, or of which several fit. What a mock sends must be valid to all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from signet.core.compare.source import Node, Source, is_nullable
from signet.live.mock.generated.said import discriminating, said

Fits = Callable[[Any, Node], bool]
_COMPOSED = ("oneOf", "anyOf", "allOf", "enum", "const", "not", "$ref")


def is_literal(source: Source, value: Any, nodes: Sequence[Node], fits: Fits) -> bool:
    """True if a value that fits ``nodes`` by the comparison's rules needs none of its kindness.

    ``fits`` is the comparison's judgement of a value by one schema. Unjudgeable where a reference leads nowhere.
    """
    made: frozenset[str] = frozenset()
    while True:
        whole = said(source, nodes, made)
        if not whole.choices:
            break
        choice = whole.choices[0]
        taken = [option for option in choice.options if all(fits(value, node) for node in option)]
        if choice.is_exact and source.siblings and sum(fits(value, option[0]) for option in choice.options) != 1:
            return False
        nodes = (*nodes, *(node for option in taken[:1] for node in option))
        made |= {choice.key}
    if any(_is_kind(value, node) for node in whole.flat):
        return False
    return all(is_literal(source, each, inner, fits) for each, inner in _parts(value, whole.flat) if inner)


def _is_kind(value: Any, node: Node) -> bool:
    """True if a schema takes the value only by kindness."""
    schema = node.schema
    if value is None:
        return is_nullable(schema) and any(key in schema for key in _COMPOSED) and None not in schema.get("enum", ())
    name = discriminating(schema)
    has_alternatives = "oneOf" in schema or "anyOf" in schema
    return isinstance(value, dict) and has_alternatives and name is not None and name not in value


def _parts(value: Any, flat: Sequence[Node]) -> Iterator[tuple[Any, list[Node]]]:
    """The members and items of a value, each with the schemas that name it."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield each, [inner for node in flat if (inner := _member(node, name)) is not None]
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield each, [inner for node in flat if (inner := _item(node, at)) is not None]


def _member(node: Node, name: str) -> Node | None:
    properties = node.schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        return node.at("properties", name)
    return node.at("additionalProperties") if isinstance(node.schema.get("additionalProperties"), dict) else None


def _item(node: Node, at: int) -> Node | None:
    first = node.schema.get("prefixItems")
    if isinstance(first, list) and at < len(first):
        return node.at("prefixItems", at)
    return node.at("items") if isinstance(node.schema.get("items"), dict) else None
