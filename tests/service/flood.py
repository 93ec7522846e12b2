"""A plain client that calls from many connections at once; and, as a program, a flood.

``python -m tests.service.flood PORT CONNECTIONS KIND``: each connection calls again and again, from another address of
this machine than readers have, until somebody ends the program. Of ``other-pages`` and ``other-questions`` none was
asked for before.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, repeat

BODY = b'{"ref": "refs/heads/main"}' + b" " * 2_000


def message(method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request, as it goes over the wire."""
    given = {"host": "127.0.0.1", "content-length": str(len(body))} | dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


async def exchanged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> int:
    """Send a request, read the whole answer, and return its status."""
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
    await reader.readexactly(int(length.split()[1]))
    return int(head.split()[1])


async def all_of(port: int, messages: Iterable[bytes], connections: int) -> list[int]:
    """Send all requests, each as soon as one of the connections is free; their statuses."""
    waiting, statuses = iter(messages), list[int]()

    async def call() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for sent in waiting:
            statuses.append(await exchanged(reader, writer, sent))
        writer.close()

    await asyncio.gather(*(call() for _ in range(connections)))
    return statuses


FLOODS: dict[str, Iterator[bytes]] = {
    "webhooks": repeat(message("POST", "/hooks/github", {"x-hub-signature-256": "sha256=0"}, BODY)),
    "questions": repeat(message("GET", "/api/v1/guard?service=cart&version=1&environment=production")),
    "timeline": repeat(message("GET", "/api/v1/timeline")),
    "pages": repeat(message("GET", "/services/catalog1")),
    "other-questions": (message("GET", f"/api/v1/search?q=never-asked-before-{number}") for number in count()),
    "other-pages": (message("GET", f"/services/catalog1?never-asked-before={number}") for number in count()),
}


async def flood(port: int, connections: int, messages: Iterator[bytes]) -> None:
    """Call for ever."""

    async def call() -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
                while True:
                    await exchanged(reader, writer, next(messages))
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.2)

    await asyncio.gather(*(call() for _ in range(connections)))


if __name__ == "__main__":
    os.setpriority(os.PRIO_PROCESS, 0, 19)  # whatever who started it has
    asyncio.run(flood(int(sys.argv[1]), int(sys.argv[2]), FLOODS[sys.argv[3]]))
