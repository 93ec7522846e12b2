"""A statement -> one commit, landed. The push is the compare-and-swap (design: registry.md, Writing).

The recipe:
1. Undo what a killed writer left in a work tree, fetch, and read the state at the head.
2. Decide: turn the fact into edits, or refuse. A guarded deployment asks Deploy Guard here.
3. Nothing to edit: the fact holds already; no commit, and that is a success.
4. Build the tree and the commit from the head; nothing is durable yet.
5. Push with the head as expected parent. The branch moved: wait (full jitter) and begin again at 1, until the time
   runs out. Refused for another reason: stop, and say which.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from signet import __version__
from signet.core.model.decision import Decision
from signet.errors import InvalidData, PushRefused, RaceLost, UsageError
from signet.registry import git
from signet.registry.facts.draft import Draft
from signet.registry.facts.people import checked_texts
from signet.registry.faults import reached
from signet.registry.read import RegistryState, state_at

TIMEOUT = 60.0
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact comes from: ``source`` is repository@commit, ``run`` the CI run's URL, ``commit`` what was built."""

    source: str = ""
    run: str = ""
    commit: str = ""


UNTOLD = Origin()


@dataclass(frozen=True, slots=True)
class Writing:
    """How a fact is written: where it comes from, for how many seconds to try again, and whether only to propose it.

    A proposal is a commit on a branch of its own, ready for a pull request.
    """

    origin: Origin = UNTOLD
    timeout: float = TIMEOUT
    propose: bool = False


PLAINLY = Writing()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a fact. ``changed`` is False where it held already; ``commit`` is the head that holds it."""

    changed: bool
    commit: str
    subject: str
    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    decision: Decision | None = None


@dataclass(slots=True)
class Statement:
    """A fact turned into edits: the draft, the commit's event, subject and trailers, and the guard's decision."""

    draft: Draft
    event: str
    subject: str
    trailers: Mapping[str, str] = field(default_factory=dict)
    decision: Decision | None = None


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
    origin, timeout = how.origin, how.timeout
    checked_texts(source=origin.source, run=origin.run)
    operation = str(uuid.uuid4())

    def attempt() -> Receipt | None:
        return _attempt(repo, plan, origin, operation, read)

    retrying: Retrying = Retrying(
        retry=retry_if_result(lambda receipt: receipt is None),
        wait=wait_random_exponential(multiplier=0.05, max=LONGEST_PAUSE),
        stop=stop_after_delay(timeout),
        retry_error_callback=lambda _state: None,
    )
    receipt = retrying(attempt)
    if receipt is None:
        raise RaceLost(
            f"Other writers were faster for {timeout:.0f} seconds; nothing was recorded.",
            "Run the command again, or give it more time with --timeout.",
        )
    return receipt


def _attempt(
    repo: git.Repository,
    plan: Plan,
    origin: Origin,
    operation: str,
    read: Callable[[git.Repository, str | None], RegistryState],
) -> Receipt | None:
    """Steps 1 to 5 once; None where the branch moved meanwhile."""
    git.recover(repo)  # 1.
    git.refresh(repo)
    head = git.head(repo)
    state = read(repo, head)
    reached("read")
    statement = plan(Draft(state, commit=origin.commit, build_url=origin.run))  # 2.
    draft = statement.draft
    edits = {path: data for path, data in draft.edits.items() if data != _content(state, path)}
    notes = tuple(draft.notes)
    if not edits:  # 3.
        return Receipt(False, head or "", statement.subject, (), notes, statement.decision)
    new = git.commit(repo, head, edits, _message(statement, origin, operation))  # 4.
    reached("committed")
    push = git.publish(repo, head, new)  # 5.
    if push.status == "moved":
        return None
    if push.status == "refused":
        raise PushRefused(
            f"{repo.location} refused the push: {push.reason}.",
            "Nothing was recorded. If the branch is protected, let this writer push to it, or open a pull request.",
        )
    reached("published")
    return Receipt(True, new, statement.subject, tuple(sorted(edits)), notes, statement.decision)


def _content(state: RegistryState, path: str) -> bytes | None:
    try:
        return state.bytes_at(path)
    except InvalidData:
        return b""  # broken, so whatever is written differs


def _message(statement: Statement, origin: Origin, operation: str) -> str:
    trailers = {
        "Signet-Event": statement.event,
        "Signet-Op": operation,
        **statement.trailers,
        "Signet-Source": origin.source,
        "Signet-Run": origin.run,
        "Signet-Tool": f"signet {__version__}",
    }
    lines = [f"{key}: {value}" for key, value in trailers.items() if value]
    return "\n".join([statement.subject, "", *lines]) + "\n"
