"""The graph of services: who has contracts with whom, and how each integration stands. How it is drawn is elsewhere."""

from __future__ import annotations

from typing import Any

from signet.core.integrations import Integration, integrations
from signet.service.answers.naming import known
from signet.service.snapshots import Snapshot

GRAVEST = ("incompatible", "failed", "unreadable", "no provider", "not verified yet", "verified")
"""States of an integration, the gravest first: an edge has the gravest of all versions that meet."""


def graph(asked: Snapshot, *, environment: str | None = None, service: str | None = None) -> dict[str, Any]:
    """Services, and an edge from each consumer to each provider that it has a contract with, where they meet.

    Everywhere, or in an environment only; with ``service``, it and its direct neighbours.
    """
    known(asked, services=(service,), environment=environment)
    state = asked.state
    met: dict[tuple[str, str], list[Integration]] = {}
    for one in integrations(state, service=service, environment=environment):
        if one.provider is not None:
            met.setdefault((one.consumer, one.provider), []).append(one)
    if service is not None:
        names = {service, *(name for pair in met for name in pair)}
    elif environment is not None:
        live = {name for name, there in state.placements(environment).items() if there.versions}
        names = {*live, *(name for pair in met for name in pair)}
    else:
        names = {*state.services(), *(name for pair in met for name in pair)}
    return {
        "schema": "signet.graph/1",
        "commit": asked.commit,
        "environment": environment,
        "service": service,
        "nodes": [_node(asked, name, environment) for name in sorted(names)],
        "edges": [_edge(*pair, met[pair]) for pair in sorted(met)],
    }


def _node(asked: Snapshot, name: str, environment: str | None) -> dict[str, Any]:
    """A service. One that contracts name and nobody registered is in the graph, too: ``registered`` says so."""
    state = asked.state
    if name not in state.services():
        return {"service": name, "registered": False, "external": False, "versions": []}
    if environment is None:
        head = state.main_head(name)
        versions = [head] if head is not None else []
    else:
        versions = list(state.placement(environment, name).versions)
    return {"service": name, "registered": True, "external": state.service(name).external, "versions": versions}


def _edge(consumer: str, provider: str, met: list[Integration]) -> dict[str, Any]:
    worst = min(met, key=lambda one: GRAVEST.index(one.state))
    counts = {state: sum(one.state == state for one in met) for state in GRAVEST}
    told = {"state": worst.state, "code": worst.code, "states": {name: n for name, n in counts.items() if n}}
    return {"consumer": consumer, "provider": provider} | told
