"""What a provider promises: an OpenAPI document, read and checked, with its dialect and its digest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from signet.core.formats.anchors import UNMARKED, Marks


@dataclass(frozen=True, eq=False)
class Spec:
    """A spec. ``dialect`` is "2.0", "3.0" or "3.1".

    ``source`` is the parsed document: self-contained, only references into itself, plain JSON values. ``marks`` are the
    schemas in it that have a name (``$id``, ``$anchor``).
    """

    title: str
    dialect: str
    source: Any
    marks: Marks = UNMARKED

    @cached_property
    def digest(self) -> str:
        """The sha256 (64 hex digits) of the canonical form, worked out when it is first asked for."""
        from signet.core.formats.canonical import digest_read

        return digest_read(self.source)
