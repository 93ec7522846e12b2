"""What a set of schemas says about a value that is still to be made: plain schemas, and the choices that are open.

The reading is that of ``signet.core.compare.expansion``, without a value to read it for: references are followed,
``allOf`` is merged, and alternatives, conditions and discriminators become choices. It makes none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.structure import local
from signet.core.formats.text import escape

Option = tuple[Node, ...]
"""What holds in addition if one alternative is chosen."""


class Choice(NamedTuple):
    """Alternatives, one of which has to be taken, or exactly one; ``key`` marks the choice as made."""

    key: str
    options: list[Option]
    is_exact: bool = False


@dataclass(slots=True)
class Said:
    """Plain schemas, choices, the places of all schemas that were met, and whether any value is allowed at all."""

    flat: list[Node] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    pointers: set[str] = field(default_factory=set)
    is_impossible: bool = False


def said(source: Source, nodes: Sequence[Node], made: frozenset[str], *, is_wary: bool = False) -> Said:
    """Everything that ``nodes`` say, each schema once; choices that are ``made`` are left out.

    ``is_wary``: what stands beside a ``$ref`` counts in every dialect. OpenAPI 3.0 ignores it and many tools do not, so
    a value that heeds it is valid to all. Unjudgeable where a reference leads nowhere.
    """
    whole = Said()
    waiting = list(reversed(nodes))
    typed: list[Node] = []
    while waiting:
        node = waiting.pop()
        if node.pointer in whole.pointers:
            continue
        whole.pointers.add(node.pointer)
        schema = node.schema
        if schema is False:
            whole.is_impossible = True
        if not isinstance(schema, dict):
            continue
        if isinstance(schema.get("$ref"), str):
            waiting.append(Node(*source.follow(schema["$ref"], node.pointer)))
            if len(schema) == 1 or not (source.siblings or is_wary):
                continue
        whole.flat.append(node)
        if source.siblings and isinstance(schema.get("$dynamicRef"), str):
            waiting.append(Node(*source.follow_dynamic(schema["$dynamicRef"], node.pointer)))
        waiting.extend(reversed(node.members("allOf")))
        for choice in _choices(source, node):
            if choice.key in made:
                continue
            if len(choice.options) == 1:
                waiting.extend(choice.options[0])
            else:
                whole.choices.append(choice)
        if discriminating(schema) and not {"oneOf", "anyOf"} & schema.keys():
            typed.append(node)
    for node in typed:
        whole.choices += [each for each in _subtypes(source, node, whole.pointers) if each.key not in made]
    return whole


def _choices(source: Source, node: Node) -> Iterator[Choice]:
    for keyword in ("oneOf", "anyOf"):
        branches = node.members(keyword)
        if branches:
            options = [(branch, *_named(source, node, branch)) for branch in branches]
            yield Choice(f"{node.pointer}/{keyword}", options, keyword == "oneOf")
    if isinstance(node.schema.get("if"), (dict, bool)) and {"then", "else"} & node.schema.keys():
        condition = node.at("if")
        refused = Node({"not": condition.schema}, f"{condition.pointer}~not")
        sides = ((condition, "then"), (refused, "else"))
        options = [(one, node.at(key)) if key in node.schema else (one,) for one, key in sides]
        yield Choice(condition.pointer, options)


# --- discriminators --------------------------------------------------------------------------------------------------


def discriminating(schema: Mapping[str, Any]) -> str | None:
    """The property by which a schema tells its subtypes apart."""
    held = schema.get("discriminator")
    name = held.get("propertyName") if isinstance(held, dict) else held
    return name if isinstance(name, str) else None


def _mapping(schema: Mapping[str, Any]) -> Mapping[str, str]:
    held = schema.get("discriminator")
    mapping = held.get("mapping") if isinstance(held, dict) else None
    pairs = mapping.items() if isinstance(mapping, dict) else ()
    return {name: target for name, target in pairs if isinstance(target, str)}


def _section(source: Source) -> str:
    return "/definitions" if source.dialect == "2.0" else "/components/schemas"


def _target(source: Source, written: str) -> str:
    """The place that a mapping means, by a reference or by the name of a schema."""
    pointer = local(written)
    return f"{_section(source)}/{escape(written)}" if pointer is None else pointer


def _named(source: Source, node: Node, branch: Node) -> Option:
    """What a discriminator demands beside a branch: the property has a text that means this branch."""
    name = discriminating(node.schema)
    ref = branch.schema.get("$ref") if isinstance(branch.schema, dict) else None
    place = local(ref) if isinstance(ref, str) else None
    if name is None or place is None:
        return ()
    mapped = [text for text, target in _mapping(node.schema).items() if _target(source, target) == place]
    return (_typed(node, name, mapped or [place.rpartition("/")[2]]),)


def _typed(node: Node, name: str, texts: list[str]) -> Node:
    schema = {"type": "object", "properties": {name: {"enum": texts}}, "required": [name]}
    return Node(schema, f"{node.pointer}/discriminator~{'~'.join(texts)}")


def _subtypes(source: Source, node: Node, met: set[str]) -> Iterator[Choice]:
    """Of a type that others merge: which of them it is. Where one of them has been met, it is that one."""
    name = discriminating(node.schema)
    if name is None:
        return
    options: list[tuple[bool, Option]] = []
    for text, pointer in _offered(source, node):
        try:
            subtype = Node(*source.follow(f"#{pointer}", node.pointer))
        except Unjudgeable:
            continue
        options.append((pointer in met and pointer != node.pointer, (_typed(node, name, [text]), subtype)))
    if any(is_met for is_met, _ in options):
        options = [pair for pair in options if pair[0]]
    if options:
        yield Choice(f"{node.pointer}/discriminator", [option for _, option in options])


def _offered(source: Source, node: Node) -> list[tuple[str, str]]:
    """(text, place) of the subtypes: those that are mapped, else those that merge the type, else itself."""
    mapped = [(text, _target(source, target)) for text, target in _mapping(node.schema).items()]
    if mapped:
        return mapped
    merging = source.once(("merging",), lambda: _merging(source))
    own = [(node.pointer.rpartition("/")[2], node.pointer)] if node.pointer.startswith(_section(source)) else []
    return [(place.rpartition("/")[2], place) for place in merging.get(node.pointer, ())] or own


def _merging(source: Source) -> dict[str, list[str]]:
    """By the place of a schema, the components that merge it by ``allOf``."""
    found: dict[str, list[str]] = {}
    section = _section(source)
    holder = source.root if section == "/definitions" else source.root.get("components")
    for _, schema, place in source.entries(holder, section.rpartition("/")[2], section.rpartition("/")[0]):
        for member in schema.get("allOf", ()) if isinstance(schema, dict) else ():
            ref = member.get("$ref") if isinstance(member, dict) else None
            pointer = local(ref) if isinstance(ref, str) else None
            if pointer is not None:
                found.setdefault(pointer, []).append(place)
    return found
