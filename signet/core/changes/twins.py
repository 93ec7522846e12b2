"""What is the same in both documents, so that nobody walks it: equal text, and nothing behind its references differs.

It is a short cut: it only ever says that two places are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signet.core.compare.source import Source
from signet.core.formats.structure import local
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
            self._known[key] = _is_equal(old, new) and self._dirty.isdisjoint(references(old))
        return self._known[key]

    def _changed(self) -> frozenset[str]:
        """The references behind which something differs."""
        inside: dict[str, set[str]] = {}
        dirty: set[str] = set()
        waiting = [*references(self.base.root), *references(self.revision.root)]
        for ref in set(waiting):
            old, new = _target(self.base.root, ref), _target(self.revision.root, ref)
            if old is _ABSENT or new is _ABSENT or not _is_equal(old, new):
                dirty.add(ref)
            else:
                for held in references(old):
                    inside.setdefault(held, set()).add(ref)
        spread = list(dirty)
        while spread:
            for ref in inside.get(spread.pop(), ()):
                if ref not in dirty:
                    dirty.add(ref)
                    spread.append(ref)
        return frozenset(dirty)


_ABSENT = object()


def _target(root: Any, ref: str) -> Any:
    pointer = local(ref)
    if pointer is None:
        return _ABSENT
    try:
        return resolve(root, pointer)
    except LookupError:
        return _ABSENT


def _is_equal(old: Any, new: Any) -> bool:
    """Equal as JSON: ``true`` is not 1, as it is in Python."""
    return bool(old == new) and dump_read(old) == dump_read(new)


def references(value: Any) -> Iterator[str]:
    """The texts of all references inside a value (also of what only looks like one, in an example)."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            for key, child in each.items():
                if key in ("$ref", "$dynamicRef") and isinstance(child, str):
                    yield child
                elif isinstance(child, (dict, list)):
                    waiting.append(child)
        elif isinstance(each, list):
            waiting.extend(child for child in each if isinstance(child, (dict, list)))
