"""What a mirror remembers of its remote: the latest successful fetch, and the default branch that was named once."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from signet.registry.git.repository import Repository, head

_SEEN = "signet-fetched"
_DEFAULT = "signet-default-branch"


class Seen(NamedTuple):
    """The latest successful fetch: when it began, of which branch, and which commit it found."""

    begun: int
    branch: str
    commit: str


def last_seen(git_dir: Path) -> Seen:
    """The latest successful fetch of the mirror there; zero and empty texts if there was none."""
    lines = content(git_dir / _SEEN).decode("utf-8", "replace").split("\n")
    whole = len(lines) > 3 and lines[0].isdecimal()
    return Seen(int(lines[0]), lines[1], lines[2]) if whole else Seen(0, "", "")


def note_fetch(repository: Repository, began: int) -> None:
    """Remember that a fetch which began then has brought the branch to where it is now."""
    seen = f"{began}\n{repository.branch}\n{head(repository) or ''}\n"
    _written(repository.git_dir / _SEEN, seen)


def note_default_branch(repository: Repository, branch: str) -> None:
    """Remember the default branch that the remote named."""
    _written(repository.git_dir / _DEFAULT, branch)


def known_branch(repository: Repository) -> str:
    """The default branch that the remote named once; offline, else the one that was fetched last."""
    named = content(repository.git_dir / _DEFAULT).decode("utf-8", "replace")
    return named or (last_seen(repository.git_dir).branch if repository.offline else "")


def _written(path: Path, text: str) -> None:
    """The file holds the old text or the new one, whenever this process dies."""
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def content(path: Path) -> bytes:
    """What a file holds; nothing if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
