"""Answers of an operation: their statuses, headers and bodies.

A status that is new, and was covered by a range such as ``2XX``, is held against what the range promised.
"""

from __future__ import annotations

from typing import NamedTuple

from signet.core.changes import media, schemas
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.where import Where
from signet.core.compare.operations import Answer, Operation, Parameter, answer


class Names(NamedTuple):
    """The ids of what an operation answers, or a webhook is answered with."""

    tree: str
    media: media.Names
    success: str
    other: str


PROVIDER = Names("response", media.RESPONSE, "response-success-status", "response-non-success-status")
CONSUMER = Names("webhook-answer", media.ANSWER, "webhook-answer-status", "webhook-answer-status")


def compare(run: Run, old: Operation, new: Operation, names: Names = PROVIDER) -> None:
    """Tell what became of the answers."""
    before, after = _statuses(old), _statuses(new)
    places = f"{old.pointer}/responses", f"{new.pointer}/responses"
    for status in sorted(before.keys() | after.keys()):
        name = names.success if status.startswith("2") else names.other
        if status in before and status in after:
            _answers(
                run, answer(run.base, old, before[status]), answer(run.revision, new, after[status]), status, names
            )
        elif status in before:
            run.report.add(f"{name}-removed", (old.responses[before[status]][1], places[1]), before=Said(status))
        else:
            run.report.add(f"{name}-added", (places[0], new.responses[after[status]][1]), after=Said(status))
            covering = f"{status[:1]}XX"
            if covering in before and status != "DEFAULT":
                known = answer(run.base, old, before[covering])
                _answers(run, known, answer(run.revision, new, after[status]), status, names)


def _statuses(operation: Operation) -> dict[str, str]:
    """The keys of the answers, by how they read in capitals."""
    return {key.upper(): key for key in operation.responses if not key.startswith("x-")}


def _answers(run: Run, old: Answer, new: Answer, status: str, names: Names) -> None:
    if names is PROVIDER:
        _headers(run, old, new, status)
    told = f"the body of the answer {status}"
    where = Where(f"{names.tree}-body", names.tree, told)
    media.compare(run, old.content, new.content, names.media, where, status)


def _headers(run: Run, old: Answer, new: Answer, status: str) -> None:
    for name in sorted(old.headers.keys() | new.headers.keys()):
        before, after = old.headers.get(name), new.headers.get(name)
        if before is not None and after is not None:
            _header(run, before, after, f"the header {after.name!r} of the answer {status}")
        elif before is not None:
            told = f"the header {before.name!r} of the answer {status}"
            kind = "required" if before.required else "optional"
            run.report.add(f"{kind}-response-header-removed", (before.pointer, new.pointer), what=told)
        elif after is not None:
            told = f"the header {after.name!r} of the answer {status}"
            run.report.add("response-header-added", (old.pointer, after.pointer), what=told)


def _header(run: Run, old: Parameter, new: Parameter, told: str) -> None:
    if old.required != new.required:
        event = "required" if new.required else "optional"
        run.report.add(f"response-header-became-{event}", (old.pointer, new.pointer), what=told)
    if old.node is not None and new.node is not None:
        where = Where("response-header", "response-header", told, is_text=not new.content, is_style=not new.content)
        schemas.compare(run, old.node, new.node, where)
    elif old.node is not new.node:
        event = "removed" if new.node is None else "added"
        run.report.add(f"response-header-schema-{event}", (old.pointer, new.pointer), what=told)
