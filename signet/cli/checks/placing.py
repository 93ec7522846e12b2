"""The report of a check: every turn and every hit with the file to look at, and both documents with their lines.

What a report is, and how it is summed up, is ``signet.cli.checks.report``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from signet.cli.checks.report import KINDS, Detail, News, Report, Where
from signet.core.formats.places import Place, Side
from signet.core.impact import Status
from signet.core.whatif import BETTER
from signet.errors import SignetError
from signet.registry import stored

if TYPE_CHECKING:
    from signet.core import whatif
    from signet.core.effects import Effect
    from signet.core.impact import Hit
    from signet.core.model.comparison import Finding as Compared
    from signet.registry.check import Checked
    from signet.registry.read import RegistryState


def report(checked: Checked, outlook: whatif.Outlook | None, note: str = "") -> Report:
    """The report of what was found, and of what merging does (None: there is nothing before it)."""
    placing = _Placing(checked)
    found = outlook.places if outlook else ()
    by_name = {place.environment: place for place in found}
    places = tuple(placing.where(by_name[name]) for name in _in_order(checked, list(by_name)))
    return Report(
        checked.base,
        checked.revision,
        checked.findings,
        places,
        tuple(placing.published(outlook.published)) if outlook else (),
        checked.changed,
        outlook.pairs if outlook else 0,
        outlook.judged if outlook else 0,
        note,
    )


def _in_order(checked: Checked, names: list[str | None]) -> list[str | None]:
    """Environments in the order of promotion; main branches come last, before what is not registered any more."""

    def key(name: str | None) -> tuple[bool, bool, int, str]:
        try:
            order = checked.after.environment(name).order if name else None
        except SignetError:
            order = None
        return (name is None, order is None, order or 0, name or "")

    return sorted(names, key=key)


class _Placing:
    """Looks up files and lines; each document is read once."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self.state: RegistryState = checked.after
        self.sides: dict[tuple[str, ...], Side] = {}

    def where(self, place: whatif.Place) -> Where:
        news = [*self._hits(place), *(self._turn(place, turn) for turn in place.turns)]
        order = list(KINDS)
        news.sort(key=lambda one: (order.index(one.kind), one.consumer, one.consumer_version, one.provider))
        protected = place.environment in self.checked.protected
        return Where(place.environment, place.verdict, protected, tuple(news), place.unreadable)

    def published(self, effects: tuple[Effect, ...]) -> Iterator[News]:
        """Whom the specs of new versions would break, once each."""
        for effect in effects:
            for hit in effect.impact.hits if effect.impact else ():
                if hit.status is Status.BROKEN:
                    yield self._hit("published", effect, hit)

    def _hits(self, place: whatif.Place) -> Iterator[News]:
        for kind, status in (("broken", Status.BROKEN), ("undecided", Status.UNDECIDED)):
            for effect, hit in place.hits(status):
                yield self._hit(kind, effect, hit)

    def _hit(self, kind: str, effect: Effect, hit: Hit) -> News:
        provider = f"{effect.service} {effect.version}" if effect.version else effect.service
        spec = self._spec(effect)
        contract = self._contract(hit.by.consumer, effect.service, hit.by.contract)
        details = tuple(_detail(one, contract, spec) for one in hit.findings)
        which = f"the spec of {provider}" if effect.version else f"the changed agreed spec of {effect.service}"
        verb = {"broken": "is broken by", "published": "would be broken by"}.get(kind, "may be broken by")
        sentence = f"{hit.by.consumer} {hit.by.version} {verb} {which}."
        remedy = "Keep what its contract relies on, or change the consumer first."
        file = details[0].spec if details else spec.place("")
        return News(kind, hit.by.consumer, hit.by.version, provider, sentence, remedy, file, details)

    def _turn(self, place: whatif.Place, turn: whatif.Turn) -> News:
        provider = " ".join(part for part in (turn.provider, turn.provider_version) if part)
        details: tuple[Detail, ...] = ()
        if turn.after and turn.findings and turn.provider and turn.contract and turn.spec:
            contract = self._contract(turn.consumer, turn.provider, turn.contract)
            spec = self._side(("spec", turn.provider, turn.spec))
            details = tuple(_detail(one, contract, spec) for one in turn.findings)
        sentence = turn.sentence if turn.after else f"No more: {turn.sentence}"
        remedy = turn.remedy if turn.kind != BETTER else ""
        where = Place(self._file(place.environment, turn), 1, 1, "")
        return News(turn.kind, turn.consumer, turn.consumer_version, provider, sentence, remedy, where, details)

    def _file(self, environment: str | None, turn: whatif.Turn) -> str:
        """A changed file that says who meets there; else the consumer's manifest."""
        changed = {one.path for one in self.checked.difference.inside}
        sides = [(turn.provider, turn.provider_version), (turn.consumer, turn.consumer_version)]
        needs: list[tuple[str, ...]] = []
        for service, version in sides:
            if service and environment:
                needs.append(("placement", environment, service))
            if service and version:
                needs += [("spec-test", service, version), ("manifest", service, version)]
        paths = [self.state.where(need) for need in needs]
        return next((path for path in paths if path in changed), paths[-1])

    def _contract(self, consumer: str, provider: str, digest: str) -> Side:
        return self._side(("contract", consumer, provider, digest))

    def _spec(self, effect: Effect) -> Side:
        if effect.version is None:
            return self._side(("agreed-spec", effect.service))
        manifest = self.state.manifest(effect.service, effect.version)
        return self._side(("spec", effect.service, (manifest.spec if manifest else None) or ""))

    def _side(self, key: tuple[str, ...]) -> Side:
        if key not in self.sides:
            kind, *names = key
            if kind == "contract":
                self.sides[key] = stored.stored_contract(self.state, "", names[0], names[1], names[2])[1]
            else:
                self.sides[key] = stored.stored_spec(self.state, "", names[0], names[1] if kind == "spec" else None)
        return self.sides[key]


def _detail(one: Compared, contract: Side, spec: Side) -> Detail:
    return Detail(
        one.interaction,
        one.description,
        one.code,
        one.message,
        contract.place(one.contract_pointer),
        spec.place(one.spec_pointer),
    )
