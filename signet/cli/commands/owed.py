"""``signet owed``: which tests would have to run so that no reason of any guard stays open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import opening, options, render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.core.model.state import State
    from signet.core.owed import Owed
    from signet.registry.read import RegistryState


def owed(
    ctx: typer.Context,
    name: options.Name = None,
    version: options.PlainVersion = None,
    consumer: options.Consumer = None,
    consumer_version: options.ConsumerVersion = None,
    provider: options.Provider = None,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    index: options.Index = None,
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Answer with one line of JSON: the matrix of a CI job, at most 256 rows.")
    ] = False,
    json: options.Json = False,
) -> int:
    """List the tests that are owed: spec tests and replays that a guard waits for, or would be surer with.

    Ask for a provider (--name), for one consumer version (--consumer, --consumer-version), or for the whole registry.
    A blocking entry keeps some guard open; an advisory one is a replay where the spec already decides.

    With --index, a service that has comparisons ready is asked which of them block (SIGNET_INDEX_TOKEN holds its
    token).

    --matrix prints {"include":[...]} for a workflow of GitHub Actions: a row holds kind (spec or replay), provider,
    provider_version, consumer, consumer_version, contract, blocking, and the artifacts of both sides, all as texts.

    \b
    Examples:
      signet owed
      signet owed --name catalog --version 4.0.1
      signet owed --consumer cart --consumer-version 2.1.0 --provider catalog
      signet owed --matrix

    Exit code: 0, whatever is owed.
    """
    from signet.core.owed import owed as entries

    if (consumer or provider) and not options.is_typed(ctx, "name"):
        name, version = None, None  # SIGNET_NAME is the service that is built, not whom this is asked of
    if name and provider and name != provider:
        raise UsageError(f"--name {name} and --provider {provider} are both the provider.", "Pass one of them.")
    state = opening.for_reading(registry, at=at, offline=offline)
    question = {
        "provider": name or provider,
        "provider_version": version,
        "consumer": consumer,
        "consumer_version": consumer_version,
    }
    heard = _heard(ctx, index, state, question) if index and not offline else None
    found = entries(state, **question) if heard is None else heard
    if matrix:
        return _matrix(state, found)
    if json:
        answer = {"schema": "signet.owed/1", "commit": state.commit, "owed": [entry.as_json() for entry in found]}
        render.say_json(answer)
        return 0
    for entry in found:
        render.say(_line(entry), colour="yellow" if entry.blocking else "dim")
    blocking = sum(entry.blocking for entry in found)
    render.say(f"{render.counted(len(found), 'test')} owed, {blocking} of them blocking")
    return 0


def _heard(
    ctx: typer.Context, address: str, state: RegistryState, question: dict[str, str | None]
) -> tuple[Owed, ...] | None:
    """What is owed, as the index service has it; None where the clone is to say it."""
    from signet.cli.index import named
    from signet.core.index_lists import owed

    asked = named(ctx, address)
    told = asked.listed(state.commit or "", "/api/v1/owed", "signet.owed/1", "owed", question)
    found = None if told is None else owed(told, state, question)
    if told is not None and found is None:
        asked.doubted()
    return found


def _matrix(state: State, found: Sequence[Owed]) -> int:
    from signet.core.matrix import matrix

    made = matrix(state, found)
    for refused in made.refused:
        render.note(f"left out: {refused}")
    if made.cut:
        render.note(f"{made.cut} more are owed than a matrix takes: run 'signet owed --matrix' again after these")
    render.say_json({"include": list(made.rows)}, line=True)
    return 0


def _line(entry: Owed) -> str:
    who = f"{entry.provider} {entry.provider_version}"
    what = f"test {who} against its spec"
    if entry.kind == "replay":
        what = f"replay the contract of {entry.consumer} {', '.join(entry.consumer_versions)} at {who}"
    reasons = ", ".join(one.because + (f" in {one.environment}" if one.environment else "") for one in entry.reasons)
    return f"{'blocking' if entry.blocking else 'advisory'}: {what} ({reasons})"
