"""Services and versions: who owns them, where they live, what they promise and expect, and their results over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from signet.core import overview
from signet.core.integrations import NOT_YET, UNREADABLE, Integration, integrations
from signet.core.model.verification import SpecTest
from signet.registry import layout, listing
from signet.service.answers import services as answers
from signet.service.answers.naming import known, known_version
from signet.service.index.history import Told
from signet.service.pages.environments import judged
from signet.service.pages.frame import OnPage, Page, PageRoute
from signet.service.pages.listed import Number, Text, only, part
from signet.service.pages.words import natural

router = APIRouter(route_class=PageRoute, include_in_schema=False)

GRAVEST = ("incompatible", "failed", UNREADABLE, "no provider", NOT_YET, "verified")
"""States of an integration, the gravest first."""
STRIP = 40
"""So many of the newest versions are in the strip of results."""
DATED = 2_000
"""Versions of a service that are put in the order in which they came; of more, names decide."""


@router.get("/services")
def services(page: OnPage, number: Number = 1, q: Text = "") -> HTMLResponse:
    """All services by name."""
    state = page.asked.state
    listed = part(only(sorted(state.services()), q, lambda one: (one, *state.service(one).aliases)), number)
    state.expect(("service", one) for one in listed.items)
    rows = [overview.service(state, one) | {"live": overview.where(state, one)} for one in listed.items]
    return page.show("services.html", "Services", menu="services", rows=rows, listed=listed, asked={"q": q})


@router.get("/services/{name}")
def service(page: OnPage, name: str, number: Number = 1, q: Text = "") -> HTMLResponse:
    """One service: its versions with their results, whom it calls, and who calls it."""
    about = answers.service(page.asked, name)
    met = integrations(page.asked.state, service=name)
    versions = newest_first(page, name)
    listed = part(only(versions, q, lambda one: (one,)), number)
    strip = versions[:STRIP]
    first = _firsts(page, name, listed.items)
    live = overview.where(page.asked.state, name)
    return page.show(
        "service.html",
        name,
        menu="services",
        about=about,
        live=[one | _placed(page, name, one["environment"]) for one in about["live"]],
        calls=gravest_first(one for one in met if one.consumer == name),
        called=gravest_first(one for one in met if one.provider == name and one.consumer != name),
        rows=[_row(page, name, one, live) | {"first": first.get(one)} for one in listed.items],
        listed=listed,
        strip=[_row(page, name, one, live) for one in reversed(strip)],
        asked={"q": q},
        recent=page.asked.history.commits(service=name, limit=6).items,
        has_spec=page.asked.state.has_spec(name),
        specs=_specs(page, name, strip),
    )


@router.get("/services/{name}/versions/{version}")
def version(page: OnPage, name: str, version: str) -> HTMLResponse:
    """One version: what it was published with, its results, and where it may go."""
    known_version(page.asked, name, version)
    state = page.asked.state
    places: list[str | None] = [None, *overview.in_order(state, state.environments())]
    live = overview.where(state, name)
    verdicts = [
        {"place": place, "is_live": place in live.get(version, ())} | judged(page, name, version, place)
        for place in places
    ]
    return page.show(
        "version.html",
        f"{name} {version}",
        menu="services",
        about=answers.version(page.asked, name, version),
        name=name,
        verdicts=verdicts,
        first=page.asked.history.first(layout.path("manifest", name, version)),
        results=listing.results(state, name, version),
        is_spec_test=lambda one: isinstance(one, SpecTest),
        external=state.service(name).external,
    )


def newest_first(page: Page, name: str) -> list[str]:
    """The versions of a service, the newest first: as they came into the registry, and of one commit by name."""
    known(page.asked, services=(name,))
    return list(page.remembered(("newest first", name), lambda: _newest_first(page, name)))


def _newest_first(page: Page, name: str) -> tuple[str, ...]:
    versions = sorted(page.asked.state.versions(name), key=natural, reverse=True)
    if len(versions) > DATED:
        return tuple(versions)
    first = _firsts(page, name, versions)
    return tuple(sorted(versions, key=lambda one: -(told.seq if (told := first.get(one)) else 0)))


def _firsts(page: Page, name: str, versions: Sequence[str]) -> dict[str, Told]:
    """The commits that brought versions."""
    paths = {layout.path("manifest", name, one): one for one in versions}
    return {paths[path]: told for path, told in page.asked.history.firsts(paths).items()}


def gravest_first(found: Iterable[Integration]) -> list[Integration]:
    """Integrations as people want to see them: what does not fit before what does."""
    return sorted(found, key=lambda one: GRAVEST.index(one.state))


def _row(page: Page, name: str, version: str, live: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a list tells of a version; ``live`` is where each version of the service is."""
    state = page.asked.state
    manifest = state.manifest(name, version)
    results = listing.results(state, name, version)
    test = next((one for one in results if isinstance(one, SpecTest)), None)
    replays = [one for one in results if not isinstance(one, SpecTest)]
    failed = sum(not one.passed for one in replays)
    return {
        "version": version,
        "branches": manifest.branches if manifest else (),
        "spec": manifest.spec if manifest else None,
        "contracts": manifest.contracts if manifest else {},
        "test": test,
        "passed": len(replays) - failed,
        "failed": failed,
        "result": _result(test, failed, len(replays)),
        "live": live.get(version, ()),
    }


def _result(test: SpecTest | None, failed: int, replays: int) -> str:
    if failed or (test is not None and not test.passed):
        return "failed"
    return "passed" if test is not None or replays else "untested"


def _placed(page: Page, name: str, environment: str) -> dict[str, Any]:
    versions = page.asked.state.placement(environment, name).versions
    return {"verdicts": [(one, judged(page, name, one, environment)) for one in versions]}


def _specs(page: Page, name: str, versions: list[str]) -> list[tuple[str, str]]:
    """The newest versions with a spec that differs from the one before: (older, newer), the newest first."""
    known_specs = [(one, m.spec) for one in versions if (m := page.asked.state.manifest(name, one)) and m.spec]
    pairs = zip(known_specs[1:], known_specs, strict=False)
    return [(older[0], newer[0]) for older, newer in pairs if older[1] != newer[1]][:5]
