"""Reading trees and blobs by id, without ever following a link, a filter or a replacement.

Names come as text; bytes that are not UTF-8 are kept as lone surrogates (``surrogateescape``), so that no two names
fall together. What a partial mirror does not hold is fetched: all at once by ``prefetch``, one by one where that was
forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import sha1
from typing import NamedTuple, TypeVar

from signet.errors import InvalidData, RegistryUnreachable
from signet.registry.git import program, trees
from signet.registry.git.repository import Repository
from signet.registry.git.trees import TREE, Listing, Part

REGULAR = 0o100644
MODULE = 0o160000
_COMMIT_KIND, TREE_KIND, _BLOB_KIND = 1, 2, 3
_KINDS = {_COMMIT_KIND: b"commit", TREE_KIND: b"tree", _BLOB_KIND: b"blob", 4: b"tag"}
_CACHED_TREES = 20_000
_NOTHING = Listing(b"", [0], [])
_TREE_LINE = re.compile(rb"tree [0-9a-f]{40}\n")


K = TypeVar("K")
V = TypeVar("V")


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
    if not path:
        return Entry("", root_tree(repository, commit), TREE)
    folder, _, name = path.rpartition("/")
    tree_id = _folder(repository, commit, folder)
    return None if tree_id is None else _named_in(repository, tree_id, name)


def _folder(repository: Repository, commit: str, path: str) -> str | None:
    """The id of the directory at a path, which is looked for once; None where no directory is."""
    key = (commit, path)
    if key in repository._folders:
        return repository._folders[key]
    tree_id: str | None = root_tree(repository, commit)
    for name in path.split("/") if path else ():
        found = _named_in(repository, tree_id, name) if tree_id is not None else None
        tree_id = found.id if found is not None and found.mode == TREE else None
    return _remember(repository._folders, key, tree_id)


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
    if repository.kind != "remote" or repository.offline:
        return
    from signet.registry.git import mirror

    if not mirror.is_partial(repository):
        return
    held = repository.objects
    missing = [one for one in dict.fromkeys(blob_ids) if one not in held]
    if missing:
        mirror.fill(repository, missing)


def lacks(repository: Repository, object_id: str) -> bool:
    """Would the object have to be fetched? Only a remote's partial mirror may lack one."""
    return repository.kind == "remote" and object_id not in repository.objects


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
    root = repository._roots.get(commit)
    if root is None:
        root = repository._roots[commit] = tree_named_in(raw_commit(repository, commit), commit)
    return root


def tree_named_in(raw: bytes, commit: str) -> str:
    """The id of the root directory that the bytes of a commit name."""
    first = raw[:46]
    if not _TREE_LINE.fullmatch(first):
        raise InvalidData(f"The commit {commit} names no tree.")
    return first[5:45].decode("ascii")


def tree(repository: Repository, tree_id: str) -> dict[str, Entry]:
    """The entries of one tree object by name, in git's order; InvalidData for one that ``trees`` refuses."""
    cached = repository._trees.get(tree_id)
    if cached is not None:
        return cached
    known = repository.listings.get(tree_id)
    if known is None:
        content = repository._asked_once.pop(tree_id, None) or _tree_content(repository, tree_id)
        parts = trees.checked(content, tree_id)
    else:
        parts = known.parts()
    modes = {mode: int(mode, 8) for mode in {part[0] for part in parts}}
    found = {}
    for mode, raw_name, object_id in parts:
        name = raw_name.decode("utf-8", "surrogateescape")
        found[name] = Entry._make((name, object_id.hex(), modes[mode]))
    return _remember(repository._trees, tree_id, found)


def differing(
    repository: Repository, old: str | None, new: str | None
) -> tuple[list[tuple[str, Entry | None, Entry | None]], int]:
    """The entries that differ between two tree objects (None: no tree), and how many there are in both.

    Only these are made: a directory that names every service, or every version, has few of them. Refuses what ``tree``
    refuses.
    """
    before = _listing(repository, old) if old else _NOTHING
    after = _listing(repository, new, before) if new else _NOTHING
    left, right = trees.differing(before, after)
    gone, come = ({part[1]: _made(part) for part in parts} for parts in (left, right))
    names = {**gone, **come}
    return [(one.name, gone.get(raw), come.get(raw)) for raw, one in names.items()], len(before) + len(after)


def _made(part: Part) -> Entry:
    return Entry(part[1].decode("utf-8", "surrogateescape"), part[2].hex(), int(part[0], 8))


def _listing(repository: Repository, tree_id: str, beside: Listing | None = None) -> Listing:
    """The listing of a tree object, from one that may have much in common with it; those of last time are kept."""
    found = repository.listings.get(tree_id)
    if found is None:
        content = _tree_content(repository, tree_id)
        found = trees.listed_beside(beside, content, tree_id) if beside else trees.listed(content, tree_id)
        repository.listings.keep(tree_id, found)
    return found


def _named_in(repository: Repository, tree_id: str, name: str) -> Entry | None:
    """The entry of a name in a tree object.

    At the first question about a tree only the one entry is made, so that a directory with a file for each version
    costs little; from the second on all of them are kept. One that was just told apart from another is at hand.
    """
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a name that has no bytes
        return None
    known = repository.listings.get(tree_id)
    if known is not None:
        part = known.named(raw)
        return None if part is None else _made(part)
    if tree_id in repository._trees or tree_id in repository._asked_once:
        return tree(repository, tree_id).get(name)
    content = _remember(repository._asked_once, tree_id, _tree_content(repository, tree_id))
    parts = trees.checked(content, tree_id)
    try:
        return _made(parts[[part[1] for part in parts].index(raw)])
    except ValueError:
        return None


def _tree_content(repository: Repository, tree_id: str) -> bytes:
    kind, content = _content(repository, tree_id)
    if kind != TREE_KIND:
        raise InvalidData(f"The object {tree_id} is not a directory.")
    repository.reads["tree"] += 1
    return content


def _remember(cache: dict[K, V], key: K, value: V) -> V:
    if len(cache) >= _CACHED_TREES:
        cache.clear()
    cache[key] = value
    return value


def _header(repository: Repository, object_id: str) -> tuple[int, int]:
    """Kind and size of an object, without its content."""
    kind, size = _asked(repository, object_id, lambda: tuple(repository.objects.odb.read_header(object_id)))
    return int(kind), int(size)


def _content(repository: Repository, object_id: str) -> tuple[int, bytes]:
    """Kind and content of an object."""
    return _asked(repository, object_id, lambda: _verified(repository, object_id))


def _verified(repository: Repository, object_id: str) -> tuple[int, bytes]:
    """Kind and content of an object whose content is what its id says; a damaged one raises as a missing one does.

    libgit2 would check that too, by a SHA-1 that looks for collisions and takes five times as long; git refuses those
    when it fetches.
    """
    import pygit2

    kind, content = repository.objects.odb.read(object_id)
    number, data = int(kind), bytes(content)
    found = sha1(b"%b %d\0%b" % (_KINDS[number], len(data), data), usedforsecurity=False).hexdigest()
    if not found.startswith(object_id):
        raise pygit2.GitError(f"its content has the id {found}")
    return number, data


def _asked(repository: Repository, object_id: str, question: Callable[[], V]) -> V:
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
