"""The first page: the graph of services, the environments with their verdicts, and what happened last."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from signet.core import overview as told
from signet.core.owed import owed
from signet.core.standings import standings
from signet.errors import InvalidData
from signet.service.answers import graph as graphs
from signet.service.pages.drawing import Drawing, drawn
from signet.service.pages.frame import OnPage, Page, PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

RECENT = 8
WORDS = ("no", "unreadable", "unknown", "yes")


@router.get("/")
def overview(page: OnPage, environment: str = "", service: str = "") -> HTMLResponse:
    """The graph of everything, of an environment, or of a service and its neighbours."""
    graph, drawing = page.remembered(("graph", environment, service), lambda: _graph(page, environment, service))
    number, blocking = page.remembered(("owed",), lambda: _owed(page))
    return page.show(
        "overview.html",
        "Overview",
        menu="overview",
        graph=graph,
        drawing=drawing,
        chosen={"environment": environment, "service": service},
        places=places(page),
        owed=number,
        blocking=blocking,
        versions=sum(len(page.asked.state.versions(one)) for one in page.asked.state.services()),
        services=sorted(page.asked.state.services()),
        recent=page.asked.history.commits(limit=RECENT).items,
    )


def _graph(page: Page, environment: str, service: str) -> tuple[dict[str, Any], Drawing]:
    found = graphs.graph(page.asked, environment=environment or None, service=service or None)
    return found, drawn(found)


def _owed(page: Page) -> tuple[int, int]:
    """How many tests are owed, and for how many of them a guard waits."""
    found = owed(page.asked.state)
    return len(found), sum(one.blocking for one in found)


def places(page: Page) -> list[dict[str, Any]]:
    """Every environment, and how many live versions there have which verdict."""
    return page.remembered(("places",), lambda: _places(page))


def _places(page: Page) -> list[dict[str, Any]]:
    state = page.asked.state
    found = []
    for name in told.in_order(state, state.environments()):
        fault, verdicts, services = None, Counter[str](), set()
        try:
            for one in standings(state, name):
                verdicts[one.verdict] += 1
                services.add(one.service)
        except InvalidData as error:
            fault = error
        worst = "unreadable" if fault else next((word for word in WORDS if verdicts[word]), "yes")
        about = told.environment(state, name, {})
        found.append(
            about | {"counts": verdicts, "worst": worst, "live": len(services), "words": WORDS, "fault": fault}
        )
    return found
