"""Names that contracts use for a service mean one service: no alias is another service's name, or its alias, too.

``publish`` refuses a contract whose name means several, so one edit by hand would stop the pipelines of others. Other
services are read only where a change brings a service, or a service that has aliases.
"""

from __future__ import annotations

from collections.abc import Iterator

from signet.errors import InvalidData
from signet.registry import layout
from signet.registry.check.changed import Difference
from signet.registry.check.findings import Finding
from signet.registry.check.records import line
from signet.registry.read import RegistryState


def check(found: Difference) -> Iterator[Finding]:
    """Aliases of changed services that mean another one, and new services whose name is an alias already."""
    state = found.after
    services = state.services()
    new = services - found.before.services()
    changed = {one.identity[1] for one in found.of("service") if one.identity}
    if not new and not any(_aliases(state, service) for service in changed):
        return
    state.expect(("service", service) for service in services)
    holders: dict[str, list[tuple[str, int]]] = {}
    for service in sorted(services):
        for at, alias in enumerate(_aliases(state, service)):
            holders.setdefault(alias, []).append((service, at))
    for alias, held in holders.items():
        for service, at in held:
            others = sorted({one for one, _ in held if one != service})
            if alias in services and alias != service and (alias in new or service in changed):
                yield _clash(state, service, at, f"has the alias {alias}, which is the name of another service")
            elif others and service in changed:
                also = "has" if len(others) == 1 else "have"
                yield _clash(state, service, at, f"has the alias {alias}, which {', '.join(others)} {also}, too")


def _aliases(state: RegistryState, service: str) -> tuple[str, ...]:
    try:
        return state.service(service).aliases
    except InvalidData:
        return ()  # a broken file is a finding of its own


def _clash(state: RegistryState, service: str, at: int, message: str) -> Finding:
    path, pointer = layout.path("service", service), f"/aliases/{at}"
    return Finding("name-clash", path, message, pointer, line(state, path, pointer))
