"""What a provider promises: an OpenAPI document, read and checked, with its dialect and its digest."""

from __future__ import annotations

from typing import Any, NamedTuple


class Spec(NamedTuple):
    """A spec. ``dialect`` is "2.0", "3.0" or "3.1"; ``digest`` the sha256 (64 hex) of its canonical form.

    ``source`` is the parsed document: self-contained, only ``#/`` references, plain JSON values.
    """

    title: str
    dialect: str
    digest: str
    source: Any
