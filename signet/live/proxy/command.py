"""The command whose requests are recorded: it runs in a process group of its own, which is ended with it.

It has the terminal, and its exit code is told. It ends when it has ended by itself, when Signet is told to end, and if
Signet is killed (Linux). It does not matter here what it asks of whom.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from signet.errors import UsageError

GRACE = 10.0
"""Seconds for the command to end when it is asked to, before it is killed."""
_BEGIN = """
import ctypes, os, sys
try:
    ctypes.CDLL(None).prctl(1, 9)
except (OSError, AttributeError):
    pass
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    sys.exit(f"signet: {sys.argv[1]}: {error.strerror}")
"""
"""Dies with its parent. It is a program of its own, since there are threads here, and after a fork only one of them."""


def run(words: Sequence[str], variables: Mapping[str, str], output: Any = None) -> int:
    """Run a command with these variables on top of ours; its exit code, 128 and the signal if one ended it.

    ``output`` takes what it prints in place of stdout. UsageError if there is no such program. KeyboardInterrupt ends
    it, and goes on.
    """
    if shutil.which(words[0]) is None:
        raise UsageError(f"'{words[0]}' is no program that can be run.", "It is looked for in PATH; no shell is used.")
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _BEGIN, *words],
        env={**os.environ, **variables},
        stdout=output,
        process_group=0,
    )
    with _terminal(process.pid):
        try:
            status = process.wait()
        except KeyboardInterrupt:
            _signal(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                process.wait(GRACE)
            raise
        finally:
            _ended(process)
    return status if status >= 0 else 128 - status


def _ended(process: subprocess.Popen[bytes]) -> None:
    """End all of its group that is left."""
    _signal(process.pid, signal.SIGTERM)
    until = time.monotonic() + 1.0
    while _signal(process.pid, 0) and time.monotonic() < until:
        process.poll()
        time.sleep(0.02)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: int) -> bool:
    """Send a signal; False if nobody is left in the group."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextmanager
def _terminal(group: int) -> Iterator[None]:
    """Give the terminal to the command, if it is ours, so that it can be typed to; Ctrl-C is for the command then."""
    try:
        descriptor = sys.stdin.fileno()
        own = os.tcgetpgrp(descriptor) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        own = False
    if not own:
        yield
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with suppress(OSError):
            os.tcsetpgrp(descriptor, group)
        yield
    finally:
        with suppress(OSError):
            os.tcsetpgrp(descriptor, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)
