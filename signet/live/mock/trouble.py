"""Trouble on purpose: answers that are late, and answers that are errors, as often as was asked for.

Which request meets it follows from a seed, the request, and how often that request came before: a client that tries
again may get through, and the same tests meet the same trouble in every run, whatever runs beside them.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from signet.errors import UsageError
from signet.live.mock.exchange import Request

MOST_KNOWN = 10_000
"""Requests whose count is remembered; the one that is longest ago is forgotten first."""
LONGEST = 600.0
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)\Z")
_SHARE = re.compile(r"([1-5][0-9]{2})(?::([0-9]+(?:\.[0-9]+)?))?\Z")
_PARTS = 1 << 32


class Latency(NamedTuple):
    """How many seconds an answer takes: at least, and at most."""

    least: float = 0.0
    most: float = 0.0


class Fault(NamedTuple):
    """An error status, and the share of requests that get it."""

    status: int
    share: float


def latency(written: str) -> Latency:
    """``200ms``, ``1.5s`` or ``100ms-2s``; UsageError for anything else."""
    ends = [_seconds(part.strip()) for part in written.split("-")]
    if None in ends or len(ends) > 2:
        raise UsageError(f"--latency {written} is no time.", "Write 200ms, 1.5s, or 100ms-2s.")
    found = Latency(ends[0] or 0.0, ends[-1] or 0.0)
    if found.least > found.most or found.most > LONGEST:
        raise UsageError(f"--latency {written} cannot be.", f"Write the shorter end first, and at most {LONGEST:.0f}s.")
    return found


def _seconds(written: str) -> float | None:
    found = _SPAN.match(written)
    return None if found is None else float(found[1]) / (1_000 if found[2] == "ms" else 1)


def fault(written: str) -> Fault:
    """``503:0.1``, or ``503`` for all requests; UsageError for anything else."""
    found = _SHARE.match(written)
    share = float(found[2]) if found and found[2] else 1.0
    if found is None or share > 1 or int(found[1]) < 400:
        raise UsageError(
            f"--fault {written} is none.", "Write STATUS:SHARE, such as 503:0.1; the status is 400 to 599."
        )
    return Fault(int(found[1]), share)


AT_ONCE = Latency()


@dataclass(slots=True)
class Trouble:
    """What is asked for; it counts requests only where there is anything to decide."""

    seed: int = 0
    latency: Latency = AT_ONCE
    faults: tuple[Fault, ...] = ()
    known: OrderedDict[bytes, int] = field(default_factory=OrderedDict, repr=False)

    @property
    def is_any(self) -> bool:
        """True if there is any trouble to make."""
        return bool(self.faults) or self.latency.most > 0

    def meets(self, request: Request) -> tuple[float, int | None]:
        """How late the answer to a request is, in seconds, and the status of its fault if it meets one."""
        key = identity(request, self.seed)
        count = self.known.pop(key, 0)
        self.known[key] = count + 1
        if len(self.known) > MOST_KNOWN:
            self.known.popitem(last=False)
        drawn = blake2b(count.to_bytes(8), digest_size=8, key=key).digest()
        late, luck = (int.from_bytes(part) / _PARTS for part in (drawn[:4], drawn[4:]))
        delay = self.latency.least + late * (self.latency.most - self.latency.least)
        for each in self.faults:
            if luck < each.share:
                return delay, each.status
            luck -= each.share
        return delay, None


def identity(request: Request, seed: int) -> bytes:
    """What makes a request the same request: method, path, query and body."""
    told = blake2b(digest_size=16, key=str(seed).encode())
    for part in (
        request.method.encode(),
        request.path.encode("utf-8", "replace"),
        request.query.encode(),
        request.body,
    ):
        told.update(len(part).to_bytes(8) + part)
    return told.digest()
