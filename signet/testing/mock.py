"""Mocks that begin and end within a program: a provider that answers by its spec for as long as they last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.core.model.spec import Spec
    from signet.live.mock import Exchange

MOST_REFUSED = 1_000


class Mock:
    """A mock that goes on. Clients ask ``url``; ``refused`` has what the spec does not take, by operation and rule.

    ``notes`` has what is wrong with the spec: an example that does not fit, an answer that cannot be made.
    """

    def __init__(self) -> None:
        self.url = ""
        self.refused: list[str] = []
        self.notes: list[str] = []

    def hears(self, exchange: Exchange) -> None:
        """Take a refusal in. It names no value that was sent."""
        answer = exchange.answer
        if answer.code and answer.code != "mock.fault" and len(self.refused) < MOST_REFUSED:
            self.refused.append(f"{exchange.operation or 'no operation'}: {answer.status} {answer.code}")


@contextmanager
def mocking(
    spec: str | Path | Mapping[str, Any],
    *,
    port: int | None = None,
    latency: str | None = None,
    faults: Iterable[str] = (),
    seed: int = 0,
) -> Iterator[Mock]:
    """Answer in the place of a provider, by its spec, while the block runs.

    ``spec`` is a file or a document that refers to nothing outside itself. The other options are those of ``signet
    mock``, as they are written there: ``latency="100ms-2s"``, ``faults=["503:0.1"]``. SignetError if something of this
    is wrong.
    """
    from signet.live.mock import Mounted, Service, Site, Trouble, serving, trouble

    late = trouble.latency(latency) if latency else trouble.AT_ONCE
    made = Trouble(seed, late, tuple(map(trouble.fault, faults)))
    mock = Mock()
    service = Service("provider", _read(spec), seed=seed)
    site = Site([Mounted("", service)], trouble=made, listeners=[mock.hears], tell=mock.notes.append)
    with serving(site, port or 0) as url:
        mock.url = url
        yield mock


def _read(spec: str | Path | Mapping[str, Any]) -> Spec:
    from signet.core.formats import openapi, text

    if isinstance(spec, Mapping):
        return _of(lambda: openapi.spec(text.read(text.dump(dict(spec)).encode(), "the spec")))
    try:
        content = Path(spec).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a path"
        raise UsageError(f"{spec} cannot be read: {reason}.", "Name the file of a spec.") from None
    return openapi.spec(text.read(content, str(spec)))


def _of(read: Callable[[], Spec]) -> Spec:
    try:
        return read()
    except (TypeError, ValueError, RecursionError):
        raise UsageError("The spec is no document of JSON values.", "Pass what was read from JSON or YAML.") from None
