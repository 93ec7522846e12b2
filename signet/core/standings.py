"""Deploy Guard's decision on everything that is live in an environment, in one pass over the pairs that meet there.

It is what ``guard.decide`` says of each live version as a candidate, asked once for all of them: a pair is judged once,
and not again for its other side. With hundreds of services that is the difference between a moment and a wait.
"""

from __future__ import annotations

from typing import NamedTuple

from signet.core.guard import Pair, order, reason
from signet.core.integrations import Meeting, documents, meetings, results
from signet.core.live_versions import live_versions
from signet.core.model.decision import NothingToCheck, Reason
from signet.core.model.state import State
from signet.errors import InvalidData

UNREADABLE = "unreadable"
"""The verdict where a file that is needed is broken; ``decide`` raises what is the ``fault`` here."""


class Standing(NamedTuple):
    """The decision on one live version. ``fault`` is why there is none."""

    service: str
    version: str
    verdict: str
    reasons: tuple[Reason, ...]
    fault: InvalidData | None = None


def standings(state: State, environment: str) -> tuple[Standing, ...]:
    """All live versions of an environment, by service and version; InvalidData where nobody can tell what is live."""
    live = live_versions(state, environment)
    met = list(meetings(state, environment))
    state.expect(need for one in met for need in results(one))
    state.expect(need for one in met for need in documents(state, one))
    found: dict[tuple[str, str], list[Reason]] = {
        (name, version): [] for name, versions in live.items() for version in versions
    }
    faults: dict[tuple[str, str], InvalidData] = {}
    for one in met:
        told = _judged(state, one, environment)
        for side in _sides(one):
            if isinstance(told, InvalidData):
                faults.setdefault(side, told)
            elif side in found:
                found[side].append(told)
    return tuple(_standing(one, found[one], faults.get(one)) for one in sorted(found))


def _judged(state: State, one: Meeting, environment: str) -> Reason | InvalidData:
    try:
        if one.pair is None:
            raise InvalidData(f"The manifest of {one.consumer} {one.version} cannot be read.")
        return reason(state, one.pair, environment)
    except InvalidData as error:
        return error


def _sides(one: Meeting) -> list[tuple[str, str]]:
    """The live versions that a meeting counts for: its consumer's, and its provider's where one is deployed there."""
    pair: Pair | None = one.pair
    consumer = (one.consumer, one.version)
    if pair is None or pair.provider_version is None:
        return [consumer]
    return list(dict.fromkeys((consumer, (pair.provider, pair.provider_version))))


def _standing(one: tuple[str, str], reasons: list[Reason], fault: InvalidData | None) -> Standing:
    if fault is not None:
        return Standing(*one, UNREADABLE, (), fault)
    weights = {each.weight for each in reasons}
    verdict = "no" if "no" in weights else "unknown" if "unknown" in weights else "yes"
    if not reasons:
        reasons = [NothingToCheck(detail="no live service meets the candidate")]
    return Standing(*one, verdict, tuple(sorted(reasons, key=order)))
