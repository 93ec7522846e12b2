"""What publishing needs of a work tree's files and index, and who does it: the git program, or libgit2 without it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from signet.registry.git.repository import Repository

ANY_SIZE = 1 << 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Files(Protocol):
    """The files and the index of a clone, and its branch."""

    def changed(self, repository: Repository) -> list[str]:
        """The tracked paths that differ from the index, or in the index from HEAD; RegistryUnreachable if unknown."""

    def bring(self, repository: Repository, before: str | None, after: str | None) -> None:
        """Files and index, which are at the commit ``before``, are at ``after`` then.

        UsageError for a file that somebody changed at this moment, RegistryUnreachable for what cannot be written.
        """

    def restore(self, repository: Repository, commit: str | None, staged: Iterable[str], files: Iterable[str]) -> None:
        """These paths in the index, and these files, are as in the commit then, whatever they were."""

    def move(self, repository: Repository, old: str | None, new: str) -> bool:
        """The branch moves from ``old`` to ``new``; False if it is elsewhere or locked."""


def files_of(repository: Repository) -> Files:
    """The implementation: git's where it may be used."""
    if repository.has_git:
        from signet.registry.git.worktree import by_git

        return by_git.ByGit()
    from signet.registry.git.worktree import by_library

    return by_library.ByLibrary()
