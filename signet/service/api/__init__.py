"""The read API, ``/api/v1``: a router for each family of questions. It decides nothing and reads no git."""

from __future__ import annotations

from fastapi import APIRouter

from signet.service.api import document, drawn, finding, guard, pairs, places, registry, timeline

FAMILIES = (guard, places, registry, timeline, pairs, drawn, finding, document)
"""What is asked most is looked for first."""


def install(router: APIRouter) -> None:
    """Put the questions into a router; as they are: a router in a router takes long to go through."""
    for family in FAMILIES:
        router.routes += family.router.routes
