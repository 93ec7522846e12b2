"""Two sides measured in turns, processes with their peak memory, and a row of the report. It prints nothing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = "import typer, pygit2, yaml, jsonschema_rs; from pydantic import BaseModel"
"""What every guard process that compares something imports; pydantic loads nothing before its classes are named."""
_PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3, stderr=-3);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)

Side = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: ours beside theirs, in seconds (or in MB)."""

    what: str
    beside: str
    ours: float
    theirs: float
    unit: str = "ms"
    note: str = ""

    def line(self) -> str:
        """The row as Markdown: the ratio first."""
        factor = 1000 if self.unit == "ms" else 1
        ours, theirs = (f"{value * factor:.3g}" for value in (self.ours, self.theirs))
        note = f"; {self.note}" if self.note else ""
        return f"| {self.ours / self.theirs:.2f} | {self.what} | {self.beside} | {ours} / {theirs} {self.unit}{note} |"


def in_turns(runs: int, *sides: Side) -> list[float]:
    """The median seconds of each side, run in turns after one turn that does not count."""
    taken: list[list[float]] = [[] for _ in sides]
    for turn in range(runs + 1):
        for side, times in zip(sides, taken, strict=True):
            before = time.perf_counter()
            side()
            if turn:
                times.append(time.perf_counter() - before)
    return [statistics.median(times) for times in taken]


class Processes:
    """Python processes that find their bytecode compiled, as after an installation, and no cache of ours."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            name: value for name, value in os.environ.items() if name not in ("PYTHONDONTWRITEBYTECODE", "CI")
        }
        self.environment |= {"PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "SIGNET_CACHE": str(folder / "cache")}

    def python(self, *arguments: str, **more: str) -> Side:
        """A side that is a Python process; ``more`` are variables of its environment."""
        return self.command([sys.executable, *arguments], more)

    def signet(self, *arguments: str, **more: str) -> Side:
        """A side that is a whole command."""
        return self.python("-m", "signet", *arguments, **more)

    def command(self, command: list[str], more: Mapping[str, str] | None = None) -> Side:
        """A side that is any process; an exit code but 0 ends the run."""

        def run() -> object:
            return subprocess.run(command, capture_output=True, check=True, env=self.environment | dict(more or {}))

        return run

    def peak(self, *arguments: str) -> float:
        """The peak memory of a Python process in MB; it is started by a small one, whose memory would count."""
        command = [sys.executable, "-S", "-c", _PEAK, sys.executable, *arguments]
        done = subprocess.run(command, capture_output=True, check=True, env=self.environment)
        return int(done.stdout) / (1024 if sys.platform != "darwin" else 1024 * 1024)
