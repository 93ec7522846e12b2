"""Reading trees and blobs by id, without ever following a link, a filter or a replacement.

Names come as text; bytes that are not UTF-8 are kept as lone surrogates (``surrogateescape``), so that no two names
fall together. What a partial mirror does not hold is fetched: all at once by ``prefetch``, one by one where that was
forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from signet.errors import InvalidData, RegistryUnreachable
from signet.registry.git import program
from signet.registry.git.repository import Repository

TREE = 0o40000
REGULAR = 0o100644
MODULE = 0o160000
_COMMIT_KIND, TREE_KIND, _BLOB_KIND = 1, 2, 3
_CACHED_TREES = 20_000
_TREE_LINE = re.compile(rb"tree [0-9a-f]{40}\n")
_MODE = re.compile(rb"[0-7]{1,6}")


class Entry(NamedTuple):
    """One entry of a tree: its name, the id of what it names, and the mode as git has it."""

    name: str
    id: str
    mode: int

    @property
    def is_tree(self) -> bool:
        """True for a directory."""
        return self.mode == TREE

    @property
    def is_file(self) -> bool:
        """True for a regular file that is not executable: the only kind that counts in a registry."""
        return self.mode == REGULAR


def entry(repository: Repository, commit: str, path: str) -> Entry | None:
    """What stands at a path in a commit; the empty path is the root directory."""
    found = Entry("", root_tree(repository, commit), TREE)
    for name in path.split("/") if path else ():
        if not found.is_tree:
            return None
        below = tree(repository, found.id).get(name)
        if below is None:
            return None
        found = below
    return found


def entries(repository: Repository, commit: str, path: str) -> tuple[Entry, ...]:
    """The entries of the directory at a path in a commit, in git's order; none where there is no directory."""
    found = entry(repository, commit, path)
    return tuple(tree(repository, found.id).values()) if found is not None and found.is_tree else ()


def blob(repository: Repository, blob_id: str, limit: int) -> bytes:
    """The content of a blob; InvalidData, before it is read, if it has more than ``limit`` bytes."""
    kind, size = _header(repository, blob_id)
    if kind != _BLOB_KIND:
        raise InvalidData(f"The object {blob_id} is not a file's content.")
    if size > limit:
        raise InvalidData(f"The content {blob_id} has {size} bytes; {limit} are allowed.")
    repository.reads["blob"] += 1
    return _content(repository, blob_id)[1]


def prefetch(repository: Repository, blob_ids: Iterable[str]) -> None:
    """Fetch, in one go, those of these blobs that a partial mirror does not hold; nothing for other repositories."""
    from signet.registry.git import mirror

    if repository.offline or not mirror.is_partial(repository):
        return
    held = repository.objects
    missing = [one for one in dict.fromkeys(blob_ids) if one not in held]
    if missing:
        mirror.fill(repository, missing)


def raw(repository: Repository, object_id: str) -> bytes:
    """The bytes of any object."""
    return _content(repository, object_id)[1]


def raw_commit(repository: Repository, commit: str) -> bytes:
    """The bytes of a commit object; InvalidData if the object is something else."""
    kind, content = _content(repository, commit)
    if kind != _COMMIT_KIND:
        raise InvalidData(f"The object {commit} is not a commit.")
    return content


def root_tree(repository: Repository, commit: str) -> str:
    """The id of a commit's root directory."""
    return tree_named_in(raw_commit(repository, commit), commit)


def tree_named_in(raw: bytes, commit: str) -> str:
    """The id of the root directory that the bytes of a commit name."""
    first = raw[:46]
    if not _TREE_LINE.fullmatch(first):
        raise InvalidData(f"The commit {commit} names no tree.")
    return first[5:45].decode("ascii")


def tree(repository: Repository, tree_id: str) -> dict[str, Entry]:
    """The entries of one tree object by name, in git's order.

    A tree with two entries of one name, in a wrong order (others search it by halves), or with an entry that ``/`` or
    ``..`` could be mistaken in, is refused: readers would not agree on what it says.
    """
    cached = repository._trees.get(tree_id)
    if cached is not None:
        return cached
    kind, content = _content(repository, tree_id)
    if kind != TREE_KIND:
        raise InvalidData(f"The object {tree_id} is not a directory.")
    repository.reads["tree"] += 1
    if len(repository._trees) >= _CACHED_TREES:
        repository._trees.clear()
    parsed = repository._trees[tree_id] = _parse(tree_id, content)
    return parsed


def _parse(tree_id: str, content: bytes) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    at, count, last, sorted_ = 0, 0, b"", True
    try:
        while at < len(content):
            space = content.index(b" ", at)
            end = content.index(b"\0", space)
            name = content[space + 1 : end].decode("utf-8", "surrogateescape")
            if not _MODE.fullmatch(content, at, space) or end + 21 > len(content):
                raise ValueError("no mode, or half an id")
            mode = int(content[at:space], 8)
            found[name] = Entry(name, content[end + 1 : end + 21].hex(), mode)
            key = content[space + 1 : end] + (b"/" if mode == TREE else b"")
            sorted_ = sorted_ and last < key
            at, count, last = end + 21, count + 1, key
    except ValueError as error:
        raise InvalidData(
            f"The directory {tree_id} cannot be read.", remedy="Run 'git fsck' on the registry."
        ) from error
    odd = "" in found or "." in found or ".." in found or any("/" in name for name in found)
    if count != len(found) or odd or not sorted_:
        raise InvalidData(
            f"The directory {tree_id} holds a name twice, a name that is none, or names in a wrong order.",
            remedy="Run 'git fsck' on the registry, and take that commit back.",
        )
    return found


def _header(repository: Repository, object_id: str) -> tuple[int, int]:
    """Kind and size of an object, without its content."""
    kind, size = _asked(repository, object_id, lambda: repository.objects.odb.read_header(object_id))
    return int(kind), int(size)


def _content(repository: Repository, object_id: str) -> tuple[int, bytes]:
    """Kind and content of an object."""
    kind, content = _asked(repository, object_id, lambda: repository.objects.odb.read(object_id))
    return int(kind), bytes(content)


def _asked(repository: Repository, object_id: str, question: Callable[[], Any]) -> Any:
    """The answer about an object; a missing or broken one is fetched again where that is possible."""
    import pygit2

    for supply in (_supply, None):
        try:
            return question()
        except (KeyError, pygit2.GitError) as error:
            if supply is None:
                raise RegistryUnreachable(
                    f"The object {object_id} of {repository.location} cannot be read: "
                    f"{'it is missing' if isinstance(error, KeyError) else program.one_line(str(error))}.",
                    "The repository is damaged, or a partial clone: run 'git fsck' there.",
                ) from error
            supply(repository, object_id, missing=isinstance(error, KeyError))
        except ValueError as error:
            raise InvalidData(f"{program.one_line(object_id)!r} is not the id of an object.") from error
    raise AssertionError


def _supply(repository: Repository, object_id: str, *, missing: bool) -> None:
    """Try to make one object readable: a lazy fetch, or a new mirror for a broken one."""
    from signet.registry.git import mirror

    if repository.kind != "remote":
        if missing and not repository.offline and repository.has_git:
            repository.run(["cat-file", "-e", object_id])  # in a user's partial clone, git fetches it
        return
    if missing and mirror.is_partial(repository):
        if repository.offline:
            raise RegistryUnreachable(
                f"The cached copy of {repository.location} does not hold {object_id}.", "Run this without --offline."
            )
        repository.reads["lazy"] += 1
        mirror.fill(repository, [object_id])
    else:
        mirror.rebuild(repository)
