"""Publishing a commit: a branch moves from ``old`` to ``new`` or not at all.

A remote: the transport's push with the lease on ``old``; what the server's words mean is not guessed: after any
failure the branch is fetched and looked at. A bare repository: a compare-and-swap of the reference. A clone with a
work tree: ``signet.registry.git.worktree``.

``propose`` moves another branch than the registry's, for a pull request.
"""

from __future__ import annotations

from signet.errors import RegistryUnreachable, UsageError
from signet.registry.faults import reached
from signet.registry.git import mirror, worktree
from signet.registry.git.log import is_ancestor
from signet.registry.git.references import swap
from signet.registry.git.repository import Repository, check_branch, head, refresh
from signet.registry.git.transport import Push


def publish(repository: Repository, old: str | None, new: str) -> Push:
    """Move the registry's branch from ``old`` (None: it must not exist) to ``new``, a commit made by ``commit``.

    Raises RegistryUnreachable where a remote gives no verdict at all, and UsageError for a path without a branch or
    with a work tree that is not clean; nothing has changed then.
    """
    repository.reads["push"] += 1
    if repository.kind == "remote":
        _check_online(repository)
        return _push(repository, old, new)
    if repository.kind == "worktree":
        moved = worktree.bring_along(repository, old, new)
    else:
        moved = swap(repository, repository.ref, old, new)
        if moved:
            reached("accepted")
    return Push("accepted" if moved or _is_published(repository, new) else "moved")


def propose(repository: Repository, branch: str, commit: str) -> Push:
    """Put ``branch`` on a commit: created, or moved with a lease on where it is now. The registry's own stays.

    "moved" means that somebody else moved it at the same moment. Of a remote, ``said`` holds what the server told, such
    as the address that opens a pull request. Raises UsageError for the registry's branch and for what is no name.
    """
    check_branch(branch)
    ref = f"refs/heads/{branch}"
    if ref == repository.ref:
        raise UsageError(f"'{branch}' is the registry's own branch.", "Choose another name for the proposal.")
    repository.reads["push"] += 1
    if repository.kind != "remote":
        found = repository.objects.references.get(ref)
        return Push("accepted" if swap(repository, ref, str(found.target) if found else None, commit) else "moved")
    _check_online(repository)
    old = repository.transport.branch_at(repository, ref)
    if old == commit:
        return Push("accepted")
    answer = repository.transport.push(repository, ref, old, commit)
    if answer.status == "accepted":
        return answer
    now = repository.transport.branch_at(repository, ref)
    if now == commit:
        return Push("accepted", said=answer.said)
    return _settled(repository, answer) if now == old else Push("moved", said=answer.said)


def _check_online(repository: Repository) -> None:
    if repository.offline:
        raise UsageError("Nothing can be published with --offline.", "Leave --offline out.")


def _push(repository: Repository, old: str | None, new: str) -> Push:
    answer = repository.transport.push(repository, repository.ref, old, new)
    if answer.status == "accepted":
        reached("accepted")
        mirror.advance(repository, new)
        return answer
    refresh(repository)  # raises RegistryUnreachable: then nobody knows, and the caller looks again later
    if _is_published(repository, new):
        return Push("accepted", said=answer.said)  # the server took it, and its answer was lost
    if head(repository) != old:
        return Push("moved", said=answer.said)
    return _settled(repository, answer)


def _settled(repository: Repository, answer: Push) -> Push:
    """The answer about a branch that did not move; RegistryUnreachable where there was none."""
    if answer.status == "unclear":
        raise RegistryUnreachable(
            f"The push to {repository.location} did not go through: {answer.reason}.",
            f"Nothing was published. {answer.remedy}".strip(),
        )
    return answer


def _is_published(repository: Repository, commit: str) -> bool:
    now = head(repository)
    return now is not None and is_ancestor(repository, commit, now)
