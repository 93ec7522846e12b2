"""The note that a publication into a work tree is under way, and how the next one undoes what a killed one left.

The note says from which commit to which. It exists only while a Signet process works there, or after one was killed;
whoever reads it holds the lock of the clone, so that its writer is gone.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from signet.errors import RegistryUnreachable
from signet.registry.git.log import changed_paths, is_ancestor
from signet.registry.git.objects import blob, entry
from signet.registry.git.repository import Repository, head, opened
from signet.registry.git.worktree.files import ANY_SIZE, Files

_NAME = "signet-publishing"
_NONE = "0" * 40
_WHOLE = re.compile(r"(?P<old>[0-9a-f]{40}) (?P<new>[0-9a-f]{40})\n\Z")
_STALE = 5.0  # seconds
_NEAR = 60.0  # seconds


def write(repository: Repository, old: str | None, new: str) -> None:
    """Note that the files go from ``old`` to ``new``; it is on the disk before any file changes."""
    path = repository.git_dir / _NAME
    beside = path.with_suffix(".new")
    try:
        with beside.open("w", encoding="ascii") as file:
            file.write(f"{old or _NONE} {new}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise _unwritable(repository, error) from error


def is_there(repository: Repository) -> bool:
    """Is a publication under way, or was one killed?"""
    return (repository.git_dir / _NAME).exists()


def remove(repository: Repository) -> None:
    """The publication is complete, or nothing of it is left."""
    (repository.git_dir / _NAME).unlink(missing_ok=True)


def undo(repository: Repository, files: Files) -> None:
    """Bring back the paths of a publication that did not reach the branch; what people changed since stays.

    A file counts as left behind if it is what a commit says, or the beginning of that (the disk was full), and an entry
    of the index if it is what a commit says; anything else was written by somebody else.
    """
    note = repository.git_dir / _NAME
    try:
        found = _WHOLE.match(note.read_text(encoding="ascii", errors="replace"))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritable(repository, error) from error
    if found is not None and _is_known(repository, found["new"]):
        old, new = (None if found["old"] == _NONE else found["old"]), found["new"]
        now = head(repository)
        if now is None or not is_ancestor(repository, new, now):
            _remove_stale_lock(repository, note)
            commits = (old, new, now)
            paths = sorted({*changed_paths(repository, old, new), *changed_paths(repository, now, new)})
            staged = _staged(repository, paths, commits)
            files.restore(repository, now, staged, [one for one in staged if _is_left(repository, one, commits)])
    remove(repository)


def unlink(repository: Repository, path: str) -> None:
    """Remove a file of the work tree, and the directories that are empty then."""
    assert repository.work_tree is not None  # noqa: S101 - there are notes in work trees only
    full = repository.work_tree / path
    with suppress(FileNotFoundError, NotADirectoryError):
        full.unlink()
    for parent in full.parents:
        if parent == repository.work_tree:
            break
        with suppress(OSError):
            parent.rmdir()


def _is_known(repository: Repository, commit: str) -> bool:
    return commit in repository.objects


def _staged(repository: Repository, paths: list[str], commits: tuple[str | None, ...]) -> list[str]:
    """Those of the paths of which the index says what one of the commits says, or nothing."""
    index = opened(repository.git_dir).index
    found = []
    for path in paths:
        known = {one.id for commit in commits if commit and (one := entry(repository, commit, path)) is not None}
        if path not in index or str(index[path].id) in known:
            found.append(path)
    return found


def _is_left(repository: Repository, path: str, commits: tuple[str | None, ...]) -> bool:
    assert repository.work_tree is not None  # noqa: S101 - there are notes in work trees only
    full = repository.work_tree / path
    if any(parent.is_symlink() for parent in full.parents if parent.is_relative_to(repository.work_tree)):
        return False
    if not os.path.lexists(full):
        return True  # not yet written, or already removed
    if full.is_symlink() or not full.is_file():
        return False
    expected = [entry(repository, one, path) for one in commits if one]
    there = full.read_bytes()
    return any(
        one is not None and one.is_file and blob(repository, one.id, ANY_SIZE).startswith(there) for one in expected
    )


def _remove_stale_lock(repository: Repository, note: Path) -> None:
    """Remove the lock of the index that died with the note's writer: made soon after the note, and still there.

    A person's own git command holds that lock for a moment only, which is waited for.
    """
    lock = repository.git_dir / "index.lock"
    with suppress(OSError):
        noted = note.stat().st_mtime
        while noted <= (made := lock.stat().st_mtime) <= noted + _NEAR:
            if time.time() - made > _STALE:
                lock.unlink()
            time.sleep(0.05)


def _unwritable(repository: Repository, error: OSError) -> RegistryUnreachable:
    return RegistryUnreachable(
        f"{repository.location} cannot be written: {error.strerror}.",
        "Nothing was published. Look at its permissions, and at the free space.",
    )
