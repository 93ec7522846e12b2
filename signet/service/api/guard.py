"""Deploy Guard, what is owed, and who relies on what."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from signet.core.model.decision import Candidate
from signet.errors import UsageError
from signet.service.answers import judging
from signet.service.api import parameters as given
from signet.service.api.routes import PREFIX, Question, answered, listed, part
from signet.service.api.shapes import judged
from signet.service.snapshots import Snapshot

router = APIRouter(prefix=PREFIX, route_class=Question, tags=["judging"])


@router.get("/guard", response_model=judged.Decision, operation_id="askGuard", summary="May this version go there?")
async def guard(
    request: Request,
    service: given.Service,
    version: given.Version,
    environment: given.OnlyEnvironment = None,
    target: given.Target = None,
    with_: given.With = None,
    ignore: given.Ignore = None,
    at: given.At = None,
) -> Response:
    """The decision of Deploy Guard with all its reasons, as `signet deploy-guard --json` gives it.

    Asked for an `environment`, or with `target=main-branch` for the heads of all main branches. A *no* is an answer,
    and has status 200. Asking changes nothing.
    """
    if (environment is None) == (target is None):
        raise UsageError(
            "Ask for an environment or for the main branches" + (", not for both." if target else "."),
            "Give environment=NAME or target=main-branch.",
        )
    candidates = [Candidate(service, version), *(_together(one) for one in with_ or ())]
    chosen = tuple(ignore or ())
    return await answered(
        request,
        lambda asked: judging.guard_text(asked, candidates, environment, ignore=chosen),
        at=at,
        at_hand=lambda asked: judging.guard_at_hand(asked, candidates, environment, ignore=chosen),
    )


def _together(text: str) -> Candidate:
    service, _, version = text.partition("@")
    return Candidate(service, version)


@router.get("/owed", response_model=judged.OwedTests, operation_id="listOwed", summary="Which tests would have to run?")
async def owed(
    page: given.PageAsked,
    provider: given.OnlyProvider = None,
    provider_version: given.OnlyVersion = None,
    consumer: given.OnlyConsumer = None,
    consumer_version: given.OnlyVersion = None,
) -> Response:
    """The spec tests and replays that some guard waits for, or would be surer with; what blocks comes first."""
    question = part(
        lambda asked: judging.owed(
            asked,
            provider=provider,
            provider_version=provider_version,
            consumer=consumer,
            consumer_version=consumer_version,
        ),
        "owed",
    )
    return await listed(page, question)


@router.get(
    "/services/{service}/usage",
    response_model=judged.Usage,
    operation_id="listUsage",
    summary="Who relies on which operation and field?",
)
async def usage(
    page: given.PageAsked,
    service: given.ServicePath,
    version: given.OnlyVersion = None,
    operation: given.Operation = None,
    field: given.Field = None,
    environment: given.OnlyEnvironment = None,
) -> Response:
    """Every operation of the spec of a provider with its fields, and the interactions of consumer versions that use it.

    Counted are versions that are live somewhere (`environment`: there) or head their main branch. The spec is that of a
    `version`, else the agreed one, else that of the head of the main branch.
    """

    def question(asked: Snapshot) -> dict[str, Any]:
        return judging.usage(asked, service, version=version, operation=operation, field=field, environment=environment)

    return await listed(page, part(question, "operations"))
