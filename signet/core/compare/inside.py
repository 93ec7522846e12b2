"""What a set of schemas says about the properties of an object and the items of a list.

It looks at one level and hands each part back to the judge, with all schemas that hold for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from signet.core.compare import values
from signet.core.compare.expansion import Expansion
from signet.core.compare.modes import Misfit, Mode
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable, matches
from signet.core.formats.matchers import Step

if TYPE_CHECKING:
    from signet.core.compare.schemas import Judge

_NAMING = ("properties", "patternProperties")
Place = tuple[Step, ...]


def parts(judge: Judge, value: Any, whole: Expansion, mode: Mode, place: Place) -> list[Misfit]:
    """The misfits of the parts of an object or list."""
    found: list[Misfit] = []
    if isinstance(value, dict):
        judge.budget.spend(len(value) * len(whole.flat))
        for node in whole.flat:
            _names(judge, found, value, node, place)
        for name, child in value.items():
            try:
                _property(judge, found, name, child, whole, mode, place)
            except Unjudgeable as error:
                found.append(Misfit((*place, name), error.why, error.pointer, is_open=True))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            nodes = [each for node in whole.flat for each in items(node, position)]
            if nodes:
                found += judge.misfits(child, nodes, mode, (*place, position))
    return found


# --- objects ---------------------------------------------------------------------------------------------------------


def _property(
    judge: Judge, found: list[Misfit], name: str, child: Any, whole: Expansion, mode: Mode, place: Place
) -> None:
    own = (*place, name)
    nodes, refused = said(name, whole.flat, mode)
    if refused is not None:
        found.append(Misfit(own, "refused", refused, name))
    if not nodes:
        if mode.closed and names_something(whole.flat) and not _any_key(judge, child, whole.flat, place):
            found.append(Misfit(own, "unpromised", _namer(whole.flat), name))
        return
    hidden = next((node for node in nodes if mode.closed and marked(judge, node, "writeOnly")), None)
    if hidden is not None:
        found.append(Misfit(own, "writeOnly", hidden.pointer, name))
    else:
        found += judge.misfits(child, nodes, mode, own)


def said(name: str, flat: Sequence[Node], mode: Mode) -> tuple[list[Node], str | None]:
    """(schemas for a property, the place that refuses it).

    In a response ``additionalProperties: false`` says nothing: members of an ``allOf`` are merged, and what none of
    them names is not promised anyway.
    """
    nodes: list[Node] = []
    refused, rest = None, []
    for node in flat:
        named = list(_named(name, node))
        nodes += named
        if named:
            continue
        additional = node.schema.get("additionalProperties")
        if isinstance(additional, dict):
            nodes.append(node.at("additionalProperties"))
        elif additional is False and mode.direction != "response":
            refused = f"{node.pointer}/additionalProperties"
        elif additional is None and isinstance(node.schema.get("unevaluatedProperties"), (dict, bool)):
            rest.append(node)
    for node in rest if not nodes else ():
        if isinstance(node.schema["unevaluatedProperties"], dict):
            nodes.append(node.at("unevaluatedProperties"))
        elif node.schema["unevaluatedProperties"] is False and mode.direction != "response":
            refused = f"{node.pointer}/unevaluatedProperties"
    return nodes, refused


def _named(name: str, node: Node) -> Iterator[Node]:
    properties, patterns = node.schema.get("properties"), node.schema.get("patternProperties")
    if isinstance(properties, dict) and properties.get(name) is not None:
        yield node.at("properties", name)
    for pattern in patterns if isinstance(patterns, dict) else ():
        try:
            if matches(pattern, name):
                yield node.at("patternProperties", pattern)
        except Unjudgeable as error:
            raise Unjudgeable(error.why, node.at("patternProperties", pattern).pointer) from None


def names_something(flat: Sequence[Node]) -> bool:
    """True if any schema names properties: an object of which nothing is said may hold anything."""
    return any(
        isinstance(node.schema.get(keyword), dict) and node.schema[keyword] for node in flat for keyword in _NAMING
    ) or any(node.schema.get("additionalProperties") is False for node in flat)


def _namer(flat: Sequence[Node]) -> str:
    for node in flat:
        if isinstance(node.schema.get("properties"), dict):
            return f"{node.pointer}/properties"
    return flat[0].pointer


def _any_key(judge: Judge, child: Any, flat: Sequence[Node], place: Place) -> bool:
    """True if a matcher says that keys are examples, and some property that is named takes this value."""
    if not any(rule.kind in ("values", "eachValue", "eachKey") for rule in judge.rules.own(place)):
        return False
    named = [
        node.at("properties", name)
        for node in flat
        if isinstance(node.schema.get("properties"), dict)
        for name in node.schema["properties"]
    ]
    return any(judge.holds(child, node, (*place, "any")) for node in named)


def _names(judge: Judge, found: list[Misfit], value: Mapping[str, Any], node: Node, place: Place) -> None:
    most = node.schema.get("maxProperties")
    if values.is_number(most) and len(value) > most:
        found.append(Misfit(place, "maxProperties", f"{node.pointer}/maxProperties", len(value)))
    if not isinstance(node.schema.get("propertyNames"), (dict, bool)):
        return
    for name in value:
        if not judge.holds(name, node.at("propertyNames"), (*place, name, "its name")):
            found.append(Misfit((*place, name), "propertyNames", f"{node.pointer}/propertyNames", name))


def required(judge: Judge, value: Mapping[str, Any], flat: Sequence[Node], mode: Mode, place: Place) -> list[Misfit]:
    """What must be there and is not; in an expectation only what relates values to each other."""
    found = []
    for node in flat:
        if not (mode.required or node.related):
            continue
        listed = node.schema.get("required")
        for position, name in enumerate(listed if isinstance(listed, list) else ()):
            if name not in value and not left_to_the_other(judge, name, flat, mode):
                found.append(Misfit(place, "required", f"{node.pointer}/required/{position}", name))
        for keyword in ("dependentRequired", "dependencies"):
            held = node.schema.get(keyword)
            for name, others in held.items() if isinstance(held, dict) else ():
                if name in value and isinstance(others, list) and any(other not in value for other in others):
                    found.append(Misfit(place, keyword, node.at(keyword, name).pointer, name))
        fewest = node.schema.get("minProperties")
        if values.is_number(fewest) and len(value) < fewest:
            found.append(Misfit(place, "minProperties", f"{node.pointer}/minProperties", len(value)))
    return found


def left_to_the_other(judge: Judge, name: str, flat: Sequence[Node], mode: Mode) -> bool:
    """True if the other side provides a property: ``readOnly`` in a request, ``writeOnly`` in a response."""
    keyword = {"request": "readOnly", "response": "writeOnly"}.get(mode.direction)
    return keyword is not None and any(marked(judge, each, keyword) for node in flat for each in _named(name, node))


def marked(judge: Judge, node: Node, keyword: str) -> bool:
    """True if a schema, or one that it refers to or merges, carries ``readOnly`` or ``writeOnly``."""
    waiting, seen = [node], set[str]()
    while waiting:
        each = waiting.pop()
        if not isinstance(each.schema, dict) or each.pointer in seen:
            continue
        seen.add(each.pointer)
        judge.budget.spend()
        if each.schema.get(keyword) is True:
            return True
        if isinstance(each.schema.get("$ref"), str):
            waiting.append(Node(*judge.source.follow(each.schema["$ref"], each.pointer)))
        waiting.extend(each.members("allOf"))
    return False


# --- lists -----------------------------------------------------------------------------------------------------------


def items(node: Node, position: int) -> Iterator[Node]:
    """The schemas for one item: ``prefixItems`` and ``items``, or the older list form with ``additionalItems``."""
    schema = node.schema
    first, rest = ("items", "additionalItems") if isinstance(schema.get("items"), list) else ("prefixItems", "items")
    listed = schema.get(first)
    if isinstance(listed, list) and position < len(listed):
        yield node.at(first, position)
    elif isinstance(schema.get(rest), (dict, bool)):
        yield node.at(rest)


def contained(judge: Judge, value: list[Any], node: Node, place: Place) -> list[Misfit]:
    """``contains`` with ``minContains`` and ``maxContains``."""
    if not isinstance(node.schema.get("contains"), (dict, bool)):
        return []
    wanted = node.at("contains")
    count = 0
    for position, each in enumerate(value):
        count += judge.holds(each, wanted, (*place, position, "contains"))
    found = []
    fewest, most = node.schema.get("minContains", 1), node.schema.get("maxContains")
    if values.is_number(fewest) and count < fewest:
        found.append(Misfit(place, "contains", wanted.pointer, count))
    if values.is_number(most) and count > most:
        found.append(Misfit(place, "maxContains", f"{node.pointer}/maxContains", count))
    return found
