"""``signet status``: what is live where, what the registry knows of each service, and how each integration stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from signet.cli import opening, options, render
from signet.errors import UnknownName

if TYPE_CHECKING:
    from signet.core.integrations import Integration
    from signet.core.model.state import Placement
    from signet.registry.read import RegistryState


def status(
    ctx: typer.Context,
    name: options.Name = None,
    environment: options.Environment = None,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    index: options.Index = None,
    json: options.Json = False,
) -> int:
    """Show what is live in every environment, the services with their heads, and the integrations between them.

    An integration is a consumer version and a provider version that meet, on main branches or in an environment. It is
    verified, not verified yet, failed or incompatible: what deploy-guard would say of the pair. With --index, a service
    that has comparisons ready is asked how they stand (SIGNET_INDEX_TOKEN holds its token).

    \b
    Examples:
      signet status
      signet status --environment production
      signet status --name cart --at 2026-03-03
    """
    from signet.core import overview
    from signet.core.integrations import integrations

    state = opening.for_reading(registry, at=at, offline=offline)
    _check(state, name, environment)
    environments = [environment] if environment else overview.in_order(state, state.environments())
    services = [name] if name else sorted(state.services())
    live = {one: overview.live(state, one, services) for one in environments}
    heard = _heard(ctx, index, state, name, environment) if index and not offline else None
    met = integrations(state, service=name, environment=environment) if heard is None else heard
    if json:
        render.say_json(
            {
                "schema": "signet.status/1",
                "commit": state.commit,
                "environments": [overview.environment(state, one, live[one]) for one in environments],
                "services": [overview.service(state, one) for one in services],
                "integrations": [one.as_json() for one in met],
            }
        )
        return 0
    for one in environments:
        about = state.environment(one)
        render.say(f"{one}{' (production)' if about.production else ''}", colour="bold")
        rows = [(service, _words(placement)) for service, placement in live[one].items()]
        for line in render.table(rows, "  ") or ["  nothing is live here"]:
            render.say(line)
    render.say("services", colour="bold")
    rows_of_services = [_row(state, one) for one in services]
    for line in render.table(rows_of_services, "  ") or ["  none"]:
        render.say(line)
    render.say("integrations", colour="bold")
    for line in render.table([_integration(one) for one in met], "  ") or ["  none"]:
        render.say(line)
    render.say(f"registry at {(state.commit or '')[:10]}")
    return 0


def _heard(
    ctx: typer.Context, address: str, state: RegistryState, name: str | None, environment: str | None
) -> tuple[Integration, ...] | None:
    """How the integrations stand, as the index service has it; None where the clone is to say it."""
    from signet.cli.index import named
    from signet.core.index_lists import integrations

    asked = named(ctx, address)
    question = {"service": name, "environment": environment}
    told = asked.listed(state.commit or "", "/api/v1/integrations", "signet.integrations/1", "integrations", question)
    found = None if told is None else integrations(told, state, service=name, environment=environment)
    if told is not None and found is None:
        asked.doubted()
    return found


def _check(state: RegistryState, name: str | None, environment: str | None) -> None:
    from signet.core.model.names import nearest

    unknown = []
    if name is not None and name not in state.services():
        unknown.append(("unknown-service", "service", name, nearest(name, state.services())))
    if environment is not None and environment not in state.environments():
        unknown.append(("unknown-environment", "environment", environment, nearest(environment, state.environments())))
    if unknown:
        raise UnknownName(unknown, "'signet status' alone lists what the registry knows.")


def _words(placement: Placement) -> str:
    parts = [slot.version + (f" ({slot.instance})" if slot.instance else "") for slot in placement.deployed]
    parts += [f"{version} (released)" for version in placement.released]
    parts += [f"{placement.desired} (desired)"] if placement.desired else []
    return ", ".join(parts)


def _row(state: RegistryState, service: str) -> tuple[str, ...]:
    about = state.service(service)
    head = state.main_head(service)
    spec = state.agreed_spec(service)
    versions = render.counted(len(state.versions(service)), "version")
    return (
        service,
        "external" if about.external else versions,
        f"{about.main_branch}: {head or 'no head'}",
        f"agreed spec {spec[:12]}" if spec else "no agreed spec",
    )


def _integration(one: Integration) -> tuple[str, ...]:
    provider = " ".join(part for part in (one.provider, one.provider_version) if part)
    places = ", ".join(place or "main branch" for place in one.places)
    return (f"{one.consumer} {one.consumer_version}", f"with {provider or '?'}", one.state, places)
