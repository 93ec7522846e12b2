"""What the checkout that the command runs in says: version, branch, source; and which CI run this is.

It never writes, and what it finds is said on stderr, so that nobody wonders where a version came from.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from signet.cli import render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.record import Origin

_BRANCH_VARIABLES = ("GITHUB_HEAD_REF", "CI_COMMIT_BRANCH", "BUILDKITE_BRANCH", "CIRCLE_BRANCH", "BRANCH_NAME")
_RUN_VARIABLES = ("CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL")


@cache
def described() -> tuple[str, str, str]:
    """Source URL, commit and branch of the checkout around the working directory; empty texts where there is none."""
    from signet.registry import opening

    return opening.checkout(Path())


def version(given: str | None) -> str:
    """The version that was given; for ``auto`` or none, the commit that is checked out here."""
    if given and given != "auto":
        return given
    commit = described()[1]
    if not commit:
        raise UsageError(
            "No version is given, and the working directory is not a Git checkout that could tell one.",
            "Pass --version, or set SIGNET_VERSION.",
        )
    render.note(f"version {commit} (the commit that is checked out here)")
    return commit


def branch(given: str | None) -> str | None:
    """The branch that was given, else the one that is built or checked out here, else None."""
    if given:
        return given
    found = next((os.environ[name] for name in _BRANCH_VARIABLES if os.environ.get(name)), "")
    if not found and os.environ.get("GITHUB_REF_TYPE") == "branch":
        found = os.environ.get("GITHUB_REF_NAME", "")
    found = found or described()[2]
    if found:
        render.note(f"branch {found} (of this checkout)")
    return found or None


def origin() -> Origin:
    """Where a fact comes from: this checkout, and this CI run."""
    from signet.registry.record import Origin

    url, commit, _branch = described()
    source = f"{url}@{commit}" if url and commit else commit
    return Origin(source=render.masked(source), run=run_url(), commit=commit)


def run_url() -> str:
    """The address of the CI run, as far as the environment tells it."""
    server, project, run = (os.environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and project and run:
        return f"{server}/{project}/actions/runs/{run}"
    return render.masked(next((os.environ[name] for name in _RUN_VARIABLES if os.environ.get(name)), ""))
