"""The services that ``signet mock`` answers for: which specs, under which names, behind which prefixes.

It opens no port. What a service answers is in ``signet.live.mock``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from signet.cli import files, named, opening
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.core.model.fixture import Fixture
    from signet.live.mock import Mounted

_GIVEN = re.compile(r"([^=/\\]*)=(.+)\Z", re.DOTALL)


class Wanted(NamedTuple):
    """A service that is to be answered for: its name here, whether somebody chose that, and where its spec is."""

    name: str
    is_given: bool
    spec: str


def wanted(given: Sequence[str] | None) -> tuple[Wanted, ...]:
    """``[NAME=]FILE|SERVICE[@VERSION]``, each; UsageError for a name that cannot be, or that comes twice."""
    if not given:
        raise UsageError("No spec is named.", "Name a file, or a service of the registry: signet mock openapi.yaml")
    found = tuple(map(_wanted, given))
    for each in found if len(found) > 1 else ():
        _checked(each)
    twice = next((each for at, each in enumerate(found) if each.name in [other.name for other in found[:at]]), None)
    if twice is not None:
        example = f"{twice.name}-2={twice.spec}"
        raise UsageError(f"Two services have the name {twice.name} here.", f"Give one of them another: {example}")
    return found


def _wanted(text: str) -> Wanted:
    found = None if files.is_file(Path(text)) else _GIVEN.match(text)
    if found is not None:
        return _checked(Wanted(found[1], True, found[2]))
    name = Path(text).stem if named.is_file(text) else text.partition("@")[0]
    return Wanted(name, False, text)


def _checked(one: Wanted) -> Wanted:
    """The same, if its name can stand in a URL as it is."""
    from signet.core.model.names import fault_of

    reason = fault_of("service", one.name)
    if reason is not None:
        remedy = f"Give it another one: NAME={one.spec}"
        raise UsageError(f"{one.name!r} cannot be the name of a service here: {reason}.", remedy)
    return one


def mounted(
    services: Sequence[Wanted],
    *,
    environment: str | None,
    seed: int,
    registry: str | None,
    at: str | None,
    offline: bool,
) -> list[Mounted]:
    """Each service with its spec, read and made ready; one that is alone stands at the URL itself.

    One of the registry has its approved fixtures, those that count in ``environment``.
    """
    from signet.live.mock import Mounted, Service

    state = None
    if not all(named.is_file(each.spec) for each in services):
        state = opening.for_reading(registry, at=at, offline=offline)
    alone = len(services) == 1
    found = []
    for each in services:
        spec, _ = named.spec(each.spec, state)
        fixtures: tuple[Fixture, ...] = ()
        if state is not None and not named.is_file(each.spec):
            fixtures = state.fixtures(each.spec.partition("@")[0], environment)
        service = Service(each.name, spec, fixtures=fixtures, seed=seed)
        found.append(Mounted("" if alone else f"/{each.name}", service))
    return found
