"""A consumer version beside a provider version: the guard's reason, and every finding with both of its places."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from signet.core.guard import Pair, reason, spec_of
from signet.core.model.comparison import Finding
from signet.errors import InvalidData, UnknownName
from signet.registry import stored
from signet.service.answers.naming import absent, known, known_version
from signet.service.pages import readable
from signet.service.pages.excerpts import Excerpt, Lines
from signet.service.pages.frame import OnPage, Page, PageRoute
from signet.service.pages.listed import Number, Text, part

router = APIRouter(route_class=PageRoute, include_in_schema=False)

FINDINGS = 20
"""Findings on one page."""
SEVERITIES = ("error", "undecided", "warning")


class Shown(NamedTuple):
    """A finding, with what both documents say there."""

    finding: Finding
    contract: Excerpt
    spec: Excerpt


@router.get("/integrations/{consumer}/{provider}/comparison")
def comparison(
    page: OnPage,
    consumer: str,
    provider: str,
    consumer_version: Text,
    provider_version: Text = "",
    number: Number = 1,
) -> HTMLResponse:
    """One pair of versions; without a provider version its agreed spec is meant."""
    state = page.asked.state
    known(page.asked, services=(consumer, provider))
    known_version(page.asked, consumer, consumer_version)
    if provider_version:
        known_version(page.asked, provider, provider_version)
    manifest = state.manifest(consumer, consumer_version)
    contract = manifest.contracts.get(provider) if manifest else None
    if contract is None:
        raise absent("contract", f"{consumer} {consumer_version} with {provider}")
    chosen = provider_version or None
    spec = spec_of(state, provider, chosen)
    return page.show(
        "comparison.html",
        f"{consumer} {consumer_version} with {provider} {provider_version or '(agreed spec)'}",
        menu="integrations",
        consumer=consumer,
        provider=provider,
        consumer_version=consumer_version,
        provider_version=chosen,
        contract=contract,
        spec=spec,
        why=_reason(page, Pair(consumer, consumer_version, provider, chosen, external=chosen is None)),
        test=state.spec_test(provider, chosen) if chosen else None,
        replay=state.replay(provider, chosen, consumer, contract) if chosen else None,
        **_told(page, consumer, provider, contract, spec, number),
    )


def _reason(page: Page, pair: Pair) -> Any:
    try:
        return reason(page.asked.state, pair, None)
    except InvalidData as error:
        return error


def _told(page: Page, consumer: str, provider: str, contract: str, spec: str | None, number: int) -> dict[str, Any]:
    """The findings with their places, and every interaction with how grave its gravest finding is."""
    state = page.asked.state
    wanted, side = stored.stored_contract(state, consumer, consumer, provider, contract)
    findings: tuple[Finding, ...] = ()
    shown = []
    if spec is not None:
        found = state.comparison(consumer, provider, contract, spec)
        findings = tuple(sorted(found.findings, key=lambda one: SEVERITIES.index(one.severity)))
        contract_lines, spec_lines = Lines(side), Lines(stored.stored_spec(state, provider, provider, spec))
        shown = [
            Shown(one, contract_lines.around(one.contract_pointer), spec_lines.around(one.spec_pointer))
            for one in part(findings, number, FINDINGS).items
        ]
    graves: dict[int, str] = {}
    for one in findings:
        graves.setdefault(one.interaction, one.severity)
    listed = part(wanted.interactions, number, 50)
    return {
        "verdict": found.verdict if spec is not None else None,
        "findings": part(findings, number, FINDINGS),
        "shown": shown,
        "interactions": listed,
        "told": [(readable.interaction(one, wanted.source), graves.get(one.index, "")) for one in listed.items],
        "counts": {severity: sum(one.severity == severity for one in findings) for severity in SEVERITIES},
    }


def unknown_digest(kind: str, digest: str) -> UnknownName:
    """The error for a digest that no file has."""
    return absent(kind, digest[:16])
