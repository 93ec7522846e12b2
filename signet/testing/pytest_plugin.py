"""The pytest plugin: fixtures for tests of consumers. pytest finds it wherever Signet is installed.

``signet_recorder`` records what the tests of a session ask, and writes the contracts when all of them have passed.
``signet_mock`` answers in the place of providers, by their specs. The plugin costs a session that does not use it
nothing: what it needs is imported by its fixtures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from signet.testing.mock import Mock
    from signet.testing.record import Record

_KEPT = pytest.StashKey["Records"]()


class Records:
    """The recordings of a session. Call it to begin one; a test, or a fixture of any scope, may do so."""

    def __init__(self) -> None:
        self.open = ExitStack()
        self.said: list[str] = []
        self._begun: dict[tuple[str, str, str, str], tuple[Record, str]] = {}

    def __call__(
        self, target: str, *, consumer: str, provider: str, path: str | Path = "pacts", **options: Any
    ) -> Record:
        """A recording before the provider at ``target``, with the options of ``signet.testing.recording``.

        Its ``url`` is there until the session ends; asked for again with the same target, pair and path, it is the
        same one.
        ``path`` is a folder, which is made, unless its name ends with ``.json``.
        """
        from signet.errors import SignetError
        from signet.testing.record import Record

        asked = (target, consumer, provider, str(path))
        if asked not in self._begun:
            place = Path(path)
            if place.suffix != ".json":
                place = place / f"{consumer}-{provider}.json"
            try:
                record = Record(consumer, provider, place, options)
                self.open.enter_context(record.passing(target, options.get("port")))
            except SignetError as error:
                pytest.fail(f"{error.message} {error.remedy}", pytrace=False)
            self._begun[asked] = record, str(place)
        return self._begun[asked][0]

    def written(self) -> bool:
        """Write all contracts; False, with the reason among what is said, if one of them lacks something."""
        from signet.errors import SignetError

        self.open.close()
        good = True
        for record, place in self._begun.values():
            try:
                done = record.written()
                self.said += [*done.recording.notes, str(done)]
            except SignetError as error:
                good = False
                self.said.append(f"{place}: {error.message} {error.remedy}")
        return good


# --- mocking ---------------------------------------------------------------------------------------------------------


class Mocks:
    """The mocks of a session. Call it to begin one; a test, or a fixture of any scope, may do so."""

    def __init__(self, until: ExitStack) -> None:
        self._until = until
        self._begun: dict[str, Mock] = {}

    def __call__(self, spec: str | Path | Mapping[str, Any], **options: Any) -> Mock:
        """A mock of a spec (a file, or a document), with the options of ``signet.testing.mocking``.

        Its ``url`` is there until the session ends; asked for again with the same file and options, it is the same one.
        """
        from signet.errors import SignetError
        from signet.testing.mock import mocking

        asked = repr((Path(spec) if isinstance(spec, str) else spec, sorted(options.items())))
        if asked not in self._begun:
            try:
                self._begun[asked] = self._until.enter_context(mocking(spec, **options))
            except SignetError as error:
                pytest.fail(f"{error.message} {error.remedy}", pytrace=False)
        return self._begun[asked]


@pytest.fixture(scope="session")
def signet_mock() -> Iterator[Mocks]:
    """Begins mocks: ``signet_mock("catalog.yaml").url`` is what the client is given."""
    with ExitStack() as until:
        yield Mocks(until)


# --- recording -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def signet_recorder(request: pytest.FixtureRequest) -> Iterator[Records]:
    """Begins recordings: ``signet_recorder(URL, consumer=..., provider=...).url`` is what the client is given.

    The contracts are written at the end of the session, if all of its tests have passed.
    """
    if hasattr(request.config, "workerinput"):
        pytest.fail("Workers of pytest-xdist would each write a part. Record them all: signet proxy ... -- pytest -n 4")
    records = request.config.stash.setdefault(_KEPT, Records())
    yield records
    # Clients that other fixtures hold may still close their connections: the proxies stay until the session ends.


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write what was recorded, or say why it is not."""
    records = session.config.stash.get(_KEPT, None)
    if records is None:
        return
    if exitstatus:
        records.open.close()
        records.said.append("no contract is written, since the tests did not pass")
    elif not records.written():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was written."""
    records = config.stash.get(_KEPT, None)
    for line in records.said if records is not None else ():
        terminalreporter.write_line(f"signet: {line}")
