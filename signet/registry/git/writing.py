"""New commits: blobs, the trees along changed paths, and the commit object. No reference moves here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.faults import reached
from signet.registry.git import objects, program, settings, trees
from signet.registry.git.repository import Repository

_Edits = dict[str, "bytes | _Edits | None"]


def commit(
    repository: Repository,
    parent: str | None,
    edits: Mapping[str, bytes | None],
    message: str,
    *,
    when: datetime | None = None,
) -> str:
    """The id of a new commit on ``parent`` with these files written, or removed where the content is None.

    Files get mode 100644; a directory that becomes empty vanishes. The time is ``when``, else $SOURCE_DATE_EPOCH,
    else now. Author and committer are those of git's own variables or configuration. The commit is on no branch: see
    ``publish``.
    """
    import pygit2

    root = objects.root_tree(repository, parent) if parent else None
    store = repository.objects
    seconds, offset = _time(when)
    name, email = settings.identity(repository)
    try:
        tree = _written(store, root, _nested(edits)) or store.TreeBuilder().write()
        author = pygit2.Signature(*_named("AUTHOR", name, email), seconds, offset, "utf-8")
        committer = pygit2.Signature(*_named("COMMITTER", name, email), seconds, offset, "utf-8")
        return str(store.create_commit(None, author, committer, message, tree, [parent] if parent else []))
    except (pygit2.GitError, OSError, KeyError, ValueError) as error:
        raise RegistryUnreachable(
            f"Nothing can be written to {repository.git_dir}: {program.one_line(str(error))}.",
            "Look at its permissions and at the free space.",
        ) from error


def _nested(edits: Mapping[str, bytes | None]) -> _Edits:
    root: _Edits = {}
    for path, content in edits.items():
        *parents, name = path.split("/")
        if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in (*parents, name)):
            raise UsageError(f"'{program.one_line(path)}' is not a path inside a registry.")
        here = root
        for part in parents:
            below = here.setdefault(part, {})
            if not isinstance(below, dict):
                raise UsageError(f"'{path}' is written below a file.")
            here = below
        if name in here:
            raise UsageError(f"'{path}' is written as a file and as a directory.")
        here[name] = content
    return root


def _written(store: Any, tree_id: str | None, edits: _Edits) -> Any:
    """The id of the tree with the edits; None if it is empty."""
    builder = store.TreeBuilder(store[tree_id]) if tree_id else store.TreeBuilder()
    for name, edit in edits.items():
        old = builder.get(name)
        if isinstance(edit, dict):
            below = str(old.id) if old is not None and old.filemode == trees.TREE else None
            new, mode = _written(store, below, edit), trees.TREE
            if new is None and below is None:
                continue  # nothing to delete below a path that is no directory
        else:
            new, mode = (None if edit is None else store.create_blob(edit)), objects.REGULAR
            reached("object")
        if new is not None:
            builder.insert(name, new, mode)
        elif old is not None:
            builder.remove(name)
    if not len(builder):
        return None
    written = builder.write()
    reached("object")
    return written


def _time(when: datetime | None) -> tuple[int, int]:
    """Seconds since the epoch, and the offset from UTC in minutes."""
    if when is not None:
        offset = when.utcoffset()
        return int(when.timestamp()), int(offset.total_seconds() // 60) if offset is not None else 0
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch and not re.fullmatch(r"\d{1,12}", epoch, re.ASCII):
        raise UsageError("SOURCE_DATE_EPOCH is not a number of seconds.")
    return (int(epoch) if epoch else int(datetime.now(UTC).timestamp())), 0


def _named(role: str, name: str, email: str) -> tuple[str, str]:
    """Git's own variable for the role, else what is configured, else ours; without what a commit cannot hold."""
    wanted = os.environ.get(f"GIT_{role}_NAME") or name, os.environ.get(f"GIT_{role}_EMAIL") or email
    clean = [
        re.sub(r"[\x00-\x1f\x7f<>]", "", text.encode("utf-8", "replace").decode()).strip(" .,:;\"'\\")
        for text in wanted
    ]
    return clean[0] or "signet", clean[1] or "signet@localhost"
