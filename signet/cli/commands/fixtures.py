"""``signet fixtures``: which answers of a service are approved, and does each still fit the spec?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import opening, options, render

if TYPE_CHECKING:
    from signet.core.model.comparison import Finding
    from signet.core.model.fixture import Fixture
    from signet.registry.read import RegistryState

    Judged = Sequence[tuple[Fixture, tuple[Finding, ...]]]

Version = Annotated[
    str | None,
    typer.Option(
        "--version",
        "-v",
        envvar="SIGNET_VERSION",
        metavar="VERSION",
        help="Hold them against the spec of this version of the service.",
    ),
]
MISFIT = 1
"""The exit code where some do not fit."""


def fixtures(
    name: options.Name = None,
    version: Version = None,
    environment: options.Environment = None,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """List the approved fixtures of a service, which mocks answer with, and say which do not fit the spec.

    A fixture that names no environment counts in all of them, one that names some in these alone. With --environment
    those are listed that count there, without it all. They are held against the agreed spec (without one, against that
    of the main branch), or against that of --version. One that does not fit is never served.

    \b
    Examples:
      signet fixtures --name catalog
      signet fixtures --name catalog --environment staging
      signet fixtures --name catalog --version 4.1.0 --json

    Exit code: 0 all fit; 1 some do not; 4 there is no spec.
    """
    service = opening.required(name, "name")
    state = opening.for_reading(registry, at=at, offline=offline)
    from signet.registry.fitting import judged

    service = state.resolve_alias(service)
    found = judged(state, service, environment=environment, version=version)
    wrong = sum(bool(misfits) for _, misfits in found)
    if json:
        listed = [_entry(state, one, misfits) for one, misfits in found]
        answer = {"schema": "signet.fixtures/1", "commit": state.commit, "service": service, "fit": not wrong}
        render.say_json({**answer, "fixtures": listed})
    else:
        _show(state, found)
        verb, are = ("does", "is") if wrong == 1 else ("do", "are")
        told = f"; {wrong} of them {verb} not fit, and {are} never served" if wrong else ""
        render.say(f"{render.counted(len(found), 'fixture')} of {service}{told}")
    return MISFIT if wrong else 0


def _show(state: RegistryState, found: Judged) -> None:
    operation = ""
    for one, misfits in found:
        if one.operation != operation:
            operation = one.operation
            render.say(operation, colour="bold")
        where = ", ".join(sorted(one.environments)) or "everywhere"
        asked = one.request.path if one.request.path != operation.partition(" ")[2] else ""
        parts = [one.name, asked, f"answers {one.response.status}", f"by the {one.source}", where]
        verdict = "does not fit" if misfits else "fits"
        render.say(f"  {verdict}: {'; '.join(filter(None, parts))}", colour="red" if misfits else "green")
        path = _path(state, one)
        for finding in misfits:
            render.say(f"    {path} #{finding.contract_pointer}: {finding.message} [{finding.code}]")


def _entry(state: RegistryState, one: Fixture, misfits: Sequence[Finding]) -> dict[str, Any]:
    told = [
        {
            "code": finding.code,
            "severity": finding.severity,
            "message": finding.message,
            "pointer": finding.contract_pointer,
            "spec_pointer": finding.spec_pointer,
        }
        for finding in misfits
    ]
    said = one.as_json()
    del said["kind"], said["service"]
    return {"file": _path(state, one), **said, "environments": sorted(one.environments), "fits": not told} | {
        "findings": told
    }


def _path(state: RegistryState, one: Fixture) -> str:
    return state.where(("fixture", one.service, one.operation, one.name))
