"""The limits of one conversation with a remote: how long it may take in all, and how much may come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from signet.registry.git.transport.words import Words

MOST_ADVERTISED = 64 << 20  # bytes of a list of references, or of what a server says to a pusher
MOST_PACKED = 4 << 30  # bytes of one pack
LARGEST_OBJECT = 100 << 20  # bytes of one object, unpacked: forges take no larger file either


class Clock:
    """What is left of a conversation's time. When it is over, what is under way is broken off from outside."""

    def __init__(self, seconds: float, step: float) -> None:
        self.step = step  # seconds that a single answer may keep us waiting
        self._end = time.monotonic() + seconds
        self._over = False

    def check(self) -> None:
        """Raise ``Words`` if the time is over."""
        if self._over or time.monotonic() > self._end:
            raise Words("no answer in time")

    @contextmanager
    def breaking(self, break_off: Callable[[], None]) -> Iterator[None]:
        """Call ``break_off`` from another thread if the time ends inside: a server may send a byte a minute."""

        def over() -> None:
            self._over = True
            break_off()

        watch = threading.Timer(max(0.0, self._end - time.monotonic()), over)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()


def bounded(read: Callable[[int], bytes], most: int, clock: Clock) -> Callable[[int], bytes]:
    """The same reading, until more than ``most`` bytes have come or the time is over."""
    left = most

    def read_on(size: int) -> bytes:
        nonlocal left
        clock.check()
        block = read(size)
        left -= len(block)
        if left < 0:
            raise Words(f"protocol error: the server sent more than {most >> 20} MB")
        return block

    return read_on
