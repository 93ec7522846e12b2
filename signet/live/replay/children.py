"""A child process that answers one JSON line to each, in bounded time, and is always ended with all of its children.

Used for the verifier and for the functions of a team. Nothing is handed over in arguments: a process list shows them.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any

LONGEST_LINE = 2_000
MOST_LINES = 500
LAST_WORDS = 2.0
"""Seconds for what a child that has ended printed; a program that left it may keep its output open."""
PLAIN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONPATH")


class Silent(Exception):
    """The child did not answer in time; it has been ended."""


class Ended(Exception):
    """The child is no longer there; the text says how it ended."""


def plain_environment() -> dict[str, str]:
    """What a program of ours needs of the environment, and nothing else: it may hold credentials."""
    return {name: os.environ[name] for name in PLAIN if name in os.environ}


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads its own group, and all of the group; never raises."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


class Child:
    """A module of ours, running as a process of its own."""

    def __init__(self, module: str, environment: Mapping[str, str], heard: Callable[[str], None] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if heard else subprocess.DEVNULL,
            env=dict(environment),
            start_new_session=True,
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._questions: queue.Queue[bytes | None] = queue.Queue()
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101 - they are pipes
        threading.Thread(target=_write, args=(self._process.stdin, self._questions), daemon=True).start()
        threading.Thread(target=_read, args=(self._process.stdout, self._lines), daemon=True).start()
        self._listener: threading.Thread | None = None
        if heard and self._process.stderr is not None:
            self._listener = threading.Thread(target=_listen, args=(self._process.stderr, heard), daemon=True)
            self._listener.start()

    def ask(self, question: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a question. Silent if it takes longer, Ended if the child is gone: it is ended either way."""
        self._questions.put(json.dumps(question).encode() + b"\n")
        return self.hear(seconds)

    def hear(self, seconds: float) -> dict[str, Any]:
        """The next line that the child says."""
        try:
            line = self._lines.get(timeout=max(seconds, 0.01))
        except queue.Empty:
            self.close()
            raise Silent from None
        try:
            answer = json.loads(line) if line else None
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            self.close()
            raise Ended(self._how())
        return answer

    def _how(self) -> str:
        code = self._process.returncode
        if code is None:
            return "it said what is no answer"
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"

    def close(self) -> None:
        """End the child and everything that it started; what it has printed until then is heard."""
        end(self._process)
        self._questions.put(None)
        if self._listener is not None:
            self._listener.join(LAST_WORDS)


# Each stream is closed by the thread that uses it: closing one that another thread waits on would wait too.


def _write(stream: IO[bytes], questions: queue.Queue[bytes | None]) -> None:
    """Hand questions over; a child that does not read must not stop us."""
    with contextlib.suppress(OSError), stream:
        while (question := questions.get()) is not None:
            stream.write(question)
            stream.flush()


def _read(stream: IO[bytes], lines: queue.Queue[bytes]) -> None:
    with contextlib.suppress(OSError), stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _listen(stream: IO[bytes], heard: Callable[[str], None]) -> None:
    """Hand lines on; a flood is read and dropped, so that the child never waits for us."""
    said = 0
    with contextlib.suppress(OSError), stream:
        while line := stream.readline(LONGEST_LINE):
            said += 1
            if said <= MOST_LINES:
                heard(line.decode(errors="replace").rstrip("\r\n"))
