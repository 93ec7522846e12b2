"""``signet impact``: whom a changed spec hits, and where they are live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import named, opening, options, relying, render, severities

if TYPE_CHECKING:
    from signet.cli.formats import Side
    from signet.core.impact import Hit, Impact
    from signet.core.model.change import Changes
    from signet.core.model.spec import Spec
    from signet.registry.read import RegistryState

EXIT_CODES = {"broken": 1, "undecided": 4, "safe": 0}
COLOURS = {"broken": "red", "undecided": "yellow"}
_TOLD = 10
"""Findings, and touches, of one consumer version that are shown; --json has all."""


def impact(
    revision: Annotated[
        str,
        typer.Argument(metavar="SPEC", help="The changed spec: a file, or SERVICE@VERSION."),
    ],
    name: options.Name = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base-spec",
            "--base",
            envvar="SIGNET_BASE_SPEC",
            metavar="FILE|SERVICE[@VERSION]",
            help="The spec before the change; without it, the agreed spec, or that of the main branch's head.",
        ),
    ] = None,
    environment: options.Environment = None,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Who is broken, touched or left alone by a changed spec: each consumer version, by environment.

    Weighed are the consumer versions that are live in any environment (--environment: in that one) or head their main
    branch, by their contracts with --name. One is broken if its contract fitted the spec before and does not fit it
    now; touched if something that it uses changed and it still fits. What no contract reads may go.

    \b
    Examples:
      signet impact openapi.yaml --name catalog
      signet impact openapi.yaml --name catalog --environment production
      signet impact catalog@4.0.1 --base catalog@4.0.0 --json

    Exit code: 0 nobody is broken, 1 somebody is, 4 undecided.
    """
    from signet.core import changes as specs
    from signet.core.impact import impact as weighed

    state = opening.for_reading(registry, at=at, offline=offline)
    service = _service(name, revision)
    new, new_side = named.spec(revision, state)
    old = _base(base, service, state)
    policy = severities.today(state.changes_policy())
    changed = specs.compare(old[0], new, policy) if old is not None else None
    found = weighed(state, service, old[0] if old else None, new, changed.changes if changed else (), environment)
    if json:
        render.say_json(_as_json(state, service, old[1] if old else None, new_side, changed, found))
    else:
        _say(state, service, found, new_side, old[1] if old else None)
    return EXIT_CODES[found.verdict]


def _service(name: str | None, revision: str) -> str:
    """The provider: ``--name``, or the service whose version is the revision."""
    if named.is_file(revision):
        return opening.required(name, "name")
    return revision.partition("@")[0]


def _base(base: str | None, service: str, state: RegistryState) -> tuple[Spec, Side] | None:
    """The spec before the change; None if the service has none."""
    if base is not None:
        return named.spec(base, state)
    from signet.errors import Undecided
    from signet.registry import stored

    try:
        return stored.current_spec(service, state)
    except Undecided:
        return None


def _as_json(
    state: RegistryState, service: str, base: Side | None, revision: Side, changed: Changes | None, found: Impact
) -> dict[str, Any]:
    return {
        "schema": "signet.impact/1",
        "commit": state.commit,
        "service": service,
        "base": base.label if base else None,
        "revision": revision.label,
        **found.as_json(relying.in_order(state, found.places)),
        "changes": len(changed.changes) if changed else None,
        "unseen": list(changed.unseen) if changed else [],
    }


def _say(state: RegistryState, service: str, found: Impact, revision: Side, base: Side | None) -> None:
    if base is None:
        render.note(f"{service} has no spec yet: all that does not fit {revision.label} counts as broken")
    for place in relying.in_order(state, found.places):
        verdict, hits = found.verdict_at(place), found.at(place)
        words = ", ".join(f"{hit.by.consumer} {hit.by.version} is {hit.status.value}" for hit in hits)
        render.say(
            f"{place or 'main branches'}: {verdict}{f' ({words})' if words else ''}", colour=COLOURS.get(verdict)
        )
    for hit in found.hits:
        if hit.findings or hit.touches:
            _say_hit(state, service, hit, revision, base)
    broken = sum(hit.status.value == "broken" for hit in found.hits)
    render.say(f"{found.verdict}: {broken} of {render.counted(len(found.hits), 'consumer version')} broken")


def _say_hit(state: RegistryState, service: str, hit: Hit, revision: Side, base: Side | None) -> None:
    from signet.registry import stored

    _, contract = stored.stored_contract(state, "", hit.by.consumer, service, hit.by.contract)
    where = relying.places(hit.by.reasons)
    render.say()
    render.say(f"{hit.by.consumer} {hit.by.version} ({where}): {hit.status.value}", colour="bold")
    for finding in hit.findings[:_TOLD]:
        places = f"{contract.place(finding.contract_pointer)}, {revision.place(finding.spec_pointer)}"
        render.say(f"  {finding.description!r}: {finding.message} [{finding.code}]")
        render.say(f"    {places}")
    if len(hit.findings) > _TOLD:
        render.say(f"  {len(hit.findings) - _TOLD} more findings")
    if hit.findings:
        return
    for touch in hit.touches[:_TOLD]:
        change = touch.change
        render.say(f"  {touch.description!r}: {change.level}: {change.message} [{change.id}]")
        before = f"{base.place(change.base_pointer)}, " if base else ""
        render.say(f"    {contract.place(touch.pointer)}, {before}{revision.place(change.revision_pointer)}")
    if len(hit.touches) > _TOLD:
        render.say(f"  {len(hit.touches) - _TOLD} more changes")
