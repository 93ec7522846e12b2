"""``signet start-provider``: a provider that is healthy, and goes on running for the commands that come after."""

from __future__ import annotations

from typing import Annotated

import typer

from signet.cli import lifecycle, options, render
from signet.errors import UsageError

Lifetime = Annotated[
    float,
    typer.Option(
        "--for",
        envvar="SIGNET_FOR",
        metavar="SECONDS",
        help="How long it runs at most, if nobody ends it.",
    ),
]


def start_provider(
    start: lifecycle.Start = None,
    wait_for: lifecycle.WaitFor = "tcp",
    port: lifecycle.Port = None,
    within: lifecycle.Within = 60.0,
    stop_after: lifecycle.StopAfter = 10.0,
    lifetime: Lifetime = 3600.0,
    start_in: lifecycle.StartIn = lifecycle.HERE,
    url_file: lifecycle.UrlFile = None,
    log: lifecycle.ProviderLog = None,
    json: options.Json = False,
) -> int:
    """Start a provider, wait until it is healthy, and leave it running: its URL is printed, and written to a file.

    'signet stop-provider' ends it, with all that it started; so does the end of its time (--for). The command is run
    without a shell (write sh -c '...' if you want one), and must stay in the foreground. The log is FILE.log beside
    the file with the URL, unless --log names another one.

    \b
    Examples:
      signet start-provider --start "uvicorn app:app --port {port}" --wait-for /health --url-file provider.url
      signet start-provider --start "./run.sh" --port 8080 --url-file provider.url --for 600

    Exit code: 0 it is healthy; 2 wrong use; 4 it could not be started, or was not healthy in time: nothing runs then.
    """
    from signet.live.provider import left
    from signet.live.provider.start import reasonable

    if not start:
        raise UsageError("--start is missing.", "Pass the command that starts the provider.")
    if url_file is None:
        raise UsageError("--url-file is missing.", "Name the file for the URL; 'signet stop-provider' needs it too.")
    reasonable("--for", lifetime, least=1)
    left.refuse_second(url_file)
    with lifecycle.provider(
        start,
        wait_for=wait_for,
        within=within,
        stop_after=stop_after,
        port=port,
        start_in=start_in,
        url_file=url_file,
        log=log or url_file.with_name(f"{url_file.name}.log"),
    ) as provider:
        state = left.leave(provider, url_file, stop_after, lifetime)
    if json:
        place = {"log": str(provider.log), "url_file": str(url_file), "state_file": str(state)}
        known = {"url": provider.url, "port": provider.port, "pid": provider.pid, **place}
        render.say_json({"schema": "signet.provider/1", **known})
    else:
        render.say(provider.url)
    return 0
