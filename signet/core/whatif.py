"""What a change of the registry does to those who are live: Deploy Guard's reasons before and after, place by place.

A place is an environment, or all main branches (None). The recipe:

1. Which versions meet there, before and after, and which of these pairs the change touched
   (``signet.core.touched_pairs``): one whose evidence is the same on both sides is not judged again.
2. Every other pair is judged on both sides. It *turned against* if it is against now and was not, or was not there; it
   *turned open* in the same way; it is *better* if it was against and is not, or was open and holds.
3. Every agreed spec that changed is weighed by who relies on it (``signet.core.impact``): whoever is live in a place
   and is broken by it counts there. The spec of a newly published version is weighed too, and counts nowhere yet.
4. A place is *red* if anything turned against or is broken there, *open* if anything turned open or nobody can tell,
   else *green*.

It knows no environment that is protected, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from signet.core.changes import Policy
from signet.core.effects import Effect, Marked, of_agreed, of_version
from signet.core.guard import reason, spec_of
from signet.core.impact import Hit, Status
from signet.core.integrations import Meeting
from signet.core.model.comparison import Finding
from signet.core.model.decision import ContractIncompatible
from signet.core.touched_pairs import Touched, environments, met_in
from signet.errors import InvalidData

AGAINST, OPEN, BETTER = "against", "open", "better"
RED, GREEN = "red", "green"
_WEIGHT = {"no": 2, "unknown": 1, "yes": 0}


class Turn(NamedTuple):
    """A pair that is judged in another way than before. Weights are those of reasons; "" where it is not there.

    ``code`` and ``sentence`` are of the reason now, or of the one before where there is none now. ``contract`` and
    ``spec`` are digests; ``findings`` the errors of their comparison, where that is the reason.
    """

    consumer: str
    consumer_version: str
    provider: str | None
    provider_version: str | None
    before: str
    after: str
    code: str
    sentence: str
    remedy: str = ""
    contract: str | None = None
    spec: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def kind(self) -> str:
        """``against``, ``open``, ``better``, or "" where nothing turned."""
        was, now = _WEIGHT.get(self.before, 0), _WEIGHT.get(self.after, 0)
        if now > was:
            return AGAINST if self.after == "no" else OPEN
        return BETTER if now < was else ""

    def as_json(self) -> dict[str, Any]:
        """The turn as a JSON object."""
        return {
            "consumer": self.consumer,
            "consumer_version": self.consumer_version,
            "provider": self.provider,
            "provider_version": self.provider_version,
            "before": self.before or None,
            "after": self.after or None,
            "code": self.code,
            "sentence": self.sentence,
            "remedy": self.remedy,
            "findings": [finding.as_json() for finding in self.findings],
        }


class Place(NamedTuple):
    """What a change does in an environment (None: on main branches).

    ``unreadable`` says why nobody can tell who is live there after the change, and ``was_unreadable`` that it was so.
    """

    environment: str | None
    turns: tuple[Turn, ...] = ()
    effects: tuple[Effect, ...] = ()
    unreadable: str = ""
    was_unreadable: bool = False

    def turned(self, kind: str) -> tuple[Turn, ...]:
        """The pairs that turned ``against``, ``open`` or ``better``."""
        return tuple(turn for turn in self.turns if turn.kind == kind)

    def hits(self, *statuses: Status) -> tuple[tuple[Effect, Hit], ...]:
        """Whom changed agreed specs hit here."""
        return tuple((effect, hit) for effect in self.effects for hit in effect.at(self.environment, *statuses))

    @property
    def verdict(self) -> str:
        """``red``, ``open`` or ``green``."""
        if self.turned(AGAINST) or self.hits(Status.BROKEN) or (self.unreadable and not self.was_unreadable):
            return RED
        is_open = self.turned(OPEN) or self.hits(Status.UNDECIDED) or any(effect.error for effect in self.effects)
        return OPEN if is_open or self.unreadable else GREEN


class Outlook(NamedTuple):
    """What a change does, everywhere. ``pairs`` are all that meet somewhere, ``judged`` those that were judged."""

    places: tuple[Place, ...]
    published: tuple[Effect, ...]
    pairs: int
    judged: int


def whatif(
    before: Marked, after: Marked, published: Sequence[tuple[str, str]] = (), policy: Policy | None = None
) -> Outlook:
    """What turns from ``before`` to ``after``; ``published`` are versions that are new, with specs that are new.

    ``policy`` says how grave the changes are that touch somebody, and turns nothing.
    """
    judging = _Judging(before, after)
    agreed = tuple(of_agreed(before, after, policy))  # 3.
    known = (*sorted({*environments(before), *environments(after)}), None)
    places = tuple(judging.place(name, agreed) for name in known)
    new = tuple(effect for one in published if (effect := of_version(before, after, *one, policy)) is not None)
    return Outlook(places, new, len(judging.met), len(judging.known[True]))


# --- pairs


class _Judging:
    """Step 2. ``known`` holds each reason once a side (True: after); all but one of them hold in every place."""

    def __init__(self, before: Marked, after: Marked) -> None:
        self.before, self.after = before, after
        self.touched = Touched(before, after)
        self.met: set[Meeting] = set()
        self.known: dict[bool, dict[tuple[Meeting, str | None], _Weighed]] = {False: {}, True: {}}

    def place(self, name: str | None, effects: tuple[Effect, ...]) -> Place:
        """What turns in one place; where nobody can tell what was there before, all that is against now is told."""
        was, before = met_in(self.before, name)
        now, unreadable = met_in(self.after, name)
        if unreadable:
            return Place(name, (), effects, unreadable, was_unreadable=bool(before))
        self.met |= now
        turning = self.touched.pairs(now | was, now & was)
        turns = [self._turn(one, name, one in was, one in now) for one in turning]
        return Place(name, tuple(turn for turn in turns if turn.kind), effects)

    def _turn(self, one: Meeting, name: str | None, was: bool, now: bool) -> Turn:
        old = self._weighed(one, name, after=False) if was else _NOT_THERE
        new = self._weighed(one, name, after=True) if now else _NOT_THERE
        told = new if now else old
        provider, number = (one.pair.provider, one.pair.provider_version) if one.pair else (None, None)
        why = (told.code, told.sentence, told.remedy, one.contract, told.spec, told.findings)
        return Turn(one.consumer, one.version, provider, number, old.weight, new.weight, *why)

    def _weighed(self, one: Meeting, name: str | None, *, after: bool) -> _Weighed:
        # Where a provider is missing the reason names the place; all others are the same everywhere.
        everywhere = one.pair is not None and (one.pair.external or one.pair.provider_version is not None)
        key = (one, None if everywhere else name)
        if key not in self.known[after]:
            self.known[after][key] = _weighed(self.after if after else self.before, one, name)
        return self.known[after][key]


class _Weighed(NamedTuple):
    weight: str
    code: str = ""
    sentence: str = ""
    remedy: str = ""
    spec: str | None = None
    findings: tuple[Finding, ...] = ()


_NOT_THERE = _Weighed("")


def _weighed(state: Marked, one: Meeting, place: str | None) -> _Weighed:
    if one.pair is None or one.contract is None:
        what = f"The manifest of {one.consumer} {one.version} cannot be read."
        return _Weighed("no", InvalidData.code, what)
    try:
        why = reason(state, one.pair, place)
        spec: str | None = None
        findings: tuple[Finding, ...] = ()
        if isinstance(why, ContractIncompatible):
            spec = spec_of(state, one.pair.provider, one.pair.provider_version)
            assert spec is not None  # noqa: S101 - it was compared
            found = state.comparison(one.pair.consumer, one.pair.provider, one.contract, spec).findings
            findings = tuple(finding for finding in found if finding.severity == "error")
    except InvalidData as error:
        return _Weighed("no", error.code, error.message, error.remedy)
    return _Weighed(why.weight, why.code, why.sentence(), why.remedy(), spec, findings)
