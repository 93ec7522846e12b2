"""What a service's own checkout says of itself: where it comes from, commit, branch. Nothing changes there."""

from __future__ import annotations

from pathlib import Path

from signet.registry.git import address, program


def describe_source(path: Path) -> tuple[str, str, str]:
    """(remote URL without credentials, HEAD commit, branch) of the checkout around a path; "" for what is not known.

    The remote is ``origin``, else the first one. A detached HEAD, as CI checks out, has no branch.
    """
    where = path if path.is_dir() else path.parent
    if not where.is_dir():
        return "", "", ""
    commit = _asked(where, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    branch = _asked(where, "symbolic-ref", "--quiet", "--short", "HEAD")
    pairs = _asked(where, "config", "--local", "--null", "--get-regexp", r"^remote\..*\.url$").split("\0")
    remotes = {key: url for key, _, url in (pair.partition("\n") for pair in pairs) if url}
    url = remotes.get("remote.origin.url") or next(iter(remotes.values()), "")
    return program.one_line(address.without_credentials(url)), commit, branch


def _asked(where: Path, *arguments: str) -> str:
    answer = program.run(["--no-optional-locks", *arguments], cwd=where)
    return answer.output.decode("utf-8", "replace").strip("\n") if answer.ok else ""
