"""Commit by commit along first parents: which files of the registry each one touched, what happened, what it broke.

For whoever keeps an index of the history. A step follows from a commit and its first parents and from nothing else, so
that steps may be walked now or later, all at once or a few at a time. It keeps nothing, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, takewhile
from types import MappingProxyType
from typing import NamedTuple

from signet.core.events import happened
from signet.core.model.event import Event
from signet.errors import Fault, InvalidData
from signet.registry import git, layout
from signet.registry.check import records
from signet.registry.check.changed import Changed
from signet.registry.read import RegistryState

INSIDE = (*layout.ROOTS, layout.REGISTRY)
WHOLE = "."
"""The path of a fault that is one of the whole tree."""
_BACK = 20
"""So many commits are looked back to find a tree that can be read, before all of a commit counts as new."""

_FORGOTTEN = 500
"""After so many commits the directories that were read are let go of."""


class Step(NamedTuple):
    """One commit. ``touched`` are the files of the registry that differ from its first parent, ``facts`` those among
    them that have an identity; ``broken`` are those that cannot be read now, with their faults."""

    entry: git.LogEntry
    touched: tuple[str, ...] = ()
    facts: tuple[tuple[str, layout.Identity], ...] = ()
    events: tuple[Event, ...] = ()
    broken: Mapping[str, tuple[Fault, ...]] = MappingProxyType({})


def first_parents(repo: git.Repository, commit: str) -> Iterator[str]:
    """The commit, its first parent, and so on to the root."""
    for entry in git.log(repo, commit):
        yield entry.commit


def steps(repo: git.Repository, commits: Iterable[str]) -> Iterator[Step]:
    """The steps of commits that follow each other, oldest first; what one has read the next need not read again."""
    last: RegistryState | None = None
    for number, commit in enumerate(commits, 1):
        if number % _FORGOTTEN == 0:
            repo.forget_trees()
        entry = git.read_commit(repo, commit)
        parent = entry.parents[0] if entry.parents else None
        try:
            before, paths = _difference(repo, parent, commit)
        except InvalidData as error:
            last = None
            yield Step(entry, broken={WHOLE: (Fault(WHOLE, None, 0, error.message),)})
            continue
        was = last if last is not None and last.commit == before else RegistryState(repo, before)
        last = RegistryState(repo, commit)
        was.like, last.like = None, was  # or each state would keep all before it
        yield _step(entry, was, last, paths)


def last_whole(repo: git.Repository, old: str, new: str) -> tuple[str, tuple[Fault, ...]]:
    """The newest commit after ``old``, up to ``new``, at which nothing is broken that was whole at ``old``; else that.

    With the faults that are left at ``new``.
    """
    missing = list(takewhile(lambda commit: commit != old, first_parents(repo, new)))
    found, broken = old, dict[str, tuple[Fault, ...]]()
    for step in steps(repo, reversed(missing)):
        for path in (WHOLE, *step.touched):
            broken.pop(path, None)
        broken |= step.broken
        found = found if broken else step.entry.commit
    return found, tuple(fault for _, faults in sorted(broken.items()) for fault in faults)


def _difference(repo: git.Repository, parent: str | None, commit: str) -> tuple[str | None, tuple[str, ...]]:
    """What a commit touched, beside its parent; or beside the nearest one before whose tree can be read."""
    try:
        return parent, git.changed_paths(repo, parent, commit, inside=INSIDE)
    except InvalidData:
        if parent is None:
            raise
    whole = git.changed_paths(repo, None, commit, inside=INSIDE)  # InvalidData: it is this one that cannot be read
    for earlier in islice(first_parents(repo, parent), 1, _BACK):
        try:
            return earlier, git.changed_paths(repo, earlier, commit, inside=INSIDE)
        except InvalidData:
            continue
    return None, whole


def _step(entry: git.LogEntry, before: RegistryState, after: RegistryState, paths: tuple[str, ...]) -> Step:
    facts = [(path, found) for path in paths if (found := layout.identity(path)) is not None]
    try:
        events = happened(before, after, [identity for _, identity in facts if identity[0] != "registry"])
        broken = {path: faults for path in paths if (faults := _faults(after, path))}
    except InvalidData as error:
        return Step(entry, broken={WHOLE: (Fault(WHOLE, None, 0, error.message),)})
    return Step(entry, paths, tuple(facts), tuple(one.of(entry.commit) for one in events), broken)


def _faults(state: RegistryState, path: str) -> tuple[Fault, ...]:
    """Why what stands at a path cannot be used; nothing where it can, or where nothing stands."""
    assert state.commit is not None  # noqa: S101 - it is the state of a commit
    found = git.entry(state.repo, state.commit, path)
    if found is None or found.is_tree:
        return ()
    identity = layout.identity(path)
    if identity is None:
        return _misplaced(path)
    if not found.is_file:
        return (Fault(path, None, 0, f"is not a regular file (mode {found.mode:o})"),)
    error = records.fault(state, Changed(path, identity, None, found))
    return () if error is None else error.faults or (Fault(path, None, 0, error.message),)


def _misplaced(path: str) -> tuple[Fault, ...]:
    """A file that hides others: in the place of a root, or among the states of an environment, but for dot files."""
    parts = path.split("/")
    if len(parts) == 1 and path in layout.ROOTS:
        return (Fault(path, None, 0, "is not a directory"),)
    if parts[0] == "environments" and len(parts) > 2 and not parts[2].startswith("."):
        return (Fault(path, None, 0, "is no state of a service: SERVICE.yaml is expected"),)
    return ()
