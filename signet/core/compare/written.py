"""From a text to the value that it means by the types that a schema allows: plain values, items, fields of objects.

It knows no styles (``signet.core.compare.parameters`` does). Of several values that a text can mean, one that fits is
taken; what does not fit is not said here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from signet.core.compare.modes import REQUEST
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source, is_nullable
from signet.core.compare.texts import Unjudgeable
from signet.core.compare.values import TYPES, type_of, types
from signet.core.formats.limits import MAX_DIGITS

WHOLE = frozenset({"array", "object"})
"""The types that are more than one text."""
COLLECTIONS = {"ssv": " ", "tsv": "\t", "pipes": "|"}
DEEPEST = 3
"""Lists in lists that are written in one text."""
MOST_NODES = 2_000
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")


def nodes_of(source: Source, node: Node) -> Sequence[Node]:
    """The node and all that it refers to, merges or offers as an alternative; each once.

    Unjudgeable where they are too many: each item of a list is read by all of them.
    """
    if not node.schema:
        return ()
    schema, found = source.once(("nodes", node.pointer), lambda: (node.schema, tuple(_nodes_of(source, node))))
    return found if schema is node.schema else tuple(_nodes_of(source, node))


def _nodes_of(source: Source, node: Node) -> Iterator[Node]:
    waiting, seen = [node], set[str]()
    while waiting:
        each = waiting.pop()
        if not isinstance(each.schema, dict) or each.pointer in seen:
            continue
        seen.add(each.pointer)
        if len(seen) > MOST_NODES:
            raise Unjudgeable(f"more than {MOST_NODES:,} schemas tell how its text is read", node.pointer)
        yield each
        if isinstance(each.schema.get("$ref"), str):
            waiting.append(Node(*source.follow(each.schema["$ref"], each.pointer)))
        for keyword in ("allOf", "oneOf", "anyOf"):
            waiting.extend(each.members(keyword))


def kinds_of(source: Source, node: Node) -> frozenset[str]:
    """The JSON types that a schema may allow; empty if it says nothing about them."""
    known = source.kinds.get(node.pointer)
    if known is None:
        known = source.kinds[node.pointer] = frozenset(_kinds(source, node) & TYPES)
    return known


def _kinds(source: Source, node: Node) -> set[str]:
    found: set[str] = set()
    for each in nodes_of(source, node):
        named = types(each.schema)
        found.update(named)
        if is_nullable(each.schema):
            found.add("null")
        if named:
            continue
        listed = each.schema.get("enum")
        found.update(type_of(choice) for choice in (listed if isinstance(listed, list) else ()))
        if "const" in each.schema:
            found.add(type_of(each.schema["const"]))
        if isinstance(each.schema.get("properties"), dict):
            found.add("object")
        if isinstance(each.schema.get("items"), dict):
            found.add("array")
    return found


def scalar(judge: Judge, written: str, node: Node) -> Any:
    """The value that a text means for a schema: one that fits, if any does."""
    kinds = kinds_of(judge.source, node)
    candidates: list[Any] = []
    if len(written) <= MAX_DIGITS and _NUMBER.match(written) and (not kinds or kinds & {"integer", "number"}):
        exact = Decimal(written)
        candidates.append(int(exact) if exact == exact.to_integral_value() else exact)
    if written in ("true", "false") and (not kinds or "boolean" in kinds):
        candidates.append(written == "true")
    if written == "null" and "null" in kinds:
        candidates.append(None)
    if kinds & WHOLE and written[:1] in ("{", "["):  # no style says how what is nested is written
        candidates.append(parsed(written))
    if not kinds or "string" in kinds:
        candidates.insert(0 if not kinds else len(candidates), written)
    for candidate in candidates:
        if not Judge(judge.source, budget=judge.budget).found(candidate, node, REQUEST):
            return candidate
    return candidates[0] if candidates else written


def item(judge: Judge, written: str, node: Node, position: int, depth: int = 0) -> Any:
    """One item of a list; lists in lists end, where a schema does not."""
    for each in nodes_of(judge.source, node):
        items = each.schema.get("items")
        is_plain = depth == DEEPEST or written[:1] == "["
        if isinstance(items, dict) and not is_plain and "array" in kinds_of(judge.source, each.at("items")):
            separator = COLLECTIONS.get(str(items.get("collectionFormat")), ",")
            parts = enumerate(written.split(separator))
            return [item(judge, part, each.at("items"), index, depth + 1) for index, part in parts]
        if isinstance(items, dict):
            return scalar(judge, written, each.at("items"))
        if isinstance(items, list) and position < len(items):
            return scalar(judge, written, each.at("items", position))
    return written


def member(source: Source, node: Node, name: str) -> Node | None:
    """The schema of a property."""
    other = None
    for each in nodes_of(source, node):
        properties = each.schema.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get(name), dict):
            return each.at("properties", name)
        if isinstance(each.schema.get("additionalProperties"), dict):
            other = each.at("additionalProperties")
    return other


def fields(judge: Judge, pairs: Iterable[tuple[Sequence[str], str]], node: Node) -> dict[str, Any]:
    """An object from (path of keys, text) pairs; a key that comes again makes a list where the schema has one."""
    nested: dict[str, list[tuple[Sequence[str], str]]] = {}
    for keys, written in pairs:
        nested.setdefault(keys[0], []).append((keys[1:], written))
    result: dict[str, Any] = {}
    for name, rest in nested.items():
        own = member(judge.source, node, name)
        texts = [written for keys, written in rest if not keys]
        if own is not None and not texts and _are_indexes(judge, rest, own):
            result[name] = _indexed(judge, rest, own)
        elif not texts:
            result[name] = fields(judge, rest, own or Node({}, node.pointer))
        elif own is None:
            result[name] = texts[0] if len(texts) == 1 else texts
        elif "array" in kinds_of(judge.source, own):
            result[name] = [item(judge, written, own, position) for position, written in enumerate(texts)]
        else:
            result[name] = scalar(judge, texts[-1], own)
    return result


def _are_indexes(judge: Judge, rest: Sequence[tuple[Sequence[str], str]], node: Node) -> bool:
    """True if keys are the places in a list: ``a[]``, ``a[0]``."""
    return "array" in kinds_of(judge.source, node) and all(not keys[0] or keys[0].isdigit() for keys, _ in rest)


def _indexed(judge: Judge, rest: Sequence[tuple[Sequence[str], str]], node: Node) -> list[Any]:
    groups: dict[str, list[tuple[Sequence[str], str]]] = {}
    for position, (keys, written) in enumerate(rest):
        groups.setdefault(keys[0] or f"[{position}]", []).append((keys[1:], written))
    found: list[Any] = []
    inner = next((each.at("items") for each in nodes_of(judge.source, node) if "items" in each.schema), None)
    for position, group in enumerate(groups.values()):
        plain = [written for keys, written in group if not keys]
        nested = fields(judge, group, inner or Node({}, node.pointer)) if not plain else None
        found.append(item(judge, plain[0], node, position) if plain else nested)
    return found


def parsed(written: str) -> Any:
    """What a text means as JSON; the text itself where it is none."""
    try:
        return json.loads(written, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return written


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
