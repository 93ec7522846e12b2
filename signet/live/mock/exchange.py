"""What goes through the mock: requests as they came, answers as they are sent, and both together.

Nothing is decoded that was not asked for: who records an exchange gets the bytes.
"""

from __future__ import annotations

from typing import NamedTuple

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in small letters and values, in their order; a name may come again."""


class Request(NamedTuple):
    """A request to one service: ``path`` begins with a slash, is percent-encoded, and lacks the service's prefix."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> str | None:
        """The value of a header; several are joined as HTTP says."""
        found = [value for key, value in self.headers if key == name]
        return b", ".join(found).decode("latin-1") if found else None


class Answer(NamedTuple):
    """An answer. ``code`` names the rule where the request was refused; ``notes`` are for whoever runs the mock."""

    status: int
    headers: Headers
    body: bytes
    code: str = ""
    notes: tuple[str, ...] = ()


class Exchange(NamedTuple):
    """A request and its answer, once it was sent. ``target`` is path and query as they came.

    ``operation`` is ``METHOD /path`` as in the spec, and empty where the request meant none.
    """

    service: str
    operation: str
    target: bytes
    request: Request
    answer: Answer
