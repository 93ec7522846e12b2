"""The anatomy of an OpenAPI document: which field of which object holds which kind of object.

One table for OpenAPI 3.0, 3.1 and Swagger 2.0; it is the single place that knows where schemas and references stand, so
that an example which happens to hold ``$ref`` is never taken for one. It judges shapes, not meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from signet.core.formats.text import escape

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

PLACES = {"3": ("path", "query", "header", "cookie"), "2": ("path", "query", "header", "body", "formData")}
"""Where a parameter may be, by the first digit of the dialect."""

ONE, LIST, MAP, ONE_OR_LIST = "one", "list", "map", "one or list"

_SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
_SCHEMA_LISTS = ("allOf", "oneOf", "anyOf", "prefixItems")
_SCHEMA_ONES = (
    "additionalProperties", "additionalItems", "not", "if", "then", "else", "contains", "propertyNames",
    "unevaluatedProperties", "unevaluatedItems", "contentSchema",
)  # fmt: skip

FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "document": {
        "paths": (MAP, "path"),
        "webhooks": (MAP, "path"),
        "components": (ONE, "components"),
        "servers": (LIST, "object"),
        "security": (LIST, "object"),
        "definitions": (MAP, "schema"),
        "parameters": (MAP, "parameter"),
        "responses": (MAP, "response"),
        "securityDefinitions": (MAP, "security"),
    },
    "components": {
        "schemas": (MAP, "schema"),
        "parameters": (MAP, "parameter"),
        "responses": (MAP, "response"),
        "requestBodies": (MAP, "body"),
        "headers": (MAP, "header"),
        "examples": (MAP, "example"),
        "links": (MAP, "link"),
        "callbacks": (MAP, "callback"),
        "pathItems": (MAP, "path"),
        "securitySchemes": (MAP, "security"),
    },
    "path": {
        **dict.fromkeys(METHODS, (ONE, "operation")),
        "parameters": (LIST, "parameter"),
        "servers": (LIST, "object"),
    },
    "operation": {
        "parameters": (LIST, "parameter"),
        "requestBody": (ONE, "body"),
        "responses": (MAP, "response"),
        "callbacks": (MAP, "callback"),
        "servers": (LIST, "object"),
        "security": (LIST, "object"),
    },
    "parameter": {
        "schema": (ONE, "schema"),
        "content": (MAP, "media"),
        "items": (ONE, "schema"),
        "examples": (MAP, "example"),
    },
    "header": {
        "schema": (ONE, "schema"),
        "content": (MAP, "media"),
        "items": (ONE, "schema"),
        "examples": (MAP, "example"),
    },
    "body": {"content": (MAP, "media")},
    "media": {"schema": (ONE, "schema"), "encoding": (MAP, "encoding"), "examples": (MAP, "example")},
    "encoding": {"headers": (MAP, "header")},
    "response": {
        "headers": (MAP, "header"),
        "content": (MAP, "media"),
        "schema": (ONE, "schema"),
        "links": (MAP, "link"),
    },
    "callback": {},
    "schema": {
        **dict.fromkeys(_SCHEMA_MAPS, (MAP, "schema")),
        **dict.fromkeys(_SCHEMA_LISTS, (LIST, "schema")),
        **dict.fromkeys(_SCHEMA_ONES, (ONE, "schema")),
        "items": (ONE_OR_LIST, "schema"),
    },
}

SECTIONS = {
    "schema": "schemas",
    "parameter": "parameters",
    "response": "responses",
    "body": "requestBodies",
    "header": "headers",
    "example": "examples",
    "link": "links",
    "callback": "callbacks",
    "security": "securitySchemes",
}


_PLAIN = frozenset(
    {"openapi", "swagger", "info", "tags", "externalDocs", "host", "basePath", "schemes", "consumes", "produces"}
)
"""What the top of a document has beside objects of a kind of their own."""


class Part(NamedTuple):
    """A value inside a document: what kind of object it should be, the value, and where it stands."""

    kind: str
    value: Any
    pointer: str
    wrong: str = ""  # what is wrong with its shape, if anything is


def parts(kind: str, value: Any, pointer: str) -> Iterator[Part]:
    """The parts that an object of a kind holds; null counts as absent, extensions (``x-``) are skipped."""
    if kind == "callback":
        for key, child in value.items():
            if not key.startswith("x-") and child is not None and key != "$ref":
                yield _part("path", child, f"{pointer}/{escape(key)}")
        return
    fields = FIELDS.get(kind, {})
    for field, child in value.items() if fields else ():
        if child is not None and field in fields:
            shape, child_kind = fields[field]
            yield from _shaped(shape, child_kind, child, f"{pointer}/{escape(field)}")


def kind_at(root: Any, pointer: str) -> str:
    """What a place of a document is meant to hold, as the anatomy says; an empty text where it does not (``x-``)."""
    kind, shape, value = "document", ONE, root
    for key in (each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]):
        fields = FIELDS.get(kind, {})
        if shape in (MAP, LIST) or kind == "callback":
            extends = key.startswith("x-") and kind in ("path", "response", "callback")
            kind, shape = "" if extends else "path" if kind == "callback" and shape == ONE else kind, ONE
        elif key in fields:
            shape, kind = fields[key]
        else:
            kind = "value" if kind == "document" and key in _PLAIN else ""
        if not kind:
            return ""
        value = value[int(key)] if isinstance(value, list) else value[key]
        shape = (LIST if isinstance(value, list) else ONE) if shape == ONE_OR_LIST else shape
    return kind if shape == ONE else f"{shape} of {kind}s"


def _shaped(shape: str, kind: str, value: Any, pointer: str) -> Iterator[Part]:
    if shape == ONE_OR_LIST:
        shape = LIST if isinstance(value, list) else ONE
    if shape == ONE:
        yield _part(kind, value, pointer)
    elif shape == LIST:
        if isinstance(value, list):
            for position, child in enumerate(value):
                yield _part(kind, child, f"{pointer}/{position}")
        else:
            yield Part(kind, value, pointer, "a list is expected here")
    elif isinstance(value, dict):
        for key, child in value.items():
            if child is not None and not (key.startswith("x-") and kind in ("path", "response")):
                yield _part(kind, child, f"{pointer}/{escape(key)}")
    else:
        yield Part(kind, value, pointer, "an object is expected here")


def _part(kind: str, value: Any, pointer: str) -> Part:
    if isinstance(value, dict) or (kind == "schema" and isinstance(value, bool)):
        return Part(kind, value, pointer)
    named = "object" if kind in ("object", "components") else f"{kind} (an object)"
    return Part(kind, value, pointer, f"{'an' if named[0] in 'aeo' else 'a'} {named} is expected here")


def reference(value: Any) -> str | None:
    """The text of ``$ref``, if the value is a reference."""
    ref = value.get("$ref") if isinstance(value, dict) else None
    return ref if isinstance(ref, str) else None


def local(ref: str) -> str | None:
    """The JSON pointer that a reference into the same document means, or None if it leads elsewhere."""
    if ref == "#":
        return ""
    return unquote(ref[1:]) if ref.startswith("#/") else None
