"""``signet serve`` as a process of its own, over a registry, on loopback; what it logs, and how much memory it has."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

PATIENCE = 60.0
PROGRAM = str(Path(sys.executable).with_name("signet"))
"""As it is installed beside this Python."""


@dataclass
class Served:
    """A service that answers at ``url``."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    url_file: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    @property
    def children(self) -> list[int]:
        """The processes that it began."""
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(one) for thread in threads for one in (thread / "children").read_text().split()]

    @property
    def megabytes(self) -> float:
        """The memory that it has now, with the processes that it began."""
        return sum(_megabytes(process) for process in (self.process.pid, *self.children))

    def counted(self, name: str, **labels: str) -> float:
        """What a metric says, over all that have these labels; 0 for one that was never counted."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        found = [
            line for line in lines if line.startswith((f"{name}{{", f"{name} ")) and all(w in line for w in wanted)
        ]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def commit(self) -> str:
        """The commit that it serves."""
        return str(httpx.get(f"{self.url}/healthz").json()["commit"])

    def waits_for(self, commit: str) -> float:
        """Until it serves a commit; how many seconds that took."""
        began = time.monotonic()
        while self.commit() != commit:
            assert time.monotonic() - began < PATIENCE, self.log.read_text()
            time.sleep(0.02)
        return time.monotonic() - began

    def has_all_parts(self) -> None:
        """Wait until it has begun all its processes, and they stand: before that its memory grows."""
        began = time.monotonic()
        while not self.counted("signet_computing"):
            assert time.monotonic() - began < PATIENCE, self.log.read_text()
            time.sleep(0.05)

    def ends(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and wait for its end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024


def begun(folder: Path, registry: str, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    """Start one, and wait for nothing. ``folder`` is its own: its cache, its databases, ``log`` and ``url``."""
    folder.mkdir(exist_ok=True)
    (folder / "url").unlink(missing_ok=True)
    command = [PROGRAM, "serve", "--registry", registry, "--port", "0"]
    command += ["--folder", str(folder / "kept"), "--url-file", str(folder / "url"), *arguments]
    environment = os.environ | {"SIGNET_CACHE": str(folder / "cache"), "PYTHONUNBUFFERED": "1"} | variables
    with (folder / "log").open("ab") as file:
        return subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, env=environment)


def started(folder: Path, registry: str, *arguments: str, **variables: str) -> Served:
    """Start one, and wait until it answers; what it says is in ``folder/log``."""
    process = begun(folder, registry, *arguments, **variables)
    log, url_file = folder / "log", folder / "url"
    began = time.monotonic()
    while not url_file.exists():
        assert process.poll() is None and time.monotonic() - began < PATIENCE, log.read_text()
        time.sleep(0.02)
    return Served(process, url_file.read_text().strip(), log, url_file)


@contextmanager
def serving(folder: Path, registry: str, *arguments: str, **variables: str) -> Iterator[Served]:
    """One that is there as long as the block."""
    found = started(folder, registry, *arguments, **variables)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.kill()
        found.process.wait(PATIENCE)


def steps_aside(process: int, nice: int) -> bool:
    """Does a process go after others, and not interrupt them either?"""
    here = os.getpriority(os.PRIO_PROCESS, 0)
    behind = os.getpriority(os.PRIO_PROCESS, process) == min(19, here + nice)
    return behind and os.sched_getscheduler(process) == os.SCHED_BATCH
