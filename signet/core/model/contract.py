"""What a consumer version expects of a provider: interactions in Pact's sense, whatever Pact version they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction, normalised: headers and query as ordered lists, matchers as (category, path, rule).

    ``index`` counts from 0 in the contract; ``pointer`` is the JSON pointer of the interaction in its document.
    ``kind`` is "http", or the type of a message pact ("async", "sync"), which no HTTP spec can be compared with.
    ``request`` and ``response`` are plain mappings (method, path, query, headers, body, rules), as
    ``signet.core.formats.pact`` describes them.
    """

    index: int
    description: str
    pointer: str
    kind: str = "http"
    request: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)


class Contract(NamedTuple):
    """All interactions of one consumer with one provider.

    ``consumer`` and ``provider`` are the names written in the document (not yet mapped by aliases). ``digest`` is the
    sha256 (64 hex digits) of the canonical interactions: metadata, formatting and order do not matter.
    ``source`` is the parsed document, kept for places and for storing.
    """

    consumer: str
    provider: str
    interactions: tuple[Interaction, ...]
    digest: str
    source: Any
