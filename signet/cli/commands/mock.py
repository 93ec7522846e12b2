"""``signet mock``: services that answer by their specs, from the registry or from files."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from signet import lasting
from signet.cli import lifecycle, mocking, options, recording, render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.live.mock import Exchange, Site, Trouble


def mock(
    ctx: typer.Context,
    specs: mocking.Specs = None,
    port: mocking.Port = 0,
    url_file: lifecycle.UrlFile = None,
    variable: mocking.Variables = None,
    latency: mocking.Latency = None,
    faults: mocking.Faults = None,
    seed: mocking.Seed = 0,
    request_log: mocking.RequestLog = False,
    record: mocking.Record = None,
    name: options.Name = None,
    record_refused: recording.RecordRefused = False,
    keep_header: recording.KeepHeader = None,
    secret_name: recording.SecretName = None,
    plain_name: recording.PlainName = None,
    pact_version: recording.PactVersion = "4",
    write_failed: recording.WriteFailed = False,
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

    With a command, the command gets the URL in SIGNET_PROVIDER_URL, and the mock stops when it has ended. --record
    writes what was asked and answered as the contract of the consumer --name, as signet proxy does.

    \b
    Examples:
      signet mock openapi.yaml --port 4010
      signet mock catalog cart@2.1.0 --url-file mock.url
      signet mock shop=openapi.yaml catalog --latency 100ms-300ms --fault 503:0.1
      signet mock catalog -- pytest tests
      signet mock catalog --record pacts --name cart --variable CATALOG_URL -- npm test

    Exit code: that of the command; 0 it was stopped (Ctrl-C, SIGTERM); 2 wrong use; 3 a spec is refused; 4 there is no
    spec, no registry, or nothing was recorded; 130 interrupted.
    """
    from signet.live.mock import Site
    from signet.live.recording import Choice

    program: list[str] = ctx.meta.get(options.PROGRAM, [])
    services = mocking.wanted(specs)
    trouble = _trouble(latency, faults or [], seed)
    places = mocking.places(variable or [], services)
    records = None
    if record is not None:
        choice = Choice.of(keep_header or (), secret_name or (), plain_name or ())
        records = mocking.Records(record, name, services, choice, is_refused_too=record_refused)
    mounted = mocking.mounted(services, environment=environment, seed=seed, registry=registry, at=at, offline=offline)
    listeners: list[Callable[[Exchange], None]] = [_log] if request_log else []
    site = Site(mounted, trouble=trouble, listeners=[*listeners, *([records.add] if records else [])], tell=render.note)
    with recording.stoppable(), lasting.collecting():
        told = _Told(site, url_file, as_json=json, is_last=records is None, is_alone=not program)
        status, interrupted = _answered(site, port, program, places, told)
        if records is not None:
            if (status or interrupted) and program and not write_failed:
                recording.not_written(records.exchanges, status, was_interrupted=interrupted)
            else:
                _written(records, pact_version, told)
    return recording.INTERRUPTED if interrupted else status


def _trouble(latency: str | None, faults: list[str], seed: int) -> Trouble:
    from signet.live.mock import Trouble, trouble

    late = trouble.latency(latency) if latency else trouble.AT_ONCE
    wrong = tuple(map(trouble.fault, faults))
    if sum(each.share for each in wrong) > 1:
        raise UsageError("The shares of --fault are more than 1 together.", "Make them smaller.")
    return Trouble(seed, late, wrong)


def _answered(
    site: Site, port: int, program: Sequence[str], places: Mapping[str, str], told: _Told
) -> tuple[int, bool]:
    """Answer until the program has ended, or a signal comes: the exit code, and whether the program was interrupted."""
    from signet.live.mock import run, serving
    from signet.live.proxy import command

    try:
        if not program:
            number = run(site, port, told.ready)
            render.note(f"stopped by {signal.Signals(number).name}" if number else "stopped")
            return 0, False
        with serving(site, port) as url:
            told.ready(url)
            variables = {name: url + prefix for name, prefix in places.items()}
            try:
                return command.run(program, variables, recording.STDERR if told.as_json else None), False
            except KeyboardInterrupt:
                return 0, True
            finally:
                recording.not_again()
    finally:
        recording.not_again()
        told.over()


class _Told:
    """What is told of a mock: its URL, as soon as it answers there, in a file for as long as it does.

    ``is_alone``: no command runs at it, which would have stdout. ``is_last``: no recording has the last word.
    """

    def __init__(self, site: Site, url_file: Path | None, *, as_json: bool, is_last: bool, is_alone: bool) -> None:
        from signet.live.provider import files

        self.site, self.url_file, self.as_json, self.is_last = site, url_file, as_json, is_last
        self.is_alone = is_alone
        self.url, self.written = "", b""
        if url_file is not None:
            files.may_be_written(url_file, _FILE)

    def ready(self, url: str) -> None:
        """It answers."""
        from signet.live.provider import files

        self.url = url
        if self.url_file is not None:
            content = f"{url}\n".encode()
            files.written(self.url_file, content, _FILE, 0o644)
            self.written = content
        if not self.as_json and self.is_alone:
            render.say(url)
        elif self.as_json and self.is_last:
            render.say_json(self.as_document())
        for each in self.site.mounted:
            count = render.counted(each.service.operations, "operation")
            render.note(f"{each.service.name} at {url}{each.prefix}, {count}")
        render.flush()

    def over(self) -> None:
        """It does not answer any more."""
        from signet.live.provider import files

        if self.url_file is not None and self.written:
            files.removed(self.url_file, self.written)

    def as_document(self) -> dict[str, Any]:
        """All of it, as the JSON answer."""
        services = [
            {"name": each.service.name, "url": self.url + each.prefix, "operations": each.service.operations}
            for each in self.site.mounted
        ]
        return {"schema": "signet.mock/1", "url": self.url, "services": services}


_FILE = "The file for the URL"


def _written(records: mocking.Records, version: str, told: _Told) -> None:
    """Write the contracts, and say what is in them; Undecided if there are none, or something is missing."""
    done = records.written(version)
    if not told.as_json:
        for _, each in done:
            render.say(str(each))
    for _, each in done:
        if each.incomplete is not None:
            raise each.incomplete
    if told.as_json:
        contracts = [recording.as_json(recorder, each) for recorder, each in done]
        render.say_json({**told.as_document(), "contracts": contracts})


def _log(exchange: Exchange) -> None:
    """Tell what was asked and answered, in the words of the spec: what was sent may hold what nobody may read."""
    answer = exchange.answer
    meant = exchange.operation or "no operation"
    about = f" {answer.code}" if answer.code else ""
    render.note(f"{exchange.service or 'no service'}: {meant} {answer.status}{about}")
