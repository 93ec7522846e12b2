"""The options with which a command starts a provider, and the one function that does it: ``provider``.

A command takes the options that it needs, and passes them on::

    def test(start: lifecycle.Start = None, wait_for: lifecycle.WaitFor = "tcp", ...) -> int:
        with lifecycle.provider(start, wait_for=wait_for, ...) as running:
            ...  # requests to running.url; CouldNotTest at the end of the block if it has ended on the way

It knows where a log goes, what a person at a terminal is told, and which variables are not the provider's business. How
a provider is started and ended is in ``signet.live.provider``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import listening, render
from signet.errors import CouldNotTest

if TYPE_CHECKING:
    from signet.live.provider import Provider

OURS = ("SIGNET_TOKEN",)
"""Variables with secrets of Signet's own: a provider does not get them."""

HERE = Path()

Start = Annotated[
    str | None,
    typer.Option(
        "--start",
        envvar="SIGNET_START",
        metavar="COMMAND",
        help="The command that starts the provider, run without a shell; {port} and {url} are filled in.",
    ),
]
WaitFor = Annotated[
    str,
    typer.Option(
        "--wait-for",
        envvar="SIGNET_WAIT_FOR",
        metavar="PATH|URL|tcp",
        help="When it is healthy: this path or http URL answers 2xx or 3xx; tcp: its port is open.",
    ),
]
Within = Annotated[
    float,
    typer.Option(
        "--within", envvar="SIGNET_WITHIN", metavar="SECONDS", help="How long it may take until it is healthy."
    ),
]
StopAfter = Annotated[
    float,
    typer.Option(
        "--stop-after",
        envvar="SIGNET_STOP_AFTER",
        metavar="SECONDS",
        help="How long it may take to end when it is asked to (SIGTERM), before it is killed.",
    ),
]
Port = Annotated[int | None, listening.port("provider", 1, "The port at which it listens; none: one that is free.")]
StartIn = Annotated[
    Path,
    typer.Option("--start-in", envvar="SIGNET_START_IN", metavar="DIR", help="The working directory of the provider."),
]
UrlFile = Annotated[
    Path | None,
    typer.Option(
        "--url-file",
        envvar="SIGNET_URL_FILE",
        metavar="FILE",
        help="Write the URL of the provider, or of the mock, into this file, as long as it is healthy.",
    ),
]
ProviderLog = Annotated[
    Path | None,
    typer.Option(
        "--provider-log",
        "--log",
        envvar="SIGNET_PROVIDER_LOG",
        metavar="FILE",
        help="Keep what the provider prints in this file (its beginning and its end, at most 3 MiB).",
    ),
]


@contextmanager
def provider(
    start: str,
    *,
    wait_for: str = "tcp",
    within: float = 60.0,
    stop_after: float = 10.0,
    port: int | None = None,
    start_in: Path = HERE,
    url_file: Path | None = None,
    log: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    masked: Callable[[str], str] = render.masked,
) -> Iterator[Provider]:
    """A provider that runs as long as the block; ``signet.live.provider.started`` says the rest.

    It gets the variables of ``environment``, without Signet's secrets. Without a ``log`` it is kept in a temporary
    folder, and only if the provider could not be tested.
    """
    from signet.live.provider import started

    own = None if log is not None else Path(tempfile.mkdtemp(prefix="signet-provider-"))
    keep = False
    try:
        with started(
            start,
            folder=start_in,
            log=log or (own or Path()) / "provider.log",
            wait_for=wait_for,
            within=within,
            stop_after=stop_after,
            port=port,
            url_file=url_file,
            environment={name: value for name, value in environment.items() if name not in OURS},
            masked=masked,
            tell=render.note if render.is_terminal(sys.stderr) else lambda _text: None,
        ) as running:
            yield running
    except CouldNotTest as error:
        keep = bool(error.faults)  # they name places in the log
        raise
    finally:
        if own is not None and not keep:
            shutil.rmtree(own, ignore_errors=True)
