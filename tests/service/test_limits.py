"""What a request may bring, and that it is counted and not believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signet.service import limits
from signet.service.hooks import gate, memory
from signet.service.hooks.gate import Gate
from signet.service.limits import Limited
from signet.service.metrics import Metrics

KB = b"x" * 1024


class Reader:
    """An application that reads the body, and remembers how much of it was in its hands."""

    def __init__(self) -> None:
        self.read = 0
        self.is_cut = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = scope["method"] == "POST"
        while more:
            message = await receive()
            self.is_cut |= message["type"] == "http.disconnect"
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        if not self.is_cut:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


def asked(
    reader: Reader,
    kilobytes: int = 0,
    headers: list[tuple[bytes, bytes]] | None = None,
    path: bytes = b"/",
    **more: Any,
) -> int:
    """The status of the answer to a request with a body in pieces."""
    given = [(b"transfer-encoding", b"chunked")] if headers is None else headers
    scope = {"type": "http", "method": "POST", "raw_path": path, "query_string": b"", "headers": given, **more}

    async def pieces() -> AsyncIterator[dict[str, Any]]:
        for number in range(kilobytes):
            yield {"type": "http.request", "body": KB, "more_body": number < kilobytes - 1}
        while True:
            yield {"type": "http.request", "body": b"", "more_body": False}

    statuses: list[int] = []
    coming = pieces()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(Limited(reader)(scope, lambda: anext(coming), send))
    assert len(statuses) == 1
    return statuses[0]


@pytest.mark.parametrize(
    "headers",
    [
        None,
        [(b"content-length", b"10")],
        [(b"content-length", b"0"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"0"), (b"content-length", b"10")],
    ],
)
def test_a_body_is_counted_whatever_it_says_of_itself(headers: list[tuple[bytes, bytes]] | None) -> None:
    reader = Reader()
    assert asked(reader, 1_024, headers) == 200
    assert reader.read == limits.BODY
    reader = Reader()
    assert asked(reader, 50_000, headers) == 413
    assert reader.read <= limits.BODY and reader.is_cut


def test_of_two_lengths_the_larger_one_counts() -> None:
    reader = Reader()
    assert asked(reader, 1, [(b"content-length", b"10"), (b"content-length", b"1048577")]) == 413
    assert reader.read == 0


@pytest.mark.parametrize("length", [b"1048577", b"52428800", b"-1", b"1e3", b"9" * 5000, b"\xff"])
def test_what_says_that_it_is_too_large_is_not_read(length: bytes) -> None:
    reader = Reader()
    assert asked(reader, 1, [(b"content-length", length)]) == 413
    assert reader.read == 0


def test_who_calls_too_often_is_held_but_never_so_many_that_others_have_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "MOST", 3)
    monkeypatch.setattr(gate, "HELD", (3_600.0, 3_600.0))
    monkeypatch.setattr(memory, "BURST", 1.0)
    statuses: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        statuses.append(200)

    async def send(message: dict[str, Any]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def call() -> None:
        closed = Gate(app, Metrics())
        scope = {"type": "http", "path": "/hooks/github", "client": ("192.0.2.1", 1)}
        calls = [asyncio.create_task(closed(scope, None, send)) for _ in range(6)]
        reads = [asyncio.create_task(closed(scope | {"path": "/"}, None, send)) for _ in range(6)]
        done, held = await asyncio.wait([*calls, *reads], timeout=0.2)
        assert (len(done), len(held)) == (9, 3)
        for each in held:
            each.cancel()

    asyncio.run(call())
    assert sorted(statuses) == [200] * 7 + [429] * 2


def test_addresses_and_headers_have_limits_too() -> None:
    reader = Reader()
    assert asked(reader, path=b"/" + b"x" * limits.ADDRESS) == 414
    assert asked(reader, query_string=b"x" * limits.ADDRESS) == 414
    assert asked(reader, headers=[(b"x", b"y")] * (limits.HEADERS + 1)) == 431
    assert asked(reader, headers=[(b"x", b"y")] * limits.HEADERS) == 200
