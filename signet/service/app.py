"""The application: routes of the API, the pages, the webhooks and the operations, over one shelf of snapshots.

It opens nothing and starts nothing: ``signet.service.running`` does.
"""

from __future__ import annotations

from fastapi import FastAPI

from signet import __version__
from signet.service import api, pages, problems
from signet.service.settings import Settings
from signet.service.snapshots import Shelf


def application(settings: Settings, shelf: Shelf) -> FastAPI:
    """The ASGI application that answers from a shelf."""
    app = FastAPI(title="Signet", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.shelf = settings, shelf
    problems.install(app)
    app.include_router(api.router, prefix="/api/v1")
    app.include_router(pages.router)
    return app
