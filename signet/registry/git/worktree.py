"""Publishing into a clone with a work tree: files and index come along, so that the next commit there undoes nothing.

The order, and what a crash leaves:

1. Signet processes take turns: a lock (flock) on the git directory itself, which leaves no file behind.
2. Look: HEAD is on the branch, no merge or rebase is under way, nothing tracked is changed, and nothing untracked is
   in the way. Every refusal comes from here, and has changed nothing.
3. ``git read-tree -m -u old new`` under git's own index lock: git checks again that each file it touches is unchanged,
   writes the files, then the index. Killed inside: HEAD is still at ``old``; files show as changed, and ``git restore``
   mends it. Killed after: the new content is staged on ``old``, and a commit by hand would publish it.
4. The branch moves by compare-and-swap (``git update-ref``). Files and index already say ``new``, so whoever commits
   from now on builds on it. If the branch was moved meanwhile (by a push into this clone, or a commit by hand), files
   and index are brought to where it is now, and the answer is "moved".
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.git import program
from signet.registry.git.log import changed_paths
from signet.registry.git.objects import entry
from signet.registry.git.repository import Repository, head

_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG")
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def bring_along(repository: Repository, old: str | None, new: str) -> bool:
    """Move the branch from ``old`` to ``new`` with files and index; False if the branch is not at ``old`` any more.

    Raises UsageError, with everything as it was, for a work tree that is not clean.
    """
    with _turn(repository):
        _check_head(repository)
        if head(repository) != old:
            return False
        _check_clean(repository)
        _check_nothing_in_the_way(repository, old, new)
        _quietly(repository, "update-index", "-q", "--refresh")
        _read_tree(repository, old, new)
        moved = repository.run(["update-ref", "-m", "signet: publish", repository.ref, new, old or "0" * len(new)])
        if moved.ok:
            return True
        _read_tree(repository, new, head(repository))
        if head(repository) != old or "cannot lock ref" in moved.said:
            return False
        raise RegistryUnreachable(
            f"The branch '{repository.branch}' of {repository.location} cannot be written: {moved.line}.",
            "Look at the permissions of the repository.",
        )


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


def _check_clean(repository: Repository) -> None:
    """Nothing tracked may be changed, staged or missing. ``status`` is told not to write the index."""
    options = ["--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=none", "--no-renames"]
    answer = repository.run(["--no-optional-locks", "status", *options])
    if not answer.ok:
        raise RegistryUnreachable(f"The state of {repository.location} is unknown: {answer.line}.", "Run: git status")
    changed = [one[3:] for one in answer.output.decode("utf-8", "replace").split("\0") if one]
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
    """True where a tracked directory becomes a file; git checks what is in it."""
    found = entry(repository, old, path) if old else None
    return found is not None and found.is_tree


def _is_tracked(repository: Repository, old: str | None, path: Path) -> bool:
    return old is not None and entry(repository, old, path.as_posix()) is not None


def _read_tree(repository: Repository, before: str | None, after: str | None) -> None:
    answer = repository.run(["read-tree", "-m", "-u", before or _EMPTY_TREE, after or _EMPTY_TREE])
    if not answer.ok:
        raise UsageError(
            f"The work tree of {repository.location} could not be brought along: {answer.line}.",
            "Nothing was published. Look at it with: git status",
        )


def _quietly(repository: Repository, *arguments: str) -> None:
    """Run git for what it does to the index's notes about files; its exit code only says that there were some."""
    repository.run(list(arguments))


@contextmanager
def _turn(repository: Repository) -> Iterator[None]:
    """One Signet process at a time in this clone."""
    import fcntl

    directory = os.open(repository.git_dir, os.O_RDONLY)
    try:
        give_up = time.monotonic() + repository.timeout
        while True:
            try:
                fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise RegistryUnreachable(
                        f"Another process publishes to {repository.location}.", "Try again when it has ended."
                    ) from None
                time.sleep(0.01)
        yield
    finally:
        os.close(directory)
