"""From a set of schema nodes to what they say at one place: references followed, ``allOf`` merged, conditions decided.

It finds the alternatives (``oneOf``, ``anyOf``, discriminators, conditions that are open) and chooses none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from signet.core.compare.source import Node, Source, is_nullable
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Step
from signet.core.formats.structure import local

if TYPE_CHECKING:
    from signet.core.compare.schemas import Judge

_CONDITIONS = ("then", "else")
_BESIDE_TYPES = ("enum", "const", "not")


class Group(NamedTuple):
    """Alternatives, one of which must hold (of ``oneOf``, exactly one)."""

    key: str
    pointer: str
    branches: list[Node]
    exactly_one: bool = False
    failure: str = "alternatives"
    named: str | None = None


@dataclass(slots=True)
class Expansion:
    """What a set of nodes says: plain nodes, groups of alternatives, and places that allow no value at all."""

    flat: list[Node] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)


def expand(
    judge: Judge,
    value: Any,
    nodes: Sequence[Node],
    is_response: bool,
    place: tuple[Step, ...],
    decided: frozenset[str],
) -> Expansion:
    """Everything that ``nodes`` say about a value, each schema once; ``decided`` groups are left out."""
    whole = Expansion()
    waiting, seen = list(reversed(nodes)), set[tuple[str, bool]]()
    while waiting:
        node = waiting.pop()
        if (node.pointer, node.related) in seen:
            continue
        seen.add((node.pointer, node.related))
        judge.budget.spend()
        schema = node.schema
        if schema is False:
            whole.forbidden.append(node.pointer)
        if not isinstance(schema, dict):
            continue
        if value is None and is_nullable(schema):
            whole.flat.extend(_of_null(node))
            continue
        if isinstance(schema.get("$ref"), str):
            waiting.append(Node(*judge.source.follow(schema["$ref"], node.pointer), node.related))
            if not judge.source.siblings:
                continue
        whole.flat.append(node)
        waiting.extend(reversed(node.members("allOf")))
        waiting.extend(_dependent(value, node))
        waiting.extend(_conditional(judge, value, node, is_response, place, whole, decided))
        waiting.extend(_alternatives(judge.source, value, node, is_response, whole, decided))
    return whole


def _of_null(node: Node) -> list[Node]:
    """What a nullable schema says about null: ``nullable`` is one more type, so a list of values still holds."""
    said = {keyword: node.schema[keyword] for keyword in _BESIDE_TYPES if keyword in node.schema}
    return [node._replace(schema=said)] if said else []


def _dependent(value: Any, node: Node) -> list[Node]:
    found = []
    for keyword in ("dependentSchemas", "dependencies"):
        held = node.schema.get(keyword)
        if isinstance(held, dict) and isinstance(value, dict):
            found += [node.at(keyword, name) for name in held if name in value and not isinstance(held[name], list)]
    return found


def _conditional(
    judge: Judge,
    value: Any,
    node: Node,
    is_response: bool,
    place: tuple[Step, ...],
    whole: Expansion,
    decided: frozenset[str],
) -> list[Node]:
    """The branch of ``if`` that holds. What an expectation leaves out leaves the condition open: either may hold."""
    schema = node.schema
    if not isinstance(schema.get("if"), (dict, bool)):
        return []
    branches = {
        keyword: Node(schema[keyword], f"{node.pointer}/{keyword}", True)
        for keyword in _CONDITIONS
        if isinstance(schema.get(keyword), (dict, bool))
    }
    if is_response and mentions_more(schema["if"], value):
        key = f"{node.pointer}/if"
        if len(branches) == 2 and key not in decided:
            whole.groups.append(Group(key, key, list(branches.values())))
        return []
    chosen = branches.get("then" if judge.holds(value, node.at("if"), (*place, "if")) else "else")
    return [chosen] if chosen else []


def mentions_more(condition: Any, value: Any) -> bool:
    """True if the condition looks at properties that an object does not have."""
    if not (isinstance(condition, dict) and isinstance(value, dict)):
        return False
    properties, required = condition.get("properties"), condition.get("required")
    named = list(properties) if isinstance(properties, dict) else []
    named += required if isinstance(required, list) else []
    return any(name not in value for name in named)


# --- oneOf, anyOf and the discriminator ------------------------------------------------------------------------------


def _alternatives(
    source: Source, value: Any, node: Node, is_response: bool, whole: Expansion, decided: frozenset[str]
) -> list[Node]:
    """Add the groups of a node; return what holds without a choice: a single branch, the subtype that is named."""
    merged: list[Node] = []
    grouped = False
    for keyword in ("oneOf", "anyOf"):
        branches = node.members(keyword)
        key = f"{node.pointer}/{keyword}"
        grouped = grouped or bool(branches)
        if not branches or key in decided:
            continue
        group = _chosen(source, value, node, Group(key, key, branches, keyword == "oneOf"))
        if len(group.branches) == 1:
            merged += group.branches
        else:
            whole.groups.append(group)
    subtype = None if grouped or not is_response else _subtype(source, value, node)
    return merged if subtype is None else [subtype]


def _subtype(source: Source, value: Any, node: Node) -> Node | None:
    """The schema that a discriminator names where it has no alternatives: a subtype, merged by ``allOf`` there."""
    named = _named_type(node, value)
    if named is None:
        return None
    target = _mapped(node.schema["discriminator"], named) or _component(source, named)
    if local(target) is None:
        target = _component(source, target)
    try:
        return Node(*source.follow(target, node.pointer), node.related)
    except Unjudgeable:  # a name that means no schema is just a value
        return None


def _named_type(node: Node, value: Any) -> str | None:
    """The text that the value has where the discriminator looks."""
    discriminator = node.schema.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else discriminator
    found = value.get(name) if isinstance(value, dict) and isinstance(name, str) else None
    return found if isinstance(found, str) else None


def _mapped(discriminator: Any, named: str) -> str | None:
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    target = mapping.get(named) if isinstance(mapping, dict) else None
    return target if isinstance(target, str) else None


def _component(source: Source, named: str) -> str:
    place = "#/definitions/" if source.dialect == "2.0" else "#/components/schemas/"
    return place + named.replace("~", "~0").replace("/", "~1")


def _chosen(source: Source, value: Any, node: Node, group: Group) -> Group:
    """The group, narrowed to the branch that the discriminator's value names."""
    named = _named_type(node, value)
    if named is None:
        return group
    discriminator = node.schema["discriminator"]
    pointers = [_target(branch) for branch in group.branches]
    wanted = _mapped(discriminator, named)
    if wanted is not None:
        pointer = local(wanted) or local(_component(source, wanted))
        chosen = [branch for branch, own in zip(group.branches, pointers, strict=True) if own == pointer]
    else:
        chosen = [
            branch
            for branch, own in zip(group.branches, pointers, strict=True)
            if own is not None and own.rpartition("/")[2] == named
        ]
    if chosen:
        return Group(group.key, group.pointer, chosen)
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if isinstance(mapping, dict):
        covered = {local(target) for target in mapping.values() if isinstance(target, str)}
        if all(pointer in covered for pointer in pointers):
            return Group(group.key, group.pointer, [], failure="discriminator", named=named)
    return Group(group.key, group.pointer, group.branches)


def _target(branch: Node) -> str | None:
    ref = branch.schema.get("$ref") if isinstance(branch.schema, dict) else None
    return local(ref) if isinstance(ref, str) else None
