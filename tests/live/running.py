"""Providers of these tests as real processes on loopback, and the processes that a test leaves behind (none)."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from signet.live import spec_test
from signet.live.outcome import Outcome

ROOT = Path(__file__).parents[2]
CACHE = Path(tempfile.mkdtemp(prefix="signet-cache-"))
atexit.register(shutil.rmtree, CACHE, ignore_errors=True)


def run(*arguments: Any, **named: Any) -> Outcome:
    """A spec test with the cache of these tests."""
    return spec_test.run(*arguments, cache=CACHE, **named)


@contextmanager
def running(module: str, *arguments: str) -> Iterator[str]:
    """The URL of a provider: a module here that prints its port."""
    command = [sys.executable, "-m", f"tests.live.{module}", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def command_lines() -> list[str]:
    """The command line of every process that there is."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return found
