"""``signet proxy``: the tests that a consumer has already write its contract."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from signet.cli import options, render
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
    int | None,
    typer.Option(
        "--proxy-port",
        "--port",
        envvar="SIGNET_PROXY_PORT",
        metavar="PORT",
        min=1,
        max=65535,
        help="The port on 127.0.0.1 at which the proxy listens; none: one that is free.",
    ),
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
KeepHeader = Annotated[
    list[str] | None,
    typer.Option(
        "--keep-header",
        envvar="SIGNET_KEEP_HEADER",
        metavar="NAME",
        help="Keep this header, of requests and answers, in the contract; may be repeated.",
    ),
]
SecretName = Annotated[
    list[str] | None,
    typer.Option(
        "--secret-name",
        envvar="SIGNET_SECRET_NAME",
        metavar="NAME",
        help="Replace the values of this name (member, parameter, field, header), too; may be repeated.",
    ),
]
PlainName = Annotated[
    list[str] | None,
    typer.Option(
        "--plain-name",
        envvar="SIGNET_PLAIN_NAME",
        metavar="NAME",
        help="Keep the values of this name as they are, whatever they look like; may be repeated.",
    ),
]
PactVersion = Annotated[
    Literal["3", "4"],
    typer.Option("--pact-version", envvar="SIGNET_PACT_VERSION", help="The version of Pact that is written."),
]
WriteFailed = Annotated[
    bool,
    typer.Option("--write-failed", envvar="SIGNET_WRITE_FAILED", help="Write the contract also if the command fails."),
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
    keep_header: KeepHeader = None,
    secret_name: SecretName = None,
    plain_name: PlainName = None,
    pact_version: PactVersion = "4",
    write_failed: WriteFailed = False,
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
    recorder = Recorder(consumer, provider, Choice.of(keep_header or (), secret_name or (), plain_name or ()), state_of)
    with _stoppable():
        status, interrupted = _recorded(recorder, target, port, command or [], variable or [], as_json=json)
        if (status or interrupted) and command and not write_failed:
            why = "was interrupted" if interrupted else f"ended with exit code {status}"
            of = writing.count(recorder.exchanges, "exchange")
            render.note(f"the command {why}: no contract is written of {of} (--write-failed writes it all the same)")
        else:
            _written(recorder, file, int(pact_version), as_json=json)
    return INTERRUPTED if interrupted and command else status


INTERRUPTED = 130
_STDERR = 2


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
                status = commands.run(command, names, _STDERR if as_json else None)
            else:
                _tell(proxy, as_json)
                threading.Event().wait()
        except KeyboardInterrupt:
            interrupted = True
        _not_again()
    return status, interrupted


def _tell(proxy: Proxy, as_json: bool) -> None:
    """Say where it listens: on stdout, unless that is to be one document."""
    if as_json:
        render.note(proxy.url)
    else:
        render.say(proxy.url)
        render.flush()
    render.note("recording; Ctrl-C ends it and writes the contract")


def _written(recorder: Recorder, file: Path, version: int, *, as_json: bool) -> None:
    """Write the contract, and say what is in it; Undecided if there is nothing to write, or something is missing."""
    from signet.live.recording import writing

    found = recorder.recording(version)
    for note in found.notes:
        render.note(note)
    done = writing.written(found, file)
    if not as_json:
        render.say(str(done))
    if done.incomplete is not None:
        raise done.incomplete
    if as_json:
        about = {"path": str(file), "consumer": recorder.consumer, "provider": recorder.provider}
        counts = {"interactions": found.interactions, "exchanges": found.exchanges, "changed": done.changed}
        render.say_json({"schema": "signet.recording/1", **about, **counts, "notes": list(found.notes)})


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM and SIGHUP are what Ctrl-C is, until the block has ended; then all three are what they were."""
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _not_again() -> None:
    """The end is on its way: another Ctrl-C must not lose what was recorded."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
