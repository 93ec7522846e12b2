"""``GET /guard``: may this version go there? The same ``decide`` that the command asks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.service.asking import Asked

router = APIRouter(tags=["guard"])


@router.get("/guard")
def guard(
    asked: Asked,
    service: str,
    version: str,
    environment: str,
    ignore: Annotated[list[str] | None, Query()] = None,
) -> dict[str, Any]:
    """The decision, with the commit that it was asked of."""
    decision = decide(asked.state, [Candidate(service, version)], environment, ignore=ignore or ())
    return decision.as_json() | {"commit": asked.commit}
