"""The application: routes of the API, the pages, the webhooks and the operations, over one shelf of snapshots.

It opens nothing and starts nothing: ``signet.service.parts`` does.
"""

from __future__ import annotations

from fastapi import FastAPI

from signet import __version__
from signet.service import api, hooks, operations, pages, problems
from signet.service.journal import Journal
from signet.service.kept import Kept
from signet.service.middleware import surround
from signet.service.settings import Settings
from signet.service.snapshots import Shelf


def application(settings: Settings, shelf: Shelf, journal: Journal | None = None) -> FastAPI:
    """The ASGI application that answers from a shelf; without a journal it logs nothing."""
    app = FastAPI(title="Signet", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.shelf, app.state.kept = settings, shelf, Kept()
    problems.install(app)
    app.include_router(api.router, prefix="/api/v1")
    app.include_router(hooks.router)
    app.include_router(operations.router)
    pages.install(app)
    surround(app, settings, journal)
    return app
