"""Integrations: all of them as they stand, and one with its matrix of versions, its comparisons and its timeline."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from signet.core import overview
from signet.core.guard import Pair, judge, spec_of
from signet.core.integrations import NOT_YET, STATES, UNREADABLE, integrations
from signet.errors import InvalidData
from signet.service.answers.naming import absent, known
from signet.service.pages.frame import OnPage, Page, PageRoute
from signet.service.pages.listed import Number, Text, only, part
from signet.service.pages.services import GRAVEST, gravest_first, newest_first

router = APIRouter(route_class=PageRoute, include_in_schema=False)

TABS = ("matrix", "comparisons", "timeline")


@router.get("/integrations")
def listed(
    page: OnPage,
    number: Number = 1,
    q: Text = "",
    state: Text = "",
    environment: Text = "",
    consumer: Text = "",
    provider: Text = "",
) -> HTMLResponse:
    """Which versions meet, where, and what is known of them: of all, or of one consumer or provider."""
    known(page.asked, services=(consumer or None, provider or None), environment=environment or None)
    met = integrations(page.asked.state, service=consumer or provider or None, environment=environment or None)
    found = [one for one in met if consumer in ("", one.consumer) and provider in ("", one.provider)]
    counts = {word: sum(one.state == word for one in found) for word in GRAVEST}
    chosen = [one for one in only(found, q, lambda one: (one.consumer, one.provider or "")) if state in ("", one.state)]
    return page.show(
        "integrations.html",
        "Integrations",
        menu="integrations",
        rows=part(gravest_first(chosen), number),
        counts=counts,
        asked={"q": q, "state": state, "environment": environment, "consumer": consumer, "provider": provider},
        environments=overview.in_order(page.asked.state, page.asked.state.environments()),
    )


@router.get("/integrations/{consumer}/{provider}")
def integration(
    page: OnPage,
    consumer: str,
    provider: str,
    tab: Text = "matrix",
    number: Number = 1,
    q: Text = "",
    environment: Text = "",
    sort: Text = "consumer",
) -> HTMLResponse:
    """One integration: every consumer version with a contract, with every provider version."""
    contracts = with_contract(page, consumer, provider)
    chosen = tab if tab in TABS else TABS[0]
    values: dict[str, Any] = {}
    if chosen == "matrix":
        values = _matrix(page, consumer, provider, contracts, number, (q, environment, sort))
    elif chosen == "comparisons":
        rows = part(_contents(page, provider, contracts), number)
        told = [one | _verdict(page, consumer, provider, one["contract"], one["spec"]) for one in rows.items]
        values = {"rows": rows, "compared": told}
    else:
        values = {"told": _timeline(page, consumer, provider, number)}
    now = [one for one in integrations(page.asked.state, service=consumer) if one.provider == provider]
    return page.show(
        f"integration_{chosen}.html",
        f"{consumer} with {provider}: {chosen}",
        menu="integrations",
        consumer=consumer,
        provider=provider,
        tab=chosen,
        tabs=TABS,
        now=gravest_first(one for one in now if one.consumer == consumer),
        asked={"q": q, "environment": environment, "sort": sort},
        **values,
    )


def with_contract(page: Page, consumer: str, provider: str) -> dict[str, str]:
    """By consumer version, the newest first, its contract with a provider; UnknownName where none has any."""
    state = page.asked.state
    known(page.asked, services=(consumer,))
    versions = newest_first(page, consumer)
    state.expect(("manifest", consumer, version) for version in versions)
    manifests = {version: state.manifest(consumer, version) for version in versions}
    found = {one: told.contracts[provider] for one, told in manifests.items() if told and provider in told.contracts}
    if not found:
        known(page.asked, services=(provider,))
        raise absent("integration", f"{consumer} with {provider}")
    return found


def _matrix(
    page: Page, consumer: str, provider: str, contracts: dict[str, str], number: int, asked: tuple[str, str, str]
) -> dict[str, Any]:
    """Pairs of versions; only those on the page are judged."""
    q, environment, sort = asked
    state = page.asked.state
    external = provider in state.services() and state.service(provider).external
    there = {side: overview.where(page.asked.state, side) for side in (consumer, provider)}
    providers: list[str | None] = [None] if external else list(_versions(page, provider))
    pairs = [(one, other) for one in contracts for other in providers]
    if sort == "provider":
        pairs = [(one, other) for other in providers for one in contracts]
    if environment:
        known(page.asked, environment=environment)
        pairs = [
            (one, other)
            for one, other in pairs
            if environment in there[consumer].get(one, ())
            and (other is None or environment in there[provider].get(other, ()))
        ]
    rows = part(only(pairs, q, lambda pair: (pair[0], pair[1] or "")), number)
    told = [
        {
            "consumer_version": one,
            "consumer_branches": _branches(page, consumer, one),
            "consumer_places": there[consumer].get(one, ()),
            "provider_version": other,
            "provider_branches": _branches(page, provider, other),
            "provider_places": there[provider].get(other or "", ()),
            **_state(page, Pair(consumer, one, provider, other, external)),
        }
        for one, other in rows.items
    ]
    names = overview.in_order(state, state.environments())
    return {"rows": rows, "pairs": told, "environments": names, "external": external}


def _versions(page: Page, provider: str) -> list[str]:
    return newest_first(page, provider) if provider in page.asked.state.services() else []


def _state(page: Page, pair: Pair) -> dict[str, str]:
    try:
        found = judge(page.asked.state, pair)
    except InvalidData as error:
        return {"state": UNREADABLE, "code": error.code}
    return {"state": STATES.get(found, NOT_YET), "code": found.code}


def _branches(page: Page, service: str, version: str | None) -> tuple[str, ...]:
    manifest = page.asked.state.manifest(service, version) if version is not None else None
    return manifest.branches if manifest is not None else ()


def _contents(page: Page, provider: str, contracts: dict[str, str]) -> list[dict[str, Any]]:
    """Each content of the contract with each spec of the provider, and which versions have them."""
    state = page.asked.state
    specs: dict[str, list[str | None]] = {}
    agreed = state.agreed_spec(provider) if provider in state.services() else None
    if agreed is not None:
        specs[agreed] = [None]
    for version in _versions(page, provider):
        spec = spec_of(state, provider, version)
        if spec is not None:
            specs.setdefault(spec, []).append(version)
    wanted: dict[str, list[str]] = {}
    for version, contract in contracts.items():
        wanted.setdefault(contract, []).append(version)
    return [
        {"contract": contract, "consumers": wanted[contract], "spec": spec, "providers": specs[spec]}
        for contract in wanted
        for spec in specs
    ]


def _verdict(page: Page, consumer: str, provider: str, contract: str, spec: str) -> dict[str, Any]:
    try:
        found = page.asked.state.comparison(consumer, provider, contract, spec)
    except InvalidData as error:
        return {"verdict": "unreadable", "errors": 0, "warnings": 0, "message": error.message}
    severities = [one.severity for one in found.findings]
    counts = {"errors": severities.count("error"), "warnings": severities.count("warning")}
    return {"verdict": found.verdict, "message": "", **counts}


def _timeline(page: Page, consumer: str, provider: str, number: int) -> Any:
    """What happened to the integration: commits with an event that concerns both sides or one of them."""
    sides = {consumer, provider}
    seen: dict[str, Any] = {}
    for side in sides:
        for told in page.asked.history.commits(service=side, limit=500).items:
            if any(event.service in sides and event.other in (None, *sides) for event in told.events):
                seen[told.commit] = told
    return part(sorted(seen.values(), key=lambda one: -one.seq), number)
