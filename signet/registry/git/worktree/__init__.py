"""Publishing into a clone with a work tree: files and index come along, so that the next commit there undoes nothing.

The order, and what a crash leaves:

1. Signet processes take turns: a lock (flock) on the git directory itself, which leaves no file behind.
2. What a killed process left behind is undone, by its note (``note``).
3. Look: HEAD is on the branch, no merge or rebase is under way, nothing tracked is changed, and nothing untracked is
   in the way. Every refusal comes from here, and has changed nothing.
4. A note says from where to where.
5. Files and index are brought to the new commit. Killed from here on: HEAD is still at ``old``, and the next
   publication brings the files back, by the note.
6. The branch moves by compare-and-swap. Files and index already say ``new``, so whoever commits from now on builds on
   it. If the branch was moved meanwhile (by a push into this clone, or a commit by hand), files and index are brought
   to where it is now, and the answer is "moved".
7. The note goes.

Files are changed by the git program (``by_git``), or where there is none by libgit2 (``by_library``).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.faults import reached
from signet.registry.git import program
from signet.registry.git.lock import turn
from signet.registry.git.log import changed_paths
from signet.registry.git.objects import entry
from signet.registry.git.repository import Repository, head
from signet.registry.git.worktree import note
from signet.registry.git.worktree.files import Files, files_of

_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG")
_MOMENT = 3.0  # seconds


def bring_along(repository: Repository, old: str | None, new: str) -> bool:
    """Move the branch from ``old`` to ``new`` with files and index; False if the branch is not at ``old`` any more.

    Raises UsageError, with everything as it was, for a work tree that is not clean, and RegistryUnreachable where
    another process holds it, or it cannot be written.
    """
    files = files_of(repository)
    with turn(repository.git_dir, repository):  # 1.
        _check_head(repository)
        note.undo(repository, files)  # 2.
        if head(repository) != old:
            return False
        _check_index_is_free(repository)  # 3.
        _check_clean(repository, files)
        _check_nothing_in_the_way(repository, old, new)
        note.write(repository, old, new)  # 4.
        try:
            return _moved(repository, files, old, new)
        except BaseException:
            note.undo(repository, files)  # interrupted or refused in the middle: nothing stays behind
            raise


def recover(repository: Repository) -> None:
    """Undo what a killed process left behind in a clone with a work tree; nothing to do for other repositories."""
    if repository.kind == "worktree" and note.is_there(repository):
        with turn(repository.git_dir, repository):
            note.undo(repository, files_of(repository))


def _moved(repository: Repository, files: Files, old: str | None, new: str) -> bool:
    reached("noted")
    files.bring(repository, old, new)  # 5.
    reached("brought")
    moved = files.move(repository, old, new)  # 6.
    if moved:
        reached("accepted")
    else:
        files.bring(repository, new, head(repository))
    note.remove(repository)  # 7.
    return moved


def _check_head(repository: Repository) -> None:
    name = (repository.git_dir / "HEAD").read_text(encoding="utf-8", errors="replace").strip()
    if name != f"ref: {repository.ref}":
        raise UsageError(
            f"The clone at {repository.location} has no branch checked out, or another one than before.",
            "Run: git switch BRANCH, or name the remote itself with --registry.",
        )
    under_way = [one for one in _UNDER_WAY if (repository.git_dir / one).exists()]
    if under_way:
        raise UsageError(
            f"A merge, rebase or bisect is under way in {repository.location} ({under_way[0]}).",
            "End it first: git status",
        )


def _check_index_is_free(repository: Repository) -> None:
    """Another git process may hold the index for a moment."""
    lock = repository.git_dir / "index.lock"
    give_up = time.monotonic() + min(_MOMENT, repository.timeout)
    while lock.exists():
        if time.monotonic() > give_up:
            raise RegistryUnreachable(
                f"The work tree of {repository.location} is locked: {lock} is there.",
                "Another git process is at work in it, or one was killed there: then remove that file.",
            )
        time.sleep(0.02)


def _check_clean(repository: Repository, files: Files) -> None:
    """Nothing tracked may be changed, staged or missing."""
    changed = files.changed(repository)
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise UsageError(
            f"The work tree of {repository.location} is not clean: {program.one_line(changed[0])}{more}.",
            "Commit or stash the changes first, or name the remote itself with --registry.",
        )


def _check_nothing_in_the_way(repository: Repository, old: str | None, new: str) -> None:
    """No path that the commit adds may exist untracked (ignored or not), and no link may stand on the way to one."""
    assert repository.work_tree is not None  # noqa: S101 - bring_along is for work trees
    for path in changed_paths(repository, old, new):
        tracked = old is not None and entry(repository, old, path) is not None
        obstacle = repository.work_tree / path
        in_the_way = not tracked and os.path.lexists(obstacle) and not _becomes_file(repository, old, path)
        for parent in Path(path).parents:
            above = repository.work_tree / parent
            if parent.parts and (above.is_symlink() or (above.is_file() and not _is_tracked(repository, old, parent))):
                in_the_way, obstacle = True, above
        if in_the_way:
            shown = program.one_line(str(obstacle.relative_to(repository.work_tree)))
            raise UsageError(
                f"The untracked {shown} in {repository.location} would be overwritten.",
                "Move it away or commit it first.",
            )


def _becomes_file(repository: Repository, old: str | None, path: str) -> bool:
    """True where a tracked directory becomes a file; what is in it is checked when it goes."""
    found = entry(repository, old, path) if old else None
    return found is not None and found.is_tree


def _is_tracked(repository: Repository, old: str | None, path: Path) -> bool:
    return old is not None and entry(repository, old, path.as_posix()) is not None
