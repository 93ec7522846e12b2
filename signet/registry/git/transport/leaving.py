"""Objects that leave a mirror for a server, and the mirror's own packs put together, for the transport by dulwich."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Set
from contextlib import suppress
from pathlib import Path
from typing import Any

from dulwich.pack import UnpackedObject

from signet.registry.git import objects
from signet.registry.git.repository import Repository
from signet.registry.git.transport.soundness import BLOB, COMMIT


def missing_there(repository: Repository, new: str, there: Set[str], *, partial: bool) -> list[tuple[int, str]]:
    """Kind and id of each object of ``new`` and its history that a server with the commits ``there`` lacks.

    A file that a partial mirror does not hold has come from that server: it is there.
    """
    store, found, todo = repository.objects, dict[str, int](), [new]
    while todo:
        commit = todo.pop()
        if commit in there or commit in found:
            continue
        found[commit] = COMMIT
        raw = objects.raw_commit(repository, commit)
        parents = [line[7:].decode() for line in raw.partition(b"\n\n")[0].split(b"\n") if line.startswith(b"parent ")]
        before = objects.root_tree(repository, parents[0]) if parents else None
        for one, kind in _new_below(repository, objects.tree_named_in(raw, commit), before):
            if one not in found and not (partial and kind == BLOB and one not in store):
                found[one] = kind
        todo += parents
    return [(kind, one) for one, kind in found.items()]


def outgoing(repository: Repository, ids: list[tuple[int, str]]) -> Iterator[UnpackedObject]:
    """The objects as dulwich packs them."""
    for kind, one in ids:
        yield UnpackedObject(kind, decomp_chunks=[objects.raw(repository, one)], sha=bytes.fromhex(one))


def gathered(repository: Repository, *, partial: bool) -> None:
    """Put all objects of the mirror into one pack, and remove the packs and single files that it replaces.

    Nothing that is in the mirror is dropped, referred to or not; who has an old pack open goes on reading it.
    """
    folder = repository.git_dir / "objects"
    old = [path for path in (folder / "pack").glob("pack-*.pack") if path.with_suffix(".idx").is_file()]
    store = repository.objects
    ids = set(store.odb)
    if not ids:
        return
    with tempfile.TemporaryDirectory(prefix="tmp_gather_", dir=folder) as made:
        written = store.pack(made, lambda builder: _add_all(builder, ids))
        if written < len(ids):
            return
        new = next(Path(made).glob("pack-*.pack"))
        if partial:
            new.with_suffix(".promisor").touch()
        for suffix in (".promisor", ".pack", ".idx"):
            with suppress(FileNotFoundError):
                new.with_suffix(suffix).rename(folder / "pack" / new.with_suffix(suffix).name)
    repository.reopen()
    for path in old:
        if path.name != new.name:
            for suffix in (".idx", ".pack", ".promisor", ".rev", ".bitmap"):  # the index first: it names the pack
                path.with_suffix(suffix).unlink(missing_ok=True)
    for one in map(str, ids):
        (folder / one[:2] / one[2:]).unlink(missing_ok=True)


def _new_below(repository: Repository, tree: str, before: str | None) -> Iterator[tuple[str, int]]:
    """A tree and what is in it, without what stands in the tree ``before`` at the same place."""
    if tree == before:
        return
    yield tree, objects.TREE_KIND
    known = objects.tree(repository, before) if before else {}
    for name, entry in objects.tree(repository, tree).items():
        old = known.get(name)
        if old is not None and old.id == entry.id:
            continue
        if entry.is_tree:
            yield from _new_below(repository, entry.id, old.id if old is not None and old.is_tree else None)
        elif entry.mode != objects.MODULE:
            yield entry.id, BLOB


def _add_all(builder: Any, ids: Set[Any]) -> None:
    for one in ids:
        builder.add(one)
