"""A work tree's files and index by the git program, which checks again that each file it touches is unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.git import program
from signet.registry.git.objects import entry
from signet.registry.git.references import check_not_stuck
from signet.registry.git.repository import Repository, head
from signet.registry.git.worktree.files import EMPTY_TREE
from signet.registry.git.worktree.note import unlink

_IN_USE = re.compile(r"not uptodate|would be (?:overwritten|lost|removed)")
_STATUS = ["--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=none", "--no-renames"]


class ByGit:
    """See ``files.Files``."""

    def changed(self, repository: Repository) -> list[str]:
        """``status`` is told not to write the index: who is refused finds everything as it was."""
        answer = repository.run(["--no-optional-locks", "status", *_STATUS])
        if not answer.ok:
            raise RegistryUnreachable(
                f"The state of {repository.location} is unknown: {answer.line}.", "Run: git status"
            )
        return [one[3:] for one in answer.output.decode("utf-8", "replace").split("\0") if one]

    def bring(self, repository: Repository, before: str | None, after: str | None) -> None:
        """One ``read-tree -m -u``: it writes the files, then the index, under git's own lock of the index."""
        repository.run(["update-index", "-q", "--refresh"])  # its exit code only says that some files were touched
        answer = repository.run(["read-tree", "-m", "-u", before or EMPTY_TREE, after or EMPTY_TREE])
        if not answer.ok:
            raise _failure(repository, answer)

    def restore(self, repository: Repository, commit: str | None, staged: Iterable[str], files: Iterable[str]) -> None:
        """Index entries first, then the files from the index."""
        wanted = {path: entry(repository, commit, path) if commit else None for path in staged}
        kept = {path: found for path, found in wanted.items() if found is not None and found.is_file}
        lines = [
            f"{kept[path].mode:o} {kept[path].id}\t{path}" if path in kept else f"0 {'0' * 40}\t{path}"
            for path in wanted
        ]
        self._feed(repository, ["update-index", "-z", "--index-info"], lines)
        for path in files:
            if path not in kept:
                unlink(repository, path)
        back = [path for path in files if path in kept]
        self._feed(repository, ["checkout-index", "--force", "--quiet", "-u", "-z", "--stdin"], back)

    def move(self, repository: Repository, old: str | None, new: str) -> bool:
        """``update-ref`` with the expected old value; it writes the reflog, too."""
        answer = repository.run(["update-ref", "-m", "signet: publish", repository.ref, new, old or "0" * len(new)])
        if answer.ok:
            return True
        if head(repository) != old or "cannot lock ref" in answer.said:
            check_not_stuck(repository)
            return False
        raise RegistryUnreachable(
            f"The branch '{repository.branch}' of {repository.location} cannot be written: {answer.line}.",
            "Look at the permissions of the repository, and at the free space.",
        )

    def _feed(self, repository: Repository, arguments: list[str], lines: list[str]) -> None:
        answer = repository.run(arguments, stdin="".join(f"{line}\0" for line in lines).encode())
        if not answer.ok:
            raise _failure(repository, answer)


def _failure(repository: Repository, answer: program.Answer) -> RegistryUnreachable | UsageError:
    what = f"The work tree of {repository.location} could not be brought along: {answer.line}."
    if _IN_USE.search(answer.said):
        return UsageError(what, "Nothing was published. Look at it with: git status")
    return RegistryUnreachable(what, "Nothing was published. Look at its permissions, and at the free space.")
