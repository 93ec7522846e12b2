"""What ``signet serve`` is told of webhooks out: whom they may call, how patient it is, which variables they may name.

It sends nothing; ``signet.service.webhooks`` does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import serving
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.service.webhooks.outgoing import Outgoing

Hosts = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook-host",
        envvar="SIGNET_WEBHOOK_HOST",
        metavar="HOST[:PORT]",
        help="A host that webhooks out may call: hooks.example.com, *.example.com, http://host:port; none: nothing is "
        "sent; may be repeated.",
    ),
]
Networks = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook-network",
        envvar="SIGNET_WEBHOOK_NETWORK",
        metavar="CIDR",
        help="A network that is not public, and that webhooks out may reach all the same; may be repeated.",
    ),
]
Tries = Annotated[
    int,
    typer.Option(
        "--webhook-tries",
        envvar="SIGNET_WEBHOOK_TRIES",
        min=1,
        max=10_000,
        metavar="NUMBER",
        help="How often a delivery is tried before it is given up (dead).",
    ),
]
Wait = Annotated[
    float,
    typer.Option(
        "--webhook-wait",
        envvar="SIGNET_WEBHOOK_WAIT",
        metavar="SECONDS",
        help="How long to wait at most after a first try that failed; twice as long after each further one.",
    ),
]
LongestWait = Annotated[
    float,
    typer.Option(
        "--webhook-longest-wait",
        envvar="SIGNET_WEBHOOK_LONGEST_WAIT",
        metavar="SECONDS",
        help="How long to wait at most between two tries, however many failed.",
    ),
]
Patience = Annotated[
    float,
    typer.Option(
        "--webhook-patience",
        envvar="SIGNET_WEBHOOK_PATIENCE",
        metavar="SECONDS",
        help="For how long a delivery is tried before it is given up (dead), however few the tries were.",
    ),
]

SHORTEST_WAIT, LONGEST_WAIT = 0.01, 86_400.0
SHORTEST_PATIENCE, LONGEST_PATIENCE = 1.0, 30 * 86_400.0


def outgoing(
    hosts: Sequence[str] | None,
    networks: Sequence[str] | None,
    tries: int,
    waits: tuple[float, float],
    patience: float,
) -> Outgoing:
    """What webhooks out may reach, and how patient they are; UsageError for what makes no sense.

    ``waits`` are the longest after the first try that failed, and the longest of all.
    """
    from signet.service.webhooks.outgoing import Outgoing

    wait, longest = waits
    serving.within("--webhook-wait", wait, SHORTEST_WAIT, LONGEST_WAIT)
    serving.within("--webhook-longest-wait", longest, SHORTEST_WAIT, LONGEST_WAIT)
    serving.within("--webhook-patience", patience, SHORTEST_PATIENCE, LONGEST_PATIENCE)
    if longest < wait:
        raise UsageError(
            f"The longest wait of {longest:g} s is shorter than the first one, {wait:g} s.",
            "Name a longer --webhook-longest-wait, or a shorter --webhook-wait.",
        )
    if patience < wait:
        raise UsageError(
            f"Deliveries would be given up after {patience:g} s, before the first wait of up to {wait:g} s is over.",
            "Name a longer --webhook-patience, or a shorter --webhook-wait.",
        )
    allowed = Outgoing(tuple(hosts or ()), tuple(networks or ())).checked()
    return replace(allowed, attempts=tries, first=wait, longest=longest, patience=patience)


def variables() -> dict[str, str]:
    """The variables that webhooks out may name, ``SIGNET_WEBHOOK_...``, each from itself or from its file."""
    names = [name for name in os.environ if name.startswith("SIGNET_WEBHOOK_")]
    found = {name.removesuffix("_FILE"): serving.value(name.removesuffix("_FILE")) for name in names}
    return {name: text.strip() for name, text in found.items() if text}
