"""``signet events``: what happened in the registry, derived from its commits: what webhooks tell, without a service."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import opening, options, render

if TYPE_CHECKING:
    from signet.core.model.event import Event
    from signet.registry.events import Told
    from signet.registry.read import RegistryState


def events(
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            envvar="SIGNET_SINCE",
            metavar="COMMIT|DATE",
            help="What happened after this commit, or after a date (one before the first commit: "
            "all that ever happened); none: in the last --limit commits.",
        ),
    ] = None,
    name: options.Name = None,
    environment: options.Environment = None,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", envvar="SIGNET_LIMIT", min=1, metavar="NUMBER", help="Without --since: how many commits."
        ),
    ] = 20,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """List what happened in the registry, oldest first: the events of its commits, which webhooks tell.

    Events follow from what the files say and not from messages, so they are the same whenever and wherever they are
    asked for, and each has an id that never changes. With --name and --environment only those about that service (on
    either side), or there.

    \b
    Examples:
      signet events --limit 5
      signet events --since 2026-03-01 --name cart
      signet events --since 1a2b3c4d --json
    """
    state = opening.for_reading(registry, at=at, offline=offline)
    found = []
    for told in _told(state, since, limit):
        for event in told.events:
            if not _concerns(event, name, environment):
                continue
            found.append(_as_json(told, event))
            if not json:
                render.say(_line(told, event), colour=_COLOURS.get(event.type))
    if json:
        render.say_json({"schema": "signet.events/1", "commit": state.commit, "events": found})
    elif not found:
        render.say("nothing happened that is asked for")
    return 0


_COLOURS = {"guard.red": "red", "guard.green": "green", "record.unreadable": "yellow"}


def _told(state: RegistryState, since: str | None, limit: int) -> list[Told]:
    from signet.registry import events as of
    from signet.registry.opening import start_of

    if state.commit is None:
        return []
    if since is not None:
        return list(of.since(state.repo, start_of(state.repo, since), state.commit))
    reader = of.Reader(state.repo)
    newest = list(islice(of.commits(state.repo, state.commit), limit))
    return [of.told(state.repo, commit, reader) for commit in reversed(newest)]


def _concerns(event: Event, name: str | None, environment: str | None) -> bool:
    return name in (None, event.service, event.other) and environment in (None, event.environment)


def _line(told: Told, event: Event) -> str:
    from signet.core.sentences import sentence
    from signet.registry.history import date_text

    return f"{told.commit[:10]} {date_text(told.time) or 'no date'} {event.type}: {sentence(event)}"


def _as_json(told: Told, event: Event) -> dict[str, Any]:
    from signet.core.sentences import sentence
    from signet.registry.history import date_text

    return event.as_json() | {"sentence": sentence(event), "commit": told.commit, "date": date_text(told.time)}
