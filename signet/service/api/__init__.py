"""The read API, ``/api/v1``: a router for each family of questions. It decides nothing and reads no git."""

from __future__ import annotations

from fastapi import APIRouter

from signet.service.api import document, drawn, finding, guard, pairs, places, registry, timeline

PREFIX = "/api/v1"
FAMILIES = (guard, places, registry, timeline, pairs, drawn, finding, document)
"""What is asked most is looked for first."""


def install(router: APIRouter) -> None:
    """Put the questions into a router; not as one router in another, which take long to go through."""
    for family in FAMILIES:
        router.include_router(family.router, prefix=PREFIX)
