"""Whether an answer is no provider's, but a refusal by a mock of Signet that stands in for one.

A contract that expects such an answer would expect it of the provider, too.
"""

from __future__ import annotations

import json

from signet.live.marks import OF_A_MOCK
from signet.live.recording.exchange import Exchange, decoded, media_type

PROBLEM = "application/problem+json"


def by_a_mock(exchange: Exchange) -> str:
    """The code of the rule by which a mock refused the request; empty for every other answer."""
    if exchange.status < 400 or media_type(exchange.answer_headers) != PROBLEM or not exchange.answer_body:
        return ""
    body = decoded(exchange.answer_body, exchange.answer_headers)
    try:
        problem = json.loads(body or b"")
    except (ValueError, RecursionError):
        return ""
    kind = problem.get("type") if isinstance(problem, dict) else None
    return kind.removeprefix(OF_A_MOCK) if isinstance(kind, str) and kind.startswith(OF_A_MOCK) else ""
