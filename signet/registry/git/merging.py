"""What would stand in the branch if a revision were merged: a tree in the object store, and no work tree.

Nothing is on any branch afterwards, and nothing is resolved: what two sides changed in different ways is named. Files
are taken by their paths; a renamed one is one that went and one that came.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from signet.errors import RegistryUnreachable, ShallowClone, UsageError
from signet.registry.git import objects, program
from signet.registry.git.log import boundary, changed_paths, is_ancestor, resolve
from signet.registry.git.repository import Repository


class Merged(NamedTuple):
    """What a merge leaves: ``commit`` may be given wherever a commit is read (it may be a bare tree).

    ``conflicts`` are paths that both sides changed in different ways; they are as the base has them.
    """

    commit: str
    conflicts: tuple[str, ...] = ()


def revision(repository: Repository, text: str) -> str:
    """The commit that a user means: also by another branch or tag of a repository on this machine (``origin/main``)."""
    import pygit2

    if repository.kind != "remote":
        for prefix in ("refs/heads/", "refs/remotes/", "refs/tags/"):
            try:
                found = repository.objects.lookup_reference(prefix + text).peel(pygit2.Commit)
            except (KeyError, ValueError, pygit2.GitError):
                continue
            return str(found.id)
    return resolve(repository, text)


def merged(repository: Repository, base: str, revision: str) -> Merged:
    """``revision`` merged into ``base``; itself where it contains the base already, as a merge that a forge made does.

    UsageError for histories that have nothing in common, ShallowClone where too little of them is here.
    """
    if is_ancestor(repository, base, revision):
        return Merged(revision)
    if is_ancestor(repository, revision, base):
        return Merged(base)
    return _three_way(repository, _ancestor(repository, base, revision), base, revision)


def _ancestor(repository: Repository, base: str, revision: str) -> str:
    import pygit2

    try:
        found = repository.objects.merge_base(base, revision)
    except (KeyError, ValueError, pygit2.GitError):
        found = None
    if found is not None:
        return str(found)
    if boundary(repository):
        raise ShallowClone(
            f"The history of {repository.location} here does not reach back to where {revision[:10]} began.",
            "Fetch it whole: git fetch --unshallow; in a workflow, check out with fetch-depth: 0.",
        )
    raise UsageError(
        f"{base[:10]} and {revision[:10]} have no history in common.", "Pass a --base that the revision began at."
    )


def _three_way(repository: Repository, ancestor: str, base: str, revision: str) -> Merged:
    import pygit2

    ours, theirs = (set(changed_paths(repository, ancestor, side)) for side in (base, revision))
    _fetch(repository, ours & theirs, (ancestor, base, revision))
    store = repository.objects
    try:
        roots = [store[objects.root_tree(repository, side)] for side in (ancestor, base, revision)]
        index = store.merge_trees(*roots, flags=pygit2.enums.MergeFlag(0))
        conflicts = _kept_as_they_were(index)
        tree = str(index.write_tree(store))
    except (KeyError, ValueError, OSError, pygit2.GitError) as error:
        raise RegistryUnreachable(
            f"{revision[:10]} cannot be merged into {base[:10]} here: {program.one_line(str(error))}.",
            "Merge them in a clone that may be written to, and pass the merge as --revision.",
        ) from error
    repository._roots[tree] = tree  # so that it can be read in the place of a commit
    return Merged(tree, conflicts)


def _fetch(repository: Repository, paths: set[str], commits: tuple[str, ...]) -> None:
    """What both sides changed is merged line by line: only these contents are needed."""
    found = (objects.entry(repository, commit, path) for path in paths for commit in commits)
    objects.prefetch(repository, [one.id for one in found if one is not None and one.is_file])


def _kept_as_they_were(index: Any) -> tuple[str, ...]:
    """Take the base's side of every conflict, and name them."""
    paths = []
    for sides in list(index.conflicts or ()):
        path = next(side.path for side in sides if side is not None)
        paths.append(path)
        del index.conflicts[path]
        if sides[1] is not None:
            index.add(sides[1])
    return tuple(sorted(set(paths)))


def octopuses(repository: Repository, base: str, revision: str) -> tuple[str, ...]:
    """The commits that a revision brings and that have more than two parents."""
    import pygit2

    try:
        walk = repository.objects.walk(revision)
        walk.hide(base)
        return tuple(str(one.id) for one in walk if len(one.parent_ids) > 2)
    except (KeyError, ValueError, pygit2.GitError):
        return ()
