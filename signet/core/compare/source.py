"""The spec's document as a graph: references followed, schema nodes that know their place.

It resolves and reads; it judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from signet.core.compare.texts import Unjudgeable
from signet.core.formats.anchors import UNMARKED, Marks, target
from signet.core.formats.structure import reference
from signet.core.formats.text import escape

if TYPE_CHECKING:
    from signet.core.compare.quick import Plans

Read = TypeVar("Read")


class Node(NamedTuple):
    """A schema and where it stands. ``related``: it relates values to each other (then, else), so all of it counts."""

    schema: Any
    pointer: str
    related: bool = False

    def at(self, *steps: str | int) -> Node:
        """A schema inside this one; LookupError or TypeError where there is none."""
        value, pointer = self.schema, self.pointer
        for step in steps:
            value = value[step]
            pointer += f"/{escape(str(step))}"
        return Node(value, pointer, self.related)

    def members(self, keyword: str) -> list[Node]:
        """The schemas in a list such as ``allOf``."""
        listed = self.schema.get(keyword)
        return [self.at(keyword, position) for position in range(len(listed))] if isinstance(listed, list) else []


class Source:
    """A spec's document. ``siblings``: keywords beside ``$ref`` count (3.1). ``quick``: the short cut, if taken."""

    def __init__(self, root: Any, dialect: str, marks: Marks = UNMARKED) -> None:
        self.root, self.dialect, self.marks = root, dialect, marks
        self.siblings = dialect == "3.1"
        self._found: dict[str, tuple[Any, str]] = {}
        self._ends: dict[str, tuple[Any, str]] = {}
        self.quick: Plans | None = None
        self.kinds: dict[str, frozenset[str]] = {}  # the types of parameters and forms, by the schema's place
        self._known: dict[tuple[str, ...], Any] = {}

    def once(self, key: tuple[str, ...], read: Callable[[], Read]) -> Read:
        """What ``read`` gives, which is read once for a key; what fails is tried again."""
        found: Read | None = self._known.get(key)
        if found is None:
            found = self._known[key] = read()
        return found

    def follow(self, ref: str, place: str) -> tuple[Any, str]:
        """(value, pointer) that one reference leads to; Unjudgeable where it leads nowhere."""
        key = f"{self.marks.resource(place)} {ref}" if self.marks.resources else ref
        found = self._found.get(key)
        if found is None:
            try:
                found = target(self.root, self.marks, ref, place)
            except LookupError:
                found = None
            if found is None:
                raise Unjudgeable(f"the reference {ref!r} leads nowhere", place)
            self._found[key] = found
        return found

    def follow_dynamic(self, ref: str, place: str) -> tuple[Any, str]:
        """The same for ``$dynamicRef``: a reference like any other, where the document is the only resource."""
        if self.marks.resources:
            raise Unjudgeable(f"what the $dynamicRef {ref!r} leads to hangs on the way to it", place)
        return self.follow(ref, place)

    def resolved(self, value: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """An object that is no reference any more, and its place; an empty one where there is none."""
        seen: set[str] = set()
        while (ref := reference(value)) is not None:
            if ref in seen:
                raise Unjudgeable(f"the reference {ref!r} leads round in a circle", pointer)
            seen.add(ref)
            value, pointer = self._ends.get(ref) or self.follow(ref, pointer)
        if len(seen) > 1:
            self._ends.update(dict.fromkeys(seen, (value, pointer)))
        return (value if isinstance(value, dict) else {}), pointer

    def entries(self, value: Any, key: str, pointer: str) -> Iterator[tuple[str, Any, str]]:
        """(name, value, pointer) of a map inside an object; null and other shapes count as empty."""
        held = value.get(key) if isinstance(value, dict) else None
        if isinstance(held, dict):
            for name, child in held.items():
                if child is not None:
                    yield name, child, f"{pointer}/{escape(key)}/{escape(name)}"

    def listed(self, value: Any, key: str, pointer: str) -> Iterator[tuple[Any, str]]:
        """(value, pointer) of a list inside an object."""
        held = value.get(key) if isinstance(value, dict) else None
        if isinstance(held, list):
            for position, child in enumerate(held):
                yield child, f"{pointer}/{escape(key)}/{position}"


def is_nullable(schema: Mapping[str, Any]) -> bool:
    """True if the schema says so in OpenAPI's own word, in whatever dialect."""
    return schema.get("nullable") is True or schema.get("x-nullable") is True
