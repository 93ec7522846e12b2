"""A team with webhooks, and a service that carries them: what tests of deliveries tell their stories with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from signet.registry import events
from signet.registry.opening import PLAIN
from signet.service.shelf import Shelf
from signet.service.webhooks.courier import Courier
from signet.service.webhooks.outgoing import Outgoing
from signet.service.webhooks.store import Store
from tests.domain import Team
from tests.registry.people import add
from tests.service.receiver import Receiver

SECRET = "whsec_" + "c2lnbmV0LXRlc3Qtc2VjcmV0LW9mLTMyLWJ5dGVzISE="
OLD = "whsec_" + "dGhlLW9sZC1zaWduZXQtdGVzdC1zZWNyZXQtMzItYiE="
VARIABLES = {"SIGNET_WEBHOOK_KEY": SECRET, "SIGNET_WEBHOOK_OLD": OLD, "SIGNET_WEBHOOK_TOKEN": "t0ken"}
QUICK = Outgoing(private=("127.0.0.0/8",), first=0.02, longest=0.1, attempts=40, connect=2.0, total=4.0, lease=10.0)


def subscribe(team: Team, name: str, url: str, *types: str, **more: Any) -> str:
    """Write a webhook's file (JSON is YAML) and push it; the commit."""
    value = {"url": url, "events": list(types or ("*",)), "secret": "env:SIGNET_WEBHOOK_KEY"} | more
    return add(team.repo, {f"webhooks/{name}.yaml": json.dumps(value).encode()}, f"webhook: {name}")


def url(receiver: Receiver, path: str = "") -> str:
    """The one URL of a receiver that the service lists."""
    return f"{receiver.host}/{path}"


def allowing(*receivers: Receiver, **more: Any) -> Outgoing:
    """What a service is configured with to call these."""
    return replace(QUICK, **{"hosts": tuple(one.host for one in receivers)} | more)


@contextmanager
def carried(team: Team, store: Store, outgoing: Outgoing, **more: Any) -> Iterator[Courier]:
    """A service's courier, as long as the block lasts."""
    made = Courier(outgoing, Shelf(team.location, PLAIN), store, variables=VARIABLES, sweep=0.3, **more)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def told_since(team: Team, commit: str) -> list[str]:
    """The ids of all events after a commit, in order."""
    return [one.id for told in events.since(team.repo, commit, team.head) for one in told.events]
