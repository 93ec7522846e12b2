"""Questions that people ask: Deploy Guard, what is owed, who relies on what, and where a name is."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from signet.core import overview
from signet.core.guard import decide
from signet.core.model.decision import Candidate, Decision, Reason
from signet.errors import InvalidData, SignetError
from signet.registry import layout
from signet.service import problems
from signet.service.answers import judging
from signet.service.answers import search as finding
from signet.service.answers.naming import known
from signet.service.index.history import Told
from signet.service.pages.frame import OnPage, Page, PageRoute
from signet.service.pages.listed import Number, Text, only, part
from signet.service.pages.services import newest_first

router = APIRouter(route_class=PageRoute, include_in_schema=False)

MAIN = "main-branch"
"""What the form calls the heads of main branches: "may I merge?"."""


@router.get("/guard")
def guard(
    page: OnPage,
    service: Text = "",
    version: Text = "",
    environment: Text = "",
    with_: Annotated[str, Query(alias="with", max_length=1_000)] = "",
    ignore: Annotated[str, Query(max_length=1_000)] = "",
    number: Number = 1,
) -> HTMLResponse:
    """May this version go there? The answer of the command, and the command that asks it; the gravest reasons first."""
    state = page.asked.state
    asked = {"service": service, "version": version, "environment": environment, "with": with_, "ignore": ignore}
    complete = bool(service and version and environment)
    decision, error = None, None
    if complete:
        try:
            decision = _decided(page, service, version, environment, with_.split(), ignore.split())
        except SignetError as caught:
            error = caught
    reasons = decision.reasons if decision else ()
    listed = part(reasons, number)
    return page.show(
        "guard.html",
        _title(decision, asked) if complete else "Deploy Guard",
        status=problems.status(error) if error else 200,
        menu="guard",
        asked=asked,
        told=_with_files(page, listed.items),
        listed=listed,
        codes=[(code, weight, count) for (code, weight), count in Counter((r.code, r.weight) for r in reasons).items()],
        decision=decision,
        error=error,
        faults=error.faults if isinstance(error, InvalidData) else (),
        is_incomplete=not complete and any(asked.values()),
        services=sorted(state.services()),
        versions=newest_first(page, service) if service in state.services() else [],
        environments=overview.in_order(state, state.environments()),
        main=MAIN,
        command=_command(asked) if complete else "",
    )


def _decided(
    page: Page, service: str, version: str, environment: str, together: list[str], ignore: list[str]
) -> Decision:
    candidates = [Candidate(service, version)]
    for one in together:
        name, _, number = one.partition("@")
        candidates.append(Candidate(name, number))
    return decide(page.asked.state, candidates, None if environment == MAIN else environment, ignore=ignore)


def _with_files(page: Page, reasons: Sequence[Reason]) -> list[tuple[Reason, list[tuple[str, Told]]]]:
    """Reasons with the files that they follow from, each with the commit that last changed it."""
    last = page.asked.history.lasts(layout.path(*one) for reason in reasons for one in reason.evidence)
    found = []
    for reason in reasons:
        paths = dict.fromkeys(layout.path(*one) for one in reason.evidence)
        found.append((reason, [(path, told) for path in paths if (told := last.get(path)) is not None]))
    return found


def _title(decision: Decision | None, asked: dict[str, str]) -> str:
    verdict = decision.verdict if decision else "no answer"
    return f"{verdict}: {asked['service']} {asked['version']} to {asked['environment']}"


def _command(asked: dict[str, str]) -> str:
    """The command that asks the same, ready for a shell."""
    where = ["--target", MAIN] if asked["environment"] == MAIN else ["--environment", asked["environment"]]
    words = ["signet", "deploy-guard", "--name", asked["service"], "--version", asked["version"], *where]
    for option, key in (("--with", "with"), ("--ignore", "ignore")):
        for one in asked[key].split():
            words += [option, one]
    return shlex.join(words)


@router.get("/owed")
def owed(page: OnPage, number: Number = 1, q: Text = "", service: Text = "") -> HTMLResponse:
    """The tests that would have to run so that no guard has an open question."""
    known(page.asked, services=(service or None,))
    found = judging.owed(page.asked, provider=service or None)["owed"]
    chosen = only(found, q, lambda one: (one["provider"], one.get("consumer", "")))
    return page.show(
        "owed.html",
        f"Tests that {service} owes" if service else "Owed tests",
        menu="owed",
        rows=part(chosen, number),
        blocking=sum(one["blocking"] for one in found),
        total=len(found),
        asked={"q": q, "service": service},
    )


@router.get("/services/{name}/usage")
def usage(page: OnPage, name: str, number: Number = 1, q: Text = "", environment: Text = "") -> HTMLResponse:
    """Who relies on which operation and field of a provider, and what nobody uses."""
    known(page.asked, services=(name,))
    found = judging.usage(page.asked, name, environment=environment or None)
    state = page.asked.state
    return page.show(
        "usage.html",
        f"Usage of {name}",
        menu="services",
        name=name,
        rows=part(only(found["operations"], q, lambda one: (one["operation"],)), number),
        used=sum(bool(one["uses"]) for one in found["operations"]),
        total=len(found["operations"]),
        elsewhere=found.get("without_operation", []),
        asked={"q": q, "environment": environment},
        environments=overview.in_order(state, state.environments()),
    )


@router.get("/search")
def search(page: OnPage, q: Text = "", number: Number = 1) -> HTMLResponse:
    """Environments, services, versions and operations whose name contains a text."""
    listed = part(finding.search(page.asked, q)["hits"], number)
    rows = [{"kind": one["kind"], **_leads(one)} for one in listed.items]
    title = f"Search: {q}" if q else "Search"
    return page.show("search.html", title, asked={"q": q}, listed=listed, rows=rows)


def _leads(hit: Mapping[str, str]) -> dict[str, Any]:
    """What a hit is called, and where it leads to."""
    name = hit[hit["kind"]]
    match hit["kind"]:
        case "environment":
            return {"name": name, "path": ("environments", name), "query": {}}
        case "version":
            return {
                "name": f"{hit['service']} {name}",
                "path": ("services", hit["service"], "versions", name),
                "query": {},
            }
        case "operation":
            return {
                "name": f"{hit['service']} {name}",
                "path": ("services", hit["service"], "usage"),
                "query": {"q": name},
            }
    return {"name": name, "path": ("services", name), "query": {}}
