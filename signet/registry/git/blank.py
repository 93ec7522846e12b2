"""An empty repository on disk, the same with and without the git program: no hooks, no templates, no defaults."""

from __future__ import annotations

import shutil
from pathlib import Path

from signet.registry.git import program
from signet.registry.git.repository import pygit2_for_reading

_FROM_TEMPLATE = ("description", "hooks", "info")


def lay_out(path: Path, *, bare: bool, branch: str) -> None:
    """Make a repository (SHA-1, references as files) with HEAD on ``branch``; what is one already stays as it is.

    Raises OSError, with words in ``strerror``.
    """
    git_dir = path if bare else path / ".git"
    if (git_dir / "HEAD").exists() or git_dir.is_file():
        return
    before = {name for name in _FROM_TEMPLATE if (git_dir / name).exists()}
    pygit2 = pygit2_for_reading()
    try:
        pygit2.init_repository(str(path), bare=bare, initial_head=branch)
    except pygit2.GitError as error:
        raise OSError(0, program.one_line(str(error))) from error
    for name in set(_FROM_TEMPLATE) - before:
        if (git_dir / name).is_dir():
            shutil.rmtree(git_dir / name)
        else:
            (git_dir / name).unlink(missing_ok=True)
