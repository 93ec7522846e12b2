"""The operations of a spec, which of them a plan leaves out, and the document that is handed to schemathesis.

The document is the spec itself, without its servers: the provider's address is given, never read. It is not checked
here; ``signet.core.formats.openapi`` has read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from signet.core.formats.pointer import resolve
from signet.core.formats.structure import METHODS, local
from signet.errors import UsageError

SERVERS = ("servers", "host", "basePath", "schemes")
"""Fields that say where a provider is, at the top, at a path or at an operation, in any dialect."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation. ``name`` is ``METHOD /path``; ``can_succeed`` unless only answers without success are declared."""

    name: str
    id: str
    tags: tuple[str, ...]
    can_succeed: bool


def operations(source: Any) -> tuple[Operation, ...]:
    """All of them, in the order of the document."""
    return tuple(
        _operation(f"{method.upper()} {path}", value)
        for path, item in _path_items(source)
        for method, value in item.items()
        if method in METHODS and isinstance(value, dict)
    )


def _operation(name: str, value: dict[str, Any]) -> Operation:
    tags = value.get("tags")
    codes = [code for code in value.get("responses") or () if isinstance(code, str)]
    return Operation(
        name,
        value["operationId"] if isinstance(value.get("operationId"), str) else "",
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        not codes or any(code[:1] == "2" or code == "default" for code in codes),
    )


def excluded(listed: Sequence[Operation], selectors: Sequence[str]) -> frozenset[str]:
    """The names of the operations that selectors (an id, ``METHOD /path``, a tag) leave out.

    UsageError for a selector that nothing answers to: a misspelt one would test what it should not.
    """
    found: set[str] = set()
    for selector in selectors:
        method, _, path = selector.partition(" ")
        name = f"{method.upper()} {path.strip()}"
        named = {one.name for one in listed if selector in (one.id, *one.tags) or name == one.name}
        if not selector or not named:
            raise UsageError(
                f"No operation of the spec is excluded by '{selector}'.",
                "Name an operation by its operationId, by 'METHOD /path' as in the spec, or by one of its tags.",
            )
        found |= named
    return frozenset(found)


def offered(source: Any) -> dict[str, Any]:
    """The document for schemathesis: the spec without its servers, with each path's operations in their place."""
    document = {key: value for key, value in source.items() if key not in SERVERS}
    if isinstance(source.get("paths"), dict):
        document["paths"] = {path: _without_servers(item) for path, item in _path_items(source)}
    return document


def _without_servers(item: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {name: part for name, part in value.items() if name not in SERVERS[:1]}
        if key in METHODS and isinstance(value, dict)
        else value
        for key, value in item.items()
        if key != "servers"
    }


def _path_items(source: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Paths and what they hold, also where that is a reference; what stands beside it counts too."""
    paths = source.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if not isinstance(path, str) or not path.startswith("/") or not isinstance(item, dict):
            continue
        seen = set()
        while isinstance(item.get("$ref"), str):
            pointer = local(item["$ref"])
            if pointer is None or pointer in seen:
                break
            seen.add(pointer)
            try:
                target = resolve(source, pointer)
            except LookupError:
                break
            if not isinstance(target, dict):
                break
            item = {**target, **{key: value for key, value in item.items() if key != "$ref"}}
        yield path, item
