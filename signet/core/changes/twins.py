"""What is the same in both documents, so that nobody walks it: equal text, and nothing behind its references differs.

It is a short cut: it only ever says that two places are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signet.core.changes.subtypes import components
from signet.core.compare.source import Source
from signet.core.formats.structure import local, reference
from signet.core.formats.text import dump_read, resolve


class Twins:
    """The places of two documents that are equal. Documents of two dialects, or with names of schemas, have none."""

    def __init__(self, base: Source, revision: Source) -> None:
        self.base, self.revision = base, revision
        marked = base.marks.resources or revision.marks.resources or base.marks.anchors or revision.marks.anchors
        self.is_sure = base.dialect == revision.dialect and not marked
        self._known: dict[tuple[str, str], bool] = {}
        self._dirty = self._changed() if self.is_sure else frozenset[str]()

    def are_same(self, old: Any, old_pointer: str, new: Any, new_pointer: str) -> bool:
        """True if two values are surely the same, with all that they refer to."""
        if not self.is_sure:
            return False
        key = old_pointer, new_pointer
        if key not in self._known:
            is_clean = old_pointer not in self._dirty and self._dirty.isdisjoint(references(old))
            self._known[key] = is_clean and _is_equal(old, new)
        return self._known[key]

    def _changed(self) -> frozenset[str]:
        """The places behind which something differs."""
        inside: dict[str, set[str]] = {}
        dirty: set[str] = set()
        for ref in self._references():
            old, new = _target(self.base.root, ref), _target(self.revision.root, ref)
            if old is _ABSENT or new is _ABSENT or not _is_equal(old, new):
                dirty.add(ref)
            for value in (old, new):
                for held in references(value):
                    inside.setdefault(held, set()).add(ref)
                if isinstance(value, dict) and isinstance(value.get("allOf"), list):
                    # A discriminator of the supertype may name this one, so the supertype differs where this does.
                    for supertype in filter(None, map(reference, value["allOf"])):
                        inside.setdefault(ref, set()).add(_place(supertype))
        spread = list(dirty)
        while spread:
            for ref in inside.get(spread.pop(), ()):
                if ref not in dirty:
                    dirty.add(ref)
                    spread.append(ref)
        return frozenset(dirty)

    def _references(self) -> set[str]:
        """All places that are referred to, and the components, which a discriminator may name."""
        found: set[str] = set()
        for source in (self.base, self.revision):
            found.update(references(source.root))
            found.update(pointer for _, _, pointer in components(source.root, source.dialect))
        return found


_ABSENT = object()


def _target(root: Any, pointer: str) -> Any:
    try:
        return resolve(root, pointer)
    except LookupError:
        return _ABSENT


def _place(ref: str) -> str:
    """The pointer that a reference means; one that leads elsewhere, or is none, stays as it is written."""
    pointer = local(ref)
    return ref if pointer is None else pointer


def _is_equal(old: Any, new: Any) -> bool:
    """Equal as JSON: ``true`` is not 1, as it is in Python."""
    return bool(old == new) and dump_read(old) == dump_read(new)


def references(value: Any) -> Iterator[str]:
    """The places that a value refers to (also by what only looks like a reference, in an example)."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for key, child in each.items():
                if key in ("$ref", "$dynamicRef") and isinstance(child, str):
                    yield _place(child)
                elif key == "mapping" and isinstance(child, dict):
                    yield from (_place(target) for target in child.values() if isinstance(target, str))
                elif isinstance(child, (dict, list)):
                    waiting.append(child)
        elif isinstance(each, list):
            waiting.extend(child for child in each if isinstance(child, (dict, list)))
