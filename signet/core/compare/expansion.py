"""From a set of schema nodes to what they say at one place: references followed, ``allOf`` merged, conditions decided.

It finds the alternatives (``oneOf``, ``anyOf``, discriminators, conditions that are open) and chooses none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from signet.core.compare import conditions
from signet.core.compare.modes import ENDLESS
from signet.core.compare.source import Node, Source, is_nullable
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Step
from signet.core.formats.structure import local

if TYPE_CHECKING:
    from signet.core.compare.schemas import Judge

_NONE: frozenset[str] = frozenset()
_CONDITIONS = ("then", "else")
_BESIDE_TYPES = ("enum", "const", "not")
_APPLIED = frozenset(
    {"$ref", "$dynamicRef", "allOf", "oneOf", "anyOf", "if", "discriminator", "dependentSchemas", "dependencies"}
)
"""The keywords by which a schema says more about the same value."""


class Group(NamedTuple):
    """Alternatives, one of which must hold (of ``oneOf``, exactly one).

    ``is_typed``: a discriminator stands beside them. Then a branch that merges the type which offers it, as OpenAPI
    writes inheritance, leads round in no circle: inside a branch the choice has been made.
    """

    key: str
    pointer: str
    branches: list[Node]
    exactly_one: bool = False
    failure: str = "alternatives"
    named: str | None = None
    is_typed: bool = False

    @property
    def made(self) -> frozenset[str]:
        """The choice that counts as made inside a branch."""
        return frozenset((self.key,)) if self.is_typed else _NONE


@dataclass(slots=True)
class Expansion:
    """What a set of nodes says: plain nodes, groups of alternatives, and places that allow no value at all.

    ``doubts`` are (why, pointer) of what nobody can judge.
    """

    flat: list[Node] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)


def expand(
    judge: Judge,
    value: Any,
    nodes: Sequence[Node],
    is_response: bool,
    place: tuple[Step, ...],
    decided: frozenset[str],
) -> Expansion:
    """Everything that ``nodes`` say about a value, each schema once; ``decided`` groups are left out.

    A schema that is met again inside itself is a circle, and a doubt. Inside a schema that a discriminator names there
    is none: that a subtype merges the type which names it is how OpenAPI writes inheritance.
    """
    whole, marks = Expansion(), judge.source.marks
    if len(nodes) == 1 and value is not None and not marks.foreign:
        schema = nodes[0].schema
        if isinstance(schema, dict) and _APPLIED.isdisjoint(schema):  # most schemas say all themselves
            judge.budget.spend(1 + (len(nodes[0].pointer) >> 9))
            whole.flat.append(nodes[0])
            return whole
    waiting: list[Node | _Left] = list(reversed(nodes))
    seen, inside = set[tuple[str, bool]](), set[str]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, _Left):
            inside.discard(node.pointer)
            continue
        if (node.pointer, node.related) in seen:
            if node.pointer in inside:
                whole.doubts.append((ENDLESS, node.pointer))
            continue
        seen.add((node.pointer, node.related))
        judge.budget.spend(1 + (len(node.pointer) >> 9))
        schema = node.schema
        if schema is False:
            whole.forbidden.append(node.pointer)
        if not isinstance(schema, dict):
            continue
        if value is None and is_nullable(schema):
            whole.flat.extend(_of_null(node))
            continue
        if marks.foreign and marks.dialect(node.pointer):
            whole.doubts.append((f"its dialect {marks.dialect(node.pointer)!r} is not known", node.pointer))
            continue
        if _APPLIED.isdisjoint(schema):
            whole.flat.append(node)
            continue
        inside.add(node.pointer)
        waiting.append(_Left(node.pointer))
        if isinstance(schema.get("$ref"), str):
            waiting.append(Node(*judge.source.follow(schema["$ref"], node.pointer), node.related))
            if not judge.source.siblings or len(schema) == 1:
                continue
        whole.flat.append(node)
        waiting.extend(_dynamic(judge.source, node, whole))
        waiting.extend(reversed(node.members("allOf")))
        waiting.extend(_dependent(value, node))
        waiting.extend(_conditional(judge, value, node, is_response, place, whole, decided))
        merged, named = _alternatives(judge, value, node, is_response, whole, decided)
        waiting.extend(merged)
        waiting[:0] = named
    return whole


def _of_null(node: Node) -> list[Node]:
    """What a nullable schema says about null: ``nullable`` is one more type, so a list of values still holds."""
    said = {keyword: node.schema[keyword] for keyword in _BESIDE_TYPES if keyword in node.schema}
    return [node._replace(schema=said)] if said else []


class _Left(NamedTuple):
    """Marks in the list of what waits that everything inside a schema has been met."""

    pointer: str


def _dynamic(source: Source, node: Node, whole: Expansion) -> list[Node]:
    """What 2020-12 refers to by ``$dynamicRef``; older dialects have no such word."""
    if not source.siblings or not isinstance(node.schema.get("$dynamicRef"), str):
        return []
    try:
        return [Node(*source.follow_dynamic(node.schema["$dynamicRef"], node.pointer), node.related)]
    except Unjudgeable as error:
        whole.doubts.append((error.why, error.pointer))
        return []


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
    if not branches:
        return []
    try:
        is_met = conditions.holds(judge, value, node.at("if"), place, is_response)
    except Unjudgeable as error:
        whole.doubts.append((error.why, error.pointer))
        return []
    if is_met is None:
        key = f"{node.pointer}/if"
        if len(branches) == 2 and key not in decided:
            whole.groups.append(Group(key, key, list(branches.values())))
        return []
    chosen = branches.get("then" if is_met else "else")
    return [chosen] if chosen else []


# --- oneOf, anyOf and the discriminator ------------------------------------------------------------------------------


def _alternatives(
    judge: Judge, value: Any, node: Node, is_response: bool, whole: Expansion, decided: frozenset[str]
) -> tuple[list[Node], list[Node]]:
    """Add the groups of a node; return what holds without a choice: single branches, and what a discriminator names."""
    source = judge.source
    merged: list[Node] = []
    chosen: list[Node] = []
    grouped, is_typed = False, node.schema.get("discriminator") is not None
    for keyword in ("oneOf", "anyOf"):
        offered = _offered(source, node, keyword)
        branches = offered.branches
        key = f"{node.pointer}/{keyword}"
        grouped = grouped or bool(branches)
        if not branches or key in decided:
            continue
        group = _chosen(source, value, node, offered, Group(key, key, branches, keyword == "oneOf", is_typed=is_typed))
        if len(branches) == 1:
            merged += branches
        elif len(group.branches) == 1:
            chosen += group.branches
        else:
            judge.budget.spend(len(branches) >> 3)
            whole.groups.append(group)
    subtype = None if grouped or not is_response else _subtype(source, value, node)
    return merged, chosen if subtype is None else [subtype]


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


class _Offered(NamedTuple):
    """The alternatives of a keyword; by what a reference to them says, those it leads to, and by its last segment."""

    branches: list[Node]
    by_place: Mapping[str | None, list[Node]]
    by_name: Mapping[str, list[Node]]


def _offered(source: Source, node: Node, keyword: str) -> _Offered:
    if not isinstance(node.schema.get(keyword), list):
        return _NO_OFFER
    return source.once(("offered", node.pointer, keyword, str(node.related)), lambda: _sorted_out(node, keyword))


def _sorted_out(node: Node, keyword: str) -> _Offered:
    branches = node.members(keyword)
    by_place: dict[str | None, list[Node]] = {}
    by_name: dict[str, list[Node]] = {}
    for branch in branches:
        place = _target(branch)
        by_place.setdefault(place, []).append(branch)
        if place is not None:
            by_name.setdefault(place.rpartition("/")[2], []).append(branch)
    return _Offered(branches, by_place, by_name)


_NO_OFFER = _Offered([], {}, {})


def _meant(source: Source, target: str) -> str | None:
    """The place that a mapping means, by a reference or by the name of a schema."""
    return local(target) or local(_component(source, target))


def _chosen(source: Source, value: Any, node: Node, offered: _Offered, group: Group) -> Group:
    """The group, narrowed to the branch that the discriminator's value names."""
    named = _named_type(node, value)
    if named is None:
        return group
    discriminator = node.schema["discriminator"]
    wanted = _mapped(discriminator, named)
    chosen = offered.by_name.get(named, []) if wanted is None else offered.by_place.get(_meant(source, wanted), [])
    if chosen:
        return group._replace(branches=chosen, exactly_one=False)
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if isinstance(mapping, dict):
        covered = {_meant(source, target) for target in mapping.values() if isinstance(target, str)}
        if covered.issuperset(offered.by_place):
            return group._replace(branches=[], failure="discriminator", named=named)
    return group._replace(exactly_one=False)


def _target(branch: Node) -> str | None:
    ref = branch.schema.get("$ref") if isinstance(branch.schema, dict) else None
    return local(ref) if isinstance(ref, str) else None
