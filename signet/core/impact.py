"""Whom a change of a spec hits: the same change, weighed by who uses what, and where they are live.

The rule, for each consumer version that matters (``signet.core.usage``), by its contract:

1. it fits the revision: *mended* if it did not fit the base, else *touched* if something that it uses changed, else
   *untouched*;
2. it does not, and did not fit the base either: *broken already*;
3. it does not, and fitted the base: *broken*. *Undecided* where nobody can tell one of the two.

So what no contract reads may go, and is no break. Contracts are judged by ``signet.core.compare``, changes are found by
``signet.core.changes``; nothing here asks whether a version may be deployed (``signet.core.guard`` does).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from signet.core.compare import compare, prepare
from signet.core.model.change import LEVELS, Change
from signet.core.model.comparison import Comparison, Finding
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.core.usage import Library, Relying, relying
from signet.core.usage.fields import Used, used

_CHILDREN = frozenset(
    {
        *("properties", "patternProperties", "additionalProperties", "items", "prefixItems", "dependentSchemas"),
        *("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "contains", "propertyNames", "$defs", "definitions"),
        *("responses", "parameters", "content", "headers", "requestBody", "callbacks"),
    }
)
"""Words of a spec below which something else begins, that has to be used itself."""


class Status(StrEnum):
    """What a change is to a consumer version; the gravest first."""

    BROKEN = "broken"
    UNDECIDED = "undecided"
    BROKEN_ALREADY = "broken already"
    TOUCHED = "touched"
    MENDED = "mended"
    UNTOUCHED = "untouched"


class Touch(NamedTuple):
    """An interaction that uses what changed; ``pointer`` is its place in the contract."""

    interaction: int
    description: str
    pointer: str
    change: Change


class Hit(NamedTuple):
    """A consumer version, what the change is to it, and why.

    ``findings`` are those of its contract with the revision: errors, or what is undecided.
    """

    by: Relying
    status: Status
    findings: tuple[Finding, ...] = ()
    touches: tuple[Touch, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The hit as a JSON object."""
        touches = [
            {
                "interaction": touch.interaction,
                "description": touch.description,
                "contract_pointer": touch.pointer,
                "change": touch.change.as_json(),
            }
            for touch in self.touches
        ]
        findings = [finding.as_json() for finding in self.findings]
        return self.by.as_json() | {"status": self.status.value, "findings": findings, "touches": touches}


class Impact(NamedTuple):
    """All consumer versions that matter, the worst hit first. ``places`` are environments, and None: main branches."""

    hits: tuple[Hit, ...]
    places: tuple[str | None, ...]

    @property
    def verdict(self) -> str:
        """``broken``, ``undecided`` or ``safe``."""
        return _verdict(self.hits)

    def at(self, place: str | None) -> tuple[Hit, ...]:
        """Whom it hits in an environment, or on main branches."""
        return tuple(hit for hit in self.hits if any(each.environment == place for each in hit.by.reasons))

    def verdict_at(self, place: str | None) -> str:
        """The verdict of one place; ``nobody`` where nobody relies on the provider."""
        return _verdict(self.at(place)) if self.at(place) else "nobody"

    def as_json(self, places: Iterable[str | None]) -> dict[str, Any]:
        """The verdict, by place in the order that is given, and all hits."""
        told = [
            {
                "environment": place,
                "verdict": self.verdict_at(place),
                "consumers": [f"{hit.by.consumer}@{hit.by.version}" for hit in self.at(place)],
            }
            for place in places
        ]
        return {"verdict": self.verdict, "places": told, "consumers": [hit.as_json() for hit in self.hits]}


def _verdict(hits: Iterable[Hit]) -> str:
    found = {hit.status for hit in hits}
    return next((each.value for each in (Status.BROKEN, Status.UNDECIDED) if each in found), "safe")


def impact(
    state: Library,
    provider: str,
    base: Spec | None,
    revision: Spec,
    changes: Sequence[Change],
    environment: str | None = None,
) -> Impact:
    """Whom ``changes``, which lead from ``base`` to ``revision``, hit; without a base, all that does not fit is broken.

    UnknownName for names that the registry does not know; InvalidData for a contract that cannot be read.
    """
    users = relying(state, provider, environment)
    state.expect(("contract", one.consumer, provider, one.contract) for one in users)
    weighing = _Weighing(base, revision, changes)
    hits = [weighing.hit(one, state.contract(one.consumer, provider, one.contract)) for one in users]
    order = list(Status)
    hits.sort(key=lambda hit: (order.index(hit.status), hit.by.consumer, hit.by.version))
    places = (environment,) if environment else (*sorted(state.environments()), None)
    return Impact(tuple(hits), places)


class _Weighing:
    """The change, made ready to be weighed for many contracts; equal contracts are judged once."""

    def __init__(self, base: Spec | None, revision: Spec, changes: Sequence[Change]) -> None:
        self.base = prepare(base) if base is not None else None
        self.revision = prepare(revision)
        self.known: dict[str, tuple[Status, tuple[Finding, ...], tuple[Touch, ...]]] = {}
        self.changes: dict[tuple[str, str], list[Change]] = {}
        for change in changes:
            if change.path:
                self.changes.setdefault((change.method, _bare(change.path)), []).append(change)

    def hit(self, by: Relying, contract: Contract) -> Hit:
        """The hit of one consumer version."""
        found = self.known.get(contract.digest)
        if found is None:
            found = self.known[contract.digest] = self._weighed(contract)
        return Hit(by, *found)

    def _weighed(self, contract: Contract) -> tuple[Status, tuple[Finding, ...], tuple[Touch, ...]]:
        before = compare(contract, self.base) if self.base is not None else Comparison()
        after = compare(contract, self.revision)
        touches = tuple(self._touches(contract))
        if after.compatible:
            if not before.compatible:
                return Status.MENDED, (), touches
            return (Status.TOUCHED if touches else Status.UNTOUCHED), (), touches
        if before.verdict == "incompatible":
            return Status.BROKEN_ALREADY, _telling(after), touches
        is_sure = before.compatible and after.verdict == "incompatible"
        return (Status.BROKEN if is_sure else Status.UNDECIDED), _telling(after), touches

    def _touches(self, contract: Contract) -> Iterator[Touch]:
        """The changes of what each interaction uses, the gravest first."""
        if self.base is None or not self.changes:
            return
        for each in contract.interactions:
            found = used(self.base.routes, each)
            if found is None:
                continue
            changes = self.changes.get((found.method, _bare(found.path)), [])
            pointers = {place: pointer for pointer, place in found.fields.values()}
            for change in sorted(changes, key=lambda one: LEVELS.index(one.level)):
                place = _used_place(found, change)
                if place is not None:
                    yield Touch(each.index, each.description, pointers.get(place, each.pointer), change)


def _telling(comparison: Comparison) -> tuple[Finding, ...]:
    worst = "error" if comparison.verdict == "incompatible" else "undecided"
    return tuple(finding for finding in comparison.findings if finding.severity == worst)


def _used_place(found: Used, change: Change) -> str | None:
    """The place of the base that an interaction uses, and that a change is about; None if it uses none.

    A change at a keyword (``/required/0``) is one of the schema around it; one of a member or a response that is not
    used is none of the things around it.
    """
    place, rest = change.base_pointer, ""
    while place not in found.places:
        place, _, rest = place.rpartition("/")
        if not place or rest in _CHILDREN:
            return None
    return place


def _bare(path: str) -> str:
    return re.sub(r"\{[^{}/]*\}", "{}", path)
