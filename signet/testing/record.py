"""Recordings that begin and end within a program: a proxy for as long as they last, and a contract at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.live.proxy import Proxy
    from signet.live.recording.writing import Written


class Record:
    """A recording that goes on. Clients ask ``url``, and reach the provider."""

    def __init__(self, consumer: str, provider: str, path: Path, options: Mapping[str, Any]) -> None:
        from signet.core.model.names import checked
        from signet.live.recording import Choice, Recorder, writing

        self.url = ""
        self._version: int = options.get("pact_version", 4)
        if self._version not in (3, 4):
            raise UsageError("There is no such version of Pact.", "pact_version is 3 or 4.")
        names = (checked("service", consumer), checked("service", provider))
        self._file = writing.target(path, *names)
        kept = [options.get(name, ()) for name in ("keep_headers", "secret_names", "plain_names")]
        self._recorder = Recorder(*names, Choice.of(*kept), options.get("state_of"))

    @contextmanager
    def passing(self, target: str, port: int | None = None) -> Iterator[Record]:
        """Stand before the provider while the block runs; nothing is written."""
        from signet.live.proxy import proxied

        proxy: Proxy
        with proxied(target, self._recorder, port) as proxy:
            self.url = proxy.url
            yield self

    @contextmanager
    def state(self, name: str, **params: Any) -> Iterator[None]:
        """While the block runs, this provider state holds for all requests that come, beside those that held before."""
        before = self._recorder.stated
        self._recorder.stated = (*before, (name, params))
        try:
            yield
        finally:
            self._recorder.stated = before

    def written(self) -> Written:
        """Write the contract; Undecided if there is nothing to write, it cannot be written, or it lacks something."""
        from signet.live.recording import writing

        done = writing.written(self._recorder.recording(self._version), self._file)
        if done.incomplete is not None:
            raise done.incomplete
        return done


@contextmanager
def recording(
    target: str,
    *,
    consumer: str,
    provider: str,
    path: str | Path,
    port: int | None = None,
    keep_headers: Iterable[str] = (),
    secret_names: Iterable[str] = (),
    plain_names: Iterable[str] = (),
    state_of: Callable[[Any], Any] | None = None,
    pact_version: int = 4,
) -> Iterator[Record]:
    """Record what is asked of the provider at ``target`` while the block runs, and write the contract at its end.

    If the block raises, nothing is written. ``path`` is a file, or a folder in which it is ``CONSUMER-PROVIDER.json``;
    the other options are those of ``signet proxy``. SignetError if something of this is wrong, if nothing was recorded,
    or if an answer is missing in the contract.
    """
    options = {
        "keep_headers": keep_headers,
        "secret_names": secret_names,
        "plain_names": plain_names,
        "state_of": state_of,
        "pact_version": pact_version,
    }
    record = Record(consumer, provider, Path(path), options)
    with record.passing(target, port):
        yield record
    record.written()
