"""The compare-and-swap of a reference in a repository on this machine, beside git processes that do the same.

The lock is git's own (``<reference>.lock``), so that a push into the repository and Signet exclude each other. Signet
processes also take turns by a flock, and note which reference they move: a lock that a killed one left is told from
that of a living git by this note, and removed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from signet.errors import RegistryUnreachable
from signet.registry.faults import reached
from signet.registry.git.lock import turn
from signet.registry.git.repository import Repository

_NOTE = "signet-moving"
_PAUSES = (0.01, 0.03, 0.1, 0.0)  # seconds
_SOON = 2.0  # seconds; after its note, a Signet process makes the lock at once
_STALE = 5.0  # seconds
_LONG = 10.0  # seconds; git holds the lock of a reference for moments


def swap(repository: Repository, ref: str, old: str | None, new: str) -> bool:
    """Move a reference from ``old`` (None: it does not exist) to ``new``; False if it is elsewhere, or being moved.

    RegistryUnreachable where it cannot be written, or where its lock has been there for long.
    """
    from dulwich.file import FileLocked
    from dulwich.objects import ZERO_SHA, ObjectID
    from dulwich.refs import DiskRefsContainer, Ref

    class Refs(DiskRefsContainer):
        """Reads packed references anew at each question: a copy from before the lock could lose an update."""

        def get_packed_refs(self):  # type: ignore[no-untyped-def]
            self._packed_refs = None
            return super().get_packed_refs()

    refs, expected = Refs(str(repository.common_dir)), ObjectID(old.encode()) if old else ZERO_SHA
    try:
        with turn(repository.common_dir / "refs", repository), _noted(repository.common_dir, ref):
            for pause in _PAUSES:
                try:
                    return bool(refs.set_if_equals(Ref(ref.encode()), expected, ObjectID(new.encode())))
                except FileLocked:
                    time.sleep(pause)
    except OSError as error:
        raise RegistryUnreachable(
            f"The branch '{repository.branch}' of {repository.location} cannot be written: {error.strerror}.",
            "Look at the permissions of the repository, and at the free space.",
        ) from error
    check_not_stuck(repository)
    return False


def check_not_stuck(repository: Repository) -> None:
    """RegistryUnreachable where the lock of the registry's branch is so old that nobody can be at work with it."""
    lock = repository.common_dir / f"{repository.ref}.lock"
    with suppress(OSError):
        if time.time() - lock.stat().st_mtime > _LONG:
            raise RegistryUnreachable(
                f"The branch '{repository.branch}' of {repository.location} is locked: {lock} is there.",
                "A git process was killed there: if none is at work, remove that file.",
            )


@contextmanager
def _noted(directory: Path, ref: str) -> Iterator[None]:
    """Note which reference is moved, after a look at whether somebody died while doing that."""
    note = directory / _NOTE
    _remove_stale_lock(directory, note)
    note.write_text(ref, encoding="utf-8")
    reached("moving")
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink()


def _remove_stale_lock(directory: Path, note: Path) -> None:
    """Remove the lock that died with the note's writer: made at once after the note, and still there after a while.

    A lock that is older than the note was somebody else's already then, and may be that of a push under way.
    """
    with suppress(OSError, ValueError):
        lock = directory / f"{_known(note.read_text(encoding='utf-8'))}.lock"
        noted = note.stat().st_mtime
        while 0 <= (made := lock.stat().st_mtime) - noted < _SOON:
            if time.time() - made > _STALE:
                lock.unlink()
            time.sleep(0.05)


def _known(text: str) -> str:
    """The reference of a note; ValueError for what is none."""
    if not text.startswith("refs/heads/") or ".." in text or not text.isprintable():
        raise ValueError(text)
    return text
