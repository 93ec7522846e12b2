"""The transport by the git program: what people have set up to get in (ssh, credential helpers, proxies) works.

git fetches into the mirror's object store and into a reference of its own, which is looked at and removed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from signet.errors import SignetError
from signet.registry.git import program
from signet.registry.git.repository import Repository
from signet.registry.git.transport import REMOTE, Push, trouble

_FETCH = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc"]
_PUSH = ["push", "--porcelain", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no"]
_NO_SUCH_REF = "couldn't find remote ref"
_INCOMING = "refs/signet/incoming"


class ByProgram:
    """``Transport`` by the git program."""

    name = "git"

    def default_branch(self, repository: Repository) -> str:
        answer = repository.run(["ls-remote", "--symref", "--", REMOTE, "HEAD"])
        if not answer.ok:
            raise _failure(repository, answer)
        found = re.search(r"^ref: refs/heads/(\S+)\t", answer.output.decode("utf-8", "replace"), re.MULTILINE)
        if not answer.output:
            _check_that_it_is_git(repository)
        return found[1] if found else ""

    def branch_at(self, repository: Repository, ref: str) -> str | None:
        answer = repository.run(["ls-remote", "--", REMOTE, ref])
        if not answer.ok:
            raise _failure(repository, answer)
        lines = (line.partition("\t") for line in answer.output.decode("utf-8", "replace").splitlines())
        found = next((commit for commit, _, name in lines if name == ref), None)
        if found is None:
            _check_that_it_is_git(repository)
        return found

    def fetch(self, repository: Repository, *, first: bool, partial: bool, timeout: float) -> str | None:
        how = (["--depth=1", "--filter=blob:none"] if partial else ["--no-filter"]) if first else []
        spec = f"+{repository.ref}:{_INCOMING}"
        answer = repository.run([*_FETCH, *how, REMOTE, spec], timeout=timeout)
        repository.reopen()
        if answer.ok:
            references = repository.objects.references
            commit = str(references[_INCOMING].target)
            references.delete(_INCOMING)
            return commit
        if _NO_SUCH_REF not in answer.said:
            raise _failure(repository, answer)
        _check_that_it_is_git(repository)
        return None

    def fetch_objects(self, repository: Repository, ids: Sequence[str]) -> None:
        answer = repository.run(
            ["-c", "fetch.negotiationAlgorithm=noop", *_FETCH, "--filter=blob:none", "--stdin", REMOTE],
            stdin="".join(f"{one}\n" for one in ids).encode(),
        )
        if not answer.ok:
            raise _failure(repository, answer)

    def unshallow(self, repository: Repository, *, timeout: float) -> None:
        answer = repository.run([*_FETCH, "--unshallow", REMOTE, repository.ref], timeout=timeout)
        if not answer.ok:
            raise _failure(repository, answer)

    def push(self, repository: Repository, ref: str, old: str | None, new: str) -> Push:
        lease = f"--force-with-lease={ref}:{old or ''}"
        answer = repository.run([*_PUSH, lease, "--end-of-options", REMOTE, f"{new}:{ref}"])
        said = _said(answer)
        if answer.ok:
            return Push("accepted", said=said)
        verdict = _verdict(answer)
        reason = program.one_line(f"{verdict}: {'; '.join(said)}" if verdict and said else verdict)
        if trouble.is_race(reason or answer.line):
            return Push("moved", said=said)
        if verdict:
            return Push("refused", reason, trouble.refused(reason).remedy, said)
        return Push(*trouble.for_a_push(answer.said or answer.line, answer.line), said)

    def gather(self, repository: Repository, *, timeout: float) -> None:
        repository.run(["-c", "gc.pruneExpire=2.weeks.ago", "gc", "--quiet"], timeout=timeout)


def _check_that_it_is_git(repository: Repository) -> None:
    """A page or a login form by HTTP looks like an empty repository to git: ask whether the protocol was spoken."""
    if not repository.url.startswith("http"):
        return
    answer = repository.run(["ls-remote", "--", REMOTE, "HEAD"], variables={"GIT_TRACE_PACKET": "1"})
    if not answer.ok:
        raise _failure(repository, answer)
    if " packet: " not in answer.said:
        raise trouble.unreachable(repository.location, "no git server", "it does not speak git's protocol")


def _failure(repository: Repository, answer: program.Answer) -> SignetError:
    return trouble.unreachable(repository.location, answer.said or answer.line, answer.line)


def _said(answer: program.Answer) -> tuple[str, ...]:
    """What the server said to the pusher."""
    lines = (line for line in re.split(r"[\r\n]+", answer.said) if line.startswith("remote:"))
    clean = (program.one_line(line.removeprefix("remote:")) for line in lines)
    return tuple(line for line in clean if line)


def _verdict(answer: program.Answer) -> str:
    """Why the server (or git, by the lease) rejected the branch; empty without a verdict."""
    output = answer.output.decode("utf-8", "replace")
    found = re.search(r"^!\t[^\t]*\t\[(?:remote )?(?:rejected|failure)\](?: \((.*)\))?", output, re.MULTILINE)
    return (found[1] or "rejected") if found else ""
