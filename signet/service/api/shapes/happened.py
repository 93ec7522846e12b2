"""Commits and their events, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signet.service.api.shapes.whole import Listed, Shape


class Event(Shape):
    """Something that happened."""

    id: str = Field(description="Stable: the same event of the same commit has the same id everywhere.")
    type: str
    service: str | None = Field(None, description="None where it is about an environment alone.")
    version: str | None = None
    other: str | None = None
    other_version: str | None = None
    environment: str | None = None
    detail: dict[str, str]


class Told(Shape):
    """A commit of the registry, and what happened in it; names, dates and trailers are as the commit claims them."""

    seq: int = Field(description="Its place along first parents, from 1.")
    commit: str
    date: str = Field(description="RFC 3339 in UTC; empty for a date that no calendar has.")
    author: str
    email: str
    subject: str
    trailers: dict[str, str]
    events: list[Event]


class Timeline(Listed):
    """What happened, newest first."""

    schema_: Literal["signet.timeline/1"] = Field(alias="schema")
    commits: list[Told]
