"""Exchanges of a mock as a recording takes them in, and which of them belong into a contract. It writes nothing."""

from __future__ import annotations

from signet.live.mock.exchange import Exchange
from signet.live.recording import Exchange as Recorded

_OURS = frozenset({b"x-signet-answer", b"preference-applied"})


def left_out(exchange: Exchange) -> str:
    """Why an exchange is nothing that a contract could expect; empty if it is, or may be on request.

    What a mock answers beyond its spec (``HEAD``, ``OPTIONS``) no provider promised.
    """
    answer, method = exchange.answer, exchange.request.method
    if answer.code == "mock.fault":
        return "a fault that was asked for"
    if answer.code.startswith("mock."):
        return f"a request that the mock could not answer ({answer.code})"
    if not answer.code and not exchange.operation.startswith(f"{method} "):
        return f"{method}, which the spec does not have there"
    return ""


def is_refused(exchange: Exchange) -> bool:
    """True if the mock refused the request, by a rule of its own."""
    return bool(exchange.answer.code)


def recorded(exchange: Exchange) -> Recorded:
    """The exchange as a recording takes it in: below the service's prefix, without what was said to the mock alone."""
    request, answer = exchange.request, exchange.answer
    is_told = any(name == b"preference-applied" for name, _ in answer.headers)
    return Recorded(
        request.method,
        request.path + (f"?{request.query}" if request.query else ""),
        tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers
            if not (is_told and name == b"prefer")
        ),
        request.body,
        answer.status,
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers if name not in _OURS),
        answer.body,
    )
