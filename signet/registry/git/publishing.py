"""Publishing a commit: the branch moves from ``old`` to ``new`` or not at all.

A remote: ``git push`` with the lease on ``old``; what the server's words mean is not guessed: after any failure the
branch is fetched and looked at. A bare repository: a compare-and-swap of the reference. A clone with a work tree:
``signet.registry.git.worktree``.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.faults import reached
from signet.registry.git import mirror, program, worktree
from signet.registry.git.log import is_ancestor
from signet.registry.git.repository import Repository, head, refresh

_RACE = re.compile(
    r"stale info|fetch first|non-fast-forward|cannot lock ref|failed to (?:update|lock)|unable to (?:update|lock)"
    r"|\.lock'|reference already exists|incorrect old value|remote ref updated since checkout",
    re.IGNORECASE,
)
_NO_ACCESS = re.compile(
    r"\b40[13]\b|permission|denied|authenticat|could not read (?:username|password)|not allowed|read.only|forbidden",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Push:
    """What became of it: "accepted", "moved" (the branch is elsewhere: decide again) or "refused", and why."""

    status: str
    reason: str = ""


def publish(repository: Repository, old: str | None, new: str) -> Push:
    """Move the registry's branch from ``old`` (None: it must not exist) to ``new``, a commit made by ``commit``.

    Raises RegistryUnreachable where a remote gives no verdict at all, and UsageError for a path without a branch or
    with a work tree that is not clean; nothing has changed then.
    """
    repository.reads["push"] += 1
    if repository.kind == "remote":
        if repository.offline:
            raise UsageError("Nothing can be published with --offline.", "Leave --offline out.")
        return _push(repository, old, new)
    move = worktree.bring_along if repository.kind == "worktree" else swap
    return Push("accepted" if move(repository, old, new) or _is_published(repository, new) else "moved")


def _push(repository: Repository, old: str | None, new: str) -> Push:
    lease = f"--force-with-lease={repository.ref}:{old or ''}"
    quiet = ["--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no"]
    answer = repository.run(["push", *quiet, lease, "--end-of-options", mirror.REMOTE, f"{new}:{repository.ref}"])
    if answer.ok:
        reached("accepted")
        mirror.advance(repository, new)
        return Push("accepted")
    refresh(repository)  # raises RegistryUnreachable: then nobody knows, and the caller looks again later
    if _is_published(repository, new):
        return Push("accepted")  # the server took it, and its answer was lost
    if head(repository) != old:
        return Push("moved")
    verdict = _verdict(answer)
    if _RACE.search(verdict or answer.line):
        return Push("moved")
    if verdict or _NO_ACCESS.search(answer.said):
        return Push("refused", verdict or answer.line)
    raise RegistryUnreachable(
        f"The push to {repository.location} did not go through: {answer.line}.", "Nothing was published; try again."
    )


def _is_published(repository: Repository, commit: str) -> bool:
    now = head(repository)
    return now is not None and is_ancestor(repository, commit, now)


def _verdict(answer: program.Answer) -> str:
    """Why the server (or git, by the lease) rejected the branch, with the server's words; empty without a verdict."""
    found = re.search(
        r"^!\t[^\t]*\t\[(?:remote )?(?:rejected|failure)\](?: \((.*)\))?", answer.output.decode(errors="replace"), re.M
    )
    if found is None:
        return ""
    said = [
        line.removeprefix("remote:").strip() for line in re.split(r"[\r\n]+", answer.said) if line.startswith("remote:")
    ]
    words = "; ".join(line for line in said if line)
    reason = found[1] or "rejected"
    return program.one_line(f"{reason}: {words}" if words else reason)


def swap(repository: Repository, old: str | None, new: str) -> bool:
    """Compare-and-swap of a bare repository's reference; False if it is not at ``old``, or its lock is held."""
    from dulwich.file import FileLocked
    from dulwich.objects import ZERO_SHA, ObjectID
    from dulwich.refs import DiskRefsContainer, Ref

    class Refs(DiskRefsContainer):
        """Reads packed references anew at each question: a copy from before the lock could lose an update."""

        def get_packed_refs(self):  # type: ignore[no-untyped-def]
            self._packed_refs = None
            return super().get_packed_refs()

    for pause in (0.01, 0.03, 0.1, 0):
        try:
            refs, expected = Refs(str(repository.common_dir)), ObjectID(old.encode()) if old else ZERO_SHA
            moved = bool(refs.set_if_equals(Ref(repository.ref.encode()), expected, ObjectID(new.encode())))
            if moved:
                reached("accepted")
            return moved
        except FileLocked:
            time.sleep(pause)
        except OSError as error:
            raise RegistryUnreachable(
                f"The branch '{repository.branch}' of {repository.location} cannot be written: {error.strerror}.",
                "Look at the permissions of the repository.",
            ) from error
    return False
