"""Locks between Signet processes, by flock, so that the lock of a killed process is free at once.

``locked`` is the lock of a mirror: one process changes it at a time; whoever reads needs no lock, since objects never
change. The process id inside is for people. ``turn`` is for somebody else's repository: it locks a directory that is
there already, and leaves no file behind.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from signet.errors import RegistryUnreachable
from signet.registry.git.repository import Repository

_STALE = 5.0  # seconds


@contextmanager
def locked(repository: Repository) -> Iterator[None]:
    """Hold the mirror's lock; RegistryUnreachable after ten time-outs of waiting. Not re-entrant."""
    path = repository.git_dir.with_suffix(".lock")
    with path.open("a+", encoding="ascii") as file:
        if not _gets(file.fileno(), 10 * repository.timeout):
            file.seek(0)
            raise RegistryUnreachable(
                f"The cache {repository.git_dir} is in use by process {file.read(20).strip() or '?'}.",
                "Try again when it has ended.",
            )
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


@contextmanager
def turn(directory: Path, repository: Repository) -> Iterator[None]:
    """One Signet process at a time in this directory of a repository; RegistryUnreachable after a time-out."""
    opened = os.open(directory, os.O_RDONLY)
    try:
        if not _gets(opened, repository.timeout):
            raise RegistryUnreachable(
                f"Another process publishes to {repository.location}.", "Try again when it has ended."
            )
        yield
    finally:
        os.close(opened)


def _gets(descriptor: int, seconds: float) -> bool:
    """Wait for the lock of an open file or directory; False if it is still another process's after so long."""
    import fcntl

    give_up = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.01)


def remove_stale_locks(repository: Repository) -> None:
    """Remove what killed processes left: we hold the mirror's own lock, and git holds these for moments only."""
    for name in ("HEAD", "config", "shallow", "packed-refs", repository.ref):
        lock = repository.git_dir / f"{name}.lock"
        with suppress(OSError):
            if time.time() - lock.stat().st_mtime > _STALE:
                lock.unlink()
