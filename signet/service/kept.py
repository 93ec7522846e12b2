"""Answers as they were sent, kept for the next one who asks: an ETag names all that an answer follows from.

When a commit comes, everybody who looks asks again; one of them has the answer computed, the others get its bytes. Who
has an answer already is told so (RFC 9110). It is a memory of this process, and bounded; it knows no question.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import NamedTuple

from fastapi import FastAPI, Request

MOST = 4 << 20
"""So many bytes of answers are kept in all, the ones asked for last."""
BESIDE = 3_000
"""So many bytes an answer takes beside its body: its headers, its tag, and their places."""
LARGEST = MOST // 8
"""A larger answer is computed anew each time: it would drive out all others."""


class Answer(NamedTuple):
    """An answer with status 200: its bytes, and the headers that are its own."""

    body: bytes
    headers: Mapping[str, str]


class Kept:
    """Answers by their tags; ``most`` bytes in all."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return self._size

    def get(self, tag: str) -> Answer | None:
        """The answer with this tag, if it is still there."""
        with self._lock:
            found = self._answers.get(tag)
            if found is not None:
                self._answers.move_to_end(tag)
            return found

    def keep(self, tag: str, answer: Answer) -> None:
        """Keep an answer, and let go of those that nobody asked for since long."""
        if len(answer.body) > LARGEST:
            return
        with self._lock:
            if tag not in self._answers:
                self._answers[tag] = answer
                self._size += len(answer.body) + BESIDE
            while self._size > self._most:
                _, gone = self._answers.popitem(last=False)
                self._size -= len(gone.body) + BESIDE


def kept_of(app: FastAPI) -> Kept:
    """What an application keeps."""
    found: Kept = app.state.kept
    return found


def is_known(request: Request, tag: str) -> bool:
    """Has the asker this answer? A weak tag will do, as comparing for GET is weak (RFC 9110, 13.1.2)."""
    given = request.headers.get("if-none-match")
    return given is not None and tag in (one.strip().removeprefix("W/") for one in given.split(","))
