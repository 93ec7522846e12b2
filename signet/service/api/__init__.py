"""The read API, ``/api/v1``: a router for each family of questions. It decides nothing and reads no git."""

from __future__ import annotations

from fastapi import APIRouter

from signet.service.api import document, drawn, finding, guard, pairs, places, registry, timeline

router = APIRouter()
for each in (
    guard,
    places,
    registry,
    timeline,
    pairs,
    drawn,
    finding,
    document,
):  # what is asked most is looked for first
    router.include_router(each.router)
