"""What people and other programs do around a registry: plain git, and looking at what is there byte for byte."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from signet.registry import git


def person(where: Path, *arguments: str, stdin: str = "", fails: bool = False) -> str:
    """Run git as a person would, in ``where``; its output."""
    who = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org"}
    who |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org"}
    ran = subprocess.run(
        ["git", *arguments], cwd=where, env=os.environ | who, input=stdin, capture_output=True, text=True, check=False
    )
    assert fails or ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def seeded(path: Path, files: dict[str, bytes], *, bare: bool = True) -> git.Repository:
    """A new repository with one commit."""
    git.create(path, bare=bare)
    repository = git.open_repository(str(path))
    add(repository, files, "first")
    return repository


def add(repository: git.Repository, files: dict[str, bytes | None], message: str) -> str:
    """Commit and publish files on the head, with nobody else writing; the commit."""
    head = git.head(repository)
    new = git.commit(repository, head, files, message)
    assert git.publish(repository, head, new).status == "accepted"
    return new


def read(repository: git.Repository, path: str) -> bytes | None:
    """What a file holds at the head."""
    head = git.head(repository)
    found = git.entry(repository, head, path) if head else None
    return git.blob(repository, found.id, 1_000_000) if found else None


def everything(directory: Path) -> dict[str, str]:
    """Each file and link below a directory with a digest of what it holds."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = sha256(path.read_bytes()).hexdigest()
    return found
