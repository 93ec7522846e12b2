"""Light or dark: a link that remembers what a reader chose, in a cookie that holds nothing else."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from signet.service.pages.addresses import own
from signet.service.pages.frame import HEADERS, THEME, THEMES

router = APIRouter(include_in_schema=False)

YEAR = 31_536_000


@router.get("/theme")
def theme(to: str = "", back: str = "/") -> RedirectResponse:
    """Choose ``light`` or ``dark``; anything else forgets the choice. Then back to the page."""
    answer = RedirectResponse(own(back), 303, headers=HEADERS | {"Cache-Control": "no-store"})
    if to in THEMES:
        answer.set_cookie(THEME, to, max_age=YEAR, path="/", samesite="lax")
    else:
        answer.delete_cookie(THEME, path="/")
    return answer
