"""What happened, the newest first: every commit of the registry with the events that follow from its files."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from signet.core import overview
from signet.service.answers.naming import known
from signet.service.pages.addresses import own
from signet.service.pages.frame import HEADERS, OnPage, PageRoute
from signet.service.pages.listed import Text

router = APIRouter(route_class=PageRoute, include_in_schema=False)

SIZE = 25


@router.get("/timeline")
def timeline(page: OnPage, service: Text = "", environment: Text = "", before: int | None = None) -> HTMLResponse:
    """Commits, newest first; of a service, or of an environment. ``before`` continues a list."""
    known(page.asked, services=(service or None,), environment=environment or None)
    found = page.asked.history.commits(
        service=service or None, environment=environment or None, before=before, limit=SIZE
    )
    state = page.asked.state
    return page.show(
        "timeline.html",
        "Timeline",
        menu="timeline",
        found=found,
        next=found.next,
        asked={"service": service, "environment": environment, "before": before},
        services=sorted(state.services()),
        environments=overview.in_order(state, state.environments()),
    )


@router.get("/at")
def at(page: OnPage, step: int = 0, back: str = "/") -> Response:
    """The same page at another step of the history: where the slider leads, with and without a script."""
    history = page.shelf.newest().history
    last = history.length()
    path, _, query = own(back).partition("?")
    asked = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key != "at"]
    told = history.told(max(step, 1)) if step < last else None
    if told is not None:
        asked.append(("at", told.commit))
    return RedirectResponse(path + (f"?{urlencode(asked)}" if asked else ""), 303, headers=HEADERS)
