"""A client for measuring servers: some connections, each with one request on its way, written anew when answered.

A program of its own (``python -m tests.bench.load``), so that it shares no interpreter with what it measures. It prints
requests a second and the 50th and 99th percentile in milliseconds, as JSON. Each answer must have the status that is
expected, and a body.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import time
from dataclasses import dataclass, field


@dataclass
class Connection:
    """One connection, and what has arrived of the answer that it waits for."""

    stream: socket.socket
    began: float = 0.0
    held: bytearray = field(default_factory=bytearray)


def complete(held: bytearray) -> int:
    """How long the first answer is, or 0 while something is missing."""
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return 0
    head = held[:end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise SystemExit("an answer without a length: this client reads no chunks")
    size = int(head[at + 17 :].split(b"\r\n", 1)[0])
    return end + 4 + size if size and len(held) >= end + 4 + size else 0


def measured(port: int, requests: list[bytes], status: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Send for so many seconds, after a fifth of them that does not count."""
    chooser = selectors.DefaultSelector()
    taken: list[float] = []
    number = 0
    for _ in range(connections):
        stream = socket.create_connection(("127.0.0.1", port))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one = Connection(stream, time.perf_counter())
        stream.sendall(requests[number % len(requests)])
        number += 1
        chooser.register(stream, selectors.EVENT_READ, one)
    began = time.perf_counter() + seconds / 5
    end = began + seconds
    now = 0.0
    while now < end:
        for key, _ in chooser.select():
            one = key.data
            one.held += one.stream.recv(1 << 16)
            size = complete(one.held)
            if not size:
                continue
            if one.held[9:12] != status:
                raise SystemExit(f"not {status.decode()}: {bytes(one.held[:300])!r}")
            now = time.perf_counter()
            if began < now:
                taken.append(now - one.began)
            del one.held[:size]
            one.began = now
            one.stream.sendall(requests[number % len(requests)])
            number += 1
    taken.sort()
    return {
        "rps": len(taken) / (now - began),
        "p50": 1_000 * taken[len(taken) // 2],
        "p99": 1_000 * taken[len(taken) * 99 // 100],
    }


def main() -> None:
    """Read the requests, one JSON text each, from a file, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("requests")
    parser.add_argument("--status", default="200")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    given = parser.parse_args()
    with open(given.requests, encoding="utf-8") as file:  # noqa: PTH123 - start-up counts here too
        requests = [each.encode() for each in json.load(file)]
    print(json.dumps(measured(given.port, requests, given.status.encode(), given.connections, given.seconds)))


if __name__ == "__main__":
    main()
