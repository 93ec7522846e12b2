"""A schema as it is compared: references followed, null told apart, and what is said twice taken together.

Different ways of writing the same thing give the same view: ``nullable`` and a type ``null``, a union with null, a
union or ``allOf`` of one schema, limits that are exclusive. It judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from signet.core.compare.source import Node, Source, is_nullable
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.structure import reference
from signet.core.formats.text import escape

ANNOTATIONS = frozenset(
    {
        "title", "description", "example", "examples", "externalDocs", "$comment", "xml", "default", "deprecated",
        "readOnly", "writeOnly", "$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "definitions",
    }
)  # fmt: skip
"""Keywords that may stand in several schemas for one value; the first counts."""
_COMPOSED = frozenset({"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "properties", "required", "type"})
_OPEN = (None, True)
MOST_MEMBERS = 2_000


@dataclass(slots=True)
class View:
    """A schema with nothing to look up any more. ``types`` is None where any is allowed."""

    pointer: str
    words: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    types: frozenset[str] | None = None
    nullable: bool = False
    properties: dict[str, Node] = field(default_factory=dict)
    required: dict[str, str] = field(default_factory=dict)
    unions: dict[str, list[Node]] = field(default_factory=dict)

    def at(self, keyword: str) -> str:
        """The place of a keyword, or of the schema where it has none."""
        return self.places.get(keyword, self.pointer)

    def node(self, keyword: str) -> Node | None:
        """The schema that a keyword holds."""
        value = self.words.get(keyword)
        return Node(value, self.at(keyword)) if isinstance(value, (dict, bool)) else None

    def entries(self, keyword: str) -> dict[str, Node]:
        """The schemas of a keyword that holds a map of them."""
        value = self.words.get(keyword)
        if not isinstance(value, dict):
            return {}
        return {
            name: Node(child, f"{self.at(keyword)}/{escape(name)}")
            for name, child in value.items()
            if isinstance(child, (dict, bool))
        }

    def flag(self, keyword: str) -> bool:
        """Is a keyword such as ``readOnly`` true?"""
        return self.words.get(keyword) is True

    def allows(self, kind: str) -> bool:
        """True if a value may be of this type, as far as the type tells."""
        return self.types is None or kind in self.types or (kind == "number" and "integer" in self.types)

    @property
    def is_plain(self) -> bool:
        """True if it says nothing about values."""
        rest = self.words.keys() - ANNOTATIONS
        return not (rest or self.types is not None or self.properties or self.required or any(self.unions.values()))


def target(source: Source, node: Node) -> Node:
    """What a schema that is nothing but a reference leads to; a schema that is used in many places is one."""
    value, pointer, seen = node.schema, node.pointer, set[str]()
    while (ref := reference(value)) is not None and pointer not in seen and not _siblings(source, value):
        seen.add(pointer)
        value, pointer = source.follow(ref, pointer)
    return Node(value, pointer)


def view(source: Source, node: Node) -> View:
    """The view of a schema; Unjudgeable where a reference leads nowhere or round in a circle."""
    return source.once(("view", node.pointer), lambda: _view(source, node))


def _view(source: Source, node: Node) -> View:
    layers = list(_layers(source, node))
    last, pointer = layers[-1]
    found = View(pointer)
    if last is False:
        found.types = frozenset()
    for schema, at in reversed(layers):
        if isinstance(schema, dict):
            own = _own(source, schema, at)
            if not _absorb(found, own):
                found.unions.setdefault("allOf", []).append(Node(schema, at))
    for keyword in ("oneOf", "anyOf"):
        _without_null(source, found, keyword)
    return found


def _layers(source: Source, node: Node) -> Iterator[tuple[Any, str]]:
    """The schema and what it refers to; a reference without siblings that count is left out."""
    value, pointer, seen = node.schema, node.pointer, set[str]()
    while (ref := reference(value)) is not None:
        if pointer in seen:
            raise Unjudgeable(f"the reference {ref!r} leads round in a circle", pointer)
        seen.add(pointer)
        siblings = _siblings(source, value)
        if siblings:
            yield siblings, pointer
        value, pointer = source.follow(ref, pointer)
    yield value, pointer


def _siblings(source: Source, value: Mapping[str, Any]) -> dict[str, Any]:
    """What counts beside a reference: everything in 3.1, and a ``nullable`` that somebody must have meant."""
    siblings = {key: held for key, held in value.items() if key != "$ref"}
    return siblings if source.siblings or not siblings.keys() - {"nullable", "x-nullable"} else {}


def _own(source: Source, schema: Mapping[str, Any], pointer: str) -> View:
    """One layer as a view."""
    found = View(pointer)
    for keyword, value in schema.items():
        if value is None and keyword not in ("const", "default"):
            continue
        if keyword not in _COMPOSED:
            found.words[keyword] = value
        found.places[keyword] = f"{pointer}/{escape(keyword)}"
    found.types, found.nullable = _types(schema)
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        at = found.places["properties"]
        found.properties = {
            name: Node(child, f"{at}/{escape(name)}")
            for name, child in properties.items()
            if isinstance(child, (dict, bool))
        }
    if isinstance(required, list):
        # A blank name is what a template leaves where nothing is required.
        found.required = {name: found.places["required"] for name in required if isinstance(name, str) and name}
    for keyword in ("allOf", "anyOf", "oneOf"):
        members = Node(schema, pointer).members(keyword)
        if members:
            found.unions[keyword] = members
    if source.siblings and isinstance(schema.get("$dynamicRef"), str):
        target = source.follow_dynamic(schema["$dynamicRef"], pointer)
        found.unions.setdefault("allOf", []).append(Node(*target))
    _tighten(found, "minimum", "exclusiveMinimum")
    _tighten(found, "maximum", "exclusiveMaximum")
    if isinstance(found.words.get("items"), list):
        found.words["prefixItems"] = found.words.pop("items")
        found.places["prefixItems"] = found.places["items"]
    return found


def _types(schema: Mapping[str, Any]) -> tuple[frozenset[str] | None, bool]:
    written, nullable = schema.get("type"), is_nullable(schema)
    if isinstance(written, str):
        return frozenset([written]), nullable or written == "null"
    if not isinstance(written, list) or not written:
        return None, nullable
    types = frozenset(each for each in written if isinstance(each, str))
    return types - {"null"} or types, nullable or "null" in types


def _tighten(found: View, limit: str, exclusive: str) -> None:
    """``exclusiveMinimum: true`` beside a limit (3.0) becomes what it means."""
    if isinstance(found.words.get(exclusive), bool):
        is_exclusive = found.words.pop(exclusive)
        if is_exclusive and limit in found.words:
            found.words[exclusive] = found.words.pop(limit)
            found.places[exclusive] = found.places[limit]


def _without_null(source: Source, found: View, keyword: str) -> None:
    """A union with null is the union of the rest, and nullable; a union of one schema is that schema."""
    members = found.unions.get(keyword)
    if not members or len(members) > MOST_MEMBERS:
        return
    rest = [member for member in members if not _is_null(source, member)]
    if rest and len(rest) < len(members):
        found.unions[keyword], found.nullable = rest, True
    if len(rest) == 1:
        target = _resolved(source, rest[0])
        if isinstance(target.schema, dict) and target.pointer != found.pointer:
            own = _own(source, target.schema, target.pointer)
            if _absorb(found, own, is_inner=True):
                del found.unions[keyword]


def _resolved(source: Source, node: Node) -> Node:
    value, pointer = source.resolved(node.schema, node.pointer) if reference(node.schema) else node[:2]
    return Node(value, pointer)


def _is_null(source: Source, member: Node) -> bool:
    schema = _resolved(source, member).schema
    if not isinstance(schema, dict):
        return False
    said = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    return said in ({"type": "null"}, {"type": ["null"]}, {"const": None}, {"enum": [None]}) or (
        said == {"type": "null", "enum": [None]} or said == {"type": "null", "const": None}
    )


def _absorb(found: View, own: View, *, is_inner: bool = False) -> bool:
    """Take what one schema says into another that holds for the same value; False if they cannot be one.

    Of what only describes, the outer one's word counts.
    """
    words = own.words.keys() & found.words.keys()
    if any(word not in ANNOTATIONS and own.words[word] != found.words[word] for word in words):
        return False
    both = own.properties.keys() & found.properties.keys()
    if any(found.properties[name].schema != own.properties[name].schema for name in both):
        return False
    if any(found.unions.get(keyword) and own.unions.get(keyword) for keyword in ("anyOf", "oneOf")):
        return False
    if None not in (found.types, own.types) and found.types != own.types:
        return False
    if found.properties and own.properties and not (_is_open(found) and _is_open(own)):
        return False
    found.types = own.types if found.types is None else found.types
    found.nullable = found.nullable or own.nullable
    if is_inner:
        found.words, found.places = {**own.words, **found.words}, {**own.places, **found.places}
    else:
        found.words, found.places = {**found.words, **own.words}, {**found.places, **own.places}
    found.properties |= own.properties
    found.required |= own.required
    for keyword, members in own.unions.items():
        found.unions[keyword] = [*found.unions.get(keyword, ()), *members]
    return True


def _is_open(own: View) -> bool:
    return own.words.get("additionalProperties") in _OPEN and "unevaluatedProperties" not in own.words


def flattened(source: Source, found: View) -> View | None:
    """The view with the schemas of ``allOf`` taken in; None where they cannot be one."""
    whole = replace(
        found,
        words=dict(found.words),
        places=dict(found.places),
        properties=dict(found.properties),
        required=dict(found.required),
        unions={keyword: members for keyword, members in found.unions.items() if keyword != "allOf"},
    )
    waiting, seen = list(found.unions.get("allOf", ())), set[str]()
    while waiting:
        node = waiting.pop(0)
        member = view(source, node)
        if member.pointer in seen or len(seen) > MOST_MEMBERS:
            return None
        seen.add(member.pointer)
        own = replace(member, unions={key: held for key, held in member.unions.items() if key != "allOf"})
        waiting.extend(member.unions.get("allOf", ()))
        if not _absorb(whole, own, is_inner=True):
            return None
    return whole


KINDS = {
    **dict.fromkeys(
        ("maxLength", "minLength", "pattern", "contentMediaType", "contentEncoding", "contentSchema"), "string"
    ),
    **dict.fromkeys(("items", "prefixItems", "contains", "unevaluatedItems", "maxItems", "minItems"), "array"),
    **dict.fromkeys(("uniqueItems", "maxContains", "minContains"), "array"),
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties", "propertyNames"), "object"),
    **dict.fromkeys(("unevaluatedProperties", "dependentRequired", "dependentSchemas"), "object"),
    **dict.fromkeys(("maxProperties", "minProperties"), "object"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
}
"""Keywords that say something about values of one type only."""


def without_strangers(old: View, new: View) -> tuple[View, View]:
    """Both views without what they say of types that the other does not allow: the change of the type tells it all."""
    if old.types == new.types:
        return old, new
    return _about(old, new), _about(new, old)


def _about(own: View, other: View) -> View:
    strange = {keyword for keyword, kind in KINDS.items() if not other.allows(kind)}
    if strange.isdisjoint(own.places):
        return own
    return replace(
        own,
        words={word: value for word, value in own.words.items() if word not in strange},
        properties={} if "properties" in strange else own.properties,
        required={} if "required" in strange else own.required,
    )
