"""A fixture: one approved answer of a provider to one request, for mocks to give in the provider's place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Source(StrEnum):
    """Who said that the provider answers so: its own passing test, or a recording of a consumer's."""

    PROVIDER = "provider"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its media type: a value for JSON, text for other texts, bytes for all else."""

    media_type: str
    content: Any


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request must be for the fixture to answer it; what is None or not named may be anything.

    ``path`` is as it is sent, percent-encoded, below the servers' paths of the spec; a segment in braces
    (``/items/{id}``) stands for any value. ``query`` has all values of each name, decoded. Names of headers are in
    small letters.
    """

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer, with the headers that belong to it (small letters; the body has its own media type)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Fixture:
    """One file of the registry. ``operation`` is ``METHOD /path`` of the spec; no ``environments`` means all."""

    service: str
    operation: str
    name: str
    request: Asked
    response: Answered
    source: Source
    environments: frozenset[str] = frozenset()


def counting(fixtures: Iterable[Fixture], environment: str | None) -> tuple[Fixture, ...]:
    """The fixtures that count in an environment: those that name it, and those that name none.

    Without an environment only the latter: what was approved for one place says nothing about others.
    """
    return tuple(one for one in fixtures if not one.environments or environment in one.environments)
