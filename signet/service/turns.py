"""Whose question is next: addresses take turns, so that who asks very much waits behind himself and not before others.

The interpreter computes one question at a time anyway: more at once would share it, and each would take longer. The
recipe:

1. Each address has a line. Who has nobody under way or before him begins at once, if only few such are under way.
2. Those who wait begin when nobody else is under way, one after the other, the addresses in turn. An address that had
   nobody waiting is before those that had; every so often it is not, so that many who ask little do not keep them out.
3. A question that takes long gives up its place, and goes on: quick ones pass it. How many of those an address may have
   is bounded; who is answered for ever (a stream of events) does not count for ever.
4. After one for which something was computed (``WORKED``), and behind which others of its address wait, the place stays
   taken for as long again: who asks much more than can be answered gets half of a processor, and not all of it.

It knows neither bytes nor HTTP (``signet.service.connections`` does), refuses nobody, and is used in the event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from signet.service.metrics import Gauge

PLACES = 1
"""So many questions are under way when one that waited behind another of its address begins, with it."""
FRESH = 4
"""So many, with it, when one begins that did not; those that take long do not count."""
QUICK = 0.05
"""After so many seconds a question takes long, and another one begins beside it."""
COUNTED = 2.0
"""After so many seconds it does not count among those of its address any more."""
OF_ONE = 8
"""So many questions of one address are under way at the same time, quick and long ones together."""
IN_A_ROW = 8
"""So many questions begin in a row while nobody who waits can; the next place is for one of those."""

WORKED: ContextVar[float] = ContextVar("signet-worked", default=0.0)
"""For how many seconds something was computed for the question in whose context one is; who has it done says so."""


@dataclass(eq=False)
class Turn:
    """One question: it waits, is under way when ``begin`` is called, and is over when somebody says so."""

    address: str
    begin: Callable[[], None]
    line: Line | None = None
    has_place: bool = False
    counts: bool = False
    timer: asyncio.TimerHandle | None = None


@dataclass(eq=False)
class Line:
    """The questions of one address: those that wait, the first first, and how many are under way."""

    address: str
    waiting: OrderedDict[Turn, None] = field(default_factory=OrderedDict)
    under_way: int = 0


class Turns:
    """Who begins, and who waits."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._fresh: deque[Line] = deque()
        self._served: deque[Line] = deque()
        self._taken = self._in_a_row = 0
        self._is_called = False

    def gauges(self) -> Iterator[Gauge]:
        """How many questions wait for their turn."""
        waiting = sum(len(line.waiting) for line in list(self._lines.values()))
        yield "signet_waiting", "Questions that wait for their turn.", {}, waiting

    def ask(self, turn: Turn) -> None:
        """It begins now, or later; ``over`` has to be said in the end."""
        line = turn.line = self._lines.setdefault(turn.address, Line(turn.address))
        if not line.waiting and line.under_way < OF_ONE and self._taken < (PLACES if line.under_way else FRESH):  # 1.
            self._begun(turn, line)
        else:
            line.waiting[turn] = None
            if len(line.waiting) == 1 and line.under_way < OF_ONE:
                (self._served if line.under_way else self._fresh).append(line)

    def over(self, turn: Turn) -> None:
        """The question is answered, or nobody waits for its answer any more; it may be said twice."""
        line = turn.line
        if line is None:
            return
        if turn.timer is not None:
            turn.timer.cancel()
        turn.line = None
        line.waiting.pop(turn, None)
        worked = WORKED.get()
        WORKED.set(0.0)  # what begins out of this context is another question
        if turn.has_place and line.waiting and worked:
            asyncio.get_running_loop().call_later(worked, self._leave_place, turn)  # 4.
        else:
            self._leave_place(turn)
        self._count_no_more(turn, line)
        if not line.waiting and not line.under_way and self._lines.get(line.address) is line:
            del self._lines[line.address]

    def _begun(self, turn: Turn, line: Line) -> None:
        self._taken += 1
        self._in_a_row += 1
        line.under_way += 1
        turn.has_place = turn.counts = True
        turn.timer = asyncio.get_running_loop().call_later(QUICK, self._takes_long, turn, line)
        turn.begin()

    def _takes_long(self, turn: Turn, line: Line) -> None:
        turn.timer = asyncio.get_running_loop().call_later(COUNTED, self._count_no_more, turn, line)
        self._leave_place(turn)  # 3.

    def _leave_place(self, turn: Turn) -> None:
        if turn.has_place:
            turn.has_place = False
            self._taken -= 1
            if not self._taken and not self._fresh:
                self._in_a_row = 0
            self._call_soon()

    def _count_no_more(self, turn: Turn, line: Line) -> None:
        if turn.counts:
            turn.counts = False
            line.under_way -= 1
            if line.under_way == OF_ONE - 1 and line.waiting:
                self._served.append(line)
                self._call_soon()

    def _call_soon(self) -> None:
        """Not at once: who has asked meanwhile is to be heard first."""
        if not self._is_called and (self._fresh or self._served):
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._call)

    def _call(self) -> None:
        self._is_called = False
        while (line := self._next()) is not None:
            if line.waiting and line.under_way < OF_ONE:
                turn, _ = line.waiting.popitem(last=False)
                if line.waiting and line.under_way + 1 < OF_ONE:
                    self._served.append(line)
                self._begun(turn, line)

    def _next(self) -> Line | None:
        """The line that has the next place, where there is one: step 2."""
        is_long = self._in_a_row >= IN_A_ROW
        if self._served and self._taken < (FRESH if is_long else PLACES) and (is_long or not self._fresh):
            self._in_a_row = 0
            return self._served.popleft()
        return self._fresh.popleft() if self._fresh and self._taken < FRESH else None
