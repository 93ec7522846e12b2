"""The files that differ between two commits of a registry, each with what stood there and what stands there now.

For a whole tree, all of them are new. It reads directories, and no file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from signet.registry import git, layout
from signet.registry.read import RegistryState


@dataclass(frozen=True, slots=True)
class Changed:
    """One file: None is a side on which nothing is. ``identity`` is None where the registry keeps nothing there."""

    path: str
    identity: layout.Identity | None
    before: git.Entry | None
    after: git.Entry | None

    @property
    def is_inside(self) -> bool:
        """Is it a file of the registry, and not of the team's own?"""
        return self.path == layout.REGISTRY or self.path.partition("/")[0] in layout.ROOTS

    @property
    def kind(self) -> str:
        """The kind of its identity; "" for none."""
        return self.identity[0] if self.identity else ""

    @property
    def is_readable(self) -> bool:
        """Is a record there now, that can be read?"""
        return self.after is not None and self.after.is_file and self.identity is not None


class Difference:
    """Everything that a change changes: what the rules look at. ``before`` is empty for a whole tree."""

    def __init__(self, before: RegistryState, after: RegistryState) -> None:
        self.before, self.after = before, after

    @cached_property
    def all(self) -> tuple[Changed, ...]:
        """Every file that differs; InvalidData for a tree that readers would not agree about."""
        if self.after.commit is None:
            return ()
        repo = self.after.repo
        return tuple(
            Changed(path, layout.identity(path), _entry(self.before, path), _entry(self.after, path))
            for path in git.changed_paths(repo, self.before.commit, self.after.commit)
        )

    @cached_property
    def inside(self) -> tuple[Changed, ...]:
        """Those of the registry."""
        return tuple(one for one in self.all if one.is_inside)

    @property
    def is_whole(self) -> bool:
        """Is a whole tree looked at, with nothing before it?"""
        return self.before.commit is None

    def of(self, *kinds: str) -> tuple[Changed, ...]:
        """The changed records of these kinds that can be read now."""
        return tuple(one for one in self.inside if one.kind in kinds and one.is_readable)

    def removed(self, *kinds: str) -> tuple[Changed, ...]:
        """The records of these kinds that are gone."""
        return tuple(one for one in self.inside if one.kind in kinds and one.after is None)

    def fetch(self) -> None:
        """In a clone without blobs, fetch together what the rules are going to read."""
        self.after.prefetch(_readable(one.after for one in self.inside))
        self.before.prefetch(_readable(one.before for one in self.inside))


def _entry(state: RegistryState, path: str) -> git.Entry | None:
    found = None if state.commit is None else git.entry(state.repo, state.commit, path)
    return None if found is None or found.is_tree else found


def _readable(entries: Iterable[git.Entry | None]) -> list[str]:
    return [one.id for one in entries if one is not None and one.is_file]
