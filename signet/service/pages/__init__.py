"""Pages for people who would rather look than read: server-made, readable without a script, with a script live.

They ask what the API asks (``signet.service.answers``) and the core; they decide nothing, write nothing, and keep nothing
but a reader's choice of a theme, in the reader's browser.
"""

from __future__ import annotations

from fastapi import APIRouter

from signet.service.pages import (
    comparison,
    documents,
    environments,
    integrations,
    live,
    overview,
    questions,
    services,
    static,
    theme,
    timeline,
)

router = APIRouter()
for family in (
    overview,
    environments,
    services,
    documents,
    integrations,
    comparison,
    timeline,
    questions,
    live,
    static,
    theme,
):
    router.include_router(family.router)
