"""The mirror of a remote registry in the cache directory: made once, fetched, deepened, filled with missing blobs.

One bare repository per URL, named by the URL's hash, in a directory of mode 0700. Whoever changes it holds its lock
(``signet.registry.git.lock``). How the remote is talked to is the transport's business; what is believed is decided
here: the branch goes only forward, and what was seen before is not forgotten.

git's automatic gc is off everywhere; when much has gathered, ``fetch`` has the transport gather it under the lock, in
a way that neither a reader nor a commit that waits for its push loses an object. A mirror that cannot be read, or that
names foreign objects (alternates, grafts), is moved aside and made again, once.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from signet.errors import REWRITTEN, RegistryUnreachable, TrustError
from signet.registry.cache import root
from signet.registry.faults import reached
from signet.registry.git import program, seen
from signet.registry.git.blank import lay_out
from signet.registry.git.lock import locked, remove_stale_locks
from signet.registry.git.repository import Repository, head, opened, private_directory
from signet.registry.git.transport import REMOTE

_FIRST = 10  # times as long as usual: a first clone may take
_MANY_PACKS = 50
_MANY_LOOSE = 40  # in one of 256 directories


def prepare(repository: Repository, partial: bool | None) -> None:
    """Point the handle to the mirror of its URL; make the mirror, or fetch the branch, where that was never done."""
    directory = private_directory(root(repository.cache) / "git")
    repository.git_dir = directory / f"{sha256(repository.url.encode()).hexdigest()[:24]}.git"
    if not repository.git_dir.is_dir():
        if repository.offline:
            raise RegistryUnreachable(
                f"There is no copy of {repository.location} in the cache yet.", "Run this once without --offline."
            )
        in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
        with locked(repository):
            if not repository.git_dir.is_dir():
                _make(repository, in_ci if partial is None else partial)
    private_directory(repository.git_dir)
    if not _sound(repository):
        rebuild(repository)
    repository.branch = repository.branch or seen.known_branch(repository)
    if not repository.branch or (head(repository) is None and not repository.offline):
        fetch(repository)


def fetch(repository: Repository, *, accept_rewrite: str = "", since: int | None = None) -> None:
    """Bring the mirror's branch up to the remote's; see ``repository.refresh``.

    A fetch by another process that began after this call, or after ``since``, is as good as an own one.
    """
    asked = time.time_ns() if since is None else since
    with locked(repository):
        last = seen.last_seen(repository.git_dir)
        if last.begun > asked and last.branch == repository.branch and not accept_rewrite:
            return
        _find_branch(repository)
        _fetch_branch(repository, accept_rewrite)
        _tidy(repository)


def fetched_at(repository: Repository) -> float | None:
    """When the last successful fetch of the mirror began, in seconds since the epoch; None for a path."""
    begun = seen.last_seen(repository.git_dir).begun if repository.kind == "remote" else 0
    return begun / 1e9 if begun else None


def is_partial(repository: Repository) -> bool:
    """True if the mirror was made without blobs."""
    return repository.kind == "remote" and f"remote.{REMOTE}.promisor" in repository.objects.config


def fill(repository: Repository, ids: Iterable[str]) -> None:
    """Fetch these objects by id, all at once, into a partial mirror."""
    repository.reads["prefetch"] += 1
    with locked(repository):
        repository.transport.fetch_objects(repository, tuple(ids))


def deepen(repository: Repository) -> None:
    """Fetch the history that a shallow mirror lacks (no blobs, where the mirror is partial)."""
    with locked(repository):
        if (repository.git_dir / "shallow").is_file():
            repository.reads["deepen"] += 1
            repository.transport.unshallow(repository, timeout=repository.timeout * 10)
    repository.reopen()


def rebuild(repository: Repository) -> None:
    """Make a broken mirror again and move the old one aside; RegistryUnreachable offline, or where that fails too."""
    if repository.offline:
        raise RegistryUnreachable(
            f"The cached copy of {repository.location} is damaged: {repository.git_dir}.",
            "Run this once without --offline; the copy is made again.",
        )
    broken = repository.git_dir.stat().st_ino
    with locked(repository):
        if repository.git_dir.stat().st_ino == broken:  # else another process was faster
            _make(repository, b"promisor = true" in seen.content(repository.git_dir / "config"))
    repository.reopen()


def advance(repository: Repository, commit: str) -> None:
    """Move the mirror's branch forward to a commit that the remote has accepted; never back."""
    import pygit2

    with suppress(pygit2.GitError, OSError, RegistryUnreachable), locked(repository):  # else the next fetch does it
        now = head(repository)
        if now is None or (now != commit and repository.objects.descendant_of(commit, now)):
            repository.objects.references.create(repository.ref, commit, force=True)


def _make(repository: Repository, partial: bool) -> None:
    """A new mirror, complete or not there at all: it is built beside its place and renamed.

    One that was there before, be it aside already because a process died right here, tells what was seen of the remote.
    """
    final = repository.git_dir
    known = seen.last_seen(final) if final.is_dir() else seen.last_seen(final.with_suffix(".broken"))
    repository.git_dir = final.with_suffix(".new")
    repository.reopen()
    shutil.rmtree(repository.git_dir, ignore_errors=True)
    try:
        try:
            lay_out(repository.git_dir, bare=True, branch="main")
            repository.git_dir.chmod(0o700)
            with (repository.git_dir / "config").open("a", encoding="utf-8") as config:
                quoted = repository.url.replace("\\", "\\\\").replace('"', '\\"')
                config.write(f'[remote "{REMOTE}"]\n\turl = "{quoted}"\n')
                if partial:
                    config.write("\tpromisor = true\n\tpartialclonefilter = blob:none\n")
        except OSError as error:
            raise RegistryUnreachable(f"The cache cannot be written: {error.strerror}.", "Set SIGNET_CACHE.") from error
        _find_branch(repository)
        _fetch_branch(repository, "", first=True, partial=partial)
        if known.branch == repository.branch:
            _check_descent(repository, known.commit, head(repository) or "", "")
        reached("copied")
        if final.is_dir():
            shutil.rmtree(final.with_suffix(".broken"), ignore_errors=True)
            final.rename(final.with_suffix(".broken"))
            reached("aside")
        repository.git_dir.rename(final)
    finally:
        shutil.rmtree(final.with_suffix(".new"), ignore_errors=True)
        repository.git_dir = final
        repository.reopen()


def _fetch_branch(repository: Repository, accept_rewrite: str, *, first: bool = False, partial: bool = False) -> None:
    """Fetch exactly one branch, and believe it only if it goes on from where it was."""
    began = time.time_ns()
    repository.reads["fetch"] += 1
    remove_stale_locks(repository)
    allowed = repository.timeout * (_FIRST if first else 1)
    new = repository.transport.fetch(repository, first=first, partial=partial, timeout=allowed)
    repository.reopen()
    old = head(repository)
    _check_descent(repository, old or "", new or "", accept_rewrite)
    if new is not None and new != old:
        _move(repository, new)
    seen.note_fetch(repository, began)


def _move(repository: Repository, commit: str) -> None:
    import pygit2

    try:
        repository.objects.references.create(repository.ref, commit, force=True)
    except (pygit2.GitError, OSError) as error:
        raise RegistryUnreachable(
            f"The cache {repository.git_dir} cannot be written: {program.one_line(str(error))}.",
            "Look at its permissions and at the free space, or remove it: it is made again.",
        ) from error


def _check_descent(repository: Repository, old: str, new: str, accept_rewrite: str) -> None:
    """Raise TrustError unless new descends from old, as far as the mirror can tell, or is the accepted one."""
    if not old or old == new or (new and new == accept_rewrite):
        return
    store = repository.objects
    if new:
        if old in store and store.descendant_of(new, old):
            return
        if old not in store and (repository.git_dir / "shallow").is_file():
            return  # a new shallow mirror has no history to compare with
    error = TrustError(
        f"The history of '{repository.branch}' at {repository.location} was rewritten: it was at {old} and now "
        + (f"is at {new}, which does not descend from it." if new else "is gone."),
        f"Ask who did that and why. To go on: --accept-rewrite {new or 'COMMIT'}.",
        code=REWRITTEN,
    )
    error.commit = new
    raise error


def _find_branch(repository: Repository) -> None:
    """The remote's default branch, where none was asked for; ``main`` for an empty remote."""
    if repository.branch:
        return
    named = repository.transport.default_branch(repository)
    repository.branch = named or "main"
    if named:
        seen.note_default_branch(repository, named)


def _sound(repository: Repository) -> bool:
    """Can the mirror be opened, and its branch's commit be read, without objects from elsewhere?"""
    import pygit2

    git_dir = repository.git_dir
    if any((git_dir / name).exists() for name in ("objects/info/alternates", "info/grafts")):
        return False
    try:
        store = repository._objects = opened(git_dir)
        branch = repository.branch or seen.known_branch(repository)
        reference = store.references.get(f"refs/heads/{branch}") if branch else None
        return reference is None or store.odb.read(store.get(reference.target).tree_id) is not None
    except (KeyError, ValueError, AttributeError, pygit2.GitError):
        return False


def _tidy(repository: Repository) -> None:
    objects = repository.git_dir / "objects"
    packs = sum(1 for _ in objects.glob("pack/*.pack"))
    loose = sum(1 for _ in objects.glob("17/*"))
    if packs > _MANY_PACKS or loose > _MANY_LOOSE:
        repository.transport.gather(repository, timeout=repository.timeout * 10)
