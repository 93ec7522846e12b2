"""Contracts and specs to read: what they say as a list, and their source as it lies in the registry; and two specs
beside each other. Always as text: nothing of a document becomes markup.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from signet.core.formats.places import Side
from signet.core.guard import spec_of
from signet.core.model.change import LEVELS, Change
from signet.core.model.spec import Spec
from signet.errors import UsageError
from signet.registry import layout, listing, stored
from signet.service.answers.naming import absent, known
from signet.service.pages import readable
from signet.service.pages.excerpts import PAGE, Lines
from signet.service.pages.frame import OnPage, Page, PageRoute
from signet.service.pages.listed import Number, Text, only, part
from signet.service.pages.services import newest_first

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_DIGEST = re.compile(r"[0-9a-f]{16}([0-9a-f]{48})?\Z")
AGREED = "agreed"
SIZE = 50


@router.get("/services/{name}/contracts/{provider}/{digest}")
def contract(
    page: OnPage, name: str, provider: str, digest: str, number: Number = 1, lines: Number = 1, q: Text = ""
) -> HTMLResponse:
    """A contract: its interactions, its source, and the versions that have it."""
    state = page.asked.state
    known(page.asked, services=(name,))
    record = state.stored("contract", name, provider, digest[:16]) if _DIGEST.match(digest) else None
    if record is None:
        raise absent("contract", digest)
    found, side = stored.stored_contract(state, name, name, provider, record.digest)
    source = Lines(side)
    listed = part(only(found.interactions, q, lambda one: (one.description, one.pointer)), number, SIZE)
    versions = [
        one for one in newest_first(page, name)[:500] if _contracts(page, name, one).get(provider) == found.digest
    ]
    return page.show(
        "contract.html",
        f"Contract of {name} with {provider}",
        menu="integrations",
        name=name,
        provider=provider,
        digest=found.digest,
        file=side.document.name,
        versions=versions,
        first=page.asked.history.first(layout.path("contract", name, provider, found.digest)),
        listed=listed,
        told=[readable.interaction(one, found.source) for one in listed.items],
        source=part(source.texts, lines, PAGE),
        lines=source.page(part(source.texts, lines, PAGE).number),
        asked={"q": q},
    )


def _contracts(page: Page, name: str, version: str) -> dict[str, str]:
    manifest = page.asked.state.manifest(name, version)
    return dict(manifest.contracts) if manifest else {}


@router.get("/services/{name}/specs/{digest}")
def spec(page: OnPage, name: str, digest: str, number: Number = 1, lines: Number = 1, q: Text = "") -> HTMLResponse:
    """A spec: its operations, its source, and the versions that have it. ``agreed`` is the agreed one."""
    known(page.asked, services=(name,))
    found, side = _spec(page, name, digest)
    source = Lines(side)
    operations = only(readable.operations(found), q, lambda one: (f"{one.method} {one.path}", one.summary))
    listed = part(operations, number, SIZE)
    newest = newest_first(page, name)[:500]
    return page.show(
        "spec.html",
        f"Spec of {name}",
        menu="services",
        name=name,
        digest=digest,
        spec=found,
        full=found.digest,
        file=side.document.name,
        versions=[one for one in newest if spec_of(page.asked.state, name, one) == found.digest],
        is_agreed=page.asked.state.agreed_spec(name) == found.digest,
        listed=listed,
        places=[source.page_of(side.place(one.pointer).line) for one in listed.items],
        begins=[side.place(one.pointer).line for one in listed.items],
        source=part(source.texts, lines, PAGE),
        lines=source.page(part(source.texts, lines, PAGE).number),
        asked={"q": q},
    )


def _spec(page: Page, name: str, digest: str) -> tuple[Spec, Side]:
    state = page.asked.state
    if digest == AGREED:
        return stored.spec(name, state)
    if not _DIGEST.match(digest):
        raise absent("spec", digest)
    full = [one for one in (*listing.specs(state, name), state.agreed_spec(name) or "") if one.startswith(digest)]
    if not full:
        raise absent("spec", digest)
    return state.spec(name, full[0]), stored.stored_spec(state, name, name, full[0])


@router.get("/services/{name}/changes")
def changes(
    page: OnPage, name: str, base: Text = "", revision: Text = "", level: Text = "", number: Number = 1
) -> HTMLResponse:
    """What changed from the spec of one version to that of another; without a version, the agreed spec."""
    from signet.core.changes import Policy, compare

    known(page.asked, services=(name,))
    state = page.asked.state
    if base == revision:
        raise UsageError("One spec is compared with itself.", "Choose two versions with different specs.")
    before, before_side = stored.spec(f"{name}@{base}" if base else name, state)
    after, after_side = stored.spec(f"{name}@{revision}" if revision else name, state)
    told = state.changes_policy()
    found = compare(before, after, Policy(told.severity, datetime.now(UTC).date(), told.notice))
    chosen: list[Change] = sorted(found.changes, key=lambda one: LEVELS.index(one.level))
    listed = part([one for one in chosen if level in ("", one.level)], number)
    before_lines, after_lines = Lines(before_side), Lines(after_side)
    return page.show(
        "changes.html",
        f"Changes of {name}: {base or 'agreed spec'} to {revision or 'agreed spec'}",
        menu="services",
        name=name,
        base=base,
        revision=revision,
        verdict=found.verdict,
        unseen=found.unseen,
        counts={one: sum(each.level == one for each in chosen) for one in LEVELS},
        asked={"level": level},
        listed=listed,
        shown=[
            (one, before_lines.around(one.base_pointer), after_lines.around(one.revision_pointer))
            for one in listed.items
        ],
    )
