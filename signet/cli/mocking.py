"""What ``signet mock`` is asked for: which services, under which names, with which options, and what is recorded.

It opens no port. What a service answers is in ``signet.live.mock``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from signet.cli import files, listening, named, opening, recording
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.core.model.fixture import Fixture
    from signet.live.mock import Exchange, Mounted
    from signet.live.recording import Choice, Recorder
    from signet.live.recording.writing import Written

Specs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME=]FILE|SERVICE[@VERSION]... [-- COMMAND]",
        help="A spec: a file, the agreed spec of a service, or that of one of its versions; may be repeated. COMMAND "
        "is run while the mock answers, and its exit code is that of signet.",
    ),
]
Port = Annotated[int, listening.port("mock", 0, "The port on 127.0.0.1; 0: one that is free.")]
Latency = Annotated[
    str | None,
    typer.Option(
        "--latency",
        envvar="SIGNET_LATENCY",
        metavar="TIME[-TIME]",
        help="How long each answer takes: 200ms, 1.5s, or a span such as 100ms-2s.",
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        envvar="SIGNET_FAULT",
        metavar="STATUS[:SHARE]",
        help="Answer a share of the requests with an error: 503:0.1 is every tenth; may be repeated.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--mock-seed",
        "--seed",
        envvar="SIGNET_MOCK_SEED",
        metavar="NUMBER",
        help="Which requests meet a fault or a delay, and which values 'Prefer: dynamic=true' gives.",
    ),
]
RequestLog = Annotated[
    bool,
    typer.Option("--request-log", envvar="SIGNET_REQUEST_LOG", help="Tell each request and its answer on stderr."),
]
Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--variable",
        envvar="SIGNET_VARIABLE",
        metavar="NAME[=SERVICE]",
        help="A variable that holds the mock's URL, or that of one service, for the command; may be repeated.",
    ),
]
Record = Annotated[
    Path | None,
    typer.Option(
        "--record",
        envvar="SIGNET_RECORD",
        metavar="FILE",
        help="Write what is asked and answered as a contract; in a folder: CONSUMER-PROVIDER.json.",
    ),
]
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


def places(given: Sequence[str], services: Sequence[Wanted]) -> dict[str, str]:
    """By variable of a command, the path below the mock's URL that it has; UsageError for what is no variable."""
    from signet.live.provider import URL

    found = {URL: ""}
    names = [each.name for each in services]
    for each in given:
        name, _, service = each.partition("=")
        if not name.isidentifier() or not name.isascii():
            raise UsageError(
                "--variable names no variable.", "Write a name such as CATALOG_URL, or CATALOG_URL=catalog."
            )
        if service and service not in names:
            raise UsageError(f"--variable {name} is for a service that is not here.", f"Here are: {', '.join(names)}.")
        found[name] = f"/{service}" if service and len(names) > 1 else ""
    return found


class Records:
    """The contracts of one consumer with the services of a mock, while they are recorded."""

    def __init__(
        self, path: Path, consumer: str | None, services: Sequence[Wanted], choice: Choice, *, is_refused_too: bool
    ) -> None:
        from signet.core.model.names import checked
        from signet.live.recording import Recorder, writing

        if not consumer:
            raise UsageError("--name is missing.", "--name is the consumer whose contract --record writes.")
        unnamed = next((each for each in services if not each.is_given and named.is_file(each.spec)), None)
        if unnamed is not None:
            raise UsageError(f"{unnamed.spec} says no name of its provider.", f"Write NAME={unnamed.spec}.")
        checked("service", consumer)
        self.is_refused_too = is_refused_too
        self.recorders = {each.name: Recorder(consumer, each.name, choice, is_refused_too=True) for each in services}
        self.files = {name: writing.target(path, consumer, name, "--record") for name in self.recorders}
        if len(set(self.files.values())) < len(self.files):
            raise UsageError("Several services need a folder for their contracts.", "Name a folder with --record.")

    @property
    def exchanges(self) -> int:
        """How many were recorded."""
        return sum(each.exchanges for each in self.recorders.values())

    def add(self, exchange: Exchange) -> None:
        """Record an exchange, if it belongs into a contract; what does not is counted."""
        from signet.live.mock import recorded

        recorder = self.recorders.get(exchange.service)
        if recorder is None:
            return
        why = recorded.left_out(exchange)
        if not why and recorded.is_refused(exchange) and not self.is_refused_too:
            meant = exchange.operation or "no operation of the spec"
            why = f"a request that was refused ({meant}: {exchange.answer.code})"
        if why:
            recorder.noted(why)
        else:
            recorder.add(recorded.recorded(exchange))

    def written(self, version: str) -> list[tuple[Recorder, Written]]:
        """Write the contracts with all services that were asked for anything; Undecided if there is none."""
        pairs = [(each, self.files[name]) for name, each in self.recorders.items()]
        asked = [(each, file) for each, file in pairs if each.exchanges] or pairs[:1]
        return [(each, recording.written(each, file, version)) for each, file in asked]
