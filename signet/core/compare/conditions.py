"""Does a condition hold of everything that an expectation may stand for? For ``if``, ``not`` and ``contains``.

A request is what it is: a condition holds of it or not. An expectation is a part of a response: properties that it
leaves out may be there or not, so a condition that looks at them stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signet.core.compare.modes import PARTIAL, definite
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Step

if TYPE_CHECKING:
    from signet.core.compare.schemas import Judge

Place = tuple[Step, ...]
_ALL = ("allOf", "oneOf")
_ONE = ("not", "if", "then", "else")


def holds(judge: Judge, value: Any, condition: Node, place: Place, is_response: bool) -> bool | None:
    """True or False if that is certain, None if it hangs on what an expectation leaves out.

    Unjudgeable where nobody can tell.
    """
    if not is_response or not isinstance(value, (dict, list)) or not _hangs_on_more(judge, condition, value, place):
        return judge.holds(value, condition, place)
    return False if definite(judge.misfits(value, (condition,), PARTIAL, place)) else None


def _hangs_on_more(judge: Judge, condition: Node, value: Any, place: Place) -> bool:
    """True if a condition looks at properties that the value does not have, at its top or deeper inside."""
    waiting, seen = [(condition, value, place)], set[tuple[str, Place]]()
    while waiting:
        node, held, at = waiting.pop()
        if not isinstance(node.schema, dict) or (node.pointer, at) in seen:
            continue
        seen.add((node.pointer, at))
        judge.budget.spend()
        if _looks_further(node, held):
            return True
        if isinstance(node.schema.get("$ref"), str):
            waiting.append((Node(*judge.source.follow(node.schema["$ref"], node.pointer)), held, at))
        waiting.extend((each, held, at) for keyword in _ALL for each in node.members(keyword))
        waiting.extend((node.at(keyword), held, at) for keyword in _ONE if keyword in node.schema)
        branches = node.members("anyOf")
        if not any(_surely(judge, held, branch, at) for branch in branches):
            waiting.extend((branch, held, at) for branch in branches)
        if isinstance(held, dict) and isinstance(node.schema.get("properties"), dict):
            named = node.schema["properties"].keys() & held.keys()
            waiting.extend((node.at("properties", name), held[name], (*at, name)) for name in sorted(named))
        elif isinstance(held, list) and isinstance(node.schema.get("items"), dict):
            waiting.extend((node.at("items"), each, (*at, index)) for index, each in enumerate(held))
    return False


def _looks_further(node: Node, value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(node.schema, dict):
        return False
    properties, required = node.schema.get("properties"), node.schema.get("required")
    if isinstance(properties, dict) and not properties.keys() <= value.keys():
        return True
    return isinstance(required, list) and any(name not in value for name in required)


def _surely(judge: Judge, value: Any, branch: Node, place: Place) -> bool:
    """True if one alternative of a condition holds whatever else is there, so that the others do not matter."""
    try:
        return not _looks_further(branch, value) and holds(judge, value, branch, place, is_response=True) is True
    except Unjudgeable:
        return False
