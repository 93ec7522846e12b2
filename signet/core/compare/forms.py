"""Bodies that are no JSON and can be compared all the same: URL-encoded forms and multipart, as objects.

Texts become the values that their schema allows. Files in a multipart body stay texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus

from signet.core.compare.media import comparable
from signet.core.compare.parameters import fields
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node
from signet.core.formats.bodies import Body

_NAME = re.compile(r'^content-disposition:.*?\bname="?([^";\r\n]*)"?', re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_KEYS = re.compile(r"[^\[\]]+")


def readable(body: Body, media_type: str) -> bool:
    """True if a body of this media type can be compared."""
    kind = comparable(media_type)
    return kind == "json" or (kind != "" and isinstance(body.value, (str, dict)))


def pairs(body: Body, media_type: str) -> list[tuple[Sequence[str], str]] | None:
    """(keys, text) of the fields of a form; None if the body is no form that is written as text."""
    if not isinstance(body.value, str):
        return None
    kind = comparable(media_type)
    if kind == "form":
        return _urlencoded(body.value)
    return _multipart(body.value, body.content_type or media_type) if kind == "multipart" else None


def value(judge: Judge, body: Body, media_type: str, node: Node) -> Any:
    """The value of a body that is compared with a schema."""
    found = pairs(body, media_type)
    if found is not None:
        return fields(judge, found, node)
    if comparable(media_type) != "json" and isinstance(body.value, dict):
        texts = [((name,), each) for name, each in body.value.items() if isinstance(each, str)]
        return {**body.value, **fields(judge, texts, node)}
    return body.value


def _urlencoded(written: str) -> list[tuple[Sequence[str], str]]:
    found: list[tuple[Sequence[str], str]] = []
    for part in written.split("&"):
        name, _, each = part.partition("=")
        if part:
            found.append((_keys(unquote_plus(name)), unquote_plus(each)))
    return found


def _keys(name: str) -> Sequence[str]:
    """``a[b]`` as ("a", "b"); ``a[]`` is a name of its own, or ``a``'s items: it stays as it is."""
    keys = _KEYS.findall(name)
    return tuple(keys) if keys and not name.startswith("[") and not name.endswith("[]") else (name,)


def _multipart(written: str, content_type: str) -> list[tuple[Sequence[str], str]]:
    named = _BOUNDARY.search(content_type)
    boundary = f"--{named.group(1)}" if named else written.lstrip().split("\n", 1)[0].strip()
    found: list[tuple[Sequence[str], str]] = []
    for part in written.split(boundary)[1:] if boundary.strip("-") or boundary else ():
        head, separator, content = part.replace("\r\n", "\n").partition("\n\n")
        name = _NAME.search(head)
        if separator and name:
            found.append(((name.group(1),), _one_line(content.removesuffix("\n"), head)))
    return found


def _one_line(content: str, head: str) -> str:
    """JSON in a part is written the same way however it was laid out."""
    if "json" not in head.lower():
        return content
    try:
        return json.dumps(json.loads(content, parse_float=lambda text: float(Decimal(text))))
    except (ValueError, RecursionError):
        return content
