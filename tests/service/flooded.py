"""How long reads take at a real service, idle and flooded, in turns, so that both sides meet the same machine.

The flood is a program of its own that steps aside for everything else, and is stopped and let go on by signals: its
connections stay, and what it needs of the machine is nothing while it stands. The reader is a plain socket: it measures
the service, and no client. Where it is allowed, service and reader go before other programs; else others that work on
the machine meanwhile make both sides slower, and the ratio smaller.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.service import flood
from tests.service.served import Served

CONNECTIONS = 500
READS, FIRST, TURNS, PAUSE = 200, 10, 3, 0.004
"""So many reads at a stretch, after so many that do not count, so many stretches of each side in a round, and seconds
between reads. The first ones after a flood of pages are computed anew, which would make the idle side look slow.
"""
READ = (
    flood.message("GET", "/api/v1/services"),
    flood.message("GET", "/api/v1/guard?service=cart&version=1&environment=production"),
)


@dataclass
class Round:
    """How long reads took, in seconds."""

    idle: list[float] = field(default_factory=list)
    flooded: list[float] = field(default_factory=list)

    @property
    def p99(self) -> tuple[float, float]:
        """That of both."""
        idle, flooded = (sorted(one)[len(one) * 99 // 100] for one in (self.idle, self.flooded))
        return idle, flooded

    @property
    def ratio(self) -> float:
        """How many times as long as idle."""
        idle, flooded = self.p99
        return flooded / idle


def taken(port: int, number: int = READS) -> list[float]:
    """How long reads take, in seconds, one after the other over one connection, with a pause between them."""
    found = []
    with socket.create_connection(("127.0.0.1", port), timeout=60) as reader:
        reader.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(FIRST + number):
            began = time.perf_counter()
            reader.sendall(READ[at % len(READ)])
            head, _, body = _until_head(reader).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            size = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
            while len(body) < size:
                body += reader.recv(1 << 16)
            found.append(time.perf_counter() - began)
            time.sleep(PAUSE)
    return found[FIRST:]


def _until_head(reader: socket.socket) -> bytes:
    held = b""
    while b"\r\n\r\n" not in held:
        more = reader.recv(1 << 16)
        assert more, held
        held += more
    return held


def rounds(service: Served, kind: str, number: int) -> Iterator[Round]:
    """So many rounds against a flood of a kind (``flood.FLOODS``)."""
    command = [sys.executable, "-m", "tests.service.flood", str(service.port), str(CONNECTIONS), kind]
    with _before_others(service), subprocess.Popen(command) as flooding:
        try:
            taken(service.port)
            time.sleep(3)
            for _ in range(number):
                yield _round(service, flooding)
        finally:
            flooding.send_signal(signal.SIGCONT)
            flooding.kill()


def _round(service: Served, flooding: subprocess.Popen[bytes]) -> Round:
    found = Round()
    for _ in range(TURNS):
        flooding.send_signal(signal.SIGSTOP)
        time.sleep(1)
        while service.counted("signet_waiting"):
            time.sleep(0.1)
        found.idle += taken(service.port)
        flooding.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        found.flooded += taken(service.port)
    return found


@contextlib.contextmanager
def _before_others(service: Served) -> Iterator[None]:
    """Let the service and this process go before other programs until the block ends, where that is allowed.

    Not as real-time processes: Linux takes a twentieth of each second from one that never rests, as a flooded service.
    """
    processes = (os.getpid(), service.process.pid)
    try:
        for process in processes:
            _before(process, -20)
        yield
    finally:
        for process in processes:
            _before(process, 0)


def _before(process: int, nice: int) -> None:
    """Give a process a niceness, and its session too, within which alone Linux compares where it groups them."""
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), nice)
        Path(f"/proc/{process}/autogroup").write_text(str(nice), encoding="ascii")
