"""A statement -> one commit, landed. The push is the compare-and-swap (design: registry.md, Writing).

The recipe:
1. Undo what a killed writer left in a work tree, fetch, and read the state at the head.
2. Decide: turn the fact into edits, or refuse. A guarded deployment asks Deploy Guard here.
3. Nothing to edit: the fact holds already; no commit, and that is a success.
4. Build the tree and the commit from the head; nothing is durable yet.
5. Push with the head as expected parent. The branch moved: wait (full jitter) and begin again at 1, until the time
   runs out. Refused for another reason: stop, and say which. A proposal goes to a branch of its own instead, and the
   registry's branch stays; whoever wants a pull request for it is told.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

from signet import __version__
from signet.core.model.decision import Decision
from signet.errors import InvalidData, PushRefused, RaceLost, UsageError
from signet.registry import git
from signet.registry.facts.draft import Draft
from signet.registry.facts.people import checked_texts
from signet.registry.faults import reached
from signet.registry.read import RegistryState, state_at

TIMEOUT = 60.0
PROPOSALS = "signet/"
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact comes from: ``source`` is repository@commit, ``run`` the CI run's URL, ``commit`` what was built."""

    source: str = ""
    run: str = ""
    commit: str = ""


UNTOLD = Origin()


@dataclass(frozen=True, slots=True)
class Requested:
    """The pull request of a proposal: the address of its page, and what became of it.

    ``status`` is "opened", "updated" or "unchanged"; "" where none could be opened: then ``by_hand`` is the page at
    which a person can, as far as that is known.
    """

    url: str = ""
    status: str = ""
    by_hand: str = ""
    notes: tuple[str, ...] = ()


class Requests(Protocol):
    """Who opens pull requests for proposals. The registry knows no forge: whoever writes brings one along."""

    def prepare(self, remote: str) -> None:
        """Raise what is known to stand in the way before anything is written; ``remote`` is "" for a path."""

    def request(self, remote: str, base: str, receipt: Receipt) -> Requested:
        """The request of what was proposed: the branch is pushed. An error leaves it there."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a fact is written: where it comes from, for how many seconds to try again, and whether only to propose it.

    A proposal is a commit on a branch of its own, ready for a pull request; ``requests`` opens that at once.
    """

    origin: Origin = UNTOLD
    timeout: float = TIMEOUT
    propose: bool = False
    requests: Requests | None = None


PLAINLY = Writing()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A commit on a branch of its own, and the address that opens a pull request, where the forge told one.

    ``requested`` is the pull request, where one was asked for.
    """

    branch: str
    address: str = ""
    requested: Requested | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a fact. ``changed`` is False where it held already; ``commit`` is the head that holds it.

    With a ``proposal``, the commit waits there, and the registry is as before.
    """

    changed: bool
    commit: str
    subject: str
    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    decision: Decision | None = None
    proposal: Proposal | None = None
    event: str = ""
    trailers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Statement:
    """A fact turned into edits: the draft, the commit's event, subject and trailers, and the guard's decision.

    With a ``branch`` it is always a proposal, on that branch. ``about`` names the fact for the branch of a proposal
    where the subject does not: it is the same when the same is said again in another state.
    """

    draft: Draft
    event: str
    subject: str
    trailers: Mapping[str, str] = field(default_factory=dict)
    decision: Decision | None = None
    branch: str = ""
    about: str = ""


Plan = Callable[[Draft], Statement]


def land(
    repo: git.Repository,
    plan: Plan,
    how: Writing,
    *,
    read: Callable[[git.Repository, str | None], RegistryState] = state_at,
) -> Receipt:
    from tenacity import Retrying, retry_if_result, stop_after_delay, wait_random_exponential

    if repo.offline:
        raise UsageError("Nothing can be recorded offline.", "Leave out --offline.")
    checked_texts(source=how.origin.source, run=how.origin.run)
    remote = git.remote(repo)
    if how.requests is not None:
        how.requests.prepare(remote)
    operation = str(uuid.uuid4())

    def attempt() -> Receipt | None:
        return _attempt(repo, plan, how, operation, read)

    retrying: Retrying = Retrying(
        retry=retry_if_result(lambda receipt: receipt is None),
        wait=wait_random_exponential(multiplier=0.05, max=LONGEST_PAUSE),
        stop=stop_after_delay(how.timeout),
        retry_error_callback=lambda _state: None,
    )
    receipt = retrying(attempt)
    if receipt is None:
        raise RaceLost(
            f"Other writers were faster for {how.timeout:.0f} seconds; nothing was recorded.",
            "Run the command again, or give it more time with --timeout.",
        )
    if how.requests is None or receipt.proposal is None:
        return receipt
    requested = how.requests.request(remote, repo.branch, receipt)
    proposal = replace(receipt.proposal, address=receipt.proposal.address or requested.by_hand, requested=requested)
    return replace(receipt, proposal=proposal, notes=(*receipt.notes, *requested.notes))


def _attempt(
    repo: git.Repository,
    plan: Plan,
    how: Writing,
    operation: str,
    read: Callable[[git.Repository, str | None], RegistryState],
) -> Receipt | None:
    """Steps 1 to 5 once; None where the branch moved meanwhile."""
    git.recover(repo)  # 1.
    git.refresh(repo)
    head = git.head(repo)
    state = read(repo, head)
    reached("read")
    statement = plan(Draft(state, commit=how.origin.commit, build_url=how.origin.run))  # 2.
    draft = statement.draft
    edits = {path: data for path, data in draft.edits.items() if data != _content(state, path)}
    notes = tuple(draft.notes)
    if not edits:  # 3.
        return Receipt(False, head or "", statement.subject, (), notes, statement.decision)
    new = git.commit(repo, head, edits, _message(statement, how.origin, operation))  # 4.
    reached("committed")
    branch = statement.branch or (_branch(statement) if how.propose else "")
    push = git.propose(repo, branch, new) if branch else git.publish(repo, head, new)  # 5.
    if push.status == "moved":
        return None
    if push.status == "refused":
        raise PushRefused(
            f"{repo.location} refused the push: {push.reason}.", f"Nothing was recorded. {push.remedy}".strip()
        )
    reached("published")
    proposal = Proposal(branch, _address(repo, push.said)) if branch else None
    trailers = _trailers(statement, how.origin, operation)
    paths = tuple(sorted(edits))
    return Receipt(True, new, statement.subject, paths, notes, statement.decision, proposal, statement.event, trailers)


def _branch(statement: Statement) -> str:
    """The branch of a proposal: the same for the same fact, so that a newer one replaces it.

    ``signet/publish/cart-2.1.0-5f0e8c1a``: the event, what the trailers name, and the start of a digest, as two facts
    may be about the same.
    """
    named = [statement.trailers.get(f"Signet-{key}", "") for key in ("Service", "Version", "Environment")]
    words = re.sub(r"[^A-Za-z0-9.+_]+", "-", "-".join(filter(None, named)) or "registry")
    words = re.sub(r"\.{2,}|\.lock\b", "-", words)[:80].strip("-.")
    told = "\n".join([statement.event, statement.about or statement.subject, *named])
    return f"{PROPOSALS}{statement.event}/{words or 'registry'}-{sha256(told.encode()).hexdigest()[:8]}"


def _address(repo: git.Repository, said: Sequence[str]) -> str:
    """The address in what the forge told the pusher, if it is one of the registry's own host."""
    host = git.host(repo)
    for word in " ".join(said).split():
        try:
            if host and word.startswith(("https://", "http://")) and urlsplit(word).hostname == host:
                return word
        except ValueError:
            continue
    return ""


def _content(state: RegistryState, path: str) -> bytes | None:
    try:
        return state.bytes_at(path)
    except InvalidData:
        return b""  # broken, so whatever is written differs


def _trailers(statement: Statement, origin: Origin, operation: str) -> dict[str, str]:
    trailers = {
        "Signet-Event": statement.event,
        "Signet-Op": operation,
        **statement.trailers,
        "Signet-Source": origin.source,
        "Signet-Run": origin.run,
        "Signet-Tool": f"signet {__version__}",
    }
    return {key: value for key, value in trailers.items() if value}


def _message(statement: Statement, origin: Origin, operation: str) -> str:
    lines = [f"{key}: {value}" for key, value in _trailers(statement, origin, operation).items()]
    return "\n".join([statement.subject, "", *lines]) + "\n"
