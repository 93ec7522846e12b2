"""Environments: what is live in them, whether Deploy Guard would let it go there today, and how it came to be so."""

from __future__ import annotations

from typing import Any

from signet.core import overview
from signet.core.guard import decide
from signet.core.model.decision import Candidate, Decision
from signet.core.standings import Standing, standings
from signet.errors import InvalidData
from signet.service.answers.naming import known
from signet.service.snapshots import Snapshot

GRAVEST = ("no", "unreadable", "unknown", "yes")
"""Verdicts of versions, the gravest first; ``unreadable`` is for a file that is needed and broken."""


def environments(asked: Snapshot) -> dict[str, Any]:
    """All environments in the order of promotion, with what is live in each."""
    state = asked.state
    names = sorted(state.services())
    found = [
        overview.environment(state, one, overview.live(state, one, names))
        for one in overview.in_order(state, state.environments())
    ]
    return {"schema": "signet.environments/1", "commit": asked.commit, "environments": found}


def environment(asked: Snapshot, name: str) -> dict[str, Any]:
    """One environment: also the verdict of Deploy Guard on every version that is live there."""
    known(asked, environment=name)
    state = asked.state
    live = overview.live(state, name, sorted(state.services()))
    told = overview.environment(state, name, live)
    found = {(one.service, one.version): one for one in standings(state, name)}
    for one, (service, placement) in zip(told["services"], live.items(), strict=True):
        one["verdicts"] = [_stands(found[service, version]) for version in placement.versions]
    return {"schema": "signet.environment/1", "commit": asked.commit, **told}


def deployments(asked: Snapshot, *, environment: str | None = None, service: str | None = None) -> dict[str, Any]:
    """What is live now: a row for each version of a service in an environment, and how it is there."""
    known(asked, services=(service,), environment=environment)
    state = asked.state
    chosen = [environment] if environment else overview.in_order(state, state.environments())
    names = [service] if service else sorted(state.services())
    found: list[dict[str, Any]] = []
    for place in chosen:
        for name, there in overview.live(state, place, names).items():
            row = {"environment": place, "service": name}
            found += [row | _how("deployed", slot.version, slot.instance) for slot in there.deployed]
            found += [row | _how("desired", there.desired)] if there.desired is not None else []
            found += [row | _how("released", version) for version in there.released]
    return {"schema": "signet.deployments/1", "commit": asked.commit, "deployments": found}


def verdict(asked: Snapshot, service: str, version: str, environment: str | None) -> dict[str, Any]:
    """The verdict on a version in a few words: ``against`` and ``open`` count the reasons that are."""
    try:
        decision = decide(asked.state, [Candidate(service, version)], environment)
    except InvalidData as error:
        return _unreadable(version, error)
    return {"version": version} | _counted(decision)


def _stands(one: Standing) -> dict[str, Any]:
    if one.fault is not None:
        return _unreadable(one.version, one.fault)
    return {"version": one.version} | _counted(one)


def _unreadable(version: str, error: InvalidData) -> dict[str, Any]:
    return {"version": version, "verdict": "unreadable", "against": 0, "open": 0, "code": error.code}


def _counted(decision: Decision | Standing) -> dict[str, Any]:
    weights = [reason.weight for reason in decision.reasons]
    code = decision.reasons[0].code if decision.reasons else ""
    counts = {"against": weights.count("no"), "open": weights.count("unknown")}
    return {"verdict": decision.verdict, **counts, "code": code}


def _how(how: str, version: str, instance: str | None = None) -> dict[str, Any]:
    return {"version": version, "how": how, "instance": instance}
