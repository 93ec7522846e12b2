"""What happened between two states of a registry: events, from what the files say and never from messages.

``happened`` tells the facts of one commit, and reads only what changed. What follows from them for others (comparisons,
Deploy Guard, owed tests) is ``turned`` in ``signet.core.verdict_events``. The order of events is fixed, whatever the
order of the changed files. A broken file stops nothing: it gives an event that says so, and the rest is told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeVar

from signet.core.model import event as kinds
from signet.core.model.event import Event
from signet.core.model.state import Manifest, Placement, Slot, State
from signet.errors import InvalidData

Identity = tuple[str, ...]
"""Which fact a file holds: a kind and its parts, digests short (``signet.registry.layout``)."""

T = TypeVar("T")

_OF_SERVICES = frozenset(
    {"service", "agreed-spec", "spec", "contract", "manifest", "head", "spec-test", "replay", "fixture"}
)
_RANK = {name: rank for rank, name in enumerate(kinds.ABOUT)}


class Placed(State, Protocol):
    """A state that can be asked of one service in one environment, without reading the others."""

    def placement(self, environment: str, service: str) -> Placement:
        """What is live of a service in an environment; an empty placement where nothing is."""


class _Sides(NamedTuple):
    """A commit's parent, the commit, and the facts whose files differ."""

    before: Placed
    after: Placed
    changed: frozenset[Identity]


def happened(before: Placed, after: Placed, changed: Iterable[Identity]) -> tuple[Event, ...]:
    """The events of one commit, ``after``, beside its parent; ``changed`` are the facts whose files differ."""
    sides = _Sides(before, after, frozenset(changed))
    found: list[Event] = [*_services(sides)]
    for one in sorted(sides.changed):
        tell = _TELL.get(one[0])
        try:
            found += tell(sides, one) if tell is not None else ()
        except InvalidData:
            found.append(unreadable(after, one))
    return in_order(found)


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Events of one commit in the order in which they are told."""
    return tuple(sorted(events, key=_order))


def unreadable(state: State, identity: Identity) -> Event:
    """The event for a changed fact that cannot be read."""
    about_environment = identity[0] in ("environment", "placement")
    return Event(
        kinds.UNREADABLE,
        "" if identity[0] == "environment" else identity[2] if about_environment else identity[1],
        environment=identity[1] if about_environment else None,
        detail=_detail(file=state.where(identity)),
    )


def _detail(**said: str | None) -> MappingProxyType[str, str]:
    return MappingProxyType({key: value for key, value in said.items() if value})


def _order(one: Event) -> tuple[object, ...]:
    named = (one.service, one.version, one.other, one.other_version, one.environment)
    return (_RANK[one.type], *(name or "" for name in named), tuple(sorted(one.detail.items())))


def _was(ask: Callable[[], T], nothing: T) -> T:
    """What was there before; a file that was broken then says nothing, so that mending it is told."""
    try:
        return ask()
    except InvalidData:
        return nothing


def _is_among(name: str, ask: Callable[[], Collection[str]]) -> bool:
    return _was(lambda: name in ask(), nothing=False)


def _services(sides: _Sides) -> Iterator[Event]:
    """Services that came or went, of those of which something changed."""
    for name in sorted({one[1] for one in sides.changed if one[0] in _OF_SERVICES}):
        try:
            now = name in sides.after.services()
        except InvalidData:
            return
        if now != _is_among(name, sides.before.services):
            yield Event(kinds.SERVICE_REGISTERED if now else kinds.SERVICE_REMOVED, name)


def _environment(sides: _Sides, one: Identity) -> Iterator[Event]:
    _, name = one
    was, now = _is_among(name, sides.before.environments), name in sides.after.environments()
    if was != now:
        yield Event(kinds.ENVIRONMENT_REGISTERED if now else kinds.ENVIRONMENT_REMOVED, "", environment=name)


def _agreed(sides: _Sides, one: Identity) -> Iterator[Event]:
    _, service = one
    was, now = _was(lambda: sides.before.agreed_spec(service), None), sides.after.agreed_spec(service)
    if now is None:
        yield Event(kinds.SPEC_WITHDRAWN, service, detail=_detail(before=was))
    elif now != was:
        yield Event(kinds.SPEC_PROPOSED, service, detail=_detail(spec=now, before=was))


def _manifest(sides: _Sides, one: Identity) -> Iterator[Event]:
    """A version: registered, with a spec, with contracts. What a version lost is no event of it."""
    _, service, version = one
    nothing = Manifest(service, version)
    found = sides.after.manifest(service, version)
    if found is None:
        return
    was = _was(lambda: sides.before.manifest(service, version), None)
    branches = " ".join(found.branches)
    if was is None:
        yield Event(
            kinds.VERSION_REGISTERED, service, version, detail=_detail(branches=branches, build=found.build_url)
        )
    old = was or nothing
    if found.spec is not None and found.spec != old.spec:
        yield Event(kinds.SPEC_PUBLISHED, service, version, detail=_detail(spec=found.spec, branches=branches))
    for provider, digest in found.contracts.items():
        if digest == old.contracts.get(provider):
            continue
        said = {"contract": digest, "branches": branches}
        yield Event(kinds.CONTRACT_PUBLISHED, service, version, provider, detail=_detail(**said))
        is_changed, previous = _differs(sides, found, provider)
        if is_changed:
            detail = _detail(**said, before=previous)
            yield Event(kinds.CONTRACT_CHANGED, service, version, provider, detail=detail)


def _differs(sides: _Sides, found: Manifest, provider: str) -> tuple[bool, str | None]:
    """Does a contract differ from that of the head of a branch of its version; and what had that head?

    On a branch that begins, the head of the main branch counts. A version on no branch has none before it: its contract
    is changed if the registry did not have that content.
    """
    digest = found.contracts[provider]
    if not found.branches:
        return ("contract", found.service, provider, digest[:16]) in sides.changed, None
    main = _was(lambda: sides.before.service(found.service).main_branch, "main")
    for branch in sorted(found.branches, key=lambda name: (name != main, name)):
        previous = _had(sides.before, found, branch, provider) or _had(sides.before, found, main, provider)
        if previous != digest:
            return True, previous
    return False, None


def _had(before: State, found: Manifest, branch: str, provider: str) -> str | None:
    """The contract that the head of a branch had with a provider."""

    def ask() -> str | None:
        if found.service not in before.services():
            return None
        head = before.head(found.service, branch)
        manifest = before.manifest(found.service, head) if head is not None else None
        return manifest.contracts.get(provider) if manifest is not None else None

    return _was(ask, None)


def _spec_test(sides: _Sides, one: Identity) -> Iterator[Event]:
    _, service, version = one
    now = sides.after.spec_test(service, version)
    if now is not None and now != _was(lambda: sides.before.spec_test(service, version), None):
        said = {"kind": "spec-test", "result": _result(now.passed), "spec": now.spec, "tool": now.tool, "url": now.url}
        yield Event(kinds.VERIFICATION_RECORDED, service, version, detail=_detail(**said))


def _replay(sides: _Sides, one: Identity) -> Iterator[Event]:
    _, service, version, consumer, contract = one
    now = sides.after.replay(service, version, consumer, contract)
    if now is not None and now != _was(lambda: sides.before.replay(service, version, consumer, contract), None):
        said = {"kind": "replay", "result": _result(now.passed), "contract": now.contract}
        detail = _detail(**said, tool=now.tool, url=now.url)
        yield Event(kinds.VERIFICATION_RECORDED, service, version, consumer, detail=detail)


def _result(passed: bool) -> str:
    return "passed" if passed else "failed"


def _placement(sides: _Sides, one: Identity) -> Iterator[Event]:
    """What came and went of a service in an environment. A version in the place of another is one event."""
    _, where, service = one
    was, now = (
        _was(lambda: sides.before.placement(where, service), Placement(service)),
        sides.after.placement(where, service),
    )
    yield from _slots(where, service, was, now)
    if now.desired is not None and now.desired != was.desired:
        yield Event(kinds.DEPLOYMENT_DESIRED, service, now.desired, environment=where)
    if was.desired is not None and was.desired != now.desired and was.desired not in now.versions:
        yield Event(kinds.DEPLOYMENT_WITHDRAWN, service, was.desired, environment=where)
    for version in set(now.released) - set(was.released):
        yield Event(kinds.RELEASED, service, version, environment=where)
    for version in set(was.released) - set(now.released):
        yield Event(kinds.RELEASE_ENDED, service, version, environment=where)


def _slots(where: str, service: str, was: Placement, now: Placement) -> Iterator[Event]:
    old, new = _by_instance(was.deployed), _by_instance(now.deployed)
    for instance in old.keys() | new.keys():
        gone, come = old.get(instance), new.get(instance)
        if come is not None and come != gone:
            detail = _detail(instance=instance, replaced=gone)
            yield Event(kinds.DEPLOYED, service, come, environment=where, detail=detail)
        elif gone is not None and come is None:
            yield Event(kinds.UNDEPLOYED, service, gone, environment=where, detail=_detail(instance=instance))


def _by_instance(slots: tuple[Slot, ...]) -> dict[str | None, str]:
    return {slot.instance: slot.version for slot in slots}


_TELL: dict[str, Callable[[_Sides, Identity], Iterator[Event]]] = {
    "environment": _environment,
    "agreed-spec": _agreed,
    "manifest": _manifest,
    "spec-test": _spec_test,
    "replay": _replay,
    "placement": _placement,
}
