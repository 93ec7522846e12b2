"""From the text of a parameter to the value that it means, by its style and by the types that its schema allows.

Where a text can be read in several ways, a reading that fits the schema is taken. Sloppy syntax is forgiven where its
meaning is plain (a matrix without names, ``k=v`` where ``k,v`` is asked for); what a value must be is never softened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from signet.core.compare.about import placed
from signet.core.compare.modes import REQUEST, Misfit, Mode, definite
from signet.core.compare.operations import Parameter
from signet.core.compare.schemas import NO_RULES, Judge
from signet.core.compare.source import Node, Source, is_nullable
from signet.core.compare.values import TYPES, type_of, types
from signet.core.formats.bodies import is_json
from signet.core.formats.matchers import Rule

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_KEY = re.compile(r"\[([^\[\]]*)\]")


def misfits(
    judge: Judge, parameter: Parameter, texts: Sequence[str], mode: Mode = REQUEST, rules: Sequence[Rule] = ()
) -> list[Misfit]:
    """What does not fit about the texts given for a parameter; of several readings, about the likeliest.

    ``rules`` are the matchers that speak about it.
    """
    if parameter.node is None or (parameter.may_be_empty and not any(texts)):
        return []
    if len(texts) > 1 and parameter.place == "query" and not parameter.explode and not parameter.content:
        why = f"it is given {len(texts)} times, and its items stand in one text"
        return [Misfit((), why, parameter.pointer)]
    tried: list[list[Misfit]] = []
    for value in readings(judge, parameter, texts):
        own = placed(rules, value, parameter.explode and parameter.place == "query") if rules else NO_RULES
        found = Judge(judge.source, own, judge.budget).found(value, parameter.node, mode)
        if not found:
            return []
        tried.append(found)
    return min(tried, key=definite, default=[])


def _fresh(judge: Judge) -> Judge:
    return Judge(judge.source, budget=judge.budget)


def readings(judge: Judge, parameter: Parameter, texts: Sequence[str]) -> Iterator[Any]:
    """The values that the texts can mean, the likeliest first."""
    node = parameter.node
    assert node is not None  # noqa: S101 - callers ask only for parameters with a schema
    if parameter.content:
        yield _parsed(texts[0], parameter.content)
        return
    kinds = kinds_of(judge.source, node)
    if "array" in kinds:
        yield [item(judge, part, node, position) for position, part in enumerate(_split(parameter, texts))]
    if "object" in kinds:
        yield fields(judge, _pairs(parameter, texts), node)
    if not kinds or kinds - {"array", "object"}:
        for each in texts:
            yield scalar(judge, _bare(parameter, each), node)


def _parsed(written: str, content: str) -> Any:
    if not is_json(content):
        return written
    try:
        return json.loads(written, parse_float=Decimal)
    except (ValueError, RecursionError):
        return written


# --- types -----------------------------------------------------------------------------------------------------------


def nodes_of(source: Source, node: Node) -> Iterator[Node]:
    """The node and all that it refers to, merges or offers as an alternative; each once."""
    waiting, seen = [node], set[str]()
    while waiting:
        each = waiting.pop()
        if not isinstance(each.schema, dict) or each.pointer in seen:
            continue
        seen.add(each.pointer)
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
    if _NUMBER.match(written) and (not kinds or kinds & {"integer", "number"}):
        exact = Decimal(written)
        candidates.append(int(exact) if exact == exact.to_integral_value() else exact)
    if written in ("true", "false") and (not kinds or "boolean" in kinds):
        candidates.append(written == "true")
    if written == "null" and "null" in kinds:
        candidates.append(None)
    if not kinds or "string" in kinds:
        candidates.insert(0 if not kinds else len(candidates), written)
    for candidate in candidates:
        if not _fresh(judge).found(candidate, node, REQUEST):
            return candidate
    return candidates[0] if candidates else written


def item(judge: Judge, written: str, node: Node, position: int) -> Any:
    """One item of a list."""
    for each in nodes_of(judge.source, node):
        items = each.schema.get("items")
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
        if not texts:
            result[name] = fields(judge, rest, own or Node({}, node.pointer))
        elif own is None:
            result[name] = texts[0] if len(texts) == 1 else texts
        elif "array" in kinds_of(judge.source, own):
            result[name] = [item(judge, written, own, position) for position, written in enumerate(texts)]
        else:
            result[name] = scalar(judge, texts[-1], own)
    return result


# --- styles ----------------------------------------------------------------------------------------------------------


def _bare(parameter: Parameter, written: str) -> str:
    if parameter.style == "label":
        return written.removeprefix(".")
    if parameter.style == "matrix":
        return written.removeprefix(";").removeprefix(f"{parameter.name}=")
    return written


def _split(parameter: Parameter, texts: Sequence[str]) -> list[str]:
    """The texts of the items of a list."""
    if parameter.place in ("query", "cookie", "formData") and parameter.explode:
        return list(texts)
    joined = ",".join(texts)
    if parameter.style in _SEPARATORS:
        separator = _SEPARATORS[parameter.style]
        return [part for written in texts for part in written.split(separator)]
    if parameter.style == "matrix":
        parts = [part for part in joined.split(";") if part]
        bare = [part.removeprefix(f"{parameter.name}=") for part in parts]
        return [piece for part in bare for piece in part.split(",")]
    if parameter.style == "label":
        bare_text = joined.removeprefix(".")
        return bare_text.split("." if parameter.explode and "," not in bare_text else ",")
    return [part.strip() if parameter.place == "header" else part for part in joined.split(",")] if joined else []


def _pairs(parameter: Parameter, texts: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """(keys, text) of the properties of an object."""
    parts = _split(parameter._replace(explode=parameter.explode and parameter.place == "path"), texts)
    if all("=" in part for part in parts):
        for part in parts:
            key, _, written = part.partition("=")
            yield (key,), written
    else:
        for key, written in zip(parts[::2], parts[1::2], strict=False):
            yield (key,), written


def deep_pairs(name: str, query: Iterable[tuple[str, str]]) -> Iterator[tuple[Sequence[str], str]]:
    """``name[a][b]=text`` as (("a", "b"), "text"); text right after the last bracket is forgiven."""
    for key, written in query:
        if not key.startswith(f"{name}["):
            continue
        keys = _KEY.findall(key)
        rest = key[key.rindex("]") + 1 :] if "]" in key else ""
        if keys:
            yield tuple(keys), written or rest
