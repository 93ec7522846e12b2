"""Recording through ``signet proxy`` beside ``mitmdump`` in reverse mode: the same load, in turns, in one run.

mitmproxy is installed into an environment of its own, which is kept; it never comes into ours. The provider behind
both, and the clients before them, do next to nothing, so that what is measured is what stands between.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tests.bench.measure import Processes, Row

MITMPROXY = "mitmproxy>=11"
"""The newest one that this Python can run: 12 needs Python 3.12."""
KEPT = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "signet-bench"
TURNS = 3
REQUESTS, CONNECTIONS, ALONE = 3000, 16, 400
ITEM = json.dumps({"id": 7, "name": "Darjeeling, first flush", "price": 1250, "tags": ["tea", "spring"] * 8}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(ITEM), ITEM)
Command = list[str]


@dataclass
class Seen:
    """What one run showed: seconds for all requests, of one alone (median and 99th percentile), of the CPU; MB."""

    all: float
    median: float
    slow: float
    cpu: float
    peak: float


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """Throughput, latency, CPU and memory of both."""
    mitmdump = _mitmdump()
    found: dict[str, list[Seen]] = {"ours": [], "theirs": []}
    with _provider() as at:
        for turn in range(TURNS + 1):
            port = _free_port()
            kept = folder / f"recorded-{turn}"
            ours = [sys.executable, "-m", "signet", "proxy", "--target", f"http://127.0.0.1:{at}", "--port", str(port)]
            ours += ["--name", "cart", "--provider-name", "catalog", "--path", f"{kept}.json"]
            theirs = [str(mitmdump), "--quiet", "--mode", f"reverse:http://127.0.0.1:{at}@127.0.0.1:{port}"]
            theirs += ["--set", f"confdir={folder}", "--save-stream-file", f"{kept}.flows"]
            for side, command in (("ours", ours), ("theirs", theirs)):
                seen = _measured(command, port, processes)
                if turn:
                    found[side].append(seen)
            assert len(json.loads(Path(f"{kept}.json").read_bytes())["interactions"]) == 2 * PATHS, "all was recorded"
            assert Path(f"{kept}.flows").stat().st_size > REQUESTS * 200, "so it was there"
    told = subprocess.run([str(mitmdump), "--version"], capture_output=True, text=True, check=True).stdout
    beside = f"`mitmdump --mode reverse` that saves flows ({told.splitlines()[0]})"
    many = f"{REQUESTS} requests over {CONNECTIONS} connections"
    for what, name, unit in (
        (f"recording {many}", "all", "ms"),
        ("one recorded request after the other, median", "median", "ms"),
        ("one recorded request after the other, 99th percentile", "slow", "ms"),
        (f"CPU of the proxy for {REQUESTS + ALONE} requests, start and contract included", "cpu", "ms"),
        ("peak memory of the proxy", "peak", "MB"),
    ):
        ours_, theirs_ = (statistics.median(getattr(one, name) for one in found[side]) for side in ("ours", "theirs"))
        yield Row(what, beside, ours_, theirs_, unit, "aim below 1")


def _mitmdump() -> Path:
    """The program, in an environment that is made once."""
    program = KEPT / "mitmproxy" / "bin" / "mitmdump"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(KEPT / "mitmproxy")], check=True)
        install = [str(program.with_name("python")), "-m", "pip", "install", "--quiet", MITMPROXY]
        subprocess.run(install, check=True)
    return program


def _measured(command: Command, port: int, processes: Processes) -> Seen:
    """Both loads through a proxy that is started for them, and ended."""
    variables = processes.environment | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proxy:
        try:
            _waits_for(port)
            _load(port, 50, 4)
            before = time.perf_counter()
            _load(port, REQUESTS, CONNECTIONS)
            every = time.perf_counter() - before
            alone = sorted(_load(port, ALONE, 1))
            peak = _peak(proxy.pid)
        finally:
            proxy.send_signal(signal.SIGINT)
            _, _, usage = os.wait4(proxy.pid, 0)
            proxy.returncode = 0
    return Seen(every, statistics.median(alone), alone[ALONE * 99 // 100], usage.ru_utime + usage.ru_stime, peak)


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def _waits_for(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


# --- the load --------------------------------------------------------------------------------------------------------

PATHS = 100
"""Different paths that are asked for, each of them by GET and by POST."""


def _request(number: int) -> bytes:
    head = b"/items/%d HTTP/1.1\r\nHost: catalog\r\nAccept: application/json\r\n" % (number // 2 % PATHS)
    if number % 2 == 0:
        return b"GET " + head + b"\r\n"
    return b"POST " + head + b"Content-Type: application/json\r\nContent-Length: 14\r\n\r\n" + b'{"quantity":1}'


def _load(port: int, requests: int, connections: int) -> list[float]:
    """Send so many requests over so many connections; the seconds that each of them took."""
    taken: list[float] = []

    async def client(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(first, requests, connections):
            before = time.perf_counter()
            writer.write(_request(number))
            await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(len(ITEM))
            taken.append(time.perf_counter() - before)
            assert body == ITEM
        writer.close()

    async def all_clients() -> None:
        await asyncio.gather(*map(client, range(connections)))

    asyncio.run(all_clients())
    return taken


class _Catalog(asyncio.Protocol):
    """A provider that knows nothing but one answer, and where a request ends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.held = transport, b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        while b"\r\n\r\n" in self.held:
            head, _, rest = self.held.partition(b"\r\n\r\n")
            size = 14 if head.startswith(b"POST") else 0
            if len(rest) < size:
                return
            self.held = rest[size:]
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(ANSWER)


def _serve(listening: socket.socket) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Catalog, sock=listening)
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def _provider() -> Iterator[int]:
    """The provider in a process of its own; its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        process = get_context("fork").Process(target=_serve, args=(listening,), daemon=True)
        process.start()
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.join()
