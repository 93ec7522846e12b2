"""What people have set in their git configuration, read without the git program: a few named keys, and nothing runs."""

from __future__ import annotations

import os
from pathlib import Path

from signet.registry.git.repository import Repository, pygit2_for_reading


def identity(repository: Repository) -> tuple[str, str]:
    """user.name and user.email as configured for this repository; "" for what is not.

    The git program is asked where it may be; it knows every kind of include.
    """
    keys = ("user.name", "user.email")
    if repository.has_git:
        found = _by_program(repository)
    else:
        found = user_settings(*keys, git_dir=repository.common_dir if repository.kind != "remote" else None)
    name, email = (found.get(key, "").strip() for key in keys)
    return name, email


def user_settings(*keys: str, git_dir: Path | None = None) -> dict[str, str]:
    """The values of these keys (lower case) in the machine's, the user's and a repository's own configuration.

    As with git, GIT_CONFIG_NOSYSTEM, GIT_CONFIG_SYSTEM and GIT_CONFIG_GLOBAL say which files count, and the last one
    wins. A file that cannot be read counts as empty.
    """
    pygit2 = pygit2_for_reading()
    found: dict[str, str] = {}
    for path in _files(git_dir):
        try:
            entries = {entry.name: entry.raw_value.decode("utf-8", "replace") for entry in pygit2.Config(str(path))}
        except (pygit2.GitError, OSError, ValueError):
            continue
        found |= {key: entries[key] for key in keys if key in entries}
    return found


def _files(git_dir: Path | None) -> list[Path]:
    """The configuration files that are there, the strongest last."""
    files = []
    if os.environ.get("GIT_CONFIG_NOSYSTEM", "").lower() in ("", "0", "false", "no", "off"):
        files.append(os.environ.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig")
    home = os.environ.get("HOME", "")
    if "GIT_CONFIG_GLOBAL" in os.environ:
        files.append(os.environ["GIT_CONFIG_GLOBAL"])
    elif home:
        files += [f"{os.environ.get('XDG_CONFIG_HOME') or home + '/.config'}/git/config", f"{home}/.gitconfig"]
    if git_dir is not None:
        files.append(f"{git_dir}/config")
    return [Path(one) for one in files if one and Path(one).is_file()]


def _by_program(repository: Repository) -> dict[str, str]:
    answer = repository.run(["config", "--null", "--get-regexp", r"^user\.(name|email)$"])
    pairs = (pair.partition("\n") for pair in answer.output.decode("utf-8", "replace").split("\0"))
    return {key: value for key, _, value in pairs if value.strip()}
