"""What is said of the life of operations, parameters and properties: stability, deprecation, the day it ends.

``x-stability-level`` is draft, alpha, beta or stable; without it an operation is stable. ``x-sunset`` is a date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.views import View
from signet.core.changes.where import Where

STABILITY, SUNSET = "x-stability-level", "x-sunset"
STABILITIES = ("draft", "alpha", "beta", "stable")
CHECKED_FROM = STABILITIES.index("beta")
"""What is below is not promised yet."""


class Names(NamedTuple):
    """The ids of what may happen to a deprecation; an empty one is not told."""

    deprecated: str
    with_sunset: str
    missing: str
    invalid: str
    too_small: str
    reactivated: str
    deleted: str = ""
    changed: str = ""


OPERATION = Names(
    "endpoint-deprecated",
    "endpoint-deprecated-with-sunset",
    "api-deprecated-sunset-missing",
    "api-deprecated-sunset-parse",
    "api-sunset-date-too-small",
    "endpoint-reactivated",
    "api-sunset-deleted",
    "api-sunset-date-changed-too-small",
)
_EVENTS = (
    "deprecated", "deprecated-with-sunset", "deprecated-sunset-missing", "deprecated-sunset-invalid",
    "sunset-date-too-small", "reactivated",
)  # fmt: skip
_MOVED = "sunset-deleted", "sunset-date-changed-too-small"
PARAMETER = Names(*(f"request-parameter-{event}" for event in (*_EVENTS, *_MOVED)))


def sunset(value: Any) -> date | None:
    """The date that a sunset names; None where it names none."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def deprecation(
    run: Run,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    places: tuple[str, str],
    names: Names,
    what: Where | str = "",
) -> None:
    """Tell what became of a deprecation."""
    was, now = old.get("deprecated") is True, new.get("deprecated") is True
    before, after = old.get(SUNSET), new.get(SUNSET)
    if was and not now:
        run.report.add(names.reactivated, places, what=what)
    elif now and not was:
        run.report.add(_announced(run, names, after), places, what=what, after=_said(after))
    elif now and before is not None and after is None:
        if names.deleted:
            run.report.add(names.deleted, places, what=what, before=_said(before))
    elif now and names.changed and after != before:
        first, second = sunset(before), sunset(after)
        if second is None:
            run.report.add(names.invalid, places, what=what, after=_said(after))
        elif first is not None and second < first and _is_near(run, second):
            run.report.add(names.changed, places, what=what, before=_said(before), after=_said(after))


def _announced(run: Run, names: Names, written: Any) -> str:
    if written is None:
        return names.missing if run.report.policy.notice else names.deprecated
    day = sunset(written)
    if day is None:
        return names.invalid
    return names.too_small if _is_near(run, day) else names.with_sunset


def _is_near(run: Run, day: date) -> bool:
    policy = run.report.policy
    return policy.today is not None and (day - policy.today).days < policy.notice


def has_passed(run: Run, day: date) -> bool:
    """True if the day of a sunset is over, or is today."""
    today = run.report.policy.today
    return today is not None and day <= today


def _said(value: Any) -> Any:
    return Said(value) if isinstance(value, str) else value


def stability(value: Mapping[str, Any]) -> int | None:
    """The rank of what is said of stability; None where it is no level."""
    written = value.get(STABILITY)
    if written is None:
        return len(STABILITIES) - 1
    return STABILITIES.index(written) if isinstance(written, str) and written in STABILITIES else None


def is_draft(*values: Mapping[str, Any]) -> bool:
    """True if in each of the documents the operation is said not to be promised yet."""
    ranks = [stability(value) for value in values]
    return all(rank is not None and rank < CHECKED_FROM for rank in ranks)


def of_operation(run: Run, old: Mapping[str, Any], new: Mapping[str, Any], places: tuple[str, str]) -> None:
    """Tell what became of an operation's stability and deprecation."""
    before, after = stability(old), stability(new)
    values = {"before": _said(old.get(STABILITY, "stable")), "after": _said(new.get(STABILITY, "stable"))}
    if before is None or after is None:
        run.report.add("api-invalid-stability-level", places, **values)
    elif after < before:
        run.report.add("api-stability-decreased", places, **values)
    elif after > before:
        run.report.add("api-stability-increased", places, **values)
    deprecation(run, old, new, places, OPERATION)


def of_schema(run: Run, old: View, new: View, where: Where) -> None:
    """Tell the same of a schema."""
    if where.path:
        names = Names(*(where.id(event) for event in _EVENTS))
        deprecation(run, old.words, new.words, (old.at("deprecated"), new.at("deprecated")), names, where)
    before, after = stability(old.words), stability(new.words)
    if before is None or after is None or before == after or run.report.operation.is_draft:
        return
    event = "stability-decreased" if after < before else "stability-increased"
    values = {"before": _said(old.words.get(STABILITY, "stable")), "after": _said(new.words.get(STABILITY, "stable"))}
    run.report.add(where.id(event), (old.at(STABILITY), new.at(STABILITY)), what=where, **values)
