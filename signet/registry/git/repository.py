"""The handle of one registry repository, and opening, creating and refreshing it.

The only module that makes pygit2 objects; they stay inside this package. libgit2 reads objects and references and
runs no program, so neither the user's configuration nor ``safe.directory`` concerns it (the git program asks for
itself).
"""

from __future__ import annotations

import functools
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.git import address, program
from signet.registry.git.trees import Listings

if TYPE_CHECKING:
    from signet.registry.git.objects import Entry
    from signet.registry.git.transport import Transport

_SHARED = 2_000
"""So many directories are handed on to another handle."""


@dataclass(eq=False)
class Repository:
    """One registry: treat it as opaque outside ``signet.registry.git``.

    ``location`` is safe to show. ``kind`` is "bare", "worktree" or "remote". ``branch`` is the registry's branch
    ("HEAD" for a work tree with a detached HEAD: readable, not writable). ``reads`` counts blob, tree, fetch,
    prefetch, lazy (prefetches for one forgotten object), push and deepen. ``cache`` is the cache directory; None: the
    usual one.
    """

    location: str
    kind: str
    branch: str
    offline: bool
    reads: Counter[str] = field(default_factory=Counter)
    git_dir: Path = field(default_factory=Path, repr=False)
    work_tree: Path | None = field(default=None, repr=False)
    url: str = field(default="", repr=False)
    protocols: str = field(default="https:ssh:file", repr=False)
    timeout: float = field(default=60.0, repr=False)
    cache: Path | None = field(default=None, repr=False)
    wanted: str = field(default="auto", repr=False)
    _transport: Transport | None = field(default=None, repr=False)
    _objects: Any = field(default=None, repr=False)
    _trees: dict[str, dict[str, Entry]] = field(default_factory=dict, repr=False)
    listings: Listings = field(default_factory=Listings, repr=False)
    _asked_once: dict[str, bytes] = field(default_factory=dict, repr=False)
    _roots: dict[str, str] = field(default_factory=dict, repr=False)
    _folders: dict[tuple[str, str], str | None] = field(default_factory=dict, repr=False)

    @property
    def ref(self) -> str:
        """The full name of the registry's branch."""
        return f"refs/heads/{self.branch}"

    @property
    def common_dir(self) -> Path:
        """The directory with objects and references (a linked work tree shares its main one's)."""
        pointer = self.git_dir / "commondir"
        return (self.git_dir / pointer.read_text().strip()).resolve() if pointer.is_file() else self.git_dir

    @property
    def objects(self) -> Any:
        """The open pygit2 repository; it stays in this package."""
        if self._objects is None:
            self._objects = opened(self.git_dir)
        return self._objects

    def reopen(self) -> None:
        """Forget the open repository after git changed its boundary or replaced it.

        It is freed at once: libgit2 shares open packs by their path in the whole process, and a copy that is made again
        has packs of the same names.
        """
        if self._objects is not None:
            self._objects.free()
        self._objects = None

    def share_trees(self, other: Repository) -> None:
        """Keep the directories that were read together with another handle of the same repository, while they are few.

        Each push brings new ones, and whoever goes on from handle to handle would keep those of all pushes. Large ones
        are known for the difference to come.
        """
        self.listings = other.listings
        if len(other._trees) <= _SHARED and len(other._asked_once) <= _SHARED:
            self._trees, self._asked_once = other._trees, other._asked_once

    def forget_trees(self) -> None:
        """Let go of the directories that were read: who walks a long history does not come back to them."""
        for kept in (self._trees, self._asked_once, self._roots):
            kept.clear()

    @property
    def has_git(self) -> bool:
        """Is there a git program, and may it be used for this repository?"""
        return self.wanted != "dulwich" and bool(program.path())

    @property
    def transport(self) -> Transport:
        """How the remote is talked to; a path has none."""
        assert self._transport is not None  # noqa: S101 - opening a remote chooses one
        return self._transport

    def run(
        self,
        arguments: list[str],
        *,
        stdin: bytes = b"",
        variables: dict[str, str] | None = None,
        timeout: float | None = None,
    ) -> program.Answer:
        """Run git in this repository, with the token for its origin and the protocols of its address."""
        settings = program.token_settings(self.url)
        settings += [("http.lowSpeedLimit", "1"), ("http.lowSpeedTime", str(max(1, int(self.timeout))))]
        return program.run(
            arguments,
            git_dir=self.git_dir,
            work_tree=self.work_tree,
            cwd=self.work_tree,
            stdin=stdin,
            settings=settings,
            protocols=self.protocols,
            variables=variables,
            timeout=self.timeout if timeout is None else timeout,
        )


def open_repository(
    location: str,
    *,
    offline: bool = False,
    branch: str | None = None,
    cache: Path | None = None,
    partial: bool | None = None,
    timeout: float = 60.0,
    allow_http: bool = False,
    transport: str = "auto",
) -> Repository:
    """The registry at a URL or a path.

    A remote is read from a mirror in ``cache`` (see ``signet.registry.cache``); the network is asked
    only where that mirror does not hold the branch yet. ``partial`` makes a new mirror shallow and without blobs
    (default: in CI). ``timeout`` is for one network command; a first clone may take ten times as long. ``transport`` is
    how a remote is talked to: "git" (the program), "dulwich" (pure Python), or "auto": git where it is found. With
    "dulwich" no git program is run for a path either. Raises UsageError for what is no registry, RegistryUnreachable
    where it cannot be read.
    """
    from signet.registry.git.transport import checked, choose

    where = address.parse(location, allow_http=allow_http)
    if branch is not None:
        check_branch(branch)
    if where.path is not None:
        found = _open_path(location, where.path, branch, offline, timeout)
        found.wanted, found.cache = checked(transport), cache
        return found
    from signet.registry.git import mirror

    repository = Repository(
        location,
        "remote",
        branch or "",
        offline,
        url=where.url,
        protocols=where.protocols,
        timeout=timeout,
        cache=cache,
    )
    repository.wanted, repository._transport = transport, choose(transport)
    mirror.prepare(repository, partial)
    return repository


def head(repository: Repository) -> str | None:
    """The commit that the registry's branch points to; None for an empty repository."""
    import pygit2

    name = "HEAD" if repository.branch == "HEAD" else repository.ref
    try:
        return str(repository.objects.lookup_reference(name).resolve().target)
    except KeyError:
        return None
    except (pygit2.GitError, ValueError) as error:
        raise RegistryUnreachable(
            f"The branch of {repository.location} cannot be read: {program.one_line(str(error))}.",
            "Run 'git fsck' there.",
        ) from error


def host(repository: Repository) -> str:
    """The host of a remote; "" for a path."""
    return address.host_of(repository.url)


def remote(repository: Repository) -> str:
    """The URL of a remote; "" for a path. It holds no credentials: such a URL is refused."""
    return repository.url


def refresh(repository: Repository, *, accept_rewrite: str = "", since: int | None = None) -> None:
    """Fetch the branch of a remote into its mirror; nothing to do for a path, or offline.

    A fetch that began after ``since`` (nanoseconds since the epoch; none: now) is new enough: whoever has just opened a
    repository for the first time need not ask the remote twice.
    Raises RegistryUnreachable where that fails, InvalidData for objects that git's own check refuses, and TrustError
    (``history-rewritten``) where the branch does not descend from what was seen before, unless it now is at the commit
    ``accept_rewrite``.
    """
    if repository.kind == "remote" and not repository.offline:
        from signet.registry.git import mirror

        mirror.fetch(repository, accept_rewrite=accept_rewrite, since=since)


def create(path: Path, *, bare: bool, branch: str = "main") -> None:
    """Make an empty repository, without the hooks and templates of the user's configuration."""
    from signet.registry.git.blank import lay_out

    check_branch(branch)
    try:
        lay_out(path.absolute(), bare=bare, branch=branch)
    except OSError as error:
        raise UsageError(
            f"No repository could be made at {path}: {error.strerror}.", "Choose a directory you may write to."
        ) from error


def opened(path: Path) -> Any:
    """The pygit2 repository at exactly this path; KeyError where there is none."""
    return pygit2_for_reading().Repository(str(path), pygit2_for_reading().enums.RepositoryOpenFlag.NO_SEARCH)


@functools.cache
def pygit2_for_reading() -> Any:
    """The library, blind to the user's configuration and to who owns a directory."""
    import pygit2
    from pygit2.enums import ConfigLevel

    for level in (ConfigLevel.PROGRAMDATA, ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL):
        pygit2.settings.search_path[level] = ""
    pygit2.settings.owner_validation = False
    pygit2.settings.enable_strict_hash_verification(False)  # objects.py looks itself, and faster
    # A partial clone says so by an extension in some versions of git; reading what is there is safe all the same.
    pygit2.settings.set_extensions(["partialclone", "preciousobjects", "relativeworktrees", "worktreeconfig"])
    return pygit2


def _open_path(location: str, path: Path, branch: str | None, offline: bool, timeout: float) -> Repository:
    pygit2 = pygit2_for_reading()
    absolute = path.absolute()
    try:
        store = opened(absolute)
    except (KeyError, pygit2.GitError) as error:
        if (absolute / "HEAD").is_file() or (absolute / ".git").exists():
            why = f"The repository at {location} cannot be read: {program.one_line(str(error))}."
            raise RegistryUnreachable(why, "Run 'git fsck' there, and look at its permissions.") from error
        raise UsageError(
            f"There is no Git repository at {location}.",
            "Give the top directory of a clone or a bare repository; 'signet init' makes a new registry.",
        ) from error
    git_dir = Path(store.path)
    found = Repository(location, "bare", "", offline, git_dir=git_dir, timeout=timeout, _objects=store)
    try:
        named = _default_branch(store) if store.is_bare else _checked_out(store)
    except (KeyError, ValueError, pygit2.GitError) as error:
        why = f"The branch of {location} cannot be read: {program.one_line(str(error))}."
        raise RegistryUnreachable(why, "Run 'git fsck' there.") from error
    if store.is_bare:
        found.branch = branch or named
        return found
    found.kind, found.work_tree = "worktree", Path(store.workdir)
    if not absolute.samefile(found.work_tree) and not absolute.samefile(git_dir):
        raise UsageError(f"The work tree of {location} is somewhere else.", "Give the top directory of the clone.")
    found.branch = named
    if branch is not None and branch != found.branch:
        raise UsageError(
            f"The clone at {location} is on '{found.branch}', not on '{branch}'.", f"Run: git switch {branch}"
        )
    return found


def _checked_out(store: Any) -> str:
    target = store.lookup_reference("HEAD").target
    return target.removeprefix("refs/heads/") if isinstance(target, str) else "HEAD"


def _default_branch(store: Any) -> str:
    """What HEAD names; ``main`` where HEAD names a branch that does not exist and ``main`` does."""
    named = _checked_out(store)
    if named == "HEAD" or (f"refs/heads/{named}" not in store.references and "refs/heads/main" in store.references):
        return "main"
    return named


def check_branch(branch: str) -> None:
    """UsageError for what is no name for a branch."""
    if (
        branch.startswith("-")
        or branch == "HEAD"
        or not pygit2_for_reading().reference_is_valid_name(f"refs/heads/{branch}")
    ):
        raise UsageError(
            f"'{program.one_line(branch)}' is not a name for a branch.", "See 'git help check-ref-format'."
        )


def private_directory(path: Path) -> Path:
    """The directory, made with mode 0700 where it is missing; RegistryUnreachable where it belongs to somebody else."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = path.stat()
    except OSError as error:
        raise RegistryUnreachable(f"The cache {path} cannot be used: {error.strerror}.", "Set SIGNET_CACHE.") from error
    if hasattr(os, "geteuid") and about.st_uid != os.geteuid():
        raise RegistryUnreachable(
            f"The cache {path} belongs to another user.", "Set SIGNET_CACHE to a directory of your own, or remove it."
        )
    return path
