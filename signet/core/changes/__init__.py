"""Spec x spec: what changed from a base to a revision, and what of it can break a consumer.

``compare`` is a pure function of the two documents and a policy. The law is ``law``, the tables of ids are
``keywords`` (schemas) and ``existence`` (all else), and both together are ``rules``. Who is really broken hangs on what
consumers rely on, which is not asked here.
"""

from __future__ import annotations

import sys

from signet.core.changes import document, paths, security, webhooks
from signet.core.changes.policy import Policy
from signet.core.changes.report import Report
from signet.core.changes.run import OverBudget, Run
from signet.core.changes.twins import Twins
from signet.core.compare import RECURSION
from signet.core.compare.source import Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.text import resolve
from signet.core.model.change import Change, Changes
from signet.core.model.spec import Spec

__all__ = ["Policy", "compare"]


def compare(base: Spec, revision: Spec, policy: Policy | None = None) -> Changes:
    """All changes from one spec to another, sorted by path, method and place."""
    if sys.getrecursionlimit() < RECURSION:
        sys.setrecursionlimit(RECURSION)  # never lowered again: other threads may be deep inside a comparison
    old, new = (Source(each.source, each.dialect, each.marks) for each in (base, revision))
    run = Run(old, new, Report(policy or Policy()), Twins(old, new))
    for part in (security.of_api, security.of_schemes, document.compare, paths.compare, webhooks.compare):
        try:
            part(run)
        except OverBudget:
            run.report.give_up("the budget of steps is used up")
            break
        except Unjudgeable as error:
            run.report.give_up(error.why)
    document.version(run)
    placed = {_placed(change, old, new) for change in run.report.changes}
    return Changes(tuple(sorted(placed, key=_order)), tuple(run.report.unseen))


def _placed(change: Change, base: Source, revision: Source) -> Change:
    """The change with places that resolve: of what is not written, the nearest thing around it."""
    first, second = _nearest(base, change.base_pointer), _nearest(revision, change.revision_pointer)
    return change._replace(base_pointer=first, revision_pointer=second)


def _nearest(source: Source, pointer: str) -> str:
    while pointer:
        try:
            resolve(source.root, pointer)
        except LookupError:
            pointer = pointer.rpartition("/")[0]
        else:
            break
    return pointer


def _order(change: Change) -> tuple[str, ...]:
    return (
        change.path, change.method, change.revision_pointer, change.base_pointer, change.id, change.before,
        change.after, change.message,
    )  # fmt: skip
