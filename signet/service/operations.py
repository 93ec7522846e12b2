"""Routes for those who run the service: is it alive, is it ready, what is counted, which version. No registry data.

``/healthz`` is 200 as long as the process answers, also while an older commit is served; it says so. ``/readyz`` is 503
while a database cannot be reached.
"""

from __future__ import annotations

import platform

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from signet import __version__
from signet.errors import SignetError
from signet.service import problems

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def health(request: Request) -> JSONResponse:
    """Alive, at which commit, and whether that is the newest one that is known."""
    standing = request.app.state.shelf.standing()
    found = {"status": "degraded" if standing.is_degraded else "ok", "commit": standing.commit}
    return JSONResponse(found | ({"code": standing.code, "newest": standing.newest} if standing.is_degraded else {}))


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """Can questions be answered? Every part that keeps something is asked."""
    for check in request.app.state.checks:
        try:
            check()
        except SignetError as error:
            return problems.problem(503, "Not ready.", code=error.code)
    return JSONResponse({"status": "ready"})


@router.get("/version")
async def version() -> JSONResponse:
    """What runs."""
    return JSONResponse({"schema": "signet.build/1", "signet": __version__, "python": platform.python_version()})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """What is counted."""
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
