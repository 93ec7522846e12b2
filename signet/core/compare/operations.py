"""Operations of a spec in one form for all dialects: parameters, request body, responses, security, with their places.

It reads and judges nothing. Swagger 2.0's ``consumes``, ``produces``, ``collectionFormat`` and form parameters become
what OpenAPI 3 says in their stead; the schemas stay where they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from signet.core.compare.source import Node, Source

_COLLECTIONS = {
    "csv": ("", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form", "formData": "form"}
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})


class Parameter(NamedTuple):
    """A parameter, or a response header. ``content`` is its media type where it is not written in a style."""

    name: str
    place: str
    pointer: str
    required: bool
    node: Node | None
    style: str
    explode: bool
    content: str = ""
    may_be_empty: bool = False


class Content(NamedTuple):
    """Bodies: ``types`` that are named, and (media type, schema) pairs; an empty media type stands for any."""

    types: tuple[str, ...]
    schemas: tuple[tuple[str, Node | None], ...]
    pointer: str
    required: bool = False


class Answer(NamedTuple):
    """A response: its headers by name in small letters, and its content."""

    pointer: str
    headers: Mapping[str, Parameter]
    content: Content


class Operation(NamedTuple):
    """An operation. ``body`` is None where the spec has none; ``fields`` are Swagger's form parameters."""

    method: str
    path: str
    pointer: str
    parameters: tuple[Parameter, ...]
    body: Content | None
    fields: tuple[Parameter, ...]
    responses: Mapping[str, tuple[Any, str]]
    security: tuple[tuple[Any, str], ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]


def operation(source: Source, method: str, path: str, item: Any, place: str) -> Operation:
    """The operation of a path item; Unjudgeable where a reference in it leads nowhere."""
    value, pointer = item[method], f"{place}/{method}"
    found: dict[tuple[str, str], tuple[Mapping[str, Any], str]] = {}
    for owner, own in ((item, place), (value, pointer)):
        for each, at in source.listed(owner, "parameters", own):
            written, at = source.resolved(each, at)
            if isinstance(written.get("name"), str) and isinstance(written.get("in"), str):
                found[written["in"], written["name"]] = written, at
    parameters = [_parameter(source, written, at) for written, at in found.values() if written["in"] != "body"]
    takes, gives = _media(source, value, "consumes"), _media(source, value, "produces")
    body = _body(source, value, pointer)
    for (where, _), (written, at) in found.items():
        if where == "body":
            body = _old_content(source, written, at, takes)
    return Operation(
        method,
        path,
        pointer,
        tuple(each for each in parameters if each.place != "formData"),
        body,
        tuple(each for each in parameters if each.place == "formData"),
        {status: (each, at) for status, each, at in source.entries(value, "responses", pointer)},
        _security(source, value, pointer),
        tuple(body.types) if body else takes,
        gives,
    )


def _media(source: Source, value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    listed = value.get(key)
    listed = source.root.get(key) if listed is None else listed
    if source.dialect != "2.0" or not isinstance(listed, list):
        return ()
    return tuple(each for each in listed if isinstance(each, str))


def _security(source: Source, value: Mapping[str, Any], pointer: str) -> tuple[tuple[Any, str], ...]:
    if isinstance(value.get("security"), list):
        return tuple(source.listed(value, "security", pointer))
    return tuple(source.listed(source.root, "security", ""))


def _parameter(source: Source, written: Mapping[str, Any], pointer: str, name: str = "") -> Parameter:
    place = written["in"] if isinstance(written.get("in"), str) else "header"
    style, explode = written.get("style"), written.get("explode")
    content = ""
    if source.dialect == "2.0":
        style, explode = _COLLECTIONS.get(str(written.get("collectionFormat")), ("", False))
        node: Node | None = Node(written, pointer)
    elif written.get("schema") is not None:
        node = Node(written["schema"], f"{pointer}/schema")
    else:
        node = None
        named = next(source.entries(written, "content", pointer), None)
        if named is not None:
            content, media, at = named
            if isinstance(media, dict) and media.get("schema") is not None:
                node = Node(media["schema"], f"{at}/schema")
    style = style if isinstance(style, str) and style else _STYLES.get(place, "form")
    return Parameter(
        written["name"] if isinstance(written.get("name"), str) else name,
        place,
        pointer,
        written.get("required") is True,
        node,
        style,
        explode if isinstance(explode, bool) else style == "form",
        content,
        written.get("allowEmptyValue") is True,
    )


def _body(source: Source, value: Mapping[str, Any], pointer: str) -> Content | None:
    if not isinstance(value.get("requestBody"), dict):
        return None
    written, at = source.resolved(value["requestBody"], f"{pointer}/requestBody")
    return _content(source, written, at, written.get("required") is True)


def _content(source: Source, written: Mapping[str, Any], pointer: str, required: bool = False) -> Content:
    schemas: list[tuple[str, Node | None]] = []
    for name, media, at in source.entries(written, "content", pointer):
        has_schema = isinstance(media, dict) and media.get("schema") is not None
        schemas.append((name, Node(media["schema"], f"{at}/schema") if has_schema else None))
    return Content(tuple(name for name, _ in schemas), tuple(schemas), pointer, required)


def _old_content(source: Source, written: Mapping[str, Any], pointer: str, types: tuple[str, ...]) -> Content:
    """Swagger's body parameter or response: one schema for all media types."""
    node = Node(written["schema"], f"{pointer}/schema") if written.get("schema") is not None else None
    schemas = tuple((name, node) for name in types or ("",)) if node is not None else ()
    return Content(types, schemas, pointer, written.get("required") is True)


def declared(found: Operation, status: int) -> str | None:
    """The key under which the responses have a status: the exact one, then its range, then the default."""
    by_key = {key.upper(): key for key in found.responses}
    for key in (str(status), f"{str(status)[0]}XX", "DEFAULT"):
        if key in by_key:
            return by_key[key]
    return None


def answer(source: Source, found: Operation, key: str) -> Answer:
    """The response that an operation has under a key such as ``200`` or ``default``."""
    return source.once(("answer", found.pointer, key), lambda: _answer(source, found, key))


def _answer(source: Source, found: Operation, key: str) -> Answer:
    written, pointer = source.resolved(*found.responses[key])
    headers = {}
    for name, each, at in source.entries(written, "headers", pointer):
        headers[name.lower()] = header(source, name, each, at)
    if source.dialect == "2.0":
        content = _old_content(source, written, pointer, found.gives)
    else:
        content = _content(source, written, pointer)
    return Answer(pointer, headers, content)


def header(source: Source, name: str, value: Any, pointer: str) -> Parameter:
    """A header of a response or of a part of a body; one that is named ``name`` in itself still has its own name."""
    own, at = source.resolved(value, pointer)
    return _parameter(source, {**own, "in": "header", "name": name}, at)


def offered(source: Source, found: Operation) -> tuple[str, ...]:
    """All media types that the responses of an operation offer, each once."""
    if source.dialect == "2.0":
        return found.gives
    return source.once(("offered", found.pointer), lambda: _offered(source, found))


def _offered(source: Source, found: Operation) -> tuple[str, ...]:
    types = [name for key in found.responses for name in answer(source, found, key).content.types]
    return tuple(dict.fromkeys(types))
