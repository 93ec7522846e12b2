"""What a service's own checkout says of itself: where it comes from, commit, branch. Nothing changes there.

The library reads it, whoever owns it (a container's user is seldom the checkout's); the git program is asked for what
the library cannot open, such as references in a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from signet.registry.git import address, program
from signet.registry.git.repository import opened, pygit2_for_reading


def describe_source(path: Path) -> tuple[str, str, str]:
    """(remote URL without credentials, HEAD commit, branch) of the checkout around a path; "" for what is not known.

    The remote is ``origin``, else the first one. A detached HEAD, as CI checks out, has no branch.
    """
    where = path if path.is_dir() else path.parent
    if not where.is_dir():
        return "", "", ""
    pygit2 = pygit2_for_reading()
    found = pygit2.discover_repository(str(where.absolute()))
    if found is None:
        return "", "", ""
    try:
        remotes, commit, branch = _by_library(opened(Path(found)))
    except (pygit2.GitError, KeyError, ValueError):
        if not program.path():
            return "", "", ""
        remotes, commit, branch = _by_program(where)
    url = remotes.get("remote.origin.url") or next(iter(remotes.values()), "")
    return program.one_line(address.without_credentials(url)), commit, branch


def _by_library(store: Any) -> tuple[dict[str, str], str, str]:
    head = store.lookup_reference("HEAD")
    branch = head.target.removeprefix("refs/heads/") if isinstance(head.target, str) else ""
    commit = "" if store.head_is_unborn else str(store.head.peel(1).id)
    return dict(_urls(store)), commit, branch


def _urls(store: Any) -> Iterator[tuple[str, str]]:
    for entry in store.config:
        if entry.name.startswith("remote.") and entry.name.endswith(".url"):
            yield entry.name, entry.raw_value.decode("utf-8", "replace")


def _by_program(where: Path) -> tuple[dict[str, str], str, str]:
    commit = _asked(where, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    branch = _asked(where, "symbolic-ref", "--quiet", "--short", "HEAD")
    pairs = _asked(where, "config", "--local", "--null", "--get-regexp", r"^remote\..*\.url$").split("\0")
    return {key: url for key, _, url in (pair.partition("\n") for pair in pairs) if url}, commit, branch


def _asked(where: Path, *arguments: str) -> str:
    answer = program.run(["--no-optional-locks", *arguments], cwd=where)
    return answer.output.decode("utf-8", "replace").strip("\n") if answer.ok else ""
