"""Refusals, in the form of RFC 9457: which rule a request broke, and where, in the request and in the spec.

Which status a rule has is in ``STATUSES``; what a finding says comes from the comparison's table of codes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from signet.live.marks import OF_A_MOCK
from signet.live.mock.exchange import Answer, Headers

MEDIA_TYPE = b"application/problem+json"
TITLES = {
    400: "The request does not fit the spec",
    401: "Credentials are missing",
    404: "The spec has no such path",
    405: "The path has no such method",
    406: "No media type of the answer is accepted",
    413: "The body is too large",
    415: "The operation does not take this media type",
    422: "The body does not fit its schema",
    500: "The mock has failed",
    501: "No valid answer can be made",
    503: "A fault, as asked for",
}
STATUSES = {
    "request.body.incompatible": 422,
    "request.content-type.incompatible": 415,
    "request.content-type.missing": 415,
}
"""The status of a refusal by its code; all others are 400."""
_FIRST = (401, 415, 400, 422)


class Wrong(NamedTuple):
    """One thing that is wrong: the rule, a sentence, and JSON pointers into the request and the spec."""

    code: str
    message: str
    pointer: str = ""
    spec_pointer: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The entry in a problem's list."""
        value = {"code": self.code, "message": self.message, "pointer": self.pointer}
        return value if self.spec_pointer is None else {**value, "spec_pointer": self.spec_pointer}


def problem(status: int, wrong: Sequence[Wrong], headers: Headers = ()) -> Answer:
    """A refusal that tells all that is wrong; the first names it."""
    value = {
        "type": f"{OF_A_MOCK}{wrong[0].code}",
        "title": TITLES.get(status, "A fault, as asked for"),
        "status": status,
        "detail": wrong[0].message,
        "errors": [each.as_json() for each in wrong],
    }
    body = json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"
    own = ((b"content-type", MEDIA_TYPE), (b"content-length", str(len(body)).encode()))
    return Answer(status, (*own, *headers), body, wrong[0].code)


def refusal(wrong: Sequence[Wrong]) -> Answer:
    """The refusal for findings about parameters and body; the gravest status comes first."""
    ranked = sorted(wrong, key=lambda each: _FIRST.index(STATUSES.get(each.code, 400)))
    return problem(STATUSES.get(ranked[0].code, 400), ranked)
