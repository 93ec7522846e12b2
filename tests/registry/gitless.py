"""``python -m tests.registry.gitless LOCATION FOLDER``: a team's day on a machine without git; prints what it saw.

The remote is real; FOLDER is for registries by path, and a checkout of a service lies there as ``service``.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from signet.registry import git, opening
from tests.domain import Team


def main(location: str, folder: Path) -> None:
    assert shutil.which("git") is None
    saw: dict[str, object] = {"version": list(git.version()), "author": opening.author(Team(location).repo)}
    for name, team in (("remote", Team(location)), ("bare", Team.founds(folder / "own.git"))):
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        fresh = Team(team.location).repo
        git.refresh(fresh)
        entry = git.read_commit(fresh, git.head(fresh) or "")
        saw[name] = [Team(team.location).guard("cart", "1").verdict, entry.author, entry.email]
    git.create(folder / "clone", bare=False)
    saw["clone"] = git.open_repository(str(folder / "clone")).branch
    saw["partial"] = _partial(location, folder)
    saw["source"] = git.describe_source(folder / "service")
    print(json.dumps(saw))


def _partial(location: str, folder: Path) -> list[object]:
    """Shallow and without files first; then the files that are asked for, and the history."""
    repository = git.open_repository(location, partial=True, cache=folder / "partial")
    head = git.head(repository) or ""
    shallow = (repository.git_dir / "shallow").is_file()
    found = git.entry(repository, head, "signet.yaml")
    text = git.blob(repository, found.id, 10_000) if found else b""
    subjects = [one.subject for one in git.log(repository, head)]
    return [shallow, "format: 1" in text.decode(), len(subjects), (repository.git_dir / "shallow").is_file()]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
