"""``signet deliveries``: what the service sent to webhooks, what waits and what was given up; and sending it again."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import options, render, serving
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.service.webhooks.store import Delivery, Store


def deliveries(
    webhook: Annotated[
        str | None, typer.Option("--webhook", envvar="SIGNET_WEBHOOK", metavar="NAME", help="Those of one webhook.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(
            "--state", envvar="SIGNET_STATE", metavar="waiting|delivered|dead|dropped", help="Those in one state."
        ),
    ] = None,
    event: Annotated[
        str | None, typer.Option("--event", envvar="SIGNET_EVENT", metavar="ID", help="Those of one event.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", envvar="SIGNET_LIMIT", min=1, max=1000, metavar="NUMBER", help="How many at most.")
    ] = 50,
    before: Annotated[
        int | None,
        typer.Option(
            "--before", metavar="NUMBER", max=2**62, help="Those with lower numbers than this: the next page."
        ),
    ] = None,
    replay: Annotated[
        int | None, typer.Option("--replay", metavar="NUMBER", max=2**62, help="Send this delivery again.")
    ] = None,
    replay_all: Annotated[
        bool, typer.Option("--replay-all", help="Send again all that --webhook and --state name, and that do not wait.")
    ] = False,
    folder: serving.Folder = None,
    json: options.Json = False,
) -> int:
    """List what the service sent to webhooks, newest first; with --replay or --replay-all, have it sent again.

    It looks into the store of the service (signet serve): the one of SIGNET_STORE_URL, or in --folder. What is to be
    sent again goes before what waits, with the same id; the running service sends it. Bodies and answers are not kept.

    \b
    Examples:
      signet deliveries --state dead
      signet deliveries --webhook ci --limit 10
      signet deliveries --replay 17
      signet deliveries --webhook ci --state dead --replay-all

    Exit code: 0; 2 wrong use: no store, no such delivery; 4 the database cannot be reached.
    """
    if find_spec("sqlalchemy") is None:
        raise UsageError("The store needs sqlalchemy, not installed.", "Run: pip install 'signet-registry[serve]'")
    from signet.service.webhooks import ledger

    if state is not None and state not in ledger.STATES:
        raise UsageError(f"--state {state} is none.", f"There are: {', '.join(ledger.STATES)}.")
    if replay_all and not (webhook or state):
        raise UsageError("--replay-all names nothing.", "Pass --webhook or --state with it.")
    if replay is not None and replay_all:
        raise UsageError("--replay and --replay-all are both given.", "Pass one of them.")
    store = _opened(folder)
    try:
        if replay is not None:
            again = [ledger.replay(store, replay)]
            return _said_again(len(again), as_json=json)
        if replay_all:
            return _said_again(ledger.replay_all(store, name=webhook, state=state), as_json=json)
        return _listed(store, {"name": webhook, "state": state, "event": event}, before, limit, as_json=json)
    finally:
        store.close()


def _opened(folder: serving.Folder) -> Store:
    from pathlib import Path

    from signet.service.settings import Settings
    from signet.service.webhooks.store import Store
    from signet.service.webhooks.tables import file_of

    place = serving.place(folder)
    given = (serving.database(serving.DATABASE), serving.database(serving.STORE))
    url = Settings("", place, database=given[0], store=given[1]).store_url
    file = file_of(url)
    if file is not None and not Path(file).is_file():
        raise UsageError(
            "There is no store of deliveries here.", "Set SIGNET_STORE_URL, or pass the --folder of signet serve."
        )
    return Store(url)


def _said_again(number: int, *, as_json: bool) -> int:
    if as_json:
        render.say_json({"schema": "signet.deliveries/1", "replayed": number})
    else:
        render.say(f"{render.counted(number, 'delivery', 'deliveries')} to be sent again")
    return 0


def _listed(store: Store, wanted: dict[str, Any], before: int | None, limit: int, *, as_json: bool) -> int:
    from signet.service.webhooks import ledger

    page = ledger.deliveries(store, **wanted, before=before, limit=limit)
    cursors = ledger.cursors(store)
    if as_json:
        notes = {name: one.note for name, one in sorted(cursors.items()) if one.note}
        told = [one.as_json() for one in page.deliveries]
        render.say_json({"schema": "signet.deliveries/1", "deliveries": told, "next": page.before, "notes": notes})
        return 0
    for one in page.deliveries:
        render.say(_line(one), colour={"dead": "red", "waiting": "yellow"}.get(one.state))
    for name, cursor in sorted(cursors.items()):
        if cursor.note:
            render.note(f"webhook {name} waits: {cursor.note}")
    if page.before is not None:
        render.note(f"there are more: --before {page.before}")
    if not page.deliveries:
        render.say("no delivery is known")
    return 0


def _line(one: Delivery) -> str:
    from signet.registry.history import date_text

    tried = f" at {date_text(int(one.tried))}" if one.tried else ""
    answer = f", {one.problem}" if one.problem else f", {one.status}" if one.status else ""
    tries = render.counted(one.attempts, "try", "tries")
    return f"{one.id} {one.name} {one.state} ({tries}{tried}{answer}): {one.type}: {one.subject}"
