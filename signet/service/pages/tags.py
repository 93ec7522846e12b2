"""What a page follows from, as an ETag: of one commit, address, theme and day a page is always the same.

A page that follows from yet more (the deliveries) has none. How long pages are kept is in ``signet.service.kept``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from fastapi import Request

from signet import __version__
from signet.registry.comparisons import comparer
from signet.service.snapshots import Held

COMMIT = "Signet-Commit"
"""The header that says what a page is about; a page without it is not kept."""


def tag(request: Request, commit: str, theme: str) -> str | None:
    """What a page about the newest commit follows from, as an ETag; None where another is asked, or it is no GET.

    That is: the commit, how the service stands to its registry (a banner tells it), the address as it was sent, the
    theme, the day (a sunset in a spec may have passed), and what makes pages.
    """
    if request.method != "GET" or "at" in request.query_params:
        return None
    shelf: Held = request.app.state.shelf
    now = shelf.standing()
    path: bytes = request.scope.get("raw_path") or b"/"
    query: bytes = request.scope["query_string"]
    follows_from = (
        (commit, theme, datetime.now(UTC).date().isoformat(), path, query, _maker()),
        (now.commit, now.newest, now.code, now.message, now.remedy, now.faults),
    )
    return f'"{sha256(repr(follows_from).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


@cache
def _maker() -> str:
    """What makes pages: the release, what compares, and the code and templates of the pages themselves."""
    told = sha256(f"{__version__} {comparer()}".encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".html"):
            told.update(path.read_bytes())
    return told.hexdigest()
