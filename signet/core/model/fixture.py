"""A fixture: one approved answer of a provider to one request, for mocks to give in the provider's place."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from signet.core.formats.bodies import is_json

CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "set-cookie2"})
"""Headers that no fixture has: what they hold is nobody's business but of those who sent them."""
CONNECTION = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("content-length", "content-encoding", "host", "date", "expect"),
    }
)
"""Headers that belong to one message on one connection: who sends an answer makes them."""


class Source(StrEnum):
    """Who said that the provider answers so: its own passing test, or a recording of a consumer's."""

    PROVIDER = "provider"
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its media type: a value for JSON, text for other texts, bytes for all else."""

    media_type: str
    content: Any

    def as_json(self) -> dict[str, Any]:
        """media_type, and ``json``, ``text`` or ``base64``."""
        if is_json(self.media_type):
            return {"media_type": self.media_type, "json": self.content}
        if isinstance(self.content, bytes):
            return {"media_type": self.media_type, "base64": base64.b64encode(self.content).decode()}
        return {"media_type": self.media_type, "text": self.content}


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

    def as_json(self) -> dict[str, Any]:
        """What is stated of path, query, headers and body; the method stands in the operation."""
        value: dict[str, Any] = {"path": self.path}
        if self.query is not None:
            value["query"] = {name: list(values) for name, values in self.query.items()}
        return value | _headers_and_body(self)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer, with the headers that belong to it (small letters; the body has its own media type)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None

    def as_json(self) -> dict[str, Any]:
        """status, headers and body."""
        return {"status": self.status} | _headers_and_body(self)


def _headers_and_body(side: Asked | Answered) -> dict[str, Any]:
    headers = {"headers": dict(side.headers)} if side.headers else {}
    return headers if side.body is None else {**headers, "body": side.body.as_json()}


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

    def as_json(self) -> dict[str, Any]:
        """The fixture as the JSON value of its file: only what is said; equal fixtures, equal values."""
        value: dict[str, Any] = {
            "kind": "fixture",
            "service": self.service,
            "operation": self.operation,
            "name": self.name,
            "request": self.request.as_json(),
            "response": self.response.as_json(),
            "source": self.source.value,
        }
        return value | ({"environments": sorted(self.environments)} if self.environments else {})


def counting(fixtures: Iterable[Fixture], environment: str | None) -> tuple[Fixture, ...]:
    """The fixtures that count in an environment: those that name it, and those that name none.

    Without an environment only the latter: what was approved for one place says nothing about others.
    """
    return tuple(one for one in fixtures if not one.environments or environment in one.environments)
