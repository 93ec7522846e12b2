"""The body of an interaction, as the consumer means it: decoded, parsed where it is JSON, with its place.

It does not judge bodies, and does not parse forms (``signet.core.compare.forms`` does, for those it compares).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

_WRAPPING = frozenset({"content", "contentType", "contentTypeHint", "encoded"})
_DEEPEST = 100


class Body(NamedTuple):
    """A body. ``pointer`` is where it stands; ``opaque`` if its parts have no place of their own (encoded text)."""

    value: Any
    pointer: str
    content_type: str | None = None
    opaque: bool = False


def is_json(content_type: str | None) -> bool:
    """True for ``application/json``, ``text/json`` and ``…+json``, with or without parameters."""
    kind = (content_type or "").split(";")[0].strip().lower()
    return kind.endswith(("/json", "+json"))


def expected(side: Mapping[str, Any], pointer: str, content_type: str | None, wraps: bool) -> Body | str | None:
    """The body that a request or response expects; None where there is none, a text where it cannot be read."""
    if "body" not in side:
        return None
    value, place = side["body"], f"{pointer}/body"
    if not (wraps and isinstance(value, dict) and value.keys() <= _WRAPPING):
        return _parsed(value, place, content_type, False)
    if "content" not in value:
        return None
    named = value.get("contentType")
    content_type = content_type or (named if isinstance(named, str) else None)
    content, encoded = value["content"], value.get("encoded")
    if not encoded or not isinstance(content, str):
        return _parsed(content, f"{place}/content", content_type, False)
    if str(encoded).lower() == "json":
        return _parsed(content, f"{place}/content", "application/json", True)
    try:
        raw = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return "the body says that it is base64 and is not"
    try:
        decoded: Any = raw.decode("utf-8")
    except UnicodeDecodeError:
        decoded = content
    return _parsed(decoded, f"{place}/content", content_type, True)


def _parsed(value: Any, pointer: str, content_type: str | None, opaque: bool) -> Body:
    """JSON that is written as text is read: always when it was encoded, else only objects and lists."""
    if isinstance(value, str) and is_json(content_type) and (opaque or value.lstrip()[:1] in ("{", "[")):
        parsed = _json(value)
        if parsed is not _NOT_JSON:
            return Body(parsed, pointer, content_type, True)
    return Body(value, pointer, content_type, opaque)


_NOT_JSON = object()


def _json(source: str) -> Any:
    try:
        value = json.loads(source, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError):
        return _NOT_JSON
    return _NOT_JSON if _too_deep(value, _DEEPEST) else value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _too_deep(value: Any, left: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    return left == 0 or any(
        _too_deep(child, left - 1) for child in (value.values() if isinstance(value, dict) else value)
    )
