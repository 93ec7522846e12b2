"""Where is a name?"""

from __future__ import annotations

from fastapi import APIRouter, Response

from signet.service.answers import search as answers
from signet.service.api import parameters as given
from signet.service.api.routes import PREFIX, Question, listed, part
from signet.service.api.shapes import found as shapes

router = APIRouter(prefix=PREFIX, route_class=Question, tags=["registry"])


@router.get("/search", response_model=shapes.NamesFound, operation_id="search", summary="Where is this name?")
async def search(page: given.PageAsked, q: given.Wanted) -> Response:
    """Environments, services (also by alias), versions and operations whose name contains a text, whatever its case.

    Operations of current specs are looked for where `q` has a slash: `/items`, `get /items`.
    """
    return await listed(page, part(lambda asked: answers.search(asked, q), "hits"))
