"""What happened: the timeline of the registry, and the history of deployments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from signet.service.answers import timeline as answers
from signet.service.api import parameters as given
from signet.service.api.routes import PREFIX, Paged, Question, listed
from signet.service.api.shapes import happened
from signet.service.snapshots import Snapshot

router = APIRouter(prefix=PREFIX, route_class=Question, tags=["history"])


@router.get("/timeline", response_model=happened.Timeline, operation_id="listTimeline", summary="What happened?")
async def timeline(
    page: given.PageAsked, service: given.OnlyService = None, environment: given.OnlyEnvironment = None
) -> Response:
    """The commits of the registry, newest first, each with what happened in it: told by trees, not by messages."""
    return await listed(page, _before(answers.timeline, service, environment))


@router.get(
    "/deployments/history",
    response_model=happened.Timeline,
    operation_id="listDeploymentHistory",
    summary="What went where, and when?",
)
async def deployed(
    page: given.PageAsked, service: given.OnlyService = None, environment: given.OnlyEnvironment = None
) -> Response:
    """The commits in which something was deployed, released or taken away, newest first, with these events alone.

    A page may have fewer than `limit` although more follow: `next` says so.
    """
    return await listed(page, _before(answers.deployed, service, environment))


def _before(answer: Callable[..., answers.Part], service: str | None, environment: str | None) -> Paged:
    """A question whose position is the place of a commit in the history; 0 is the head."""

    def question(asked: Snapshot, limit: int, position: int) -> tuple[dict[str, Any], int | None]:
        return answer(asked, service=service, environment=environment, limit=limit, before=position or None)

    return question
