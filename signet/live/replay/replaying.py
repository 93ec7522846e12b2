"""Replay contracts at a running provider: one outcome for each contract.

1. Start what is needed: the gate, the verifier, the team's functions.
2. For each interaction over HTTP: set its provider states up, let the verifier send it, tear the states down.
3. A verdict counts only if the gate saw the provider answer; else nothing was tested, and CouldNotTest is raised.
4. End everything that was started, whatever happened.

Nothing is recorded here.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from signet.core.model.contract import Contract
from signet.errors import UsageError
from signet.live.exchanges import Seen
from signet.live.outcome import Outcome, Row
from signet.live.replay import documents, hosting, setters, states
from signet.live.replay.gate import Gate
from signet.live.replay.judging import Judge, extra_missing
from signet.live.replay.masking import Masking
from signet.live.replay.plan import ByUrl, Plan, Subject, check_headers, checked_url
from signet.live.replay.stage import Stage
from signet.live.replay.upstream import Upstream

Tell = Callable[[str], None]


def run(
    contracts: Sequence[Subject],
    url: str,
    plan: Plan | None = None,
    *,
    tell: Tell | None = None,
    masked: Callable[[str], str] | None = None,
    seen: Seen | None = None,
) -> list[Outcome]:
    """Replay contracts at ``url``, in their order; one outcome for each.

    ``tell`` gets a line for each interaction and what the team's functions print; ``masked`` is applied to every text
    after our own masking. ``seen`` gets what was asked and answered where it passed. UsageError for a plan that cannot
    be; CouldNotTest if the provider was not there, went away, or did not answer in time.
    """
    plan = plan or Plan()
    check_headers(plan.headers)
    if isinstance(plan.states, ByUrl):
        checked_url(plan.states.url, "The URL of provider states")
        check_headers(plan.states.headers)
    checked_url(url, "The URL of the provider")
    masking = Masking(plan.secrets, masked)

    def say(line: str) -> None:
        if tell is not None:
            tell(masking(line))

    with masking.errors(), ExitStack() as stack:
        ends = time.monotonic() + plan.limits.whole
        provider = Upstream(url, plan.limits, plan.transport)
        judge = Judge(ends)
        stack.callback(judge.close)
        judge.start()
        gate = stack.enter_context(Gate(provider, plan.headers, plan.limits.answer))
        host = hosting.Host(plan.modules, plan.limits, lambda line: say(f"states: {line}")) if plan.modules else None
        if host is not None:
            stack.callback(host.close)
            host.start()
            gate.filter = host.filtered if host.filters else None
            if plan.request_filter and not host.filters:
                raise UsageError(
                    f"{plan.request_filter} has no function 'filter_request'.", "Write it, or leave it out."
                )
        stage = Stage(provider, url, gate, judge, setters.setter(plan, host), masking, plan.limits, seen)
        return [_replayed(subject, stage, say) for subject in contracts]


def _replayed(subject: Subject, stage: Stage, say: Tell) -> Outcome:
    begun = time.monotonic()
    rows = []
    listed = subject.contract.interactions
    for interaction in listed:
        item = documents.item_of(subject.contract, interaction)
        name = stage.masking(_name(interaction.description, item))
        skipped = documents.why_skipped(interaction, item)
        if skipped:
            row = Row(name, skipped=stage.masking(skipped))
        else:
            wanted = states.wanted(item, subject.contract.consumer, stage.tokens)
            row = stage.replayed(name, documents.one(subject.contract, interaction, subject.structural), wanted)
        rows.append(row)
        how = f"skipped ({skipped})" if skipped else "failed" if row.problems else "passed"
        say(f"{subject.label}: {interaction.index + 1} of {len(listed)}: {name}: {how}")
    counts = {
        "interactions": len(rows),
        "skipped": sum(bool(row.skipped) for row in rows),
        "failed": sum(bool(row.problems) for row in rows),
    }
    if subject.structural:
        counts["structural"] = 1
    return Outcome(
        "replay", stage.masking(subject.label), stage.judge.tool, tuple(rows), time.monotonic() - begun, counts
    )


def _name(description: str, item: Any) -> str:
    names = [each.name for each in states.wanted(item, "", itertools.count())]
    return f"{description} ({', '.join(names)})" if names else description


def needs_states(contract: Contract) -> bool:
    """Does an interaction over HTTP name a state that the provider must be in?"""
    items = ((one, documents.item_of(contract, one)) for one in contract.interactions)
    return any(
        states.wanted(item, "", itertools.count()) for one, item in items if not documents.why_skipped(one, item)
    )


def was_recorded(contract: Contract) -> bool:
    """Was it recorded from traffic, so that its values are examples? ``metadata.signet.recorded`` says so."""
    metadata = contract.source.get("metadata") if isinstance(contract.source, dict) else None
    ours = metadata.get("signet") if isinstance(metadata, dict) else None
    return isinstance(ours, dict) and ours.get("recorded") is True


def tool() -> str:
    """The verifier's name and version; UsageError if it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"pact-python {version('pact-python')}"
    except PackageNotFoundError:
        raise extra_missing() from None
