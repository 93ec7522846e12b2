"""One run of schemathesis as a process: its events as they come, and its end, whatever happens.

It knows nothing of what the events mean. The process leads a group of its own, which is ended with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from signet.errors import CouldNotTest
from signet.live.spec_test import inside

EVENTS = "events.ndjson"
GRACE = 2.0
"""Seconds between asking the process to end and ending it."""
_PAUSE = 0.1
_TAIL = 4_000


class Run:
    """A run in a folder; use it as a context. ``time_limit`` seconds after its start it is over."""

    def __init__(self, folder: Path, arguments: list[str], variables: Mapping[str, str], time_limit: float) -> None:
        self.events = folder / EVENTS
        self._log = folder / "log.txt"
        self._limit = time_limit
        self._began = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                # -P: the folder of 'inside' is no place to import from
                [sys.executable, "-P", str(Path(inside.__file__)), *arguments],
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process and everything that it started."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            self._process.wait()
            if self._process.stdin:
                self._process.stdin.close()

    def _signal(self, number: int) -> None:
        if not hasattr(os, "killpg"):
            self._process.terminate()
            return
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def lines(self) -> Iterator[Any]:
        """The events, each when it is written; CouldNotTest when the time is over."""
        rest = b""
        place = 0
        ended = False
        while True:
            # Ended first, then read: what it wrote last is read too.
            ended = ended or self._process.poll() is not None
            written = self._read(place)
            place += len(written)
            *whole, rest = (rest + written).split(b"\n") if written else [rest]
            for line in whole:
                yield _event(line)
            if ended and not written:
                return
            if time.monotonic() - self._began > self._limit:
                raise CouldNotTest(
                    f"The spec test took more than {self._limit:g} seconds and was ended.",
                    "Allow it more time, fewer examples or fewer phases, or exclude operations; "
                    "or the provider answers very slowly.",
                )
            if not written:
                try:
                    self._process.wait(_PAUSE)
                except subprocess.TimeoutExpired:
                    continue

    def _read(self, place: int) -> bytes:
        try:
            with self.events.open("rb") as file:
                file.seek(place)
                return file.read(8 * 1024 * 1024)
        except FileNotFoundError:
            return b""

    def said(self) -> str:
        """The last that it printed: for the message when it ended before its time."""
        text = self._log.read_bytes()[-_TAIL:].decode("utf-8", "replace")
        return " ".join(text.split())[-600:]


def _event(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise CouldNotTest("The report of schemathesis breaks off.", "Is the disk full?") from None
