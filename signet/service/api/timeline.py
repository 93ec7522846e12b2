"""What happened: the timeline of the registry, and the history of deployments."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from signet.service.answers import timeline as answers
from signet.service.api import parameters as given
from signet.service.api.routes import Page, Question, listed
from signet.service.api.shapes import judged
from signet.service.snapshots import Snapshot

router = APIRouter(route_class=Question, tags=["history"])


@router.get("/timeline", response_model=judged.Timeline, operation_id="listTimeline", summary="What happened?")
async def timeline(
    request: Request,
    service: given.OnlyService = None,
    environment: given.OnlyEnvironment = None,
    at: given.At = None,
    limit: given.Limit = 100,
    cursor: given.Cursor = None,
) -> Response:
    """The commits of the registry, newest first, each with what happened in it: told by trees, not by messages."""

    def question(asked: Snapshot, limit: int, position: int) -> tuple[dict[str, Any], int | None]:
        return answers.timeline(asked, service=service, environment=environment, limit=limit, before=position or None)

    return await listed(request, question, Page(limit, cursor), at=at)


@router.get(
    "/deployments/history",
    response_model=judged.Timeline,
    operation_id="listDeploymentHistory",
    summary="What went where, and when?",
)
async def deployed(
    request: Request,
    service: given.OnlyService = None,
    environment: given.OnlyEnvironment = None,
    at: given.At = None,
    limit: given.Limit = 100,
    cursor: given.Cursor = None,
) -> Response:
    """The commits in which something was deployed, released or taken away, newest first, with these events alone.

    A page may have fewer than `limit` although more follow: `next` says so.
    """

    def question(asked: Snapshot, limit: int, position: int) -> tuple[dict[str, Any], int | None]:
        return answers.deployed(asked, service=service, environment=environment, limit=limit, before=position or None)

    return await listed(request, question, Page(limit, cursor), at=at)
