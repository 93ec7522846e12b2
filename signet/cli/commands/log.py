"""``signet log``: who recorded what, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import opening, options, render

if TYPE_CHECKING:
    from signet.registry.opening import LogEntry


def log(
    name: options.Name = None,
    environment: options.Environment = None,
    limit: Annotated[
        int, typer.Option("--limit", envvar="SIGNET_LIMIT", min=1, metavar="NUMBER", help="How many commits at most.")
    ] = 50,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """List the commits of the registry, newest first: every fact, who recorded it, and when.

    With --name and --environment only those that changed something of that service or there, whoever made them and
    however: edits by pull request count like those of the command line. Names and dates are as the commits claim them.

    \b
    Examples:
      signet log --limit 10
      signet log --name cart --environment production
    """
    from signet.registry.opening import log as entries

    state = opening.for_reading(registry, at=at, offline=offline)
    found = []
    for entry in entries(state, service=name, environment=environment):
        if not json:
            render.say(_line(entry))
        found.append(entry)
        if len(found) == limit:
            break
    if json:
        commits = [_commit(entry) for entry in found]
        render.say_json({"schema": "signet.log/1", "commit": state.commit, "commits": commits})
    elif not found:
        render.say("no commit concerns that")
    return 0


def _line(entry: LogEntry) -> str:
    from signet.registry.history import date_text

    return f"{entry.commit[:10]} {date_text(entry.time) or 'no date'} {entry.author}: {entry.subject}"


def _commit(entry: LogEntry) -> dict[str, Any]:
    from signet.registry.history import date_text

    trailers = {key.removeprefix("Signet-").lower(): value for key, value in entry.trailers.items()}
    wanted = ("event", "op", "service", "version", "environment", "source", "run", "tool")
    return {
        "commit": entry.commit,
        "date": date_text(entry.time),
        "author": entry.author,
        "email": entry.email,
        "subject": entry.subject,
        **{key: trailers[key] for key in wanted if key in trailers},
    }
