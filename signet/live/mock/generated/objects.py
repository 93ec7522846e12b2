"""Objects: the properties that must be there, those that may, and invented names where a schema asks for more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from signet.core.compare import inside, values
from signet.core.compare.modes import POOL, Budget, Pool
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable
from signet.live.mock.generated import patterns
from signet.live.mock.generated.maker import NoValue
from signet.live.mock.generated.said import Said

if TYPE_CHECKING:
    from signet.live.mock.generated.maker import Maker, Place

MOST_PROPERTIES = 1_000
OFTEN = 4
"""Of so many optional properties, one is left out where values are varied."""


def objects(maker: Maker, whole: Said, nodes: Sequence[Node], place: Place) -> Iterator[dict[str, Any]]:
    """Proposals: with all that may be there, then with less, then with the least."""
    if not place.is_lean:
        yield from _tried(_Object(maker, whole, place, is_lean=False), nodes)
        full = _Object(maker, whole, place, is_lean=False)
        for name in full.optional():
            yield from _tried(_Object(maker, whole, place, is_lean=False, only=name), nodes)
    yield from _tried(_Object(maker, whole, place, is_lean=True), nodes)
    for name in _Object(maker, whole, place, is_lean=True).optional():
        yield from _tried(_Object(maker, whole, place, is_lean=True, only=name), nodes)


def _tried(one: _Object, nodes: Sequence[Node]) -> Iterator[dict[str, Any]]:
    with suppress(NoValue):
        yield one.made(nodes)


class _Object:
    """One object; ``only``: of what is optional, no more than this property."""

    def __init__(self, maker: Maker, whole: Said, place: Place, *, is_lean: bool, only: str | None = None) -> None:
        self.maker, self.whole, self.place, self.is_lean, self.only = maker, whole, place, is_lean, only
        self.flat = whole.flat
        self.purse = Budget(10 * POOL, pool=Pool(10 * POOL))
        self.judge = Judge(maker.source, budget=self.purse)
        self.dropped = frozenset(_excluded(self.flat))

    def made(self, nodes: Sequence[Node]) -> dict[str, Any]:
        """The object; NoValue where a property that must be there has no value."""
        needed = self.needed()
        found: dict[str, Any] = {}
        for name in [*self.named(), *(name for name in needed if name not in self.named())]:
            if name not in needed and not self.is_wanted(name):
                continue
            try:
                found[name] = self.property(name, is_needed=name in needed)
            except NoValue:
                if name in needed:
                    raise
        self.fill(found)
        found = self.cut(found, needed)
        more = self.dependent(found)
        if more:
            found = self.maker.value((*nodes, *more), self.place)
            if not isinstance(found, dict):
                raise NoValue("what depends on a property allows no object")
        return found

    # --- which properties --------------------------------------------------------------------------------------------

    def named(self) -> list[str]:
        """The properties that some schema names, in the order of the spec."""
        found: dict[str, None] = {}
        for node in self.flat:
            properties = node.schema.get("properties")
            found.update(dict.fromkeys(properties if isinstance(properties, dict) else ()))
        return list(found)

    def optional(self) -> list[str]:
        """The properties that may be there or not; few of them, for each is tried."""
        needed = self.needed()
        return [name for name in self.named() if name not in needed and name not in self.dropped][:20]

    def needed(self) -> dict[str, None]:
        """The properties that must be there, with those that they need."""
        found: dict[str, None] = {}
        waiting = [name for node in self.flat for name in _texts(node.schema.get("required"))]
        while waiting:
            name = waiting.pop(0)
            if name in found or self.is_of_the_other(name):
                continue
            found[name] = None
            waiting += self.depends(name)
        return found

    def depends(self, name: str) -> list[str]:
        """The properties that one needs beside it."""
        held = [node.schema.get(key) for node in self.flat for key in ("dependentRequired", "dependencies")]
        return [other for each in held if isinstance(each, dict) for other in _texts(each.get(name))]

    def is_of_the_other(self, name: str) -> bool:
        return inside.left_to_the_other(self.judge, name, self.flat, self.maker.mode, self.purse)

    def is_wanted(self, name: str) -> bool:
        """True if an optional property is to be there."""
        if self.is_lean or name in self.dropped or self.only is not None:
            return name == self.only
        try:
            about = inside.said(name, self.flat, self.maker.mode, self.purse)
            if about.refused is not None or any(node.schema is False for node in about.nodes):
                return False
            if any(inside.marked(self.judge, node, "writeOnly") for node in about.nodes):
                return False
        except Unjudgeable:
            return False
        draw = self.maker.draw
        return not draw.is_varied or draw.number((*self.place.steps, name), "optional", OFTEN) > 0

    # --- their values ------------------------------------------------------------------------------------------------

    def property(self, name: str, *, is_needed: bool) -> Any:
        """The value of a property."""
        about = inside.said(name, self.flat, self.maker.mode, self.purse)
        if about.refused is not None:
            raise NoValue(f"the property {name} is demanded and not allowed")
        nodes = about.nodes or [Node({}, f"{self.flat[0].pointer}~{name}" if self.flat else name)]
        place = self.place.inside(name, self.whole, is_lean=self.is_lean)
        if not is_needed and self.maker.leads_back(nodes, place):
            raise NoValue("an optional property leads back to the schema that it stands in")
        return self.maker.value(nodes, place)

    def dependent(self, found: dict[str, Any]) -> list[Node]:
        """The schemas that hold because a property is there, and were not heeded yet."""
        more = [
            node.at(keyword, name)
            for node in self.flat
            for keyword in ("dependentSchemas", "dependencies")
            if isinstance(node.schema.get(keyword), dict)
            for name, schema in node.schema[keyword].items()
            if name in found and not isinstance(schema, list)
        ]
        for name in list(found):
            wanted = [other for other in self.depends(name) if other not in found]
            if wanted:
                more.append(Node({"required": wanted}, f"{self.flat[0].pointer}/dependent~{name}"))
        return [node for node in more if node.pointer not in self.whole.pointers]

    # --- how many ----------------------------------------------------------------------------------------------------

    def fill(self, found: dict[str, Any]) -> None:
        """Invent properties where there are too few, and one where the schema is a map."""
        fewest = max((int(each) for each in self.counts("minProperties")), default=0)
        most = min((int(each) for each in self.counts("maxProperties")), default=MOST_PROPERTIES)
        is_map = not self.named() and not self.is_lean and not found and self.is_map()
        wanted = min(max(fewest, 1 if is_map else 0), most, MOST_PROPERTIES)
        if len(found) >= wanted:
            return
        for name in [*self.named(), *self.names(wanted)]:
            if len(found) >= wanted:
                return
            if name in found or name in self.dropped:
                continue
            try:
                found[name] = self.property(name, is_needed=fewest > len(found))
            except (NoValue, Unjudgeable):
                continue

    def counts(self, keyword: str) -> list[Any]:
        return [node.schema[keyword] for node in self.flat if values.is_number(node.schema.get(keyword))]

    def is_map(self) -> bool:
        """True if a schema says what properties are that it does not name."""
        keywords = ("additionalProperties", "unevaluatedProperties", "patternProperties")
        return any(isinstance(node.schema.get(each), dict) for node in self.flat for each in keywords)

    def names(self, wanted: int) -> Iterator[str]:
        """Names for properties that no schema names: along their patterns, or just words."""
        for node in self.flat:
            held = node.schema.get("patternProperties")
            for pattern in held if isinstance(held, dict) else ():
                for turn in range(wanted):
                    yield from patterns.texts(pattern, 1, None, turn)
            if isinstance(node.schema.get("propertyNames"), dict):
                yield from self.along(node.at("propertyNames"), wanted)
        for turn in range(2 * wanted + 2):
            yield "key" if turn == 0 else f"key{turn + 1}"

    def along(self, node: Node, wanted: int) -> Iterator[str]:
        """Names that fit what is said about names."""
        for turn in range(wanted):
            place = self.place.inside("key", self.whole, turn=turn, is_lean=True)
            nodes = [node, Node({"type": "string"}, f"{node.pointer}~text")]
            try:
                name = self.maker.value(nodes, place)
            except NoValue:
                return
            if isinstance(name, str):
                yield name

    def cut(self, found: dict[str, Any], needed: dict[str, None]) -> dict[str, Any]:
        """The object with no more properties than it may have; those that must be there stay."""
        most = min((int(each) for each in self.counts("maxProperties")), default=len(found))
        for name in list(reversed(found)):
            if len(found) <= most:
                break
            if name not in needed:
                del found[name]
        return found


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _excluded(flat: Sequence[Node]) -> Iterator[str]:
    """Properties that ``not`` keeps out: of each set that may not be there together, the last one."""
    for node in flat:
        denied = node.schema.get("not")
        waiting = [denied]
        while waiting:
            each = waiting.pop()
            if not isinstance(each, dict):
                continue
            names = _texts(each.get("required"))
            if names:
                yield names[-1]
            if isinstance(each.get("anyOf"), list):
                waiting += each["anyOf"]
