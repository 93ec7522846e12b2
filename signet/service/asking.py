"""Which snapshot a request asks: the newest, or the one that ``?at=`` names."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from signet.service.snapshots import Held, Snapshot

At = Annotated[str | None, Query(description="A commit id, a date, HEAD or HEAD~N: the registry as it was then.")]


def asked(request: Request, at: At = None) -> Snapshot:
    """The snapshot that this request is about."""
    shelf: Held = request.app.state.shelf
    return shelf.at(at)


Asked = Annotated[Snapshot, Depends(asked)]
