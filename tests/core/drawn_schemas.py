"""Drawn schemas of every form OpenAPI and JSON Schema know, with values that conform to them by construction.

A value is made together with its schema, part by part, and each part knows what would be forbidden in its place. Where
several schemas hold for one value (``allOf``), or one of several (``oneOf``), they are drawn so that it stays known
which values they allow: alternatives differ by a property or by the type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.core.drawn_leaves import Choice, Made, Shape, Wrong, leaf, scalars, texts

NAMES = ("a", "b", "c", "x-d", "a/b", "m~n", "ü", "type", "items", "$id", "", "0", "%41")
"""Names of properties, some of which mean something elsewhere: to schemas, to pointers, to URIs."""
UNNAMED = "unnamed"


@dataclass
class World:
    """A document that is being drawn: its dialect, where choices come from, and the components so far."""

    choice: Choice
    dialect: str
    schemas: dict[str, Any] = field(default_factory=dict)
    beyond_reference: bool = False
    """True if something is in it that we read otherwise than the reference (docs/comparison.md)."""

    @property
    def newer(self) -> bool:
        return self.dialect == "3.1"

    def ref(self, name: str) -> str:
        """The reference to a component."""
        place = "#/definitions/" if self.dialect == "2.0" else "#/components/schemas/"
        return place + quote(name.replace("~", "~0").replace("/", "~1"))

    def fresh(self, stem: str = "S") -> str:
        """The name of a component that is not there yet; it is reserved."""
        name = f"{stem}{len(self.schemas)}"
        self.schemas[name] = {}
        return name

    def shared(self, shape: Shape) -> Shape:
        """The shape with its schema moved to the components."""
        name = self.fresh(self.choice.pick(["S", "S.x-", *["S/~", "S %"] * (self.dialect == "2.0")]))
        self.schemas[name] = shape.schema
        return Shape({"$ref": self.ref(name)}, shape.kinds, shape.make)


def shape(world: World, depth: int) -> Shape:
    """Any shape, at most so deep."""
    choice = world.choice
    kinds: list[Callable[[World, int], Shape]] = [lambda world, _: scalars(world.choice, world.dialect)]
    if depth > 0:
        kinds += [objects, objects, lists, merged, maps, tagged, of_types, recursive, excluding]
        kinds += [conditional, dependent] * world.newer
    drawn = choice.pick(kinds)(world, depth)
    if choice.chance(20):
        drawn = world.shared(drawn)
    return nullable(world, drawn) if choice.chance(12) else drawn


def nullable(world: World, inner: Shape) -> Shape:
    """Null beside all other values, in the words of the dialect."""
    schema = inner.schema
    listed = isinstance(schema, dict) and ("enum" in schema or "const" in schema)
    typed = isinstance(schema, dict) and isinstance(schema.get("type"), str)
    if "null" in inner.kinds or not inner.kinds:
        return inner
    if world.newer:
        if typed and not listed and world.choice.chance(60):
            schema = {**schema, "type": [schema["type"], "null"]}
        else:
            schema = {world.choice.pick(["anyOf", "oneOf"]): [schema, {"type": "null"}]}
    else:
        word = "nullable" if world.dialect == "3.0" else "x-nullable"
        if listed and "enum" in schema:
            schema = {**schema, word: True, "enum": [*schema["enum"], None]}
        elif typed:
            schema = {**schema, word: True}
        else:
            schema = {word: True, "allOf": [schema]}
        world.beyond_reference |= not typed or world.dialect == "2.0"
    kinds = inner.kinds | {"null"}

    def make(choice: Choice, side: str) -> Made:
        if choice.chance(30):
            return Made(None, kinds)
        made = inner.make(choice, side)
        made.kinds = made.kinds | {"null"}
        return made

    return Shape(schema, kinds, make)


# --- objects ---------------------------------------------------------------------------------------------------------


@dataclass
class Field:
    """A property: required or not, and ``readOnly`` or ``writeOnly`` if marked."""

    shape: Shape
    required: bool = False
    mark: str = ""

    def is_sent(self, side: str) -> bool:
        """False if the other side is the one that provides it."""
        return self.mark != {"request": "readOnly", "response": "writeOnly"}[side]


def fields(world: World, depth: int, names: Sequence[str], least: int = 0) -> dict[str, Field]:
    """Some properties."""
    choice = world.choice
    found: dict[str, Field] = {}
    for _ in range(choice.between(least, min(3, len(names)))):
        name = choice.pick([name for name in names if name not in found])
        found[name] = Field(shape(world, depth - 1), choice.chance(50), _mark(world))
        if found[name].mark:
            held = found[name].shape
            inline = isinstance(held.schema, dict) and (world.newer or "$ref" not in held.schema)
            marked = (
                {**held.schema, found[name].mark: True} if inline else {found[name].mark: True, "allOf": [held.schema]}
            )
            found[name].shape = Shape(marked, held.kinds, held.make)
            world.beyond_reference |= found[name].required
    return found


def _mark(world: World) -> str:
    if not world.choice.chance(15):
        return ""
    return world.choice.pick(["readOnly", "writeOnly"] if world.dialect != "2.0" else ["readOnly"])


def made_object(choice: Choice, side: str, named: dict[str, Field], more: Sequence[str] = ()) -> dict[str, Made]:
    """Values of properties: all that are required or in ``more``, and some of the others."""
    return {
        name: each.shape.make(choice, side)
        for name, each in named.items()
        if each.is_sent(side) and (each.required or name in more or choice.chance(60))
    }


def missing(made: Made, named: dict[str, Field]) -> Iterator[Wrong]:
    """The object without each property that a request must have."""
    for name, each in named.items():
        if each.required and name in made.parts and each.is_sent("request"):
            yield Wrong("required", {key: part.plain() for key, part in made.parts.items() if key != name})


def answered_never(made: Made, named: dict[str, Field], choice: Choice) -> Iterator[Wrong]:
    """The object with a property that is only written."""
    for name, each in named.items():
        if each.mark == "writeOnly":
            yield Wrong("writeOnly", {**made.plain(), name: each.shape.make(choice, "request").plain()}, (name,))


def objects(world: World, depth: int) -> Shape:
    """Named properties; the rest closed, open, or bound to a schema; patterns and names in 3.1."""
    choice = world.choice
    named = fields(world, depth, NAMES)
    schema: dict[str, Any] = {"properties": {name: each.shape.schema for name, each in named.items()}}
    if choice.chance(85):
        schema["type"] = "object"
    if required := [name for name, each in named.items() if each.required]:
        schema["required"] = required
    rest = choice.pick(["", "", "closed", "open", "bound"])
    other = shape(world, 0) if rest == "bound" else None
    if other and other.schema is True:
        other.schema = {}  # true promises nothing, a schema does
    if rest:
        schema["additionalProperties"] = other.schema if other else rest == "open"
    patterned = shape(world, 0) if world.newer and choice.chance(25) else None
    if patterned:
        schema["patternProperties"] = {"^p_": patterned.schema}
    kinds = frozenset({"object"} if "type" in schema else ())
    names_something = bool(named or patterned or rest == "closed")

    def wrongs(side: str, choice: Choice) -> Callable[[Made], Iterator[Wrong]]:
        def found(made: Made) -> Iterator[Wrong]:
            if side == "request":
                yield from missing(made, named)
            else:
                yield from answered_never(made, named, choice)
            if not other and (rest == "closed" if side == "request" else names_something):
                yield Wrong("unnamed", {**made.plain(), UNNAMED: 1}, (UNNAMED,))

        return found

    def make(choice: Choice, side: str) -> Made:
        parts = made_object(choice, side, named)
        if other and choice.chance(50):
            parts["more"] = other.make(choice, side)
        if patterned and choice.chance(50):
            parts["p_1"] = patterned.make(choice, side)
        if side == "request" and rest in ("", "open") and choice.chance(20):
            parts[UNNAMED] = Made({}, frozenset(), parts={"any": Made([], frozenset())})
        return Made({}, kinds, wrongs(side, choice), parts)

    return Shape(schema, kinds, make)


def merged(world: World, depth: int) -> Shape:
    """Properties in several members of ``allOf``, one of them a reference; one that several members speak about."""
    choice = world.choice
    members: list[dict[str, Any]] = [{} for _ in range(choice.between(2, 3))]
    named = fields(world, depth, NAMES[:6], 1)
    for name, each in named.items():
        member = choice.pick(members)
        member.setdefault("properties", {})[name] = each.shape.schema
        if each.required:
            choice.pick([*members, member]).setdefault("required", []).append(name)
    inner = {name: Field(scalars(choice, world.dialect), choice.chance(50)) for name in ("p", "q")}
    for (name, each), member in zip(inner.items(), members, strict=False):
        held = {"properties": {name: each.shape.schema}} | ({"required": [name]} if each.required else {})
        member.setdefault("properties", {})["both"] = held
        member.setdefault("type", "object")
    members[0] = world.shared(Shape(members[0], frozenset(), texts(choice, "").make)).schema
    schema: dict[str, Any] = {"allOf": members}
    closed = world.newer and choice.chance(30)
    if closed:
        schema["unevaluatedProperties"] = False

    def wrongs(side: str, choice: Choice, own: dict[str, Field], is_closed: bool) -> Callable[[Made], Iterator[Wrong]]:
        def found(made: Made) -> Iterator[Wrong]:
            if side == "request":
                yield from missing(made, own)
            else:
                yield from answered_never(made, own, choice)
            if side == "response" or is_closed:
                yield Wrong("unnamed", {**made.plain(), UNNAMED: 1}, (UNNAMED,))

        return found

    def make(choice: Choice, side: str) -> Made:
        parts = made_object(choice, side, named)
        if choice.chance(70):
            both = made_object(choice, side, inner)
            parts["both"] = Made({}, frozenset(), wrongs(side, choice, inner, False), both)
        return Made({}, frozenset({"object"}), wrongs(side, choice, named, closed), parts)

    return Shape(schema, frozenset({"object"}), make)


def maps(world: World, depth: int) -> Shape:
    """Any names with one schema; their number, and in 3.1 their form, may be bounded."""
    choice = world.choice
    inner = shape(world, depth - 1)
    schema: dict[str, Any] = {"type": "object", "additionalProperties": inner.schema}
    low, high = (choice.between(0, 1), choice.between(1, 3)) if choice.chance(40) else (0, 9)
    if high < 9:
        schema |= {"minProperties": low, "maxProperties": high}
    letters = world.newer and choice.chance(40)
    if letters:
        schema["propertyNames"] = {"pattern": "^[a-z]+$"}

    def wrongs(side: str, choice: Choice) -> Callable[[Made], Iterator[Wrong]]:
        def found(made: Made) -> Iterator[Wrong]:
            good = inner.make(choice, side).plain()
            if high < 9:
                yield Wrong("maxProperties", dict.fromkeys("abcd", good))
            if low and side == "request":
                yield Wrong("minProperties", {})
            if letters:
                yield Wrong("propertyNames", {"BAD": good}, ("BAD",))

        return found

    def make(choice: Choice, side: str) -> Made:
        names = ["k", "l", "m"][: choice.between(low, min(high, 3))]
        parts = {name if letters else f"{name} {name}": inner.make(choice, side) for name in names}
        return Made({}, frozenset({"object"}), wrongs(side, choice), parts)

    return Shape(schema, frozenset({"object"}), make)


# --- lists -----------------------------------------------------------------------------------------------------------


def lists(world: World, depth: int) -> Shape:
    """Lists: bounded, of different items, by position, or holding something in particular."""
    choice = world.choice
    kind = choice.pick(["plain", "bounds", "unique", *["tuple", "contains"] * world.newer])
    kinds = frozenset({"array"})
    if kind == "tuple":
        return _tuple(world, depth)
    inner = shape(world, depth - 1)
    schema: dict[str, Any] = {"type": "array", "items": inner.schema}
    low, high = (choice.between(0, 2), choice.between(2, 3)) if kind == "bounds" else (0, 9)
    if kind == "bounds":
        schema |= {"minItems": low, "maxItems": high}
    if kind == "unique":
        schema["uniqueItems"] = True
    if kind == "contains":
        inner = leaf({}, "", ["x", None, -1])
        wanted = {"type": "integer", "minimum": 0}
        schema = {"type": "array", "contains": wanted, **choice.pick([{}, {"minContains": 1, "maxContains": 2}])}

    def wrongs(side: str, choice: Choice) -> Callable[[Made], Iterator[Wrong]]:
        def found(made: Made) -> Iterator[Wrong]:
            items = made.plain()
            good = inner.make(choice, side).plain()
            if kind == "bounds":
                yield Wrong("maxItems", [good] * (high + 1))
                if low:
                    yield Wrong("minItems", [good] * (low - 1))
            if kind == "unique" and items and not isinstance(items[0], (dict, list)):
                yield Wrong("uniqueItems", [*items, items[0]])
            if kind == "contains":
                yield Wrong("contains", ["x", -1])
                if "maxContains" in schema:
                    yield Wrong("maxContains", [1, 2, 3])

        return found

    def make(choice: Choice, side: str) -> Made:
        items: list[Made] = []
        for _ in range(choice.between(low, min(high, 3))):
            each = inner.make(choice, side)
            if kind != "unique" or all(key(each.plain()) != key(other.plain()) for other in items):
                items.append(each)
        if kind == "contains":
            items.append(Made(choice.pick([0, 5]), frozenset()))
        return Made([], kinds, wrongs(side, choice), dict(enumerate(items)))

    return Shape(schema, kinds, make)


def key(value: Any) -> str:
    """Equal for values that are equal as JSON."""
    from signet.core.formats.text import dump

    return dump(value)


def _tuple(world: World, depth: int) -> Shape:
    choice = world.choice
    first = [shape(world, depth - 1) for _ in range(choice.between(1, 2))]
    rest = choice.pick([None, shape(world, 0), leaf(False, "", [])])
    schema: dict[str, Any] = {"type": "array", "prefixItems": [each.schema for each in first]}
    if rest:
        schema["items"] = rest.schema

    def wrongs(made: Made) -> Iterator[Wrong]:
        if rest and rest.schema is False and len(made.parts) == len(first):
            yield Wrong("items", [*made.plain(), 1], (len(first),))

    def make(choice: Choice, side: str) -> Made:
        items = [each.make(choice, side) for each in first[: choice.between(0, len(first))]]
        if rest and rest.schema is not False and len(items) == len(first) and choice.chance(50):
            items.append(rest.make(choice, side))
        return Made([], frozenset({"array"}), wrongs, dict(enumerate(items)))

    return Shape(schema, frozenset({"array"}), make)


# --- alternatives ----------------------------------------------------------------------------------------------------


def of_types(world: World, depth: int) -> Shape:
    """Alternatives of different types."""
    choice = world.choice
    ways = [
        lambda: texts(choice, world.dialect),
        lambda: leaf({"type": "integer", "minimum": 0}, "integer", [0, 8], [("minimum", -1)]),
        lambda: lists(world, depth - 1) if depth > 1 else leaf({"type": "boolean"}, "boolean", [True]),
        lambda: merged(world, depth - 1) if depth > 1 else leaf({"type": "object", "maxProperties": 0}, "object", [{}]),
    ]
    start, count = choice.between(0, 3), choice.between(2, 3)
    drawn = [ways[(start + step) % 4]() for step in range(count)]
    # A constant says nothing about types, so it may stand for a text only where it is one.
    kinds = frozenset[str]().union(*(each.kinds for each in drawn))
    schema = {choice.pick(["oneOf", "anyOf"]): [each.schema for each in drawn]}

    def make(choice: Choice, side: str) -> Made:
        made = choice.pick(drawn).make(choice, side)
        made.kinds, made.is_choice = kinds, True
        return made

    return Shape(schema, kinds, make)


def tagged(world: World, depth: int) -> Shape:
    """Objects told apart by a property: by its values alone, or by a discriminator with or without a mapping."""
    choice = world.choice
    how = choice.pick(["values", "implicit", "mapping", *["subtypes"] * (world.dialect != "2.0")])
    if world.dialect == "2.0":
        how = "values" if choice.chance(50) else "allOf"
    count = choice.between(2, 3)
    names = [world.fresh("T") for _ in range(count)]
    tags = [f"tag {position}" for position in range(count)] if how in ("values", "mapping") else names
    own = [
        {f"{name}{position}": each for name, each in fields(world, depth, ["u", "v", "w"], 1).items()}
        for position in range(count)
    ]
    for each in own:
        first = next(iter(each.values()))
        first.required = True
        world.beyond_reference |= bool(first.mark)
    by_base = how in ("subtypes", "allOf")
    by_name = how == "implicit" and choice.chance(50)
    base = world.fresh("B") if by_base else ""
    for name, tag, named in zip(names, tags, own, strict=True):
        properties = {held: each.shape.schema for held, each in named.items()}
        required = [held for held, each in named.items() if each.required]
        if by_base:
            part = {"type": "object", "properties": properties, "required": required}
            world.schemas[name] = {"allOf": [{"$ref": world.ref(base)}, part]}
        else:
            properties["tag"] = {"type": "string"} if by_name else {"type": "string", "enum": [tag]}
            world.schemas[name] = {"type": "object", "properties": properties, "required": ["tag", *required]}
    branches = [{"$ref": world.ref(name)} for name in names]
    keyword = choice.pick(["oneOf", "anyOf"])
    if by_base:
        discriminator: Any = {"propertyName": "tag"} if how == "subtypes" else "tag"
        world.schemas[base] = {
            "type": "object",
            "discriminator": discriminator,
            "properties": {"tag": {"type": "string"}},
            "required": ["tag"],
        }
        schema: dict[str, Any] = {"$ref": world.ref(base)}
    elif how == "values":
        schema = {keyword: [world.schemas[name] for name in names] if choice.chance(50) else branches}
        if world.dialect == "2.0":
            schema = {"$ref": world.ref(names[0])}  # no alternatives there
    else:
        mapping = {tag: world.ref(name) for tag, name in zip(tags, names, strict=True)}
        found: dict[str, Any] = {"propertyName": "tag"} | ({"mapping": mapping} if how == "mapping" else {})
        schema = {keyword: branches, "discriminator": found}
    only_first = how == "values" and world.dialect == "2.0"
    kinds = frozenset({"object"})

    def wrongs(side: str, choice: Choice, position: int) -> Callable[[Made], Iterator[Wrong]]:
        named = own[position]

        def found(made: Made) -> Iterator[Wrong]:
            if not by_base:
                if side == "request":
                    yield from missing(made, {**named, "tag": Field(leaf({}, "", []), True)})
                if not by_name:
                    yield Wrong("no alternative", {**made.plain(), "tag": "nobody's"})
            if side == "response":
                yield from answered_never(made, named, choice)
                yield Wrong("unnamed", {**made.plain(), UNNAMED: 1}, (UNNAMED,))
                if len(made.parts) > 1 and not only_first:
                    yield Wrong("another alternative", {**made.plain(), "tag": tags[position - 1]})

        return found

    def make(choice: Choice, side: str) -> Made:
        position = 0 if only_first else choice.between(0, count - 1)
        parts = {"tag": Made(tags[position], frozenset({"string"}))}
        if by_base and side == "request":  # the base knows nothing of the subtypes
            return Made({}, kinds, parts=parts, pinned=frozenset({"tag"}))
        parts |= made_object(choice, side, own[position])
        return Made({}, kinds, wrongs(side, choice, position), parts, frozenset({"tag"}), is_choice=True)

    return Shape(schema, kinds, make)


# --- what hangs together ---------------------------------------------------------------------------------------------


def excluding(world: World, depth: int) -> Shape:
    """What ``not`` forbids: a property beside others, or a value of one."""
    choice = world.choice
    named = fields(world, depth, ["a", "b"], 1)
    word = choice.pick(["name", "value", "bare value"])
    named["state"] = Field(leaf({"type": "string"}, "string", ["new", "old"], []), word == "bare value")
    denied: dict[str, Any] = {"type": "object", "required": ["state"]}
    if word != "name":
        denied = {"type": "object", "properties": {"state": {"enum": ["gone"]}}}
        denied |= {"required": ["state"]} if word == "value" else {}
    schema = {
        "type": "object",
        "properties": {name: each.shape.schema for name, each in named.items()},
        "required": [name for name, each in named.items() if each.required],
        "not": denied,
    }
    if not schema["required"]:
        del schema["required"]

    def wrongs(side: str) -> Callable[[Made], Iterator[Wrong]]:
        def found(made: Made) -> Iterator[Wrong]:
            yield Wrong("not", {**made.plain(), "state": "gone"})
            if side == "request":
                yield from missing(made, named)

        return found

    def make(choice: Choice, side: str) -> Made:
        parts = made_object(choice, side, named)
        if word == "name":
            parts.pop("state", None)
        return Made({}, frozenset({"object"}), wrongs(side), parts)

    return Shape(schema, frozenset({"object"}), make)


def conditional(world: World, depth: int) -> Shape:
    """``if``, ``then``, ``else``: what one property is decides what another may be."""
    choice = world.choice
    size = {"type": "integer"}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"kind": {"enum": ["big", "small"]}, "size": size, "note": {"type": "string"}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "big"}}, "required": ["kind"]},
        "then": {"properties": {"size": {"minimum": 10}}, "required": ["size"]},
    }
    if choice.chance(70):
        schema["else"] = {"properties": {"size": {"maximum": 5}}}

    def make(choice: Choice, side: str) -> Made:
        kind = choice.pick(["big", "small"])
        sizes = [10, 99] if kind == "big" else [5, 0]
        bads = [("then", 9)] if kind == "big" else [("else", 6)] * ("else" in schema)

        def wrongs(made: Made) -> Iterator[Wrong]:
            for word, bad in bads:
                yield Wrong(word, bad)

        def own(made: Made) -> Iterator[Wrong]:
            if kind == "big":
                yield Wrong("required", {name: part.plain() for name, part in made.parts.items() if name != "size"})

        parts = {
            "kind": Made(kind, frozenset({"string"})),
            "size": Made(choice.pick(sizes), frozenset({"integer"}), wrongs),
            "note": Made("n", frozenset({"string"})),
        }
        return Made({}, frozenset({"object"}), own, parts, frozenset({"kind", "size"}))

    return Shape(schema, frozenset({"object"}), make)


def dependent(world: World, depth: int) -> Shape:
    """Properties that need others, or make others mean more."""
    schema = {
        "type": "object",
        "properties": {"card": {"type": "string"}, "owner": {"type": "string"}, "code": {"type": "integer"}},
        "dependentRequired": {"card": ["owner"]},
        "dependentSchemas": {"code": {"properties": {"owner": {"maxLength": 3}}}},
    }
    text = frozenset({"string"})

    def make(choice: Choice, side: str) -> Made:
        parts = {"card": Made("4711", text), "owner": Made("Ann", text), "code": Made(12, frozenset({"integer"}))}

        def own(made: Made) -> Iterator[Wrong]:
            if side == "request":
                yield Wrong("dependentRequired", {"card": "4711"})
            yield Wrong("dependentSchemas", {"card": "4711", "owner": "Anna", "code": 12}, ("owner",))

        left = [["card", "owner", "code"], ["card", "owner"], ["code", "owner"], ["owner"], []]
        held = choice.pick(left)
        return Made({}, frozenset({"object"}), own, {name: parts[name] for name in held})

    return Shape(schema, frozenset({"object"}), make)


def recursive(world: World, depth: int) -> Shape:
    """A schema that refers to itself below a property, below the items of a list, and within an alternative."""
    choice = world.choice
    name = world.fresh("R")
    here = {"$ref": world.ref(name)}
    value = scalars(choice, world.dialect)
    last: dict[str, Any] = here
    if world.newer:
        last = {"oneOf": [here, {"type": "null"}]}
    world.schemas[name] = {
        "type": "object",
        "properties": {"value": value.schema, "next": last, "kids": {"type": "array", "items": here}},
        "required": ["value"],
    }
    if choice.chance(50):
        world.schemas[name]["additionalProperties"] = False
    closed = "additionalProperties" in world.schemas[name]
    ends = frozenset({"object", "null"} if world.newer else {"object"})

    def wrongs(side: str) -> Callable[[Made], Iterator[Wrong]]:
        def found(made: Made) -> Iterator[Wrong]:
            if side == "request":
                yield Wrong("required", {key: part.plain() for key, part in made.parts.items() if key != "value"})
            if closed or side == "response":
                yield Wrong("unnamed", {**made.plain(), UNNAMED: 1}, (UNNAMED,))

        return found

    def made(choice: Choice, side: str, left: int, kinds: frozenset[str]) -> Made:
        parts = {"value": value.make(choice, side)}
        if left and choice.chance(60):
            parts["next"] = made(choice, side, left - 1, ends)
        if left and choice.chance(40):
            kids = [made(choice, side, left - 1, frozenset({"object"})) for _ in range(choice.between(0, 2))]
            parts["kids"] = Made([], frozenset({"array"}), parts=dict(enumerate(kids)))
        return Made({}, kinds, wrongs(side), parts)

    def make(choice: Choice, side: str) -> Made:
        return made(choice, side, 3, frozenset({"object"}))

    return Shape(here, frozenset({"object"}), make)
