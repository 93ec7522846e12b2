"""JSON pointers (RFC 6901): writing a segment, and finding what one points to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


def escape(segment: str) -> str:
    """One segment of a JSON pointer, escaped (RFC 6901)."""
    return segment.replace("~", "~0").replace("/", "~1")


def joined(segments: Iterable[str]) -> str:
    """The pointer of these segments."""
    return "".join(f"/{escape(segment)}" for segment in segments)


def resolve(value: Any, pointer: str) -> Any:
    """The value at a JSON pointer; LookupError where there is none."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,9}", key):
            value = value[int(key)]
        else:
            raise KeyError(pointer)
    return value
