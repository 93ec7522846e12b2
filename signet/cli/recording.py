"""What commands share that record what a consumer and a provider say to each other: options, signals, and the end.

What is recorded, and what is replaced on the way, is in ``signet.live.recording``.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from signet.cli import render

if TYPE_CHECKING:
    from signet.live.recording import Recorder
    from signet.live.recording.writing import Written

INTERRUPTED = 130
STDERR = 2
"""Where a command prints to, if stdout is one document."""

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
RecordRefused = Annotated[
    bool,
    typer.Option(
        "--record-refused",
        envvar="SIGNET_RECORD_REFUSED",
        help="Record requests that a mock of Signet refuses, too.",
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


def written(recorder: Recorder, file: Path, version: str) -> Written:
    """Write the contract, and tell what is not in it; Undecided if there is nothing to write."""
    from signet.live.recording import writing

    found = recorder.recording(int(version))
    for note in found.notes:
        render.note(note)
    return writing.written(found, file)


def as_json(recorder: Recorder, done: Written) -> dict[str, Any]:
    """What is told of a contract that was written."""
    found = done.recording
    about = {"path": str(done.file), "consumer": recorder.consumer, "provider": recorder.provider}
    counts = {"interactions": found.interactions, "exchanges": found.exchanges, "changed": done.changed}
    return {**about, **counts, "notes": list(found.notes)}


def not_written(exchanges: int, status: int, *, was_interrupted: bool) -> None:
    """Tell that a command that failed leaves no contract."""
    why = "was interrupted" if was_interrupted else f"ended with exit code {status}"
    of = render.counted(exchanges, "exchange")
    render.note(f"the command {why}: no contract is written of {of} (--write-failed writes it all the same)")


@contextmanager
def stoppable() -> Iterator[None]:
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


def not_again() -> None:
    """The end is on its way: another Ctrl-C must not lose what was recorded."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
