"""The log of a provider: its beginning and its end, never more than a few MiB, however much it writes.

It writes to a descriptor that somebody else opened, and shows lines of it. It does not know what runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable

HEAD = 1024 * 1024
"""Bytes of the beginning that are kept."""
TAIL = 1024 * 1024
"""Bytes of the end that are kept at least; the file may have twice as many after its head."""

LINES, LINE = 10, 200
"""How many of the last lines are shown, and how much of each."""


class BoundedLog:
    """Output, written as it comes; when the file is full, the middle is left out, and the file says how much.

    A disk that takes no more is no reason to stop anybody: then the rest is dropped.
    """

    def __init__(self, descriptor: int, head: int = HEAD, tail: int = TAIL) -> None:
        self.descriptor = descriptor
        self.head = head
        self.tail = tail
        self.size = 0
        self.dropped = 0
        self.full = False

    def write(self, data: bytes) -> None:
        """Add this output."""
        while data:
            room = self.head + 2 * self.tail - self.size
            self._put(data[:room])
            data = data[room:]
            if data:
                self._leave_out()

    def note(self, text: str) -> None:
        """Add a line of ours."""
        self.write(f"\n[signet: {text}]\n".encode())

    def _leave_out(self) -> None:
        """Keep the head, a line that says what is missing, and the last ``tail`` bytes."""
        begin = self.size - self.tail
        try:
            kept = os.pread(self.descriptor, self.tail, begin)
            os.ftruncate(self.descriptor, self.head)
            os.lseek(self.descriptor, self.head, os.SEEK_SET)
        except OSError:
            self.full, kept = True, b""
        before = len(self._line()) if self.dropped else 0  # the line of last time is no output
        self.dropped += begin - self.head - before
        self.size = self.head
        self._put(self._line() + kept)

    def _line(self) -> bytes:
        return f"\n[signet: {self.dropped:020} bytes of output are left out here]\n".encode()

    def _put(self, data: bytes) -> None:
        self.size += len(data)
        view = memoryview(data)
        while view and not self.full:
            try:
                view = view[os.write(self.descriptor, view) :]
            except OSError:
                self.full = True


def whole(descriptor: int) -> str:
    """What a log holds, whatever bytes these are."""
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "replace")


def last_lines(text: str) -> list[tuple[int, str]]:
    """The last lines that say something, with their numbers, each cut to what can be read at a glance."""
    said = [(number, line.rstrip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    return [(number, line if len(line) <= LINE else line[: LINE - 3] + "...") for number, line in said[-LINES:]]


def rewrite(descriptor: int, masked: Callable[[str], str]) -> None:
    """Let a log that is complete hold what ``masked`` leaves of it; bytes that it does not touch stay as they are."""
    text = os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode("utf-8", "surrogateescape")
    hidden = masked(text)
    if hidden != text:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, hidden.encode("utf-8", "surrogateescape"), 0)
