"""Lists that another Signet told as JSON, read back: integrations, and owed tests; None for any other list.

Which entries there are, and all that stands in them, follows from the state that the asker has, without a comparison.
What is taken from the other is only how a pair was judged. Whom to believe is for whoever asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from signet.core.formats.decision import BY_CODE
from signet.core.guard import Pair
from signet.core.integrations import Integration, met_in
from signet.core.model.decision import Ignored, IgnoreNoMatch, NothingToCheck, Reason
from signet.core.model.state import State
from signet.core.owed import Owed
from signet.core.owed import owed as entries

OF_NO_PAIR: frozenset[type[Reason]] = frozenset({Ignored, IgnoreNoMatch, NothingToCheck})
"""Reasons of a decision that say nothing of how a pair stands."""


def integrations(
    told: Sequence[Any], state: State, *, service: str | None = None, environment: str | None = None
) -> tuple[Integration, ...] | None:
    """The integrations of ``signet.core.integrations``; None also where a file cannot be read: the asker says that."""
    met = met_in(state, service=service, environment=environment)
    if len(told) != len(met):
        return None
    found = []
    for one, (meeting, places) in zip(told, met.items(), strict=True):
        code = one.get("code") if isinstance(one, dict) else None
        reason = BY_CODE.get(code) if isinstance(code, str) else None
        if meeting.pair is None or reason is None or reason in OF_NO_PAIR:
            return None
        found.append(Integration.of(meeting.pair, reason, places))
    return tuple(found) if [one.as_json() for one in found] == list(told) else None


def owed(told: Sequence[Any], state: State, question: Mapping[str, str | None]) -> tuple[Owed, ...] | None:
    """The tests of ``signet.core.owed``; ``question`` are the names that it is asked by."""
    known: dict[tuple[str, ...], bool] = {}
    for one in told:
        if not isinstance(one, dict):
            return None
        versions, blocking = one.get("consumer_versions", ()), one.get("blocking")
        if not isinstance(versions, list | tuple) or not isinstance(blocking, bool):
            return None
        for version in versions:
            known[_key(one.get("consumer"), version, one.get("provider"), one.get("provider_version"))] = blocking
    is_whole = True

    def waits(_state: State, pair: Pair) -> bool:
        nonlocal is_whole
        key = _key(*pair[:4])
        is_whole = is_whole and key in known
        return known.get(key, False)

    found = entries(state, waits, **question)
    return found if is_whole and [one.as_json() for one in found] == list(told) else None


def _key(*names: object) -> tuple[str, ...]:
    return tuple(str(name) for name in names)
