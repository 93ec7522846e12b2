"""What the registry says of a service or an environment, as the JSON objects that every overview has.

The words are those of ``signet status``. It judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from signet.core.model.state import Environment, Placement, State


class Registry(State, Protocol):
    """A state that also has what people say of environments, and which version heads a main branch."""

    def environment(self, name: str) -> Environment:
        """A known environment."""

    def placement(self, environment: str, service: str) -> Placement:
        """What is live of a service in an environment."""

    def main_head(self, service: str) -> str | None:
        """The head of the main branch of a service."""


def in_order(state: Registry, environments: Iterable[str]) -> list[str]:
    """Environments in the order of promotion; those without a place in it come last, by name."""

    def key(name: str) -> tuple[bool, int, str]:
        order = state.environment(name).order
        return (order is None, order or 0, name)

    return sorted(environments, key=key)


def live(state: State, environment: str, services: Iterable[str]) -> dict[str, Placement]:
    """By service, in the order that is given, what is live in an environment; none of which nothing is."""
    found = state.placements(environment)
    return {service: found[service] for service in services if service in found and found[service].versions}


def where(state: Registry, service: str) -> dict[str, list[str]]:
    """By version of a service, the environments where it is live, in the order of promotion."""
    found: dict[str, list[str]] = {}
    for environment in in_order(state, state.environments()):
        for version in state.placement(environment, service).versions:
            found.setdefault(version, []).append(environment)
    return found


def placement(service: str, there: Placement) -> dict[str, Any]:
    """What is live of one service in one environment."""
    return {
        "service": service,
        "deployed": [{"version": slot.version, "instance": slot.instance} for slot in there.deployed],
        "desired": there.desired,
        "released": list(there.released),
    }


def environment(state: Registry, name: str, there: Mapping[str, Placement]) -> dict[str, Any]:
    """An environment, with what is live in it."""
    about = state.environment(name)
    return {
        "name": name,
        "display_name": about.display_name,
        "production": about.production,
        "order": about.order,
        "services": [placement(service, one) for service, one in there.items()],
    }


def service(state: Registry, name: str) -> dict[str, Any]:
    """A service: what people say of it, and its head, agreed spec and number of versions."""
    about = state.service(name)
    return {
        "name": name,
        "main_branch": about.main_branch,
        "head": state.main_head(name),
        "agreed_spec": state.agreed_spec(name),
        "versions": len(state.versions(name)),
        "external": about.external,
        "owners": list(about.owners),
        "repository": about.repository,
        "aliases": list(about.aliases),
    }
