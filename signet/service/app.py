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
from signet.service.snapshots import Held


def answering(shelf: Held, kept: Kept | None = None) -> FastAPI:
    """The ASGI application that answers from a shelf, and nothing around it."""
    app = FastAPI(title="Signet", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shelf, app.state.kept = shelf, Kept() if kept is None else kept
    problems.install(app)
    api.install(app.router)
    pages.install(app)
    return app


def application(settings: Settings, shelf: Held, journal: Journal | None = None) -> FastAPI:
    """The whole of it, as it is served; without a journal it logs nothing."""
    app = answering(shelf)
    app.state.settings = settings
    app.router.routes += [*hooks.router.routes, *operations.router.routes]
    surround(app, settings, journal)
    return app
