"""The mirror of a remote registry in the cache directory: made once, fetched, deepened, filled with missing blobs.

One bare repository per URL, named by the URL's hash, in a directory of mode 0700. Whoever changes it holds its lock
file (flock, with the process id inside for people); readers need no lock, since objects never change. git's automatic
gc is off everywhere; when much has gathered, ``fetch`` runs gc itself under the lock, and gc keeps what is younger
than two weeks, so neither a reader nor a commit that waits for its push loses an object.

A mirror that cannot be read, or that names foreign objects (alternates, grafts), is moved aside and made again, once.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from signet.errors import InvalidData, RegistryUnreachable, TrustError
from signet.registry.git import program
from signet.registry.git.repository import Repository, head, opened, private_directory

REMOTE = "signet-mirror"  # a name that nobody has configured for other remotes
_FETCH = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc"]
_SEEN = "signet-fetched"
_DEFAULT = "signet-default-branch"
_NO_SUCH_REF = "couldn't find remote ref"
_UNSOUND = ("fsck error", "invalid index-pack output", "bad tree object", "badTree", "hasDot", "hasDotdot", "hasDotgit")
_STALE = 5.0  # seconds
_MANY_PACKS = 50
_MANY_LOOSE = 40  # in one of 256 directories


def prepare(repository: Repository, cache: Path | None, partial: bool | None) -> None:
    """Point the handle to the mirror of its URL; make the mirror, or fetch the branch, where that was never done."""
    root = (cache or Path(os.environ.get("SIGNET_CACHE") or _user_cache())).absolute()
    directory = private_directory(root / "git")
    repository.git_dir = directory / f"{sha256(repository.url.encode()).hexdigest()[:24]}.git"
    if not repository.git_dir.is_dir():
        if repository.offline:
            raise RegistryUnreachable(
                f"There is no copy of {repository.location} in the cache yet.", "Run this once without --offline."
            )
        in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
        with _locked(repository):
            if not repository.git_dir.is_dir():
                _make(repository, in_ci if partial is None else partial)
    private_directory(repository.git_dir)
    if not _sound(repository):
        rebuild(repository)
    repository.branch = repository.branch or _known_branch(repository)
    if not repository.branch or (head(repository) is None and not repository.offline):
        fetch(repository)


def fetch(repository: Repository, *, accept_rewrite: str = "") -> None:
    """Bring the mirror's branch up to the remote's; see ``repository.refresh``.

    A fetch by another process that began after this call is as good as an own one.
    """
    asked = time.time_ns()
    with _locked(repository):
        seen = _seen(repository)
        if seen.begun > asked and seen.branch == repository.branch and not accept_rewrite:
            return
        _find_branch(repository)
        _fetch_branch(repository, accept_rewrite)
        _tidy(repository)


def fetched_at(repository: Repository) -> float | None:
    """When the last successful fetch of the mirror began, in seconds since the epoch; None for a path."""
    begun = _seen(repository).begun if repository.kind == "remote" else 0
    return begun / 1e9 if begun else None


def is_partial(repository: Repository) -> bool:
    """True if the mirror was made without blobs."""
    return repository.kind == "remote" and f"remote.{REMOTE}.promisor" in repository.objects.config


def fill(repository: Repository, ids: Iterable[str]) -> None:
    """Fetch these objects by id, all at once, into a partial mirror."""
    wanted = "".join(f"{one}\n" for one in ids)
    repository.reads["prefetch"] += 1
    with _locked(repository):
        answer = repository.run(
            ["-c", "fetch.negotiationAlgorithm=noop", *_FETCH, "--filter=blob:none", "--stdin", REMOTE],
            stdin=wanted.encode(),
        )
    if not answer.ok:
        raise _failure(repository, answer)


def deepen(repository: Repository) -> None:
    """Fetch the history that a shallow mirror lacks (no blobs, where the mirror is partial)."""
    with _locked(repository):
        if (repository.git_dir / "shallow").is_file():
            repository.reads["deepen"] += 1
            answer = repository.run([*_FETCH, "--unshallow", REMOTE, repository.ref], timeout=repository.timeout * 10)
            if not answer.ok:
                raise _failure(repository, answer)
    repository.reopen()


def rebuild(repository: Repository) -> None:
    """Make a broken mirror again and move the old one aside; RegistryUnreachable offline, or where that fails too."""
    if repository.offline:
        raise RegistryUnreachable(
            f"The cached copy of {repository.location} is damaged: {repository.git_dir}.",
            "Run this once without --offline; the copy is made again.",
        )
    broken = repository.git_dir.stat().st_ino
    with _locked(repository):
        if repository.git_dir.stat().st_ino == broken:  # else another process was faster
            known = _seen(repository)
            _make(repository, b"promisor = true" in _content(repository.git_dir / "config"))
            if known.branch == repository.branch:
                _check_descent(repository, known.commit, head(repository) or "", "")
    repository.reopen()


def advance(repository: Repository, commit: str) -> None:
    """Move the mirror's branch forward to a commit that the remote has accepted; never back."""
    import pygit2

    with _locked(repository), suppress(pygit2.GitError, RegistryUnreachable):  # if it fails, the next fetch does it
        now = head(repository)
        if now is None or (now != commit and repository.objects.descendant_of(commit, now)):
            repository.objects.references.create(repository.ref, commit, force=True)


def _make(repository: Repository, partial: bool) -> None:
    """A new mirror, complete or not there at all: it is built beside its place and renamed."""
    final = repository.git_dir
    repository.git_dir = final.with_suffix(".new")
    repository.reopen()
    shutil.rmtree(repository.git_dir, ignore_errors=True)
    made = program.run(
        ["init", "--quiet", "--bare", "--template=", "--object-format=sha1", "--", str(repository.git_dir)]
    )
    try:
        if not made.ok:
            raise RegistryUnreachable(f"The cache cannot be written: {made.line}.", "Set SIGNET_CACHE.")
        repository.git_dir.chmod(0o700)
        with (repository.git_dir / "config").open("a", encoding="utf-8") as config:
            quoted = repository.url.replace("\\", "\\\\").replace('"', '\\"')
            config.write(f'[remote "{REMOTE}"]\n\turl = "{quoted}"\n')
            if partial:
                config.write("\tpromisor = true\n\tpartialclonefilter = blob:none\n")
        _find_branch(repository)
        _fetch_branch(repository, "", first=["--depth=1", "--filter=blob:none"] if partial else ["--no-filter"])
        if final.is_dir():
            shutil.rmtree(final.with_suffix(".broken"), ignore_errors=True)
            final.rename(final.with_suffix(".broken"))
        repository.git_dir.rename(final)
    finally:
        shutil.rmtree(final.with_suffix(".new"), ignore_errors=True)
        repository.git_dir = final
        repository.reopen()


def _fetch_branch(repository: Repository, accept_rewrite: str, *, first: list[str] | None = None) -> None:
    """Fetch exactly one branch. Without a plus sign git itself refuses to take it back."""
    began = time.time_ns()
    repository.reads["fetch"] += 1
    _remove_stale_locks(repository)
    allowed = repository.timeout if first is None else repository.timeout * 10
    spec = f"{repository.ref}:{repository.ref}"
    answer = repository.run([*_FETCH, *(first or []), REMOTE, spec], timeout=allowed)
    if not answer.ok and first is None and _NO_SUCH_REF not in answer.said:
        answer = _second_look(repository, answer, accept_rewrite)
    if not answer.ok:
        if _NO_SUCH_REF not in answer.said:
            raise _failure(repository, answer)
        _check_descent(repository, head(repository) or "", "", accept_rewrite)
    seen = f"{began}\n{repository.branch}\n{head(repository) or ''}\n"
    (repository.git_dir / _SEEN).write_text(seen, encoding="utf-8")


def _second_look(repository: Repository, answer: program.Answer, accept_rewrite: str) -> program.Answer:
    """A fetch failed: was history rewritten, or is the mirror broken while the remote answers?"""
    aside = "refs/signet/incoming"
    again = repository.run([*_FETCH, REMOTE, f"+{repository.ref}:{aside}"])
    if not again.ok:
        return answer
    repository.reopen()
    new, old = str(repository.objects.lookup_reference(aside).target), head(repository)
    _check_descent(repository, old or "", new, accept_rewrite)
    return repository.run(["update-ref", repository.ref, new])


def _remove_stale_locks(repository: Repository) -> None:
    """Remove what killed git processes left: we hold the mirror's own lock, and git holds these for moments only."""
    for name in ("HEAD", "config", "shallow", "packed-refs", repository.ref):
        lock = repository.git_dir / f"{name}.lock"
        with suppress(OSError):
            if time.time() - lock.stat().st_mtime > _STALE:
                lock.unlink()


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
    raise TrustError(
        f"The history of '{repository.branch}' at {repository.location} was rewritten: it was at {old} and now "
        + (f"is at {new}, which does not descend from it." if new else "is gone."),
        f"Ask who did that and why. To go on: --accept-rewrite {new or 'COMMIT'}.",
        code="history-rewritten",
    )


def _find_branch(repository: Repository) -> None:
    """The remote's default branch, where none was asked for; ``main`` for an empty remote."""
    if repository.branch:
        return
    answer = repository.run(["ls-remote", "--symref", "--", REMOTE, "HEAD"])
    if not answer.ok:
        raise _failure(repository, answer)
    named = [
        line for line in answer.output.decode("utf-8", "replace").splitlines() if line.startswith("ref: refs/heads/")
    ]
    repository.branch = named[0].split("\t")[0].removeprefix("ref: refs/heads/") if named else "main"
    if named:
        (repository.git_dir / _DEFAULT).write_text(repository.branch, encoding="utf-8")


def _failure(repository: Repository, answer: program.Answer) -> Exception:
    if any(word in answer.said for word in _UNSOUND):
        return InvalidData(
            f"The registry at {repository.location} holds objects that git refuses: {answer.line}.",
            remedy="Repair the repository at the forge; nothing of it was taken over.",
        )
    remedy = "Check the address, the network and your access."
    if "terminal prompts disabled" in answer.said or "Authentication failed" in answer.said:
        remedy = "Set SIGNET_TOKEN, or a git credential helper."
    return RegistryUnreachable(f"The registry at {repository.location} cannot be reached: {answer.line}.", remedy)


def _sound(repository: Repository) -> bool:
    """Can the mirror be opened, and its branch's commit be read, without objects from elsewhere?"""
    import pygit2

    git_dir = repository.git_dir
    if any((git_dir / name).exists() for name in ("objects/info/alternates", "info/grafts")):
        return False
    try:
        store = repository._objects = opened(git_dir)
        branch = repository.branch or _known_branch(repository)
        reference = store.references.get(f"refs/heads/{branch}") if branch else None
        return reference is None or store.odb.read(store.get(reference.target).tree_id) is not None
    except (KeyError, ValueError, AttributeError, pygit2.GitError):
        return False


def _tidy(repository: Repository) -> None:
    objects = repository.git_dir / "objects"
    packs = sum(1 for _ in objects.glob("pack/*.pack"))
    loose = sum(1 for _ in objects.glob("17/*"))
    if packs > _MANY_PACKS or loose > _MANY_LOOSE:
        repository.run(["-c", "gc.pruneExpire=2.weeks.ago", "gc", "--quiet"], timeout=repository.timeout * 10)


class _Seen(NamedTuple):
    """The latest successful fetch: when it began, of which branch, and which commit it found."""

    begun: int
    branch: str
    commit: str


def _seen(repository: Repository) -> _Seen:
    lines = _content(repository.git_dir / _SEEN).decode("utf-8", "replace").split("\n")
    whole = len(lines) > 3 and lines[0].isdecimal()
    return _Seen(int(lines[0]), lines[1], lines[2]) if whole else _Seen(0, "", "")


def _known_branch(repository: Repository) -> str:
    """The default branch that the remote named once; offline, else the one that was fetched last."""
    named = _content(repository.git_dir / _DEFAULT).decode("utf-8", "replace")
    return named or (_seen(repository).branch if repository.offline else "")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _user_cache() -> str:
    import platformdirs

    return platformdirs.user_cache_dir("signet")


@contextmanager
def _locked(repository: Repository) -> Iterator[None]:
    """Hold the mirror's lock; RegistryUnreachable after ten time-outs of waiting. Not re-entrant."""
    import fcntl

    path = repository.git_dir.with_suffix(".lock")
    with path.open("a+", encoding="ascii") as file:
        give_up = time.monotonic() + 10 * repository.timeout
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > give_up:
                    file.seek(0)
                    raise RegistryUnreachable(
                        f"The cache {repository.git_dir} is in use by process {file.read(20).strip() or '?'}.",
                        "Try again when it has ended.",
                    ) from None
                time.sleep(0.02)
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
