"""Starting a provider: its command, a port, the wait until it is healthy, and its end whatever happens.

Every way out of ``started`` ends the provider first. What happens between is the caller's.
"""

from __future__ import annotations

import os
import shlex
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from signet.errors import CouldNotTest, UsageError
from signet.live.provider import files, output, reach, tree
from signet.live.provider.line import Line
from signet.live.provider.running import Provider

LONGEST = 86_400.0
"""Seconds; nothing here takes longer than a day."""
TRIES = 3
"""How many ports are tried, when other programs take them first."""
TELL = 5.0
"""Seconds between two lines about a provider that is waited for."""


@contextmanager
def started(
    command: str,
    *,
    folder: Path,
    log: Path,
    wait_for: str = "tcp",
    within: float = 60.0,
    stop_after: float = 10.0,
    port: int | None = None,
    url_file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    masked: Callable[[str], str] = str,
    tell: Callable[[str], None] = lambda _text: None,
) -> Iterator[Provider]:
    """Start ``command`` in ``folder``, wait until it is healthy, and end it with the block.

    ``{port}`` and ``{url}`` in the command are filled in; it is split like a shell does, and run without one. Without
    ``port`` a free one is chosen. ``wait_for`` is "tcp", a path or a URL, and has ``within`` seconds to be healthy; at
    the end the provider has ``stop_after`` seconds to go by itself. ``environment`` is all that it gets (none: the
    variables of this process). ``url_file`` holds the URL as long as it is healthy. ``masked`` hides secrets in errors,
    and in the log at the end. UsageError for what cannot be meant; CouldNotTest where there is no provider to test, and
    also at the end of the block, if it has ended on the way.
    """
    words = _split(command, port)
    reasonable("--within", within, least=0.001)
    reasonable("--stop-after", stop_after)
    reach.target(wait_for, port or 1)
    if url_file is not None:
        files.may_be_written(url_file, "The URL file")
        files.removed(url_file)
    if port is not None and not reach.is_free(port):
        raise CouldNotTest(f"Port {port} is taken by another program.", "Stop it, or choose another one with --port.")
    with interruptible(), kept_log(log, masked) as (descriptor, kept):

        def begin(chosen: int) -> Provider:
            os.ftruncate(descriptor, 0)  # what was said at a port that was taken
            os.lseek(descriptor, 0, os.SEEK_SET)
            order = {
                "words": _filled(words, chosen),
                "folder": str(folder.absolute()),
                "log": descriptor,
                "stop_after": stop_after,
                "url": reach.url(chosen),
                "url_file": None if url_file is None else str(url_file.absolute()),
            }
            line = Line(order, os.environ if environment is None else environment)
            return Provider(line, chosen, log, descriptor, masked)

        tell(masked(f"starting the provider: {command}"))
        provider = _healthy(begin, words[0], folder, port, wait_for, within, tell)
        try:
            if url_file is not None:
                files.written(url_file, f"{provider.url}\n".encode(), "The URL file", 0o644)
            tell(f"the provider is healthy at {provider.url}")
            try:
                yield provider
            except CouldNotTest:
                if not provider.is_free:
                    provider.check(patience=1.0)  # if it has ended, that is why
                raise
            if provider.is_free:
                kept.append(True)
            else:
                provider.check()
        finally:
            provider.end()
            if url_file is not None and not provider.is_free:
                files.removed(
                    url_file, f"{provider.url}\n".encode()
                )  # its guardian may have looked before it was there


def reasonable(option: str, value: float, least: float = 0.0) -> float:
    """A number of seconds that can be meant; UsageError for another one."""
    if not least <= value <= LONGEST:  # not so for nan
        raise UsageError(f"{option} is a number of seconds, at most {LONGEST:.0f}.", "Choose another one.")
    return value


def _split(command: str, port: int | None) -> list[str]:
    """The words of a command; UsageError if it has none, or says nowhere at which port the provider listens."""
    if os.name != "posix":
        raise UsageError("Signet can start a provider on Linux and macOS only.", "Start it yourself.")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--start cannot be split into words: {error}.", "Quote it as for a shell.") from None
    if not words or "\0" in command:
        raise UsageError("--start holds no command.", "Write the command that starts the provider.")
    if port is None and "{port}" not in command and "{url}" not in command:
        raise UsageError(
            "The command of --start says nowhere at which port the provider is to listen.",
            "Write {port} where the port goes (or {url}), or say with --port at which one it listens anyhow.",
        )
    return words


def _filled(words: list[str], port: int) -> list[str]:
    return [word.replace("{port}", str(port)).replace("{url}", reach.url(port)) for word in words]


@contextmanager
def kept_log(path: Path, masked: Callable[[str], str]) -> Iterator[tuple[int, list[bool]]]:
    """The log, opened; at the end without secrets, unless somebody still writes to it (then the list is not empty)."""
    descriptor = files.opened(path, "The log")
    kept: list[bool] = []
    try:
        yield descriptor, kept
    finally:
        if not kept:
            output.rewrite(descriptor, masked)
        os.close(descriptor)


def _healthy(
    begin: Callable[[int], Provider],
    program: str,
    folder: Path,
    port: int | None,
    wait_for: str,
    within: float,
    tell: Callable[[str], None],
) -> Provider:
    """A provider that is healthy; at another port, if one of our choice turns out to be taken."""
    until = time.monotonic() + within
    for more in reversed(range(TRIES)):
        provider = begin(port or reach.free_port())
        try:
            provider.begun(program, folder)
            _wait(provider, reach.target(wait_for, provider.port), until, within, tell)
            return provider
        except BaseException as error:
            provider.end()
            known = isinstance(error, CouldNotTest) and port is None and provider.port_was_taken()
            if not known or not more or time.monotonic() >= until:
                raise
            tell(f"port {provider.port} was taken by another program; trying another one")
    raise AssertionError("the last try returns or raises")


def _wait(provider: Provider, target: reach.Target, until: float, within: float, tell: Callable[[str], None]) -> None:
    pause, told = 0.02, time.monotonic()
    while True:
        provider.has_begun()
        seconds = min(reach.LOOK, max(until - time.monotonic(), 0.05))
        seen = reach.look(target, seconds, provider.line.answers)
        if not seen:
            return provider.has_begun()
        now = time.monotonic()
        if now >= until:
            provider.has_begun()
            raise _never(provider, target, within, seen)
        if now - told >= TELL:
            tell(f"waiting for {target}: {seen} ({until - now:.0f} s left)")
            told = now
        time.sleep(min(pause, until - now))
        pause = min(pause * 1.5, 0.25)


def _never(provider: Provider, target: reach.Target, within: float, seen: str) -> CouldNotTest:
    """It runs, and is not healthy: what was seen last, and where it listens instead, if the system tells."""
    told = f"The provider was not healthy within {within:g} s: {target}: {seen}."
    if tree.has_proc():
        found = reach.listening(tree.marked(provider.line.mark))
        told += f" It listens at {', '.join(found[:5])}." if found else " It listens nowhere."
    return provider.trouble(told, "--within gives it more time; --wait-for says what to ask; {port} where to listen.")


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP be what Ctrl-C is: a reason to clean up and go. Only where they have no other meaning."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
