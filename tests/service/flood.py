"""A flood, as a process of its own: so many connections at once, each calling a webhook again and again.

``python -m tests.service.flood PORT CONNECTIONS SECONDS``; it prints how many answers came, by status.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter

BODY = b'{"ref": "refs/heads/main"}' + b" " * 2_000
CALL = (
    b"POST /hooks/github HTTP/1.1\r\nhost: 127.0.0.1\r\nx-hub-signature-256: sha256=0\r\ncontent-length: %d\r\n\r\n%b"
)


async def _call(port: int, until: float, answers: Counter[str]) -> None:
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.monotonic() < until:
                writer.write(CALL % (len(BODY), BODY))
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length: "))
                await reader.readexactly(int(length.split()[1]))
                answers[head.split()[1].decode()] += 1
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            answers["lost"] += 1
            await asyncio.sleep(0.2)


async def _flood(port: int, connections: int, seconds: float) -> None:
    answers: Counter[str] = Counter()
    until = time.monotonic() + seconds
    await asyncio.gather(*(_call(port, until, answers) for _ in range(connections)))
    print(dict(answers))


if __name__ == "__main__":
    asyncio.run(_flood(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
