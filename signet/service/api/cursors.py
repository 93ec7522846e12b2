"""Where a page begins: a commit, how many entries came before, and of which question. Opaque to whoever has one.

A cursor pins the commit, so that the pages of one list fit together while the registry moves on. It is no secret, and
nobody is trusted to leave it as it is: one that is of another question, or of no question, is refused.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import NamedTuple

from signet.errors import UsageError


class Cursor(NamedTuple):
    """The commit of the first page, and how far the pages before went: a position, in the list's own terms."""

    commit: str
    position: int


def written(question: str, cursor: Cursor) -> str:
    """A cursor as text; ``question`` is what was asked, but for the page."""
    told = json.dumps([cursor.commit, cursor.position, _of(question)], separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(question: str, text: str) -> Cursor:
    """The same from its text; UsageError for what was not given out for this question."""
    try:
        told = json.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _refused() from None
    match told:
        case [str(commit), int(position), str(of)] if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", commit):
            if position > 0 and of == _of(question) and written(question, Cursor(commit, position)) == text:
                return Cursor(commit, position)
    raise _refused()


def _of(question: str) -> str:
    return sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _refused() -> UsageError:
    return UsageError(
        "The cursor does not belong to this question.",
        "Follow 'next' as it was given, or begin again without a cursor.",
        code="cursor-refused",
    )
