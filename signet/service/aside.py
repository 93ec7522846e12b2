"""For the processes that work for the one that answers: whoever asks does not wait for them."""

from __future__ import annotations

import os
import signal
from contextlib import suppress


def step_aside(nice: int) -> None:
    """Have this process go after others, by so much niceness, and leave its end to the service.

    Where Linux schedules it, it does not interrupt the service when there is something for it to do either
    (``SCHED_BATCH``): it begins as soon as a processor is free, or it is its turn.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: it is for the service, which ends this one
    with suppress(OSError):
        os.nice(nice)
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
