"""What pages have worked out of a commit, kept for the next reader: a commit never changes, so it stays right.

It holds a few values only, the ones asked for last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar, cast

MOST = 48

T = TypeVar("T")


class Remembered:
    """Values by commit and question. Two that ask at once may both work it out; both get the same."""

    def __init__(self) -> None:
        self._values: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._lock = Lock()

    def value(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        """The value that is kept, or a new one; an error is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return cast(T, self._values[key])
        made = make()
        with self._lock:
            self._values[key] = made
            while len(self._values) > MOST:
                self._values.popitem(last=False)
        return made
