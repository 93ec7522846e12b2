"""Which pairs of consumer and provider a change of the registry touched, place by place (``core.whatif``, step 1).

A pair whose evidence is the same on both sides is not judged again: contract, spec, results, and what is said of both
services, told apart by marks and not by reading. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from signet.core.effects import Marked
from signet.core.guard import spec_of
from signet.core.integrations import Meeting, documents, meetings, results
from signet.errors import InvalidData


class Stirred(NamedTuple):
    """Who met in a place (None: on main branches) and who meets there now; ``pairs`` are those that a change touched.

    ``unreadable`` says why nobody can tell who is there after the change; then the rest is empty. ``was_unreadable``
    says that it was so before, too.
    """

    environment: str | None
    was: frozenset[Meeting] = frozenset()
    now: frozenset[Meeting] = frozenset()
    pairs: tuple[Meeting, ...] = ()
    unreadable: str = ""
    was_unreadable: bool = False


def stirred(
    before: Marked, after: Marked, places: Iterable[str | None] | None = None, services: Collection[str] | None = None
) -> Iterator[Stirred]:
    """Place by place; only in ``places`` and of ``services``, where it is known that no other changed."""
    touched = Touched(before, after)
    known = {*environments(before), *environments(after)}
    for name in (*sorted(known if places is None else known & {*places}), *((None,) if _all(places) else ())):
        was, error = _met_where_known(before, name)
        now, unreadable = _met_where_known(after, name)
        if unreadable:
            yield Stirred(name, unreadable=unreadable, was_unreadable=bool(error))
            continue
        stayed = now & was
        asked = [one for one in now | was if one not in stayed or services is None or _concerns(one, services)]
        found = touched.pairs(asked, stayed)
        yield Stirred(name, frozenset(was), frozenset(now), tuple(found))


def _met_where_known(state: Marked, place: str | None) -> tuple[set[Meeting], str]:
    """The same as ``met_in``; nobody meets in an environment that is not registered, whatever its folder holds."""
    return met_in(state, place) if place is None or place in environments(state) else (set(), "")


def _all(places: Iterable[str | None] | None) -> bool:
    return places is None or None in places


def _concerns(one: Meeting, services: Collection[str]) -> bool:
    return one.consumer in services or (one.pair is not None and one.pair.provider in services)


class Touched:
    """The two sides of a change; what is found alike once is not looked at again in another place."""

    def __init__(self, before: Marked, after: Marked) -> None:
        self.before, self.after = before, after
        self._alike: dict[Meeting, bool] = {}

    def pairs(self, met: Collection[Meeting], stayed: Collection[Meeting]) -> list[Meeting]:
        """The pairs to judge: all but those that stayed and whose evidence is the same. What they need is foreseen."""
        unsure = [one for one in sorted(met, key=_order) if one not in stayed or not self._is_coarsely_alike(one)]
        for state in (self.before, self.after):
            state.expect(need for one in unsure for need in _results(one))
        found = [one for one in unsure if one not in stayed or not self._is_alike(one)]
        for state in (self.before, self.after):
            state.expect(need for one in found for need in documents(state, one))
        return found

    def _is_coarsely_alike(self, one: Meeting) -> bool:
        return _coarse(self.before, one) == _coarse(self.after, one)

    def _is_alike(self, one: Meeting) -> bool:
        """Is a pair's evidence the same on both sides?"""
        found = self._alike.get(one)
        if found is None:
            found = self._alike[one] = _fine(self.before, one) == _fine(self.after, one)
        return found


def environments(state: Marked) -> Iterable[str]:
    """The environments of a side; none where that cannot be told."""
    try:
        return state.environments()
    except InvalidData:
        return ()


def met_in(state: Marked, place: str | None) -> tuple[set[Meeting], str]:
    """Who meets in a place; or why that cannot be told."""
    try:
        return set(meetings(state, place)), ""
    except InvalidData as error:
        return set(), error.message


def _results(one: Meeting) -> Iterator[tuple[str, ...]]:
    """The records that say by what a pair is judged."""
    if one.pair is not None and one.pair.provider_version is not None:
        yield ("manifest", one.pair.provider, one.pair.provider_version)
        yield from results(one)


def _coarse(state: Marked, one: Meeting) -> tuple[str | None, ...]:
    """All that is said of the provider, and the consumer's own files; mostly nothing of it changed."""
    if one.pair is None:
        return (state.mark(state.where(("manifest", one.consumer, one.version))),)
    return (state.mark(state.where(("everything", one.pair.provider))), *_of_consumer(state, one))


def _of_consumer(state: Marked, one: Meeting) -> tuple[str | None, ...]:
    """A manifest may grow without a change of this pair, which names its contract by digest."""
    if one.pair is None or one.contract is None:
        return ()
    return (state.mark(state.where(("contract", one.consumer, one.pair.provider, one.contract))),)


def _fine(state: Marked, one: Meeting) -> tuple[Any, ...]:
    """What step 5 of Deploy Guard looks at."""
    if one.pair is None or one.contract is None:
        return (object(),)
    provider, version = one.pair.provider, one.pair.provider_version
    own = _of_consumer(state, one)
    if version is None and not one.pair.external:
        return own
    try:
        spec = spec_of(state, provider, version)
        needs: list[tuple[str, ...]] = [("spec", provider, spec)] if spec is not None else []
        if spec is not None and state.mark(state.where(needs[0])) is None:
            needs = [("agreed-spec", provider)]  # not kept by its digest
        if version is not None:
            needs += [("spec-test", provider, version), ("replay", provider, version, one.consumer, one.contract)]
        marks = [state.mark(state.where(need)) for need in needs]
        known = (state.has_agreed_spec(provider), state.has_spec(provider))
        return (*own, spec, *marks, *known, known[1] or state.has_replays(provider))
    except InvalidData:
        return (object(),)  # broken on this side: never alike


def _order(one: Meeting) -> tuple[str, ...]:
    pair = one.pair
    return (one.consumer, one.version, *((pair.provider, pair.provider_version or "") if pair else ("", "")))
