"""Events of commits: what ``signet.core.events`` and ``signet.core.verdict_events`` tell of one and its first parent.

A merge is told by what it brought to the branch; messages are never read for it. Who is told is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from signet.core.events import happened, in_order
from signet.core.model.event import Event
from signet.core.verdict_events import turned
from signet.errors import RegistryUnreachable, UsageError
from signet.registry import git, layout
from signet.registry.read import RegistryState

__all__ = ["Reader", "Told", "between", "changed", "commits", "common", "of_commit", "parents", "since", "told"]


class Told(NamedTuple):
    """A commit and its events. ``time`` is in seconds since 1970, as the commit claims it."""

    commit: str
    time: int
    events: tuple[Event, ...]


def changed(repo: git.Repository, parent: str | None, commit: str) -> tuple[layout.Identity, ...]:
    """The facts whose files differ between two commits, in order of their paths; other files are left out."""
    return _facts(git.changed_paths(repo, parent, commit, inside=layout.ROOTS))


def _facts(paths: Iterable[str]) -> tuple[layout.Identity, ...]:
    found = (layout.identity(path) for path in paths if path != layout.REGISTRY)
    return tuple(one for one in found if one is not None)


def parents(repo: git.Repository, commit: str) -> tuple[str, ...]:
    """The parents of a commit, the first one first."""
    return git.read_commit(repo, commit).parents


def of_commit(repo: git.Repository, commit: str) -> tuple[Event, ...]:
    """The facts that a commit brought: its cheap events."""
    before, after, facts = Reader(repo).sides(commit)
    return tuple(one.of(commit) for one in happened(before, after, facts))


def told(repo: git.Repository, commit: str, reader: Reader | None = None) -> Told:
    """All events of a commit: its facts, and what follows from them for those who are live.

    Who asks of several commits passes the same ``reader``, and what they share is read once.
    """
    before, after, facts = (reader or Reader(repo)).sides(commit)
    found = in_order([*happened(before, after, facts), *(turned(before, after, facts) if facts else ())])
    return Told(commit, git.read_commit(repo, commit).time, tuple(one.of(commit) for one in found))


def since(repo: git.Repository, old: str | None, new: str) -> Iterator[Told]:
    """All events of each commit after ``old`` up to ``new``, oldest first, in first-parent order.

    None is the beginning of history. UsageError where ``old`` is not in the history of ``new``; then ``common`` says
    from where to go on.
    """
    reader = Reader(repo)
    for commit in reversed(between(repo, old, new)):
        yield told(repo, commit, reader)


def common(repo: git.Repository, old: str, new: str) -> str | None:
    """The newest commit of both histories, along first parents; None where they share none, or ``old`` is not there."""
    if git.lacks(repo, old):
        return None
    try:
        mine = {entry.commit for entry in git.log(repo, old)}
    except RegistryUnreachable:  # in a repository on this machine, an object that is missing
        return None
    return next((entry.commit for entry in git.log(repo, new) if entry.commit in mine), None)


def commits(repo: git.Repository, commit: str) -> Iterator[str]:
    """The commits up to one, newest first, along first parents."""
    return (entry.commit for entry in git.log(repo, commit))


def between(repo: git.Repository, old: str | None, new: str) -> list[str]:
    """The commits after ``old`` up to ``new``, newest first."""
    found: list[str] = []
    for entry in git.log(repo, new):
        if entry.commit == old:
            return found
        found.append(entry.commit)
    if old is not None:
        raise UsageError(f"The commit {old[:10]} is not in the registry's history.", "Run: signet log")
    return found


class Reader:
    """The states on both sides of commits; the one after a commit is that before the next.

    ``repo`` may be replaced by a newer handle of the same registry: what was read stays known.
    """

    def __init__(self, repo: git.Repository) -> None:
        self.repo = repo
        self._last: RegistryState | None = None

    def sides(self, commit: str) -> tuple[RegistryState, RegistryState, tuple[layout.Identity, ...]]:
        """The state at the first parent, the state at the commit, and the facts whose files differ."""
        parents = git.read_commit(self.repo, commit).parents
        parent = parents[0] if parents else None
        before, after = self._last, RegistryState(self.repo, commit)
        if before is None or before.commit != parent:
            before = RegistryState(self.repo, parent)
        self._last = after
        paths = git.changed_paths(self.repo, parent, commit, inside=(*layout.ROOTS, layout.REGISTRY))
        after.take_over(before, paths)
        return before, after, _facts(paths)
