"""Values as bodies: JSON, forms, plain text, lines, events, XML, by media type. It judges nothing."""

from __future__ import annotations

from decimal import Decimal
from json.encoder import JSONEncoder
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from signet.core.compare.media import comparable, parse
from signet.core.compare.source import Node, Source
from signet.core.compare.written import member
from signet.core.formats.canonical import dump, number_text

_LINES = frozenset({"application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/json-lines",
                    "application/stream+json", "application/jsonlines", "application/ndjson"})  # fmt: skip
EVENTS = "text/event-stream"
BOUNDARY = "signet-mock"


class _Inexact(Exception):
    """A number that the encoder of the standard library writes otherwise."""


def _numeral(value: Any) -> int | float:
    text = number_text(value) if isinstance(value, Decimal) else ""
    if text.removeprefix("-").isdigit():
        return int(text)
    if not text or repr(float(text)) != text:
        raise _Inexact
    return float(text)


_ENCODER = JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_numeral)


def json_text(value: Any) -> str:
    """JSON in the order of the value; sorted where a number has more digits than a float."""
    try:
        return _ENCODER.encode(value)
    except _Inexact:
        return dump(value)


def plain(value: Any) -> str:
    """A value as a text that stands alone."""
    return value if isinstance(value, str) else json_text(value)


def body(media_type: str, value: Any, source: Source, node: Node | None) -> bytes:
    """The bytes of a value in a media type."""
    essence = parse(media_type).essence
    if essence in _LINES:
        return "".join(f"{json_text(each)}\n" for each in (value if isinstance(value, list) else [value])).encode()
    if essence == EVENTS:
        return _events(value).encode()
    kind = comparable(media_type)
    if kind == "json":
        return json_text(value).encode()
    if kind == "form" and isinstance(value, dict):
        return urlencode({name: plain(each) for name, each in value.items()}).encode()
    if kind == "multipart" and isinstance(value, dict):
        return _multipart(value)
    if essence.endswith(("/xml", "+xml")) and not isinstance(value, str):
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(source, node, value, "")}\n'.encode()
    return plain(value).encode()


def written(media_type: str, value: Any) -> bytes:
    """The bytes of a value that was read from a body of that media type."""
    return (json_text(value) if comparable(media_type) == "json" else plain(value)).encode("utf-8", "backslashreplace")


def content_type(media_type: str) -> str:
    """The Content-Type header: texts say that they are UTF-8, parts what stands between them."""
    essence, named = parse(media_type)
    if essence.startswith("multipart/") and not any(name == "boundary" for name, _ in named):
        return f"{media_type}; boundary={BOUNDARY}"
    if essence.startswith("text/") and not any(name == "charset" for name, _ in named):
        return f"{media_type}; charset=utf-8"
    return media_type


def _events(value: Any) -> str:
    if isinstance(value, str) and value.startswith(("data:", "event:", "id:", ":", "retry:")):
        return value if value.endswith("\n\n") else value.rstrip("\n") + "\n\n"
    lines = [plain(each) for each in (value if isinstance(value, list) else [value])]
    return "".join("".join(f"data: {line}\n" for line in each.split("\n")) + "\n" for each in lines)


def _multipart(value: dict[str, Any]) -> bytes:
    parts = []
    for name, each in value.items():
        kind = "text/plain; charset=utf-8" if isinstance(each, str) else "application/json"
        quoted = name.replace('"', "%22").replace("\r", "").replace("\n", "")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{quoted}"\r\nContent-Type: {kind}\r\n\r\n'
        parts.append(f"{head}{plain(each)}\r\n")
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()


# --- XML -------------------------------------------------------------------------------------------------------------


def _said(source: Source, node: Node | None) -> tuple[dict[str, Any], str]:
    """What a schema says about its XML, and the name of the component that it is."""
    name = ""
    while node is not None and isinstance(node.schema, dict) and isinstance(node.schema.get("$ref"), str):
        node = Node(*source.follow(node.schema["$ref"], node.pointer))
        name = node.pointer.rpartition("/")[2]
    held = node.schema.get("xml") if node is not None and isinstance(node.schema, dict) else None
    return (held if isinstance(held, dict) else {}), name


def _element(source: Source, node: Node | None, value: Any, name: str) -> str:
    said, own = _said(source, node)
    name = _tag(str(said.get("name") or name or own or "root"))
    prefix = said.get("prefix")
    tag = f"{_tag(str(prefix))}:{name}" if prefix else name
    attributes = ""
    if isinstance(said.get("namespace"), str):
        attributes = f" xmlns{f':{_tag(str(prefix))}' if prefix else ''}={quoteattr(said['namespace'])}"
    inner = ""
    if isinstance(value, dict):
        for key, each in value.items():
            child = member(source, node, key) if node is not None else None
            if _said(source, child)[0].get("attribute") is True:
                attributes += f" {_tag(str(_said(source, child)[0].get('name') or key))}={quoteattr(plain(each))}"
            else:
                inner += _property(source, child, each, key)
    elif isinstance(value, list):
        inner = _items(source, node, value, "item")
    elif value is not None:
        inner = escape(_visible(plain(value)))
    return f"<{tag}{attributes}>{inner}</{tag}>"


def _property(source: Source, node: Node | None, value: Any, name: str) -> str:
    if not isinstance(value, list):
        return _element(source, node, value, name)
    said, _ = _said(source, node)
    items = _items(source, node, value, name)
    wrapper = _tag(str(said.get("name") or name))
    return f"<{wrapper}>{items}</{wrapper}>" if said.get("wrapped") is True else items


def _items(source: Source, node: Node | None, value: list[Any], name: str) -> str:
    while node is not None and isinstance(node.schema, dict) and isinstance(node.schema.get("$ref"), str):
        node = Node(*source.follow(node.schema["$ref"], node.pointer))
    has_items = node is not None and isinstance(node.schema, dict) and isinstance(node.schema.get("items"), dict)
    inner = node.at("items") if has_items and node is not None else None
    return "".join(_element(source, inner, each, name) for each in value)


def _tag(name: str) -> str:
    cleaned = "".join(each if each.isalnum() or each in "_.-" else "_" for each in name)
    return cleaned if cleaned[:1].isalpha() or cleaned[:1] == "_" else f"_{cleaned}"


def _visible(text: str) -> str:
    return "".join(each for each in text if each in "\t\n\r" or ord(each) >= 0x20)
