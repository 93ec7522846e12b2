"""What a set of nodes says whatever the value is: ``expansion`` without a value, for plans that are made ahead.

Where what is said hangs on the value (conditions, dependent schemas, the name that a discriminator reads), it says so,
and the evaluator is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from signet.core.compare import unevaluated
from signet.core.compare.expansion import Group
from signet.core.compare.modes import Mode
from signet.core.compare.quick_work import Doubt
from signet.core.compare.source import Node, Source

MOST_NODES = 2_000
LONGEST_PLACE = 1_000
"""Characters of the pointer of a schema; plans are kept, and each has those of its schemas."""
_COMPOSED = frozenset({"$ref", "allOf", "oneOf", "anyOf", "if", "discriminator", "$dynamicRef"})
_OF_OBJECTS = ("dependentSchemas", "dependencies", "dependentRequired", "propertyNames")


@dataclass(slots=True)
class Outline:
    """Plain nodes, groups of alternatives, and whether a value may be allowed at all.

    ``names`` are the properties whose text chooses among schemas.
    """

    flat: list[Node] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    forbidden: bool = False
    names: list[str] = field(default_factory=list)

    def is_beyond_objects(self, mode: Mode) -> bool:
        """True if only the evaluator can tell about objects."""
        return any(
            unevaluated.counts(node, "unevaluatedProperties", mode)
            or any(node.schema.get(keyword) is not None for keyword in _OF_OBJECTS)
            for node in self.flat
        )

    def is_beyond_lists(self, mode: Mode) -> bool:
        """True if only the evaluator can tell about lists."""
        return any(
            unevaluated.counts(node, "unevaluatedItems", mode) or node.schema.get("contains") is not None
            for node in self.flat
        )


def outlined(source: Source, nodes: Sequence[Node], decided: frozenset[str]) -> Outline:
    """The outline of a set for any value but null; Doubt where there is none."""
    whole = Outline()
    waiting: list[Node | str] = list(reversed(nodes))
    seen, inside = set[str](), set[str]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):  # everything inside the schema at this place has been met
            inside.discard(node)
            continue
        if node.pointer in inside:
            raise Doubt  # a circle
        if node.pointer in seen:
            continue
        seen.add(node.pointer)
        schema = node.schema
        if schema is False:
            whole.forbidden = True
        if not isinstance(schema, dict):
            continue
        if source.marks.foreign and source.marks.dialect(node.pointer):
            raise Doubt
        if schema.keys().isdisjoint(_COMPOSED):
            whole.flat.append(node)
            continue
        if len(seen) > MOST_NODES or len(node.pointer) > LONGEST_PLACE or isinstance(schema.get("if"), (dict, bool)):
            raise Doubt
        inside.add(node.pointer)
        waiting.append(node.pointer)
        if isinstance(schema.get("$ref"), str):
            waiting.append(Node(*source.follow(schema["$ref"], node.pointer)))
            if not source.siblings or len(schema) == 1:
                continue
        whole.flat.append(node)
        if source.siblings and isinstance(schema.get("$dynamicRef"), str):
            waiting.append(Node(*source.follow_dynamic(schema["$dynamicRef"], node.pointer)))
        waiting.extend(reversed(node.members("allOf")))
        waiting.extend(_alternatives(node, whole, decided))
    return whole


def _alternatives(node: Node, whole: Outline, decided: frozenset[str]) -> Iterator[Node]:
    """Add the groups of a node; yield what holds without a choice."""
    discriminator: Any = node.schema.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else discriminator
    if isinstance(name, str):
        whole.names.append(name)
    for keyword in ("oneOf", "anyOf"):
        branches = node.members(keyword)
        key = f"{node.pointer}/{keyword}"
        if not branches or key in decided:
            continue
        if len(branches) == 1:
            yield branches[0]
        else:
            whole.groups.append(Group(key, key, branches, keyword == "oneOf", is_typed=discriminator is not None))
