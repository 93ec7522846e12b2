"""Approved answers of one service: fixtures that suit a request, the most exact one first, and only what fits the spec.

A fixture that does not fit any more is never sent; whoever runs the mock is told once. How they are chosen is in
``signet.core.fixtures``; where they come from is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from signet.core import fixtures as choosing
from signet.core.compare import Prepared
from signet.core.model.fixture import Asked, Fixture
from signet.live.mock import bodies, negotiation
from signet.live.mock.answers import ORIGIN, UNSENT, length, origin
from signet.live.mock.exchange import Answer, Request
from signet.live.mock.negotiation import Preferences


class Approved:
    """The fixtures of one service, made ready."""

    def __init__(self, fixtures: Iterable[Fixture], prepared: Prepared) -> None:
        self._fixtures = choosing.prepare(fixtures)
        self._prepared = prepared
        self._answers: dict[int, Answer | None] = {}
        self._untold: list[str] = []

    def answer(self, operation: str, request: Request, wanted: Preferences, accept: str | None) -> Answer | None:
        """The answer to a request that the spec takes; None where no fixture suits it."""
        for fixture in self._suiting(operation, request, wanted):
            found = self._made(fixture)
            if found is None or not _is_accepted(fixture, accept):
                continue
            if wanted.applied:
                applied = (b"preference-applied", wanted.applied.encode("latin-1", "replace"))
                found = found._replace(headers=(*found.headers, applied))
            return self._with_notes(found)
        return None

    def refusal(self, operation: str, request: Request) -> Answer | None:
        """The provider's own refusal of a request that the spec does not take; None where none is approved.

        Only of exactly this request: one that states the query, and the body if there is one.
        """
        for fixture in self._suiting(operation, request, negotiation.preferences(None)):
            stated = fixture.request
            is_exact = stated.query is not None and (stated.body is not None or not request.body)
            found = self._made(fixture) if is_exact and 400 <= fixture.response.status < 500 else None
            if found is not None:
                return self._with_notes(found)
        return None

    def _suiting(self, operation: str, request: Request, wanted: Preferences) -> Iterator[Fixture]:
        if wanted.is_dynamic or operation not in self._fixtures.by_operation:
            return
        for fixture in choosing.ranked(self._fixtures, operation, _asked(request)):
            if wanted.code is not None and wanted.code != str(fixture.response.status):
                continue
            if wanted.example is None or wanted.example == fixture.name:
                yield fixture

    def _made(self, fixture: Fixture) -> Answer | None:
        """The answer that a fixture is, if it fits; judged at its first use."""
        if id(fixture) not in self._answers:
            misfits = choosing.misfits(fixture, self._prepared)
            self._answers[id(fixture)] = None if misfits else _answer(fixture)
            if misfits:
                why = misfits[0].message
                self._untold.append(f"The fixture {fixture.name} of {fixture.operation} is not used: {why}")
        return self._answers[id(fixture)]

    def _with_notes(self, answer: Answer) -> Answer:
        return answer._replace(notes=self.notes())

    def notes(self) -> tuple[str, ...]:
        """What is to be told since this was asked last."""
        told, self._untold = tuple(self._untold), []
        return told


def _asked(request: Request) -> Asked:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    return choosing.asked(request.method, f"{request.path}?{request.query}", headers, request.body)


def _is_accepted(fixture: Fixture, accept: str | None) -> bool:
    body = fixture.response.body
    return body is None or negotiation.chosen(accept, (body.media_type,)) is not None


def _answer(fixture: Fixture) -> Answer:
    said = fixture.response
    content, about = b"", []
    if said.body is not None:
        content = _content(said.body.content, said.body.media_type)
        about.append((b"content-type", bodies.content_type(said.body.media_type).encode("latin-1", "replace")))
    own = [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in said.headers.items()
        if name not in UNSENT and name.isprintable() and value.isprintable()
    ]
    named = (ORIGIN, origin("fixture", fixture.name))
    return Answer(said.status, (*about, *length(said.status, len(content)), *own, named), content)


def _content(content: Any, media_type: str) -> bytes:
    return content if isinstance(content, bytes) else bodies.written(media_type, content)
