"""Pages as they were sent, kept for the next reader: of one commit, address and theme a page is always the same.

When a commit comes, everybody who has a page open asks for it again; one of them has it made, the others get its bytes.
A browser that still has them is told so (ETag, RFC 9110). What else than the commit a page follows from is in ``tag``;
a page that follows from yet more (the deliveries) is not kept.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from fastapi import Request, Response

from signet import __version__
from signet.registry.comparisons import comparer
from signet.service.snapshots import Shelf

MOST = 4 << 20
"""So many bytes of pages are kept in all, the ones asked for last."""
LARGEST = MOST // 8
"""A larger page is made anew each time: it would drive out all others."""
COMMIT = "Signet-Commit"
"""The header that says what a page is about; without it a page is not kept."""


class Kept:
    """Pages by their tags."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Response] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def page(self, tag: str) -> Response | None:
        """The page with this tag, if it is still there."""
        with self._lock:
            found = self._pages.get(tag)
            if found is not None:
                self._pages.move_to_end(tag)
            return found

    def keep(self, tag: str, page: Response) -> None:
        """Keep a page, and let go of those that nobody asked for since long."""
        if len(page.body) > LARGEST:
            return
        with self._lock:
            if tag not in self._pages:
                self._pages[tag] = page
                self._size += len(page.body)
            while self._size > MOST:
                _, gone = self._pages.popitem(last=False)
                self._size -= len(gone.body)


def tag(request: Request, commit: str, theme: str) -> str | None:
    """What a page about the newest commit follows from, as an ETag; None where another is asked, or it is no GET.

    That is: the commit, how the service stands to its registry (a banner tells it), the address as it was sent, the
    theme, the day (a sunset in a spec may have passed), and what makes pages.
    """
    if request.method != "GET" or "at" in request.query_params:
        return None
    shelf: Shelf = request.app.state.shelf
    now = shelf.standing()
    path: bytes = request.scope.get("raw_path") or b"/"
    query: bytes = request.scope["query_string"]
    follows_from = (
        (commit, theme, datetime.now(UTC).date().isoformat(), path, query, _maker()),
        (now.commit, now.newest, now.code, now.message, now.remedy, now.faults),
    )
    return f'"{sha256(repr(follows_from).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def is_known(request: Request, tag: str) -> bool:
    """Has the asker this page already? A weak tag will do, as comparing for GET is weak (RFC 9110, 13.1.2)."""
    given = request.headers.get("if-none-match")
    return given is not None and tag in (one.strip().removeprefix("W/") for one in given.split(","))


@cache
def _maker() -> str:
    """What makes pages: the release, what compares, and the code and templates of the pages themselves."""
    told = sha256(f"{__version__} {comparer()}".encode())
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".html"):
            told.update(path.read_bytes())
    return told.hexdigest()
