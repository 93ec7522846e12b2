"""What is built here: version, branch, source and CI run, by what CI says, else by the checkout around the command.

It never writes, and what it finds is said on stderr, so that nobody wonders where a version came from. A flag or a
variable ``SIGNET_*`` goes before all of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from signet.cli import ci, config, render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.record import Origin

HERE = "the checkout"


@dataclass(frozen=True, slots=True)
class Detected:
    """One thing for ``signet doctor``: its value and who says it, or nothing and perhaps a ``note`` why."""

    what: str
    value: str | None = None
    source: str | None = None
    note: str = ""


@cache
def described() -> tuple[str, str, str]:
    """Source URL, commit and branch of the checkout around the working directory; empty texts where there is none."""
    from signet.registry import opening

    return opening.checkout(Path())


def run() -> ci.Run | None:
    """The CI run that this process is in."""
    return ci.detect(os.environ, described()[1])


def commit() -> ci.Said | None:
    """The commit that is built here. UsageError where what is checked out is known to be something else."""
    here, found = described()[1], run()
    if found and found.commit:
        return found.commit
    reason = found.denies(here) if found and here else ""
    if found and reason:
        raise UsageError(
            f"The version cannot be told: {reason}.",
            "Pass --version, or set SIGNET_VERSION." + (f" ({'; '.join(found.notes)})" if found.notes else ""),
        )
    return ci.Said(here, HERE) if here else None


def version(given: str | None) -> str:
    """The version that was given; for ``auto`` or none, the commit that CI builds or that is checked out here."""
    if given and given != "auto":
        return given
    found = commit()
    if found is None:
        raise UsageError(
            "No version is given, and neither CI nor a Git checkout around the working directory tells one.",
            "Pass --version, or set SIGNET_VERSION.",
        )
    render.note(f"version {found.value} ({_told(found)})")
    return found.value


def _told(found: ci.Said) -> str:
    here, by = described()[1], run()
    if by is None or by.commit is None:
        return "the commit that is checked out here"
    other = f"; what is checked out here is {here}" if here and here != found.value else ""
    return f"{by.system}: {by.what}{other}"


def branch(given: str | None) -> str | None:
    """The branch that was given, else the one that CI builds or that is checked out here, else None."""
    if given:
        return given
    found, reason = _branch()
    if found or reason:
        render.note(f"branch {found.value} ({found.source})" if found else f"no branch: {reason}")
    return found.value if found else None


def _branch() -> tuple[ci.Said | None, str]:
    """The branch; or why there is none, although one may be checked out."""
    by, here = run(), described()[2]
    if by and by.branch:
        return by.branch, ""
    if by and by.tag:
        return None, f"{by.system} builds the tag {by.tag.value}"
    if by and by.fork:
        return None, f"{by.system} builds a pull request from a fork"
    if by and by.request:
        return None, f"{by.system} does not say the branch of the pull request"
    return (ci.Said(here, HERE) if here else None), ""


def origin() -> Origin:
    """Where a fact comes from: this repository at this commit, and this CI run."""
    from signet.registry.record import Origin

    try:
        found = commit()
    except UsageError:
        found = None
    by = run()
    number = found.value if found else ""
    url = by.repository.value if by and by.repository else described()[0]
    source = f"{url}@{number}" if url and number else number
    return Origin(source=render.masked(source), run=run_url(), commit=number)


def run_url() -> str:
    """The address of the CI run, as far as the environment tells it."""
    by = run()
    return by.url.value if by and by.url else ""


def detected() -> list[Detected]:
    """Everything that would be recorded without being asked for, each with who says it."""
    by = run()
    try:
        built, reason = commit(), ""
    except UsageError as error:
        built, reason = None, error.message
    on, no_branch = _branch()
    given = config.variable("SIGNET_VERSION")
    number = built if given in (None, "auto") else ci.Said(given or "", "SIGNET_VERSION")
    chosen = config.variable("SIGNET_BRANCH")
    on = ci.Said(chosen, "SIGNET_BRANCH") if chosen else on
    url = described()[0]
    repository = (by.repository if by else None) or (ci.Said(url, HERE) if url else None)
    rows = [("version", number, reason), ("commit", built, reason), ("branch", on, no_branch)]
    rows += [("tag", by.tag, ""), ("request", by.request, "")] if by else []
    rows += [("repository", repository, ""), ("build-url", by.url if by else None, "")]
    return [Detected(what, said.value, said.source) if said else Detected(what, note=note) for what, said, note in rows]
