"""A work tree's files and index without the git program, by libgit2.

No filter of anybody's configuration runs: files are written byte for byte as they are in the registry.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.git import program
from signet.registry.git.log import changed_paths
from signet.registry.git.objects import blob, entry
from signet.registry.git.references import swap
from signet.registry.git.repository import Repository, opened
from signet.registry.git.worktree.files import ANY_SIZE
from signet.registry.git.worktree.note import unlink


class ByLibrary:
    """See ``files.Files``."""

    def changed(self, repository: Repository) -> list[str]:
        """By libgit2's status, of a repository that is opened anew: the index may have changed since."""
        import pygit2

        try:
            found = opened(repository.git_dir).status(untracked_files="no")
        except (pygit2.GitError, KeyError, OSError) as error:
            raise RegistryUnreachable(
                f"The state of {repository.location} is unknown: {program.one_line(str(error))}.",
                "Look at it with git, or name the remote itself with --registry.",
            ) from error
        return sorted(found)

    def bring(self, repository: Repository, before: str | None, after: str | None) -> None:
        """Each changed path, after a look at whether it still is what it was."""
        import pygit2

        assert repository.work_tree is not None  # noqa: S101 - it is a work tree
        paths = _paths(repository, before, after)
        for path in paths:
            full = repository.work_tree / path
            there = str(pygit2.hashfile(str(full))) if full.is_file() and not full.is_symlink() else None
            if there not in (_content(repository, before, path), _content(repository, after, path)):
                raise UsageError(
                    f"The work tree of {repository.location} could not be brought along: "
                    f"{program.one_line(path)} was changed at this moment.",
                    "Nothing was published. Look at it, and run the command again.",
                )
        self.restore(repository, after, paths, paths)

    def restore(self, repository: Repository, commit: str | None, staged: Iterable[str], files: Iterable[str]) -> None:
        """The files first, each of them whole or not at all, then the index in one step."""
        import pygit2

        try:
            index = opened(repository.git_dir).index
            for path in files:
                unlink(repository, _beside(Path(path)).as_posix())
                found = entry(repository, commit, path) if commit else None
                if found is not None and found.is_file:
                    _write(repository, path, blob(repository, found.id, ANY_SIZE))
                else:
                    unlink(repository, path)
            for path in staged:
                _stage(repository, index, path, _content(repository, commit, path))
            index.write()
        except (pygit2.GitError, OSError) as error:
            raise _unwritable(repository, _said(error)) from error

    def move(self, repository: Repository, old: str | None, new: str) -> bool:
        """The compare-and-swap of a bare repository, and a line in the reflogs."""
        moved = swap(repository, repository.ref, old, new)
        if moved:
            _log(repository, old, new)
        return moved


def _content(repository: Repository, commit: str | None, path: str) -> str | None:
    found = entry(repository, commit, path) if commit else None
    return found.id if found is not None and found.is_file else None


def _stage(repository: Repository, index: Any, path: str, wanted: str | None) -> None:
    """The index says of this path what is wanted, with the file's dates where the file says the same."""
    import pygit2

    if path in index:
        index.remove(path)
    if wanted is None:
        return
    assert repository.work_tree is not None  # noqa: S101 - it is a work tree
    if (repository.work_tree / path).is_file():
        index.add(path)
    if path not in index or str(index[path].id) != wanted:
        index.add(pygit2.IndexEntry(path, pygit2.Oid(hex=wanted), pygit2.enums.FileMode.BLOB))


def _log(repository: Repository, old: str | None, new: str) -> None:
    """What git notes itself when a branch moves: of the branch, and of HEAD, which is on it."""
    who = repository.objects[new].committer
    line = f"{old or '0' * 40} {new} {who.name} <{who.email}> {who.time} +0000\tsignet: publish\n"
    for directory, name in ((repository.common_dir, repository.ref), (repository.git_dir, "HEAD")):
        log = directory / "logs" / name
        with suppress(OSError):  # a log is for people; the branch has moved
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8", errors="replace") as file:
                file.write(line)


def _unwritable(repository: Repository, why: str) -> RegistryUnreachable:
    return RegistryUnreachable(
        f"The work tree of {repository.location} could not be brought along: {why}.",
        "Nothing was published. Look at its permissions, and at the free space.",
    )


def _paths(repository: Repository, before: str | None, after: str | None) -> list[str]:
    if after is None:
        return list(changed_paths(repository, None, before)) if before else []
    return list(changed_paths(repository, before, after))


def _write(repository: Repository, path: str, content: bytes) -> None:
    """A file beside its place, then renamed; the mode is what a checkout gives."""
    assert repository.work_tree is not None  # noqa: S101 - it is a work tree
    full = repository.work_tree / path
    full.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(full)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(content)
        beside.replace(full)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _beside(full: Path) -> Path:
    """Where a file is written before it has its name; always the same, so that what a killed process left is found."""
    return full.with_name(f".{full.name}.signet-new")


def _said(error: Any) -> str:
    return program.one_line(getattr(error, "strerror", None) or str(error))
