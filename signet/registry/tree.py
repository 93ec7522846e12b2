"""One commit's files: found, listed, read and parsed, late and only where they are asked for.

A file that is needed and broken raises InvalidData naming it; what is not asked for is not read, so it cannot change an
answer. What the files mean together is for whoever builds on this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from typing import TypeVar

from signet.core.formats import text
from signet.core.model import names
from signet.errors import Fault, InvalidData
from signet.registry import documents, git, layout

R = TypeVar("R", bound=documents.Record)

MOST_TAKEN_OVER = 100_000
"""A state that has read more records than this hands none of them on."""


class Tree:
    """The files of a registry at a commit; None is a repository without commits.

    ``like`` is another commit of the same repository: records that are equal there, byte for byte, are read once.
    """

    def __init__(self, repo: git.Repository, commit: str | None) -> None:
        self.repo = repo
        self.commit = commit
        self.like: Tree | None = None
        self._folders = {""}
        self._unread: str | None = None
        self._texts: dict[str, str] = {}
        self._records: dict[str, documents.Record | None] = {}
        self._known: dict[layout.Identity, documents.Record | None] = {}
        self._listed: dict[str, frozenset[str]] = {}

    def take_over(self, other: Tree, changed: Collection[str]) -> None:
        """Know what was read at another commit; ``changed`` are all paths of the registry that differ.

        Unlike with ``like``, the other one need not be kept: a service that goes on from commit to commit would keep
        all of them. Where much has gathered nothing is taken over, so that it cannot grow for ever.
        """
        self.repo.share_trees(other.repo)
        if len(other._records) <= MOST_TAKEN_OVER:
            self._records, self._texts = dict(other._records), dict(other._texts)
            for path in changed:
                self._records.pop(path, None)
                self._texts.pop(path, None)
            self._listed = {
                path: listed for path, listed in [*other._listed.items()] if self._lists_the_same(path, other, changed)
            }

    def _lists_the_same(self, folder: str, other: Tree, changed: Collection[str]) -> bool:
        """Does a directory list what it listed at another commit, as far as names and kinds go?"""
        depth = folder.count("/") + 2
        begin = f"{folder}/"
        inside = {"/".join(path.split("/", depth)[:depth]) for path in changed if path.startswith(begin)}
        inside |= {folder} & set(changed)
        return all((self.mark(one) or "").split()[:1] == (other.mark(one) or "").split()[:1] for one in inside)

    def entry(self, path: str) -> git.Entry | None:
        """The tree entry at a path; InvalidData for what is no regular file, or stands below what is no directory."""
        if self.commit is None:
            return None
        found = git.entry(self.repo, self.commit, path)
        if found is None:
            self._check_folder(path.rpartition("/")[0])
        elif not found.is_file:
            raise documents.refused(path, [Fault(path, None, 0, f"is not a regular file (mode {found.mode:o})")])
        return found

    def bytes_at(self, path: str) -> bytes | None:
        """The content of a file, or None; InvalidData above 20 MB (the size is looked up first)."""
        self._check_format()
        found = self.entry(path)
        if found is None:
            return None
        try:
            return git.blob(self.repo, found.id, text.MAX_BYTES)
        except InvalidData as error:
            raise documents.refused(path, [Fault(path, None, 0, error.message)]) from None

    def founded(self, registry: str) -> None:
        """Say which blob ``signet.yaml`` is; it is read at once where it is at hand, else with the first other file."""
        self._unread = registry
        if not git.lacks(self.repo, registry):
            self._check_format()

    def _check_format(self) -> None:
        """Parse ``signet.yaml``, once, before any other file; in a clone without blobs it is fetched with the first."""
        if self._unread is None:
            return
        self._unread = None
        data = self.bytes_at(layout.REGISTRY)
        assert data is not None  # noqa: S101 - its entry was found
        documents.parse(documents.RegistryFile, data, layout.REGISTRY)

    def prefetch(self, ids: Iterable[str]) -> None:
        """Fetch blobs together, in a clone without them; elsewhere nothing has to be done."""
        git.prefetch(self.repo, [*ids, self._unread] if self._unread is not None else ids)

    def listing(self, path: str) -> tuple[git.Entry, ...]:
        """The entries of a directory; none where nothing is there, InvalidData where something else is.

        A file or a link in place of ``environments/production`` would make everything that is live there invisible.
        """
        if self.commit is None:
            return ()
        self._check_folder(path)
        return git.entries(self.repo, self.commit, path)

    def _check_folder(self, path: str) -> None:
        if path in self._folders or self.commit is None:
            return
        above, _, _ = path.rpartition("/")
        if above:
            self._check_folder(above)
        found = git.entry(self.repo, self.commit, path)
        if found is not None and not found.is_tree:
            raise documents.refused(path, [Fault(path, None, 0, f"is not a directory (mode {found.mode:o})")])
        self._folders.add(path)

    def _record(self, model: type[R], identity: layout.Identity, **fields: str) -> R | None:
        if identity in self._known:
            known = self._known[identity]
            return known if isinstance(known, model) else None
        path = layout.path(*identity)
        if path not in self._records and self.like is not None and self.is_alike(path):
            self._records[path] = self.like._record(model, identity, **fields)
            if path in self.like._texts:
                self._texts[path] = self.like._texts[path]
        if path not in self._records:
            data = self.bytes_at(path)
            self._records[path] = None if data is None else documents.parse(model, data, path, fields)
            if data is not None and model in (documents.ContractFile, documents.SpecFile):
                self._texts[path] = data.decode("utf-8-sig")  # for the places of faults inside
        found = self._known[identity] = self._records[path]
        return found if isinstance(found, model) else None

    def mark(self, path: str) -> str | None:
        """What tells two states of a path apart without reading it: equal marks, equal contents; None is nothing."""
        found = None if self.commit is None else git.entry(self.repo, self.commit, path)
        return None if found is None else f"{found.mode:o} {found.id}"

    def is_alike(self, path: str) -> bool:
        """Is the file there, and the same, in the commit that this one is like?"""
        mark = self.mark(path)
        return mark is not None and self.like is not None and self.like.mark(path) == mark

    def names_in(self, path: str, kind: str, ending: str) -> Set[str]:
        """The names that a directory lists: of sub-directories for the ending "", else of files with that ending.

        What has another mode is listed too, so that whoever needs it is told that it cannot be read; a file where
        directories should be is not: teams keep notes there.
        """
        return _Names(self, path, kind, ending)

    def where(self, need: tuple[str, ...]) -> str:
        """The path of a fact."""
        return layout.path(*need)

    def expect(self, needs: Iterable[tuple[str, ...]]) -> None:
        """Fetch together, in a clone without blobs, what will be asked for; elsewhere nothing has to be done."""
        if self.commit is None or self.repo.kind != "remote" or not git.is_partial(self.repo):
            return
        ids = []
        for need in needs:
            found = git.entry(self.repo, self.commit, layout.path(*need))
            if found is None and need[0] == "spec":
                found = git.entry(self.repo, self.commit, layout.path("agreed-spec", need[1]))
            if found is not None and found.is_file:
                ids.append(found.id)
        self.prefetch(ids)


class _Names(Set[str]):
    """The names that a directory lists. Whether one is among them is looked up without listing the others."""

    def __init__(self, tree: Tree, path: str, kind: str, ending: str) -> None:
        self._tree, self._path, self._kind, self._ending = tree, path, kind, ending

    def __contains__(self, name: object) -> bool:
        listed = self._tree._listed.get(self._path)
        if listed is not None or not isinstance(name, str):
            return name in (listed or ())
        if self._tree.commit is None or names.fault_of(self._kind, name) is not None:
            return False
        self._tree._check_folder(self._path)
        found = git.entry(self._tree.repo, self._tree.commit, f"{self._path}/{name}{self._ending}")
        return found is not None and self._counts(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _counts(self, found: git.Entry) -> bool:
        return bool(self._ending) or not found.is_file

    def _all(self) -> frozenset[str]:
        listed = self._tree._listed.get(self._path)
        if listed is None:
            found = []
            for one in self._tree.listing(self._path):
                name = one.name.removesuffix(self._ending) if self._ending else one.name
                is_named = one.name.endswith(self._ending) and names.fault_of(self._kind, name) is None
                if is_named and self._counts(one):
                    found.append(name)
            listed = self._tree._listed[self._path] = frozenset(found)
        return listed

    @classmethod
    def _from_iterable(cls, found: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(found)
