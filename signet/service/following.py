"""Following the registry: looked at from time to time, and at once when somebody says that something was pushed.

One thread; a hint is never more than a hint to look. Hints that come while it looks are one more look, however many
they are. A look that fails is tried again, sooner at first, and never ends the thread.
"""

from __future__ import annotations

import logging
import random
import threading
import time

from signet.errors import SignetError
from signet.service.shelf import Shelf

_LOG = logging.getLogger(__name__)
FIRST_WAIT = 1.0
"""After a first failure it waits about so many seconds, and after each further one twice as long, up to ``poll``."""


class Follower:
    """Keeps a shelf at the newest commit. ``poll`` is the time in seconds between two looks when nobody calls."""

    def __init__(self, shelf: Shelf, poll: float) -> None:
        self._shelf, self._poll = shelf, poll
        self._called = threading.Event()
        self._ended = threading.Event()
        self._failures = 0
        self._thread = threading.Thread(target=self._follow, name="signet-follower", daemon=True)

    def start(self) -> None:
        """Begin to follow; the first look is after ``poll`` seconds, or at the first hint."""
        self._thread.start()

    def nudge(self) -> None:
        """Say that there may be something new; returns at once."""
        self._called.set()

    def stop(self, wait: float = 1.0) -> bool:
        """Look no more; True if the thread has ended. One that waits for a slow remote ends with the process."""
        self._ended.set()
        self._called.set()
        if self._thread.is_alive():
            self._thread.join(wait)
        return not self._thread.is_alive()

    def _follow(self) -> None:
        while not self._ended.is_set():
            self._called.wait(self._pause())
            self._called.clear()
            if not self._ended.is_set():
                self._look()

    def _pause(self) -> float:
        if not self._failures:
            return self._poll
        longest = FIRST_WAIT * 2.0 ** min(self._failures - 1, 16)
        return min(self._poll, longest * random.uniform(0.5, 1.0))  # noqa: S311 - it spreads replicas, and hides nothing

    def _look(self) -> None:
        began = time.monotonic()
        before = self._shelf.newest().commit
        try:
            found = self._shelf.refresh()
        except SignetError as error:
            self._failures += 1
            _LOG.warning("The registry could not be followed: %s", error.message, extra={"code": error.code})
        except Exception:  # noqa: BLE001 - a bug in one look must not end all later ones
            self._failures += 1
            _LOG.exception("The registry could not be followed.")
        else:
            self._failures = 0
            standing = self._shelf.standing()
            if standing.is_degraded:
                _LOG.warning("The commit %s is served, and not %s: %s.", found.commit, standing.newest, standing.code)
            if found.commit != before:
                took = time.monotonic() - began
                _LOG.info("The commit %s is served, after %.3f s.", found.commit, took)
