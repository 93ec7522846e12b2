"""Drawn schemas of texts, numbers and flags, each with values that conform by construction and values that it forbids.

What is drawn comes from tables (patterns and formats with the texts that decide them) and from arithmetic, never from a
validator: so a validator can be tested with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar

Picked = TypeVar("Picked")

PATTERNS: dict[str, tuple[list[str], list[str]]] = {
    "^[a-z]{2,4}$": (["ab", "wxyz"], ["a", "abcde", "AB", ""]),
    "[0-9]": (["a1", "7", "x9y"], ["abc", ""]),
    "^(?:on|off)$": (["on", "off"], ["offer", "on "]),
    "^a|z$": (["a", "apple", "jazz"], ["bzb", ""]),
    r"^\d{3}-\d{4}$": (["555-1234"], ["5555-123", "555 1234", "٥٥٥-١٢٣٤"]),
    r"^\S+$": (["a-b", "é", "🙂"], ["a b", "", "\t"]),
    r"^(?!x)[a-z]+$": (["abc", "yx"], ["xa", "A"]),
    r"\.(?:png|jpe?g)$": (["a.png", "b.jpg", "c.jpeg"], ["a.gif", "png"]),
    "^é+$": (["é", "éé"], ["e", "\u0065\u0301"]),
    r"^[\w-]+$": (["a_b-1"], ["a b", "ü", ""]),
    "^x*$": (["", "xx"], ["xy", "x\n"]),
}
"""Patterns as JSON Schema means them, with texts that match and texts that do not."""

FORMATS: dict[str, tuple[list[str], list[str]]] = {
    "date": (["2024-02-29", "1999-12-31"], ["2023-02-29", "2024-13-01", "20240101", ""]),
    "date-time": (["2024-02-29T23:59:59Z", "2024-01-01T00:00:00.5+01:00"], ["2024-01-01", "2024-01-01T25:00:00Z", "x"]),
    "uuid": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567", "g23e4567-e89b-12d3-a456-426614174000"]),
    "email": (["a@example.org", "a.b+c@x.example.org"], ["nobody", ""]),
    "ipv4": (["127.0.0.1", "255.255.255.255"], ["256.0.0.1", "1.2.3", ""]),
    "ipv6": (["::1", "2001:db8::ff00:42:8329"], ["1::2::3", "12345::", "x"]),
}
"""Formats that everybody reads alike, with texts that have them and texts that do not."""

LOOSE_FORMATS = ("password", "binary", "float", "double", "of-our-own")
"""Formats that say nothing about a text."""

TEXTS = ("", "a", "bb", "null", "1", "true", "é", "🙂🙂", "a b", 'q"\\', "line\nline", "{}", "#", "0x1F", "~1")
WORDS = ("a", "bb", "red", "x-1", "Zoe", "é", "a_b")
"""Texts that no style of a parameter takes for syntax."""
NO_SUCH = "no such value"


class Choice(Protocol):
    """Where drawn things come from; the first of several is the simplest."""

    def between(self, low: int, high: int) -> int:
        """A whole number."""

    def pick(self, listed: Sequence[Picked]) -> Picked:
        """One of several."""

    def chance(self, percent: int) -> bool:
        """True so often."""


@dataclass(frozen=True)
class Wrong:
    """What a schema forbids: a word for it, the value in place of the right one, and the place in it that is wrong."""

    word: str
    value: Any
    place: tuple[Any, ...] = ()


@dataclass
class Made:
    """A value with what made it. ``pinned`` parts may not be left out of an expectation, because others hang on them.

    ``is_choice``: it is one of several alternatives, so what is wrong inside may be told of any of them.
    """

    value: Any
    kinds: frozenset[str]
    wrongs: Callable[[Made], Iterator[Wrong]] = lambda _made: iter(())
    parts: dict[Any, Made] = field(default_factory=dict)
    pinned: frozenset[Any] = frozenset()
    is_choice: bool = False

    def plain(self) -> Any:
        """The value with its parts."""
        if isinstance(self.value, dict):
            return {name: part.plain() for name, part in self.parts.items()}
        if isinstance(self.value, list):
            return [part.plain() for part in self.parts.values()]
        return self.value

    def part(self, choice: Choice) -> Made:
        """A part of the value: properties left out at any depth, never items of a list."""
        left = {
            name: part.part(choice)
            for name, part in self.parts.items()
            if isinstance(self.value, list) or name in self.pinned or choice.chance(70)
        }
        return replace(self, parts=left)

    def forbidden(
        self, place: tuple[Any, ...] = (), choice: tuple[Any, ...] | None = None
    ) -> Iterator[tuple[tuple[Any, ...], Wrong, tuple[Any, ...] | None]]:
        """Everything forbidden that can be put here or inside: (place, what, the place of the choice around it)."""
        choice = place if choice is None and self.is_choice else choice
        for wrong in (*self.wrongs(self), *of_wrong_type(self.kinds)):
            yield place, wrong, choice
        for name, part in self.parts.items():
            yield from part.forbidden((*place, name), choice)


def of_wrong_type(kinds: frozenset[str]) -> Iterator[Wrong]:
    """A value of each type that is not among ``kinds``; none where every type is."""
    other = {"string": NO_SUCH, "boolean": True, "object": {}, "array": [], "null": None, "number": Decimal("0.5")}
    if "number" not in kinds and "integer" not in kinds:
        other["integer"] = 7
    for kind, value in other.items():
        if kinds and kind not in kinds:
            yield Wrong(f"type {kind}", value)


@dataclass
class Shape:
    """A schema, the types of its values, and how one is made for a side (``request`` or ``response``)."""

    schema: Any
    kinds: frozenset[str]
    make: Callable[[Choice, str], Made]


def leaf(schema: Any, kinds: str, goods: Sequence[Any], bads: Sequence[tuple[str, Any]] = ()) -> Shape:
    """A shape whose values have no parts."""
    named = frozenset(kinds.split())

    def wrongs(_made: Made) -> Iterator[Wrong]:
        for word, value in bads:
            yield Wrong(word, value)

    return Shape(schema, named, lambda choice, _side: Made(choice.pick(goods), named, wrongs))


# --- texts -----------------------------------------------------------------------------------------------------------


def words(choice: Choice, dialect: str, texts: Sequence[str] = WORDS) -> Shape:
    """Texts that may be written as parameters of any style."""
    kind = choice.pick(["plain", "enum", "lengths", "pattern"])
    if kind == "enum":
        listed = sorted({choice.pick(texts) for _ in range(3)})
        return leaf({"type": "string", "enum": listed}, "string", listed, [("enum", "none-of-them")])
    if kind == "lengths":
        return leaf(
            {"type": "string", "minLength": 2, "maxLength": 4},
            "string",
            [each for each in texts if 2 <= len(each) <= 4],
            [("minLength", "y"), ("maxLength", "yyyyy")],
        )
    if kind == "pattern":
        schema = {"type": "string", "pattern": "^[a-z]{2,4}$"}
        return leaf(schema, "string", ["ab", "wxyz"], [("pattern", "AB"), ("pattern", "abcde")])
    return leaf({"type": "string"}, "string", texts)


def texts(choice: Choice, dialect: str) -> Shape:
    """Texts with lengths, a pattern, a format or a list."""
    kind = choice.pick(["plain", "lengths", "pattern", "format", "enum", "const", "loose", "byte", "both"])
    if kind == "lengths":
        low, more = choice.between(0, 3), choice.between(0, 3)
        fill = choice.pick(["x", "é", "🙂"])  # a length counts characters, whatever they take
        bads = [("maxLength", fill * (low + more + 1))] + ([("minLength", fill * (low - 1))] if low else [])
        schema = {"type": "string", "minLength": low, "maxLength": low + more}
        return leaf(schema, "string", [fill * (low + more), fill * low], bads)
    if kind in ("pattern", "format"):
        table = PATTERNS if kind == "pattern" else FORMATS
        said = choice.pick(list(table))
        goods, bads = table[said]
        return leaf({"type": "string", kind: said}, "string", goods, [(kind, bad) for bad in bads])
    if kind == "both":
        schema = {"type": "string", "pattern": "[0-9]", "minLength": 2, "not": {"enum": ["a0"]}}
        return leaf(schema, "string", ["a1", "00"], [("pattern", "ab"), ("minLength", "1"), ("not", "a0")])
    if kind == "enum" or (kind == "const" and dialect != "3.1"):
        listed = sorted({choice.pick(TEXTS) for _ in range(3)})
        return leaf({"type": "string", "enum": listed}, "string", listed, [("enum", NO_SUCH)])
    if kind == "const":
        return leaf({"const": (said := choice.pick(TEXTS))}, "string", [said], [("const", NO_SUCH)])
    if kind == "loose":
        return leaf({"type": "string", "format": choice.pick(LOOSE_FORMATS)}, "string", TEXTS)
    if kind == "byte" and dialect != "3.1":
        return leaf(
            {"type": "string", "format": "byte"}, "string", ["", "YQ==", "YWJj"], [("format", "YQ="), ("format", "*")]
        )
    return leaf({"type": "string"}, "string", TEXTS)


# --- numbers ---------------------------------------------------------------------------------------------------------


def numbers(choice: Choice, dialect: str) -> Shape:
    """Integers and numbers with bounds of the dialect, steps, formats or a list."""
    kind = choice.pick(["plain", "bounds", "step", "format", "enum", "decimals"])
    if kind == "bounds":
        return _bounded(choice, dialect)
    if kind == "step":
        step = choice.pick([2, 3, 10])
        goods = [step * times for times in (0, 1, -2, 10**17)]
        return leaf({"type": "integer", "multipleOf": step}, "integer", goods, [("multipleOf", step + 1)])
    if kind == "format":
        bits = choice.pick([31, 63])
        goods = [0, 2**bits - 1, -(2**bits)]
        schema = {"type": "integer", "format": f"int{bits + 1}"}
        return leaf(schema, "integer", goods, [("format", 2**bits), ("format", -(2**bits) - 1)])
    if kind == "enum":
        return leaf({"type": "integer", "enum": [1, 2, 10]}, "integer", [1, 10], [("enum", 3), ("enum", -1)])
    if kind == "decimals":
        step = choice.pick([Decimal("0.01"), Decimal("0.1"), Decimal("0.5")])
        goods = [step * 3, step * 7, step * 100, 5]  # 3 x 0.1 is no multiple of 0.1 for a machine's floats
        schema = {"type": "number", "multipleOf": step, "format": choice.pick(["double", "float"])}
        return leaf(schema, "number integer", goods, [("multipleOf", step / 4)])
    return leaf({"type": "integer"}, "integer", [0, 7, -1, 10**25])


def _bounded(choice: Choice, dialect: str) -> Shape:
    low = choice.pick([0, -5, 3])
    high = low + choice.pick([4, 10])
    strict_low, strict_high = choice.chance(40), choice.chance(40)
    schema: dict[str, Any] = {"type": choice.pick(["integer", "number"])}
    for name, bound, strict in (("Minimum", low, strict_low), ("Maximum", high, strict_high)):
        if dialect == "3.1" and strict:
            schema[f"exclusive{name}"] = bound
        else:
            schema[name.lower()] = bound
            if strict or choice.chance(20):
                schema |= {f"exclusive{name}": strict} if dialect != "3.1" else {}
    goods: list[Any] = [low + strict_low, high - strict_high, low + 2]
    bads = [("minimum", low - 1 + strict_low), ("maximum", high + 1 - strict_high)]
    if schema["type"] == "number":
        goods.append(Decimal(high) - Decimal("0.25"))
        bads.append(("maximum", Decimal(high) + Decimal("0.25")))
    return leaf(schema, "number integer" if schema["type"] == "number" else "integer", goods, bads)


# --- the rest --------------------------------------------------------------------------------------------------------


def mixed(choice: Choice, dialect: str) -> Shape:
    """Flags, lists of values of any type, anything at all, and what has several types."""
    kind = choice.pick(["flag", "listed", "anything", "several", "null"])
    if kind == "listed":
        listed = [1, "a", True, {"k": [1]}]
        bads = [("enum", 2), ("enum", "b"), ("enum", False), ("enum", {"k": [True]})]
        return leaf({"enum": listed}, "integer string boolean object", listed[:3], bads)
    if kind == "anything":
        schema: Any = True if dialect == "3.1" and choice.chance(50) else {}
        return leaf(schema, "", [1, "a", True, Decimal("0.5")])
    if kind == "several" and dialect == "3.1":
        schema = {"type": ["string", "integer"], "maxLength": 3, "maximum": 9}
        return leaf(schema, "string integer", ["", "abc", 9, -1], [("maxLength", "abcd"), ("maximum", 10)])
    if kind == "null" and dialect == "3.1":
        return leaf({"type": "null"}, "null", [None])
    return leaf({"type": "boolean"}, "boolean", [True, False])


def scalars(choice: Choice, dialect: str) -> Shape:
    """Any value without parts."""
    return choice.pick([texts, numbers, texts, numbers, mixed])(choice, dialect)
