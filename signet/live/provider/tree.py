"""The processes of a provider: all that it started, also those that left its group or lost their parents.

Two ways find them, and neither is enough alone. By descent: on Linux the guardian adopts orphans, so whatever a
provider started is below it; a process may change its name, group, session and variables, and is still found. By mark:
each inherits the variable ``SIGNET_PROVIDER_ID``; that finds them also when the guardian is gone. Where there is no
``/proc`` (macOS) the process group is all that is known.

A number of a process is never trusted alone, as numbers come again: see ``identity``.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MARK = "SIGNET_PROVIDER_ID"
"""The variable that every process of a provider inherits; its value is a new one for each start."""

PROC = Path("/proc")
SWEEP = 5.0
"""Seconds for killed processes to be gone; longer only where the kernel cannot end one."""

_EXITING = 4
"""The flag of a thread that is on its way out; the kernel sets it before it closes the connections of a process."""

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Process(NamedTuple):
    """What the kernel says about a process; ``started`` is in ticks since the machine started."""

    pid: int
    state: str
    parent: int
    started: str
    threads: int

    @property
    def runs(self) -> bool:
        """Not so if it has ended and only waits to be noticed; a first thread may end before the others do."""
        return self.state not in "ZX" or self.threads > 1


def adopt_orphans() -> None:
    """Become the parent of all orphans below this process (Linux only)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent is gone (Linux only); for the moment before a program starts."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def has_proc() -> bool:
    """Does this system show its processes as files?"""
    return (PROC / "self" / "stat").exists()


def running() -> dict[int, Process]:
    """By number, all processes that run; what has ended and only waits to be noticed does not run."""
    found = {}
    for entry in os.scandir(PROC) if has_proc() else ():
        one = _process(entry.name) if entry.name.isdigit() else None
        if one is not None and one.runs:
            found[one.pid] = one
    return found


def _process(pid: str | int) -> Process | None:
    try:
        text = (PROC / str(pid) / "stat").read_bytes().decode("ascii", "replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # a name may hold spaces and parentheses
    return Process(int(pid), fields[0], int(fields[1]), fields[19], int(fields[17]))


def is_exiting(pid: int) -> bool:
    """Are all threads of a process on their way out? A lost connection may be seen before the end of its process."""
    flags = []
    for task in (PROC / str(pid) / "task").glob("[0-9]*/stat"):
        with suppress(OSError):
            flags.append(int(task.read_bytes().rpartition(b")")[2].split()[6]))
    return bool(flags) and all(one & _EXITING for one in flags)


def below(root: int) -> set[int]:
    """The processes that descend from ``root``."""
    children: dict[int, list[int]] = {}
    for one in running().values():
        children.setdefault(one.parent, []).append(one.pid)
    found: set[int] = set()
    waiting = [root]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            if pid not in found:
                found.add(pid)
                waiting.append(pid)
    return found


def group(leader: int) -> set[int]:
    """The group that a process leads, as the number by which a signal reaches all of it; empty when all are gone."""
    try:
        os.kill(-leader, 0)
    except (ProcessLookupError, PermissionError):
        return set()
    return {-leader}


def marked(mark: str) -> set[int]:
    """The processes of our user that carry this mark; never this process itself."""
    return {pid for pid in running() if pid != os.getpid() and has_mark(pid, mark)}


def has_mark(pid: int, mark: str) -> bool:
    """Has a process inherited this mark? On systems without ``/proc`` only a guardian can be asked."""
    if has_proc():
        try:
            return f"{MARK}={mark}".encode() in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
        except OSError:
            return False
    return mark in _asked_ps("command=", pid)


def identity(pid: int) -> str:
    """What tells a process from a later one with the same number: the start of the machine, and its own."""
    if not has_proc():
        return _asked_ps("lstart=", pid)
    one = _process(pid)
    boot = (PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip() if one else ""
    return f"{boot} {one.started}" if one is not None and one.runs else ""


def _asked_ps(column: str, pid: int) -> str:
    asked = ["ps", "-ww", "-o", column, "-p", str(pid)]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def send(pids: Iterable[int], number: int) -> None:
    """Send a signal to each that is still there and may be told."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def told(pid: int, number: int, is_meant: Callable[[], bool]) -> bool:
    """Send a signal to one process, if it is the one that is meant; False if it is not, or is gone.

    On Linux the process is held first and judged then, so that no later one with its number can get the signal.
    """
    try:
        held = os.pidfd_open(pid) if sys.platform == "linux" else None
    except OSError:
        return False
    try:
        if not is_meant():
            return False
        if sys.platform == "linux" and held is not None:
            signal.pidfd_send_signal(held, number)
        else:
            os.kill(pid, number)
    except OSError:
        return False
    finally:
        if held is not None:
            os.close(held)
    return True


def swept(mark: str) -> set[int]:
    """Kill all that carry the mark; returns those that could not be ended in time, which should be none."""
    until = time.monotonic() + SWEEP
    left = marked(mark)
    while left and time.monotonic() < until:
        send(left, signal.SIGKILL)
        time.sleep(0.01)
        left = marked(mark)  # a killed one may have started another just before
    return left
