"""The graph of services as JSON, Mermaid or SVG, and badges."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from signet.service.answers.badges import badge as told
from signet.service.answers.graph import graph as answer
from signet.service.api import parameters as given
from signet.service.api.routes import JSON, PREFIX, Question, answered
from signet.service.api.shapes import judged
from signet.service.drawing.badge import badge as drawn
from signet.service.drawing.mermaid import mermaid
from signet.service.drawing.svg import svg
from signet.service.snapshots import Snapshot

router = APIRouter(prefix=PREFIX, route_class=Question, tags=["pictures"])

SVG, MERMAID = "image/svg+xml", "text/vnd.mermaid"
MEDIA = {"json": JSON, "svg": SVG, "mermaid": MERMAID}
FORMS = {JSON: "json", SVG: "svg", MERMAID: "mermaid"}


@router.get(
    "/graph",
    response_model=judged.Graph,
    operation_id="getGraph",
    summary="Who has contracts with whom?",
    responses={
        200: {
            "content": {
                SVG: {"schema": {"type": "string", "description": "A picture."}},
                MERMAID: {"schema": {"type": "string", "description": "A flowchart in Mermaid."}},
            }
        }
    },
)
async def graph(
    request: Request,
    environment: given.OnlyEnvironment = None,
    service: given.OnlyService = None,
    format_: given.Drawing = None,
    at: given.At = None,
) -> Response:
    """All services, and an edge from each consumer to each provider, in its gravest state.

    In one `environment` only, or a `service` with its neighbours. As JSON, SVG or Mermaid: by `format`, or by `Accept`.
    """
    form = format_ or _preferred(request.headers.get("accept", ""))

    def question(asked: Snapshot) -> dict[str, Any] | bytes:
        found = answer(asked, environment=environment, service=service)
        if form == "json":
            return found
        return (svg(found) if form == "svg" else mermaid(found)).encode()

    return await answered(request, question, at=at, media=MEDIA[form])


@router.get(
    "/badges/{environment}/{service}",
    operation_id="getBadge",
    summary="How does it stand, in a picture?",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string", "description": "A badge."}}}}},
)
async def badge(
    request: Request,
    environment: given.EnvironmentPath,
    service: given.ServicePath,
    version: given.OnlyVersion = None,
    at: given.At = None,
) -> Response:
    """A badge with the verdict of Deploy Guard: on what is live of a service in an environment, or on a `version`."""

    def question(asked: Snapshot) -> bytes:
        return drawn(told(asked, environment, service, version=version)).encode()

    return await answered(request, question, at=at, media=SVG)


def _preferred(accept: str) -> str:
    """The form that ``Accept`` prefers among those there are; JSON where it does not say."""
    best, form = 0.0, "json"
    for one in accept[:2000].split(","):
        media, *parameters = (part.strip().lower() for part in one.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            quality = float(weight)
        except ValueError:
            continue
        if media in FORMS and quality > best:
            best, form = quality, FORMS[media]
    return form
