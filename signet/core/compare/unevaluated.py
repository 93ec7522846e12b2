"""``unevaluatedProperties`` and ``unevaluatedItems``: the parts of a value that nothing else in the schema is about.

What is beside the schema, and merged with it from outside, does not count: only its own keywords and what is applied in
place inside it, as far as that holds (JSON Schema 2020-12, core, 11).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signet.core.compare import conditions
from signet.core.compare.modes import PARTIAL, Mode, definite
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Step

if TYPE_CHECKING:
    from signet.core.compare.schemas import Judge

Place = tuple[Step, ...]
IN_PLACE = frozenset({"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"})


def keyword_of(value: Any) -> str:
    """The keyword that speaks about the parts of a value."""
    return "unevaluatedProperties" if isinstance(value, dict) else "unevaluatedItems"


def is_alone(node: Node) -> bool:
    """True if nothing is applied in place inside a schema: what its own keywords leave over is told by them."""
    return IN_PLACE.isdisjoint(node.schema)


def counts(node: Node, keyword: str, mode: Mode) -> bool:
    """True if a keyword says something that has to be found out; ``false`` tells a response nothing of properties."""
    said = node.schema.get(keyword)
    is_silent = said is False and keyword == "unevaluatedProperties" and mode.direction == "response"
    told = is_alone(node) and not (keyword == "unevaluatedItems" and "contains" in node.schema)
    return (isinstance(said, dict) or said is False) and not is_silent and not told


@dataclass(slots=True)
class Rest:
    """What is left over: by part of the value the schemas that hold for it, and why nobody can tell of some parts."""

    nodes: dict[Step, list[Node]] = field(default_factory=dict)
    doubts: dict[Step, Unjudgeable] = field(default_factory=dict)


NOTHING = Rest()


def rest(judge: Judge, value: Any, flat: Sequence[Node], mode: Mode, place: Place) -> Rest:
    """The schemas of ``flat`` that speak about what they leave over, by part of the value."""
    keyword = keyword_of(value)
    holders = [node for node in flat if keyword in node.schema and counts(node, keyword, mode)]
    if not holders:
        return NOTHING
    found = Rest()
    parts: list[Step] = list(value) if isinstance(value, dict) else list(range(len(value)))
    for node in holders:
        walk = _Walk(judge, value, mode, place, keyword)
        walk.run(node)
        judge.budget.spend(len(parts))
        for part in parts if not walk.is_all else ():
            if part in walk.sure:
                continue
            if walk.doubt is not None:
                found.doubts[part] = walk.doubt
            else:
                found.nodes.setdefault(part, []).append(node.at(keyword))
    return found


@dataclass(slots=True)
class _Walk:
    """Collects the parts that a schema has said of, or all of them; ``doubt`` if it may be more."""

    judge: Judge
    value: Any
    mode: Mode
    place: Place
    keyword: str
    sure: set[Step] = field(default_factory=set)
    is_all: bool = False
    doubt: Unjudgeable | None = None

    def run(self, top: Node) -> None:
        waiting, seen = [top], set[str]()
        while waiting and not self.is_all:
            node = waiting.pop()
            if not isinstance(node.schema, dict) or node.pointer in seen:
                continue
            seen.add(node.pointer)
            self.judge.budget.spend()
            try:
                self._own(node, node.pointer == top.pointer)
                waiting.extend(self._inside(node))
            except Unjudgeable as error:
                self.doubt = error

    def _own(self, node: Node, is_top: bool) -> None:
        from signet.core.compare import inside

        if not is_top and node.schema.get(self.keyword) is not None:
            self.is_all = True
        elif isinstance(self.value, dict):
            self.is_all = node.schema.get("additionalProperties") is not None
            self.sure.update(name for name in self.value if inside.names(node, name, self.judge.budget))
        else:
            self._items(node)

    def _items(self, node: Node) -> None:
        from signet.core.compare import inside

        self.sure.update(index for index in range(len(self.value)) if any(True for _ in inside.items(node, index)))
        if isinstance(node.schema.get("contains"), (dict, bool)):
            for index, each in enumerate(self.value):
                place = (*self.place, index)
                if conditions.holds(self.judge, each, node.at("contains"), place, self._is_response) is not False:
                    self.sure.add(index)

    @property
    def _is_response(self) -> bool:
        return self.mode.direction == "response"

    def _inside(self, node: Node) -> Iterator[Node]:
        """What is applied in place and holds; of what hangs on more than an expectation has, all that may."""
        schema, source = node.schema, self.judge.source
        if isinstance(schema.get("$ref"), str):
            yield Node(*source.follow(schema["$ref"], node.pointer))
        if isinstance(schema.get("$dynamicRef"), str):
            yield Node(*source.follow_dynamic(schema["$dynamicRef"], node.pointer))
        yield from node.members("allOf")
        dependent = schema.get("dependentSchemas")
        if isinstance(dependent, dict) and isinstance(self.value, dict):
            yield from [node.at("dependentSchemas", name) for name in dependent if name in self.value]
        for branch in (*node.members("anyOf"), *node.members("oneOf")):
            tried = self.judge.misfits(self.value, (branch,), PARTIAL if self.mode.closed else self.mode, self.place)
            if not tried:
                yield branch
            elif not definite(tried):
                self.doubt = Unjudgeable(tried[0].reason, tried[0].pointer)
        if isinstance(schema.get("if"), (dict, bool)):
            is_met = conditions.holds(self.judge, self.value, node.at("if"), self.place, self._is_response)
            for keyword, is_said in (("if", True), ("then", True), ("else", False)):
                if is_met in (is_said, None) and isinstance(schema.get(keyword), (dict, bool)):
                    yield node.at(keyword)
