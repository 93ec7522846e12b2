"""What a provider really answered during a test, as exchanges that can become fixtures.

It looks at what passed and judges nothing; what may be kept of it is ``signet.core.fixtures``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from signet.core.fixtures import Exchange, asked
from signet.core.fixtures.choice import content
from signet.core.fixtures.cleaning import secret_values
from signet.core.formats.secrets import is_named
from signet.core.model.fixture import Answered, Asked
from signet.live.recording.exchange import Headers, decoded, first

if TYPE_CHECKING:
    from signet.live.replay.functions import Request
    from signet.live.spec_test.requests import Sent

Seen = Callable[[Exchange], None]
FEW = 3
"""Exchanges of a spec test that are kept for an operation."""
_OWN = ("host", "content-length")


def replayed(label: str, contract: Request, sent: Request, answer: tuple[int, Headers, bytes]) -> Exchange:
    """A request as a contract has it, and the answer.

    What was ``sent`` beyond the contract are credentials, of whatever name.
    """
    own = {(name.lower(), value) for name, value in contract.headers}
    secret = [value for name, value in sent.headers if (name.lower(), value) not in own and name.lower() not in _OWN]
    status, headers, body = answer
    plain = decoded(body, headers)
    request = asked(contract.method, contract.path, contract.headers, contract.body)
    unusable = "its answer is too large, or encoded in a way that is not known here" if plain is None else ""
    return Exchange(label, request, _answered(status, headers, plain or b""), secret_values(secret), unusable)


def exercised(
    operation: str, sent: Sent, response: Mapping[str, Any], hidden: str, credentials: Collection[str]
) -> Exchange:
    """A request of a spec test and its answer, as the report has them.

    The report has ``hidden`` in the place of what is named like a secret. But for the ``credentials`` of the test
    (names of headers) nobody knows then what may stand elsewhere in the answer.
    """
    held = response.get("content")
    encoded = held.get("$base64") if isinstance(held, dict) else None
    parts = urlsplit(sent.uri)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    request = asked(sent.method, target, sent.headers, sent.body)
    headers = tuple(_listed(response.get("headers", {})))
    unusable = ""
    if "content_size" in response:
        unusable = "its answer is too large"
    elif any(hidden in value for _, value in headers):
        unusable = "its answer holds a secret in a header, which may stand elsewhere too"
    elif _is_hidden(request, hidden, credentials):
        unusable = "its request holds what is named like a secret"
    body = base64.b64decode(encoded) if isinstance(encoded, str) else b""
    answered = _answered(int(response["status_code"]), headers, body)
    return Exchange(operation, request, answered, frozenset(), unusable)


def _is_hidden(request: Asked, hidden: str, credentials: Collection[str]) -> bool:
    known = {name.lower() for name in credentials}
    if any(hidden in value for name, value in request.headers.items() if name not in known):
        return True
    return any(
        hidden in value for name, values in (request.query or {}).items() if not is_named(name) for value in values
    )


def _listed(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            yield str(name), str(value)


def _answered(status: int, headers: Headers, body: bytes) -> Answered:
    named: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        named[lower] = f"{named[lower]}, {value}" if lower in named else value
    return Answered(status, named, content(first(headers, "content-type"), body))


class Shortest:
    """Keeps the few shortest exchanges of each operation: the same ones, in whatever order they come."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[tuple[bool, int, str], Exchange]] = {}

    def __call__(self, exchange: Exchange) -> None:
        """Keep it, if it is among the shortest of its operation."""
        kept = self._kept.setdefault(exchange.label, {})
        text = _text(exchange.request)
        kept.setdefault((bool(exchange.unusable), len(text), text), exchange)
        if len(kept) > FEW:
            del kept[max(kept)]

    def exchanges(self) -> list[Exchange]:
        """Those that were kept, by operation."""
        return [kept[key] for _, kept in sorted(self._kept.items()) for key in sorted(kept)]


def _text(request: Asked) -> str:
    return f"{request.path} {sorted((request.query or {}).items())} {request.body}"
