"""The registry as other rooms see it: opened, asked at a commit, with its log; and the checkout of a service.

They get what they need of git here, as plain functions and values, and never see ``signet.registry.git`` itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signet.errors import REWRITTEN, BeforeHistory, TrustError
from signet.registry import cache, git, layout
from signet.registry.comparisons import Comparisons
from signet.registry.read import RegistryState, state_at

if TYPE_CHECKING:
    from signet.registry.git import LogEntry, Repository

__all__ = [
    "Access",
    "LogEntry",
    "Repository",
    "author",
    "cache_root",
    "came_at",
    "checkout",
    "commit_of",
    "descends",
    "following",
    "git_version",
    "give_up",
    "head_of",
    "is_around",
    "kept_comparisons",
    "log",
    "newer",
    "newest",
    "open_for_reading",
    "open_for_writing",
    "open_fresh",
    "open_newest",
    "revision_of",
    "rewritten",
    "start_of",
]


@dataclass(frozen=True, slots=True)
class Access:
    """How a registry is reached: see ``git.open_repository``.

    ``accept_rewrite`` is the commit at which a branch is taken although it does not descend from what was seen.
    """

    allow_http: bool = False
    transport: str = "auto"
    accept_rewrite: str = ""


PLAIN = Access()


def open_for_writing(location: str, access: Access = PLAIN, *, offline: bool = False) -> Repository:
    """The repository to record facts in; whoever records reads the newest state itself."""
    repo = git.open_repository(location, offline=offline, allow_http=access.allow_http, transport=access.transport)
    if access.accept_rewrite:
        git.refresh(repo, accept_rewrite=access.accept_rewrite)
    return repo


def open_for_reading(
    location: str, access: Access = PLAIN, *, at: str | None = None, offline: bool = False
) -> RegistryState:
    """The state at the newest commit, or as it was ``at`` a commit or a date.

    UsageError for what is no registry, or no such commit; RegistryUnreachable where it cannot be read.
    """
    repo = open_fresh(location, access, offline=offline)
    if at is None:
        return newest(repo)
    return state_at(repo, git.resolve(repo, at))


def open_fresh(location: str, access: Access = PLAIN, *, offline: bool = False) -> Repository:
    """The repository with what is new in it; whether it is a registry is not asked."""
    began = time.time_ns()
    repo = open_for_writing(location, access, offline=offline)
    git.refresh(repo, since=began)
    return repo


def open_newest(location: str, access: Access = PLAIN, *, follows_rewrites: bool = False) -> Repository:
    """The same for who stays: with ``follows_rewrites`` history that was rewritten is taken as it is now."""
    try:
        return open_fresh(location, access)
    except TrustError as error:
        if not (follows_rewrites and error.code == REWRITTEN and error.commit):
            raise
        now = error.commit
    repo = open_for_writing(location, access)
    git.refresh(repo, accept_rewrite=now)
    return repo


def head_of(repo: Repository) -> str | None:
    """The commit that the registry's branch is at, as it is known here; None for an empty repository."""
    return git.head(repo)


def descends(repo: Repository, old: str, new: str) -> bool:
    """Does a commit go on from another one, or is it the same? False where either is not known here."""
    return git.is_ancestor(repo, old, new)


def rewritten(location: str, old: str, new: str) -> TrustError:
    """The error for a branch that does not go on from where it was."""
    return TrustError(
        f"The history of the registry {location} was rewritten: it was at {old} and now is at {new}, which does not "
        "descend from it.",
        "Ask who did that and why. To go on, have the service follow rewritten history, or start it anew.",
        code=REWRITTEN,
    )


def commit_of(repo: Repository, revision: str) -> str:
    """The commit that a user means; in a repository on this machine also by the name of any branch or tag."""
    return git.revision(repo, revision)


def revision_of(repo: Repository, text: str) -> str:
    """The commit that ``--at`` means: an id, a date, ``HEAD`` or ``HEAD~3``; UsageError for what history has not."""
    return git.resolve(repo, text)


def start_of(repo: Repository, text: str) -> str | None:
    """The commit after which ``--since`` begins, as ``revision_of`` has it; None for a date before all of history."""
    try:
        return revision_of(repo, text)
    except BeforeHistory:
        return None


def give_up() -> None:
    """End what other threads of this process fetch; they are told that the registry cannot be reached."""
    git.end_running()


def is_around(repo: Repository) -> bool:
    """Is the registry the checkout that this process works in?"""
    return repo.work_tree is not None and Path().resolve().is_relative_to(repo.work_tree.resolve())


def newest(repo: Repository) -> RegistryState:
    """The state at the head, as it is known here."""
    return state_at(repo, git.head(repo))


def newer(repo: Repository) -> RegistryState:
    """The state at the head, after a look at the remote."""
    git.refresh(repo)
    return newest(repo)


def following(before: RegistryState, repo: Repository, commit: str) -> RegistryState:
    """The state at a later commit, which knows what was read before and did not change; it does not keep ``before``."""
    from signet.core.live_versions import carried
    from signet.registry.walking import INSIDE

    repo.share_trees(before.repo)
    state = state_at(repo, commit)
    if before.commit is not None:
        paths = git.changed_paths(repo, before.commit, commit, inside=INSIDE)
        state.take_over(before, paths)
        carried(before, state, [found for path in paths if (found := layout.identity(path)) is not None])
    return state


def log(state: RegistryState, *, service: str | None = None, environment: str | None = None) -> Iterator[LogEntry]:
    """The commits up to a state, newest first; with names, those that changed something of that service, or there.

    What counts is which files a commit changed, and not what its message says.
    """
    for entry in git.log(state.repo, state.commit) if state.commit else ():
        if service is None and environment is None:
            yield entry
            continue
        parent = entry.parents[0] if entry.parents else None
        paths = git.changed_paths(state.repo, parent, entry.commit, inside=layout.ROOTS)
        if any(_concerns(path, service, environment) for path in paths):
            yield entry


def _concerns(path: str, service: str | None, environment: str | None) -> bool:
    match layout.identity(path):
        case ("environment", where):
            return service is None and where == environment
        case ("placement", where, name):
            return environment in (None, where) and service in (None, name)
        case ("contract", consumer, provider, _):
            return environment is None and service in (consumer, provider)
        case ("webhook", _):
            return False
        case (_, name, *_):
            return environment is None and service == name
    return False


def came_at(repo: Repository, commit: str, path: str) -> str:
    """The commit, in the history of another, since which a file is there; that commit itself where it is not."""
    for entry in git.log(repo, commit, path=path):
        if not entry.parents or git.entry(repo, entry.parents[0], path) is None:
            return entry.commit
    return commit


def checkout(folder: Path) -> tuple[str, str, str]:
    """Remote URL without credentials, HEAD commit and branch of the checkout around a folder; "" for the unknown."""
    return git.describe_source(folder)


def cache_root() -> Path:
    """The cache directory; it need not be there."""
    return cache.root()


def kept_comparisons() -> tuple[int, int]:
    """How many results of comparisons the cache holds, and their size in bytes."""
    return Comparisons().kept.size()


def git_version() -> tuple[int, ...]:
    """The version of the git program, such as (2, 39, 5); () if there is none."""
    return git.version()


def author(repo: Repository) -> tuple[str, str]:
    """Name and address that git is configured with for this repository; "" for what is not configured."""
    return git.identity(repo)
