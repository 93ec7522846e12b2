"""Subtypes: schemas that a discriminator may name although no union lists them, as their ``allOf`` takes in its own.

It finds them; it compares nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signet.core.compare.source import Node, Source
from signet.core.formats.structure import local, reference
from signet.core.formats.text import escape


def subtypes(source: Source, pointer: str) -> dict[str, Node]:
    """The components that take in the schema at a place, by name."""
    return source.once(("subtypes",), lambda: _by_supertype(source.root, source.dialect)).get(pointer, {})


def _by_supertype(root: Any, dialect: str) -> dict[str, dict[str, Node]]:
    found: dict[str, dict[str, Node]] = {}
    for name, schema, pointer in components(root, dialect):
        members = schema.get("allOf") if isinstance(schema, dict) else None
        for member in members if isinstance(members, list) else ():
            ref = reference(member)
            target = local(ref) if ref is not None else None
            if target is not None:
                found.setdefault(target, {})[name] = Node(schema, pointer)
    return found


def components(root: Any, dialect: str) -> Iterator[tuple[str, Any, str]]:
    """(name, schema, pointer) of the schemas of the components."""
    holder, pointer, key = root.get("components"), "/components/schemas", "schemas"
    if dialect == "2.0":
        holder, pointer, key = root, "/definitions", "definitions"
    held = holder.get(key) if isinstance(holder, dict) else None
    for name, schema in held.items() if isinstance(held, dict) else ():
        yield name, schema, f"{pointer}/{escape(name)}"
