"""The application: routes of the API, the pages, the webhooks and the operations, over one shelf of snapshots.

It opens nothing and starts nothing: ``signet.service.running`` does.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from signet import __version__
from signet.errors import SignetError
from signet.service import api, pages, problems
from signet.service.settings import Settings
from signet.service.snapshots import Shelf


def application(settings: Settings, shelf: Shelf) -> FastAPI:
    """The ASGI application that answers from a shelf."""
    app = FastAPI(title="Signet", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.shelf = settings, shelf
    app.add_exception_handler(SignetError, _refused)
    app.include_router(api.router, prefix="/api/v1")
    app.include_router(pages.router)
    return app


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SignetError)  # noqa: S101 - it is registered for nothing else
    return problems.of(error)
