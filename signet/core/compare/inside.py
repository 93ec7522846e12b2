"""What a set of schemas says about the properties of an object and the items of a list.

It looks at one level and hands each part back to the judge, with all schemas that hold for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from signet.core.compare import conditions, unevaluated, values
from signet.core.compare.expansion import Expansion
from signet.core.compare.modes import Misfit, Mode, Purse
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable, matches
from signet.core.formats.matchers import Step
from signet.core.formats.text import dump_read

if TYPE_CHECKING:
    from signet.core.compare.schemas import Judge

ENOUGH = 200
"""Properties that are missing, after which no more are looked for."""
_NAMING = ("properties", "patternProperties")
_CLOSING = ("additionalProperties", "unevaluatedProperties")
_OF_ITEMS = frozenset({"items", "prefixItems", "additionalItems", "unevaluatedItems"})
Place = tuple[Step, ...]


def parts(judge: Judge, value: Any, whole: Expansion, mode: Mode, place: Place) -> list[Misfit]:
    """The misfits of the parts of an object or list."""
    found: list[Misfit] = []
    if isinstance(value, dict):
        judge.budget.spend(len(value) * len(whole.flat))
        for node in whole.flat:
            _names(judge, found, value, node, place)
        rest = unevaluated.rest(judge, value, whole.flat, mode, place)
        for name, child in value.items():
            try:
                _property(judge, found, name, child, whole, mode, place, rest)
            except Unjudgeable as error:
                found.append(_doubt((*place, name), error))
    elif isinstance(value, list):
        rest = unevaluated.rest(judge, value, whole.flat, mode, place)
        about = [node for node in whole.flat if not _OF_ITEMS.isdisjoint(node.schema)]
        judge.budget.spend(len(value) * len(about) >> 3)
        for position, child in enumerate(value) if about else ():
            nodes = [each for node in about for each in items(node, position)]
            nodes += rest.nodes.get(position, ())
            if position in rest.doubts:
                found.append(_doubt((*place, position), rest.doubts[position]))
            if nodes:
                found += judge.misfits(child, nodes, mode, (*place, position))
    return found


def _doubt(place: Place, error: Unjudgeable) -> Misfit:
    return Misfit(place, error.why, error.pointer, is_open=True)


# --- objects ---------------------------------------------------------------------------------------------------------


def _property(
    judge: Judge,
    found: list[Misfit],
    name: str,
    child: Any,
    whole: Expansion,
    mode: Mode,
    place: Place,
    rest: unevaluated.Rest,
) -> None:
    own = (*place, name)
    about = said(name, whole.flat, mode, judge.budget)
    nodes, refused = about.nodes, about.refused
    found.extend(_doubt(own, error) for error in about.doubts)
    if name in rest.doubts:
        found.append(_doubt(own, rest.doubts[name]))
    for node in rest.nodes.get(name, ()):
        nodes, refused = (nodes, node.pointer) if node.schema is False else ([*nodes, node], refused)
    if refused is not None:
        found.append(Misfit(own, "refused", refused, name))
    if not nodes:
        is_unnamed = mode.closed and not about.doubts and name not in rest.doubts and names_something(whole.flat)
        if is_unnamed and not _any_key(judge, name, child, whole.flat, place):
            found.append(Misfit(own, "unpromised", _namer(whole.flat), name))
        return
    hidden = next((node for node in nodes if mode.hides and marked(judge, node, "writeOnly")), None)
    if hidden is not None:
        found.append(Misfit(own, "writeOnly", hidden.pointer, name))
    else:
        found += judge.misfits(child, nodes, mode, own)


class Said(NamedTuple):
    """The schemas for a property, the place that refuses it, and what nobody can judge about its name."""

    nodes: list[Node]
    refused: str | None
    doubts: list[Unjudgeable]


def said(name: str, flat: Sequence[Node], mode: Mode, purse: Purse) -> Said:
    """What schemas say about a property.

    In a response ``additionalProperties: false`` says nothing: members of an ``allOf`` are merged, and what none of
    them names is not promised anyway.
    """
    nodes: list[Node] = []
    refused, doubts = None, list[Unjudgeable]()
    for node in flat:
        try:
            named = _named(name, node, purse)
        except Unjudgeable as error:
            doubts.append(error)
            named = _by_name(name, node)
            nodes += named
            continue
        nodes += named
        if named:
            continue
        keyword = "additionalProperties"
        if node.schema.get(keyword) is None and unevaluated.is_alone(node):
            keyword = "unevaluatedProperties"
        additional = node.schema.get(keyword)
        if isinstance(additional, dict):
            nodes.append(node.at(keyword))
        elif additional is False and mode.direction != "response":
            refused = f"{node.pointer}/{keyword}"
    return Said(nodes, refused, doubts)


def names(node: Node, name: str, purse: Purse) -> bool:
    """True if a schema itself names a property, or has a pattern for it."""
    return bool(_named(name, node, purse))


def _by_name(name: str, node: Node) -> list[Node]:
    properties = node.schema.get("properties")
    return [node.at("properties", name)] if isinstance(properties, dict) and properties.get(name) is not None else []


def _named(name: str, node: Node, purse: Purse) -> list[Node]:
    found = _by_name(name, node)
    patterns = node.schema.get("patternProperties")
    for pattern in patterns if isinstance(patterns, dict) else ():
        try:
            purse.pay(pattern, name)
            if matches(pattern, name):
                found.append(node.at("patternProperties", pattern))
        except Unjudgeable as error:
            raise Unjudgeable(error.why, node.at("patternProperties", pattern).pointer) from None
    return found


def names_something(flat: Sequence[Node]) -> bool:
    """True if any schema names properties: an object of which nothing is said may hold anything."""
    return any(
        isinstance(node.schema.get(keyword), dict) and node.schema[keyword] for node in flat for keyword in _NAMING
    ) or any(node.schema.get(keyword) is False for node in flat for keyword in _CLOSING)


def _namer(flat: Sequence[Node]) -> str:
    for node in flat:
        if isinstance(node.schema.get("properties"), dict):
            return f"{node.pointer}/properties"
    return flat[0].pointer


def _any_key(judge: Judge, name: str, child: Any, flat: Sequence[Node], place: Place) -> bool:
    """True if a matcher says that keys are examples, and some property that is named takes this value."""
    if not any(rule.kind in ("values", "eachValue", "eachKey") for rule in judge.rules.own(place)):
        return False
    doubt: Unjudgeable | None = None
    for node in flat:
        properties = node.schema.get("properties")
        for named in properties if isinstance(properties, dict) else ():
            try:
                if judge.holds(child, node.at("properties", named), (*place, name)):
                    return True
            except Unjudgeable as error:
                doubt = error
    if doubt is not None:
        raise doubt
    return False


def _names(judge: Judge, found: list[Misfit], value: Mapping[str, Any], node: Node, place: Place) -> None:
    most = node.schema.get("maxProperties")
    if values.is_number(most) and len(value) > most:
        found.append(Misfit(place, "maxProperties", f"{node.pointer}/maxProperties", len(value)))
    if not isinstance(node.schema.get("propertyNames"), (dict, bool)):
        return
    for name in value:
        try:
            if not judge.holds(name, node.at("propertyNames"), (*place, name, "its name")):
                found.append(Misfit((*place, name), "propertyNames", f"{node.pointer}/propertyNames", name))
        except Unjudgeable as error:
            found.append(_doubt((*place, name), error))


def required(judge: Judge, value: Mapping[str, Any], flat: Sequence[Node], mode: Mode, place: Place) -> list[Misfit]:
    """What must be there and is not; in an expectation only what relates values to each other."""
    found: list[Misfit] = []
    for node in flat:
        if not (mode.required or node.related):
            continue
        listed = node.schema.get("required")
        for position, name in enumerate(listed if isinstance(listed, list) else ()):
            if name in value or len(found) > ENOUGH:
                continue
            judge.budget.spend(1 + (len(node.pointer) >> 9))
            try:
                if not left_to_the_other(judge, name, flat, mode, judge.budget):
                    found.append(Misfit(place, "required", f"{node.pointer}/required/{position}", name))
            except Unjudgeable as error:
                found.append(_doubt(place, error))
        for keyword in ("dependentRequired", "dependencies"):
            held = node.schema.get(keyword)
            for name, others in held.items() if isinstance(held, dict) else ():
                if name in value and isinstance(others, list) and any(other not in value for other in others):
                    found.append(Misfit(place, keyword, node.at(keyword, name).pointer, name))
        fewest = node.schema.get("minProperties")
        if values.is_number(fewest) and len(value) < fewest:
            found.append(Misfit(place, "minProperties", f"{node.pointer}/minProperties", len(value)))
    return found


def left_to_the_other(judge: Judge, name: str, flat: Sequence[Node], mode: Mode, purse: Purse) -> bool:
    """True if the other side provides a property: ``readOnly`` in a request, ``writeOnly`` in a response."""
    keyword = {"request": "readOnly", "response": "writeOnly", "answer": "writeOnly"}.get(mode.direction)
    if keyword is None:
        return False
    purse.spend(len(flat))
    return any(marked(judge, each, keyword) for node in flat for each in _named(name, node, purse))


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
    if schema.get(rest) is None and "contains" not in schema and unevaluated.is_alone(node):
        rest = "unevaluatedItems"
    if isinstance(listed, list) and position < len(listed):
        yield node.at(first, position)
    elif isinstance(schema.get(rest), (dict, bool)):
        yield node.at(rest)


def has_doubles(value: list[Any], purse: Purse, is_response: bool) -> bool:
    """True if two items are the same; of objects, an expectation tells only a part, so they may differ all the same."""
    purse.spend(len(value) >> 6)
    if all(each.__class__ is str for each in value):
        return len(set(value)) < len(value)
    seen: set[str] = set()
    for each in value if len(value) > 1 else ():
        if is_response and _holds_objects(each):
            continue
        written = dump_read(each)
        purse.spend(len(written) >> 6)
        if written in seen:
            return True
        seen.add(written)
    return False


def _holds_objects(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_objects, value))
    return isinstance(value, dict)


def contained(judge: Judge, value: list[Any], node: Node, place: Place, is_response: bool) -> list[Misfit]:
    """``contains`` with ``minContains`` and ``maxContains``; an item that is open may count on either side."""
    if not isinstance(node.schema.get("contains"), (dict, bool)):
        return []
    wanted = node.at("contains")
    sure, possible, doubts = 0, 0, []
    for position, each in enumerate(value):
        try:
            is_met = conditions.holds(judge, each, wanted, (*place, position), is_response)
            sure += is_met is True
            possible += is_met is None
        except Unjudgeable as error:
            doubts.append(_doubt((*place, position), error))
    found = []
    fewest, most = node.schema.get("minContains", 1), node.schema.get("maxContains")
    if values.is_number(fewest) and sure + possible < fewest:
        found = [Misfit(place, "contains", wanted.pointer, sure + possible)]
        found = doubts[:1] if sure + possible + len(doubts) >= fewest else found
    if values.is_number(most) and sure + len(doubts) > most:
        found += doubts[:1] if sure <= most else [Misfit(place, "maxContains", f"{node.pointer}/maxContains", sure)]
    return found
