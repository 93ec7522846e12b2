"""``signet mock``: services that answer by their specs, from the registry or from files."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import lifecycle, mocking, options, render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.live.mock import Exchange, Site, Trouble

Specs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME=]FILE|SERVICE[@VERSION]",
        help="A spec: a file, the agreed spec of a service, or that of one of its versions; may be repeated.",
    ),
]
Port = Annotated[
    int,
    typer.Option(
        "--mock-port",
        "--port",
        envvar="SIGNET_MOCK_PORT",  # Kubernetes sets SIGNET_PORT where there is a service of that name
        metavar="PORT",
        min=0,
        max=65535,
        help="The port on 127.0.0.1; 0: one that is free.",
    ),
]
Latency = Annotated[
    str | None,
    typer.Option(
        "--latency",
        envvar="SIGNET_LATENCY",
        metavar="TIME[-TIME]",
        help="How long each answer takes: 200ms, 1.5s, or a span such as 100ms-2s.",
    ),
]
Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        envvar="SIGNET_FAULT",
        metavar="STATUS[:SHARE]",
        help="Answer a share of the requests with an error: 503:0.1 is every tenth; may be repeated.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        "--mock-seed",
        "--seed",
        envvar="SIGNET_MOCK_SEED",
        metavar="NUMBER",
        help="Which requests meet a fault or a delay, and which values 'Prefer: dynamic=true' gives.",
    ),
]
RequestLog = Annotated[
    bool,
    typer.Option("--request-log", envvar="SIGNET_REQUEST_LOG", help="Tell each request and its answer on stderr."),
]


def mock(
    specs: Specs = None,
    port: Port = 0,
    url_file: lifecycle.UrlFile = None,
    latency: Latency = None,
    faults: Faults = None,
    seed: Seed = 0,
    request_log: RequestLog = False,
    environment: options.Environment = None,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Answer in the place of services, by their specs, until it is stopped: its URL is printed when it is ready.

    One service answers at the URL itself, several behind their names: /catalog/..., /cart/... A name can be chosen
    (NAME=FILE, NAME=SERVICE); else it is that of the file or the service. Requests are judged strictly: what the spec
    does not have is a 4xx that names the rule (application/problem+json), never something near. Answers are approved
    fixtures of the registry (--environment says for where), examples of the spec, or made from its schemas; they are
    valid, and the same for the same request.

    A client can ask for more: 'Prefer: code=404', 'Prefer: example=NAME', 'Prefer: dynamic=true'.

    \b
    Examples:
      signet mock openapi.yaml --port 4010
      signet mock catalog cart@2.1.0 --url-file mock.url
      signet mock shop=openapi.yaml catalog --latency 100ms-300ms --fault 503:0.1

    Exit code: 0 it was stopped (Ctrl-C, SIGTERM); 2 wrong use; 3 a spec is refused; 4 there is no spec, or no registry.
    """
    from signet.live.mock import Site

    services = mocking.wanted(specs)
    trouble = _trouble(latency, faults or [], seed)
    site = Site(
        mocking.mounted(services, environment=environment, seed=seed, registry=registry, at=at, offline=offline),
        trouble=trouble,
        listeners=[_log] if request_log else [],
        tell=render.note,
    )
    return _run(site, port, url_file, as_json=json)


def _trouble(latency: str | None, faults: list[str], seed: int) -> Trouble:
    from signet.live.mock import Trouble, trouble

    late = trouble.latency(latency) if latency else trouble.AT_ONCE
    wrong = tuple(map(trouble.fault, faults))
    if sum(each.share for each in wrong) > 1:
        raise UsageError("The shares of --fault are more than 1 together.", "Make them smaller.")
    return Trouble(seed, late, wrong)


def _run(site: Site, port: int, url_file: Path | None, *, as_json: bool) -> int:
    """Answer until a signal comes; the URL is told when it can be used, and its file is gone afterwards."""
    from signet.live.mock import run
    from signet.live.provider import files as kept

    what = "The file for the URL"
    if url_file is not None:
        kept.may_be_written(url_file, what)
    written = b""

    def ready(url: str) -> None:
        nonlocal written
        if url_file is not None:
            written = f"{url}\n".encode()
            kept.written(url_file, written, what, 0o644)
        services = [
            {"name": each.service.name, "url": url + each.prefix, "operations": each.service.operations}
            for each in site.mounted
        ]
        if as_json:
            render.say_json({"schema": "signet.mock/1", "url": url, "services": services})
        else:
            render.say(url)
            for one in services:
                render.note(
                    f"{one['name']} at {one['url']}, {render.counted(int(str(one['operations'])), 'operation')}"
                )
        render.flush()

    try:
        number = run(site, port, ready)
    finally:
        if url_file is not None and written:
            kept.removed(url_file, written)
    render.note(f"stopped by {signal.Signals(number).name}" if number else "stopped")
    return 0


def _log(exchange: Exchange) -> None:
    """Tell what was asked and answered, in the words of the spec: what was sent may hold what nobody may read."""
    answer = exchange.answer
    meant = exchange.operation or f"{exchange.request.method} (no operation)"
    about = f" {answer.code}" if answer.code else ""
    render.note(f"{exchange.service}: {meant} {answer.status}{about}")
