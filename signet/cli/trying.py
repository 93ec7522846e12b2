"""Consumers' tests against providers: the options of it, and how one attempt is made.

Which versions meet is ``signet.core.trials``, or said by a resolver (``signet.cli.resolving``); processes are
``signet.live``. Nothing is printed or recorded here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from signet.cli import lifecycle, render
from signet.errors import CouldNotTest, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signet.core.attempts import Attempt
    from signet.live.consumer_tests import Ran

ProviderVersion = Annotated[
    str | None,
    typer.Option(
        "--provider-version",
        envvar="SIGNET_PROVIDER_VERSION",
        metavar="VERSION",
        help="The new version of the provider; 'auto': the commit that CI builds or that is checked out here.",
    ),
]
ConsumerVersion = Annotated[
    str | None,
    typer.Option(
        "--consumer-version",
        envvar="SIGNET_CONSUMER_VERSION",
        metavar="VERSION",
        help="The new version of the consumer; 'auto' as for the provider.",
    ),
]
Tests = Annotated[
    str | None,
    typer.Option(
        "--tests",
        envvar="SIGNET_TESTS",
        metavar="COMMAND",
        help="The command that runs the consumer's tests, without a shell; exit code 0: they passed. {url}, {tests} "
        "and the like are filled in.",
    ),
]
TestsIn = Annotated[
    Path,
    typer.Option("--tests-in", envvar="SIGNET_TESTS_IN", metavar="DIR", help="The working directory of the tests."),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        envvar="SIGNET_TIME_LIMIT",
        metavar="SECONDS",
        help="How long the tests of one pair may take.",
    ),
]
Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--variable",
        envvar="SIGNET_VARIABLE",
        metavar="NAME=VALUE",
        help="A variable for the provider and the tests; ${OTHER} in it is filled in from the variables of Signet; may "
        "be repeated.",
    ),
]
Logs = Annotated[
    Path | None,
    typer.Option(
        "--logs", envvar="SIGNET_LOGS", metavar="DIR", help="Keep what providers and tests print in this folder."
    ),
]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def variables(given: Sequence[str] | None) -> dict[str, str]:
    """All variables of the programs that are run: those of Signet but its secrets, and ``--variable`` on top."""
    found = {name: value for name, value in os.environ.items() if name not in lifecycle.OURS}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not _NAME.match(name) or "\0" in value:
            raise UsageError("A --variable is not NAME=VALUE.", "Write it as API_TOKEN=${PRODUCTION_TOKEN}.")
        if name.startswith("SIGNET_"):
            raise UsageError(f"{name} is a variable of Signet's own.", "Choose another name.")
        absent = sorted({one for one in _REFERENCE.findall(value) if one not in os.environ or one in lifecycle.OURS})
        if absent:
            raise UsageError(f"The variable {name} refers to {', '.join(absent)}, which is not set.", "Set it first.")
        found[name] = _REFERENCE.sub(lambda match: os.environ[match[1]], value)
    return found


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that one attempt needs beside its commands."""

    provider_url: str | None
    environment: Mapping[str, str]
    wait_for: str
    within: float
    stop_after: float
    port: int | None
    start_in: Path
    tests_in: Path
    url_file: Path | None
    limit: float

    def check(self) -> None:
        """UsageError for a provider's URL that is none (the message does not repeat it), or a time that is none."""
        from signet.live.provider.start import reasonable

        reasonable("--time-limit", self.limit, least=0.001)
        if self.provider_url is None:
            return
        try:
            parts = urlsplit(self.provider_url)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            fine = False
        if not fine or not self.provider_url.isprintable() or " " in self.provider_url:
            raise UsageError("--provider-url is no URL of http or https.", "Give it as http://HOST:PORT.")


def ran(attempt: Attempt, setting: Setting, logs: Path) -> Ran:
    """Start the provider of an attempt, run the tests, and end everything; CouldNotTest where that was no test.

    What they print is in ``provider.log`` and ``tests.log`` of the folder ``logs``.
    """
    from signet.core.placeholders import filled
    from signet.live import consumer_tests
    from signet.live.provider import URL

    if attempt.missing:
        raise CouldNotTest(
            f"{attempt.missing}.", "Register it: signet register-version --artifact KIND=PLACE, or have it resolved."
        )
    with _provider(attempt, setting, logs / "provider.log") as (url, check):
        done = consumer_tests.run(
            filled(attempt.tests, {"url": url, "port": str(_port(url))}),
            folder=setting.tests_in,
            log=logs / "tests.log",
            environment={**setting.environment, URL: url},
            limit=setting.limit,
            masked=render.masked,
            meanwhile=check,
        )
        if done.exit_code:
            check()
        return done


@contextmanager
def _provider(attempt: Attempt, setting: Setting, log: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a provider that is started for the block, or runs anyhow, and a look whether it is still there."""
    import shlex

    if attempt.start is None:
        with _running(setting.provider_url or "", setting.url_file) as check:
            yield setting.provider_url or "", check
        return
    with lifecycle.provider(
        shlex.join(attempt.start),  # its values hold no braces: nothing of them is a place
        wait_for=setting.wait_for,
        within=setting.within,
        stop_after=setting.stop_after,
        port=setting.port,
        start_in=setting.start_in,
        url_file=setting.url_file,
        log=log,
        environment=setting.environment,
    ) as running:
        yield running.url, running.check


@contextmanager
def _running(url: str, url_file: Path | None) -> Iterator[Callable[[], None]]:
    from signet.live.provider import files, reach

    host = urlsplit(url).hostname or ""

    def check() -> None:
        seen = reach.look(reach.Target(host, _port(url), None))
        if seen:
            raise CouldNotTest(f"The provider at {host}:{_port(url)} is not there: {seen}.", "Is the URL right?")

    check()
    content = f"{url}\n".encode()
    if url_file is not None:
        files.written(url_file, content, "The URL file", 0o644)
    try:
        yield check
    finally:
        if url_file is not None:
            files.removed(url_file, content)


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)
