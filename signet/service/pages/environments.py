"""Environments: all of them, and one with what is live there and Deploy Guard's verdict on each of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from signet.core import overview as told
from signet.core.guard import decide
from signet.core.model.decision import Candidate, Reason
from signet.core.standings import Standing, standings
from signet.errors import InvalidData
from signet.registry import layout
from signet.service.answers.naming import known
from signet.service.index.history import Told
from signet.service.pages.frame import OnPage, Page, PageRoute
from signet.service.pages.listed import Number, Text, only, part
from signet.service.pages.overview import WORDS, places

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/environments")
def environments(page: OnPage) -> HTMLResponse:
    """All environments in the order of promotion."""
    return page.show("environments.html", "Environments", menu="environments", places=places(page))


@router.get("/environments/{name}")
def environment(page: OnPage, name: str, number: Number = 1, q: Text = "", verdict: Text = "") -> HTMLResponse:
    """What is live in an environment, and whether it may be there."""
    state = page.asked.state
    known(page.asked, environment=name)
    standing = page.remembered(("standings", name), lambda: standings(state, name))
    rows = [_row(page, name, one) for one in standing]
    counts = {word: sum(row["verdict"] == word for row in rows) for word in WORDS}
    chosen = [
        row for row in only(rows, q, lambda row: (row["service"], row["version"])) if verdict in ("", row["verdict"])
    ]
    return page.show(
        "environment.html",
        name,
        menu="environments",
        place=told.environment(state, name, {}),
        owners=state.environment(name).owners,
        counts=counts,
        rows=(shown := part(chosen, number)),
        since=_since(page, name, {row["service"] for row in shown.items}),
        asked={"q": q, "verdict": verdict},
        words=WORDS,
        recent=page.asked.history.commits(environment=name, limit=6).items,
    )


def _since(page: Page, name: str, services: Iterable[str]) -> dict[str, Told | None]:
    """The commits that last changed what is live of services."""
    paths = {one: layout.path("placement", name, one) for one in services}
    told = page.asked.history.lasts(paths.values())
    return {one: told.get(path) for one, path in paths.items()}


def _row(page: Page, environment: str, one: Standing) -> dict[str, Any]:
    """A live version: how it is there, and the verdict with its reasons."""
    placement = page.asked.state.placement(environment, one.service)
    slots = [slot for slot in placement.deployed if slot.version == one.version]
    how = ["deployed" + (f" ({slot.instance})" if slot.instance else "") for slot in slots]
    how += ["desired"] if placement.desired == one.version else []
    how += ["released"] if one.version in placement.released else []
    return one._asdict() | {"how": how}


def judged(page: Page, service: str, version: str, environment: str | None) -> dict[str, Any]:
    """The verdict on a version, with its reasons; ``unreadable`` where a file that is needed is broken."""
    try:
        decision = decide(page.asked.state, [Candidate(service, version)], environment)
    except InvalidData as error:
        return {"verdict": "unreadable", "reasons": (), "fault": error}
    reasons: tuple[Reason, ...] = decision.reasons
    return {"verdict": decision.verdict, "reasons": reasons, "fault": None}
