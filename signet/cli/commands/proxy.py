"""``signet proxy``: the tests that a consumer has already write its contract."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signet import lasting
from signet.cli import listening, options, recording, render
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.live.proxy import Proxy
    from signet.live.recording import Recorder

Target = Annotated[
    str | None,
    typer.Option(
        "--target-url",
        "--target",
        envvar="SIGNET_TARGET_URL",
        metavar="URL",
        help="The provider, or what stands in for it.",
    ),
]
Path_ = Annotated[
    Path | None,
    typer.Option(
        "--path",
        "-p",
        envvar="SIGNET_PATH",
        metavar="FILE",
        help="The contract that is written (.json), or a folder for CONSUMER-PROVIDER.json.",
    ),
]
ProviderName = Annotated[
    str | None,
    typer.Option("--provider-name", envvar="SIGNET_PROVIDER_NAME", metavar="SERVICE", help="The name of the provider."),
]
Port = Annotated[
    int | None, listening.port("proxy", 1, "The port on 127.0.0.1 at which the proxy listens; none: one that is free.")
]
Variable = Annotated[
    list[str] | None,
    typer.Option(
        "--variable",
        envvar="SIGNET_VARIABLE",
        metavar="NAME",
        help="A variable that holds the proxy's URL for the command, beside SIGNET_PROVIDER_URL; may be repeated.",
    ),
]
StateFunction = Annotated[
    str | None,
    typer.Option(
        "--state-function",
        envvar="SIGNET_STATE_FUNCTION",
        metavar="FILE.py:NAME",
        help="A Python function that gets each request and returns its provider state, or None.",
    ),
]


def proxy(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND]", help="The tests to run; without them it runs until Ctrl-C or SIGTERM."),
    ] = None,
    target: Target = None,
    path: Path_ = None,
    name: options.Name = None,
    provider_name: ProviderName = None,
    port: Port = None,
    variable: Variable = None,
    state_function: StateFunction = None,
    keep_header: recording.KeepHeader = None,
    secret_name: recording.SecretName = None,
    plain_name: recording.PlainName = None,
    record_refused: recording.RecordRefused = False,
    pact_version: recording.PactVersion = "4",
    write_failed: recording.WriteFailed = False,
    json: options.Json = False,
) -> int:
    """Record what a consumer and a provider say to each other, as a contract: tests that you have write it.

    A proxy on 127.0.0.1 passes everything on to --target, as it is: to a stub, a mock or the real provider. With a
    command, the command gets the proxy's URL in SIGNET_PROVIDER_URL; when it has ended, the contract is written, if it
    succeeded. Without one the URL is printed, and Ctrl-C or SIGTERM ends the recording and writes it. --name is the
    consumer.

    The contract has one interaction for each distinct exchange, with types in place of the values that were answered;
    the same tests write the same bytes again. Credentials, cookies and whatever looks like a secret are replaced before
    anything is written. A request says its provider state in the header X-Signet-State, which is not passed on.

    \b
    Examples:
      signet proxy --target http://127.0.0.1:8000 --name cart --provider-name catalog --path pacts -- pytest
      signet proxy --target http://stub:9000 --name cart --provider-name catalog --path pacts --variable API -- npm test
      signet proxy --target https://catalog.example.com --name cart --provider-name catalog --path pacts --port 8081

    Exit code: that of the command; 0 without one; 2 wrong use; 4 nothing was recorded, an answer is missing in the
    contract, or it could not be written; 130 interrupted.
    """
    from signet.core.model.names import checked
    from signet.live.recording import Choice, Recorder, states, writing

    if not target:
        raise UsageError("--target is missing.", "Pass the URL of the provider, or of what stands in for it.")
    if path is None:
        raise UsageError("--path is missing.", "Pass the file that the contract is written to.")
    if not name or not provider_name:
        what = "--provider-name" if name else "--name"
        raise UsageError(f"{what} is missing.", "--name is the consumer, --provider-name the provider.")
    consumer, provider = checked("service", name), checked("service", provider_name)
    file = writing.target(path, consumer, provider)
    state_of = states.loaded(state_function) if state_function else None
    choice = Choice.of(keep_header or (), secret_name or (), plain_name or ())
    recorder = Recorder(consumer, provider, choice, state_of, is_refused_too=record_refused)
    with recording.stoppable(), lasting.collecting():
        status, interrupted = _recorded(recorder, target, port, command or [], variable or [], as_json=json)
        if (status or interrupted) and command and not write_failed:
            recording.not_written(recorder.exchanges, status, was_interrupted=interrupted)
        else:
            _written(recorder, file, pact_version, as_json=json)
    return recording.INTERRUPTED if interrupted and command else status


def _recorded(
    recorder: Recorder, target: str, port: int | None, command: list[str], variables: list[str], *, as_json: bool
) -> tuple[int, bool]:
    """Record until the command has ended, or until somebody ends it: the exit code, and whether somebody did."""
    from signet.live.provider import URL
    from signet.live.proxy import command as commands
    from signet.live.proxy import proxied

    for each in variables:
        if not each.isidentifier():
            raise UsageError("--variable names no variable.", "Write a name such as CATALOG_URL.")
    status, interrupted = 0, False
    with proxied(target, recorder, port) as proxy:
        try:
            if command:
                names = dict.fromkeys([URL, *variables], proxy.url)
                status = commands.run(command, names, recording.STDERR if as_json else None)
            else:
                _tell(proxy, as_json)
                threading.Event().wait()
        except KeyboardInterrupt:
            interrupted = True
        recording.not_again()
    return status, interrupted


def _tell(proxy: Proxy, as_json: bool) -> None:
    """Say where it listens: on stdout, unless that is to be one document."""
    if as_json:
        render.note(proxy.url)
    else:
        render.say(proxy.url)
        render.flush()
    render.note("recording; Ctrl-C ends it and writes the contract")


def _written(recorder: Recorder, file: Path, version: str, *, as_json: bool) -> None:
    """Write the contract, and say what is in it; Undecided if there is nothing to write, or something is missing."""
    done = recording.written(recorder, file, version)
    if not as_json:
        render.say(str(done))
    if done.incomplete is not None:
        raise done.incomplete
    if as_json:
        render.say_json({"schema": "signet.recording/1", **recording.as_json(recorder, done)})
