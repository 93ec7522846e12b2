"""Hits of a search, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signet.service.api.shapes.whole import Listed, Name, Shape, Version


class NameFound(Shape):
    """One thing with such a name; what it is of stands beside it."""

    kind: Literal["environment", "service", "version", "operation"]
    environment: Name | None = None
    service: Name | None = None
    version: Version | None = None
    operation: str | None = Field(None, description="Of the service's current spec: `GET /items/{id}`.")


class NamesFound(Listed):
    """Hits, whole names first."""

    schema_: Literal["signet.search/1"] = Field(alias="schema")
    hits: list[NameFound]
