"""What is remembered of who called: which deliveries came already, and how often an address called. Both are bounded.

It is lost with the process, which costs one look at the registry more.
"""

from __future__ import annotations

from collections import OrderedDict

KEPT = 4_096
REMEMBERED = 3_600.0
"""Seconds after which a delivery that comes again is a new one: somebody sends it again on purpose."""
BURST, PER_SECOND = 60.0, 5.0
ADDRESSES = 2_048


class Seen:
    """The deliveries of the last while, by anything that names them."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, float] = OrderedDict()

    def is_new(self, names: set[str], now: float) -> bool:
        """Has none of these names come lately? They have now."""
        is_new = not any(now - self._known.get(name, -REMEMBERED) < REMEMBERED for name in names)
        for name in names if is_new else ():
            self._known[name] = now
            self._known.move_to_end(name)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return is_new


class Rate:
    """So many calls of one address at once, and so many a second after that."""

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def is_within(self, address: str, now: float) -> bool:
        """May it call now? It has."""
        left, last = self._left.pop(address, (BURST, now))
        left = min(BURST, left + (now - last) * PER_SECOND)
        self._left[address] = (left - 1 if left >= 1 else left, now)
        while len(self._left) > ADDRESSES:
            self._left.popitem(last=False)
        return left >= 1
