"""What the five services of the shop have in common: how they start, keep data, answer problems and ask each other.

A service is a folder: ``app.py`` (what it promises), ``seed.sql`` (what it knows when it starts), ``states.py`` (the
states that tests may put it into) and, if it asks other services, ``clients.py`` and ``test_contracts.py``.

Variables: ``ITEM_VERSION`` and the like say which version of a service a process is; ``ITEM_URL`` and the like, where
its neighbours are; ``SHOP_DATA``, in which folder the databases lie; ``SHOP_STATES=on`` lets tests set states by HTTP.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.routing import Route

VERSIONS = {
    "accounting": ("1.0.0",),
    "cart": ("1.0.0", "1.1.0"),
    "catalog": ("1.0.0", "2.0.0", "2.1.0"),
    "inventory": ("1.0.0",),
    "item": ("1.0.0", "1.1.0"),
}
TIMEOUT = 10
REASONS = {
    400: "The body cannot be read",
    404: "There is no such thing",
    409: "Not now: something else stands against it",
    422: "The request does not fit",
    503: "A service that this one asks does not answer",
}


def version(service: str) -> str:
    """The version that this process is, of all that the service ever had."""
    chosen = os.environ.get(f"{service.upper()}_VERSION", "1.0.0")
    if chosen not in VERSIONS[service]:
        raise SystemExit(f"There is no {service} {chosen}. {service.upper()}_VERSION: {', '.join(VERSIONS[service])}.")
    return chosen


# --- What services promise. Bounds, patterns and examples are in the document, and tools make requests from them.


def _one_way_to_write_a_day(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return value
    raise ValueError("a day is written like 2026-03-31")


def _a_number(value: object) -> object:
    if isinstance(value, (bool, str)):
        raise ValueError("a number is not written as a text")
    return value


Number = BeforeValidator(_a_number)
Day = Annotated[date, BeforeValidator(_one_way_to_write_a_day)]
ItemId = Annotated[str, Field(pattern=r"^[a-z]{2,10}-[1-9][0-9]{0,3}$", examples=["tea-1"])]
NoValue = SkipJsonSchema[None]  # it may be left out, and there is no way to write that it is nothing
Category = Literal["tea", "pots", "cups"]
Cents = Annotated[int, Field(ge=0, le=10_000_000, description="An amount in cents")]
Limit = Annotated[int, Field(ge=1, le=100, description="At most so many")]
Offset = Annotated[int, Field(ge=0, le=100_000, description="Leave out so many at the beginning")]


class Wanted(BaseModel):
    """The body of a request: nothing but its fields, each written as it says."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an operation declares besides its good answer; every request may be one that does not fit."""
    return {status: {"model": Problem, "description": REASONS[status]} for status in (*statuses, 422)}


# --- What services know: one SQLite file each.


class Database:
    """The SQLite file of one service. Whoever opens it has it alone until the block ends; an error undoes the block."""

    def __init__(self, service: str) -> None:
        self.file = Path(os.environ.get("SHOP_DATA", "run/data")).resolve() / f"{service}.db"
        self.seed = Path(__file__).with_name(service) / "seed.sql"

    def reset(self) -> None:
        """Back to what the service knows when it starts."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=TIMEOUT)) as connection:
            connection.executescript(f"BEGIN IMMEDIATE; {self.seed.read_text(encoding='utf-8')} COMMIT;")

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction."""
        with closing(sqlite3.connect(self.file, timeout=TIMEOUT, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")


Changes = dict[str, Callable[..., None]]


def provider_states(database: Database, functions: Mapping[str, Callable[..., None]]) -> Changes:
    """The provider states of a service: a name that consumers use, and what makes it so.

    A function of ``functions`` gets a connection and the parameters that the contract names. What comes back is for
    verifiers: it takes the parameters as a dict, and ``action``. A state stays until it is torn down; then everything
    is as it was when the service started.
    """

    def change(function: Callable[..., None], params: Mapping[str, Any], action: str = "setup") -> None:
        if action == "teardown":
            database.reset()
            return
        with database.open() as db:
            function(db, **params)

    def as_it_starts(_params: Mapping[str, Any], action: str = "setup") -> None:
        database.reset()

    return {"as it starts": as_it_starts, **{name: partial(change, made) for name, made in functions.items()}}


class StateChange(BaseModel):
    """What a verifier sends to ``/_signet/states`` before and after an interaction."""

    state: str
    action: Literal["setup", "teardown"] = "setup"
    params: dict[str, Any] = {}


# --- How services run.


def service(name: str, about: str, database: Database, states: Changes) -> FastAPI:
    """An application with the shop's manners. Its database is new whenever it starts."""

    @asynccontextmanager
    async def fresh(_app: FastAPI) -> AsyncIterator[None]:
        database.reset()
        yield

    app = FastAPI(title=name, version=version(name), description=about, lifespan=fresh, redirect_slashes=False)

    @app.exception_handler(RequestValidationError)
    def say_what_does_not_fit(_request: Request, error: RequestValidationError) -> JSONResponse:
        fault = error.errors()[0]
        return JSONResponse({"detail": f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"}, 422)

    @app.exception_handler(Refused)
    def pass_on_what_a_neighbour_said(_request: Request, refused: Refused) -> JSONResponse:
        # 404 would say that what was asked of *this* service is not there.
        return JSONResponse({"detail": refused.detail}, 409 if refused.status in (404, 409) else 503)

    @app.exception_handler(405)
    def say_what_is_allowed(request: Request, _error: Exception) -> JSONResponse:
        # HTTP asks for all methods of the path; the framework names those of one function.
        here = [route for route in app.routes if isinstance(route, Route) and route.path_regex.match(request.url.path)]
        allowed = sorted({method for route in here for method in route.methods or ()} - {"HEAD"})
        return JSONResponse({"detail": "Method Not Allowed"}, 405, {"Allow": ", ".join(allowed)})

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"service": name, "version": app.version}

    # Whoever can set states can change everything: it is for tests, so somebody must ask for it.
    if os.environ.get("SHOP_STATES") == "on":

        @app.post("/_signet/states", include_in_schema=False)
        def change_state(change: StateChange) -> dict[str, str]:
            if change.state not in states:
                raise HTTPException(404, f"{name} knows no state '{change.state}'.")
            states[change.state](change.params, change.action)
            return {}

    return app


# --- How services ask each other.


class Refused(Exception):
    """A neighbour did not do what it was asked; ``status`` 503 where it did not answer at all."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


def neighbour(service: str) -> str | None:
    """Where a neighbour is; None where this service runs alone, and stand-ins answer in its place."""
    return os.environ.get(f"{service.upper()}_URL")


def ask(method: str, url: str, body: Any = None) -> Any:
    """The JSON of a good answer; Refused for any other."""
    headers = {"Accept": "application/json"} | ({"Content-Type": "application/json"} if body is not None else {})
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data, headers, method=method), timeout=TIMEOUT
        ) as answer:
            text = answer.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
        try:
            detail = json.loads(text)["detail"]
        except (ValueError, KeyError, TypeError):
            detail = f"{method} {url} was answered with {error.code}."
        raise Refused(error.code, detail) from None
    except OSError as error:
        raise Refused(503, f"{method} {url} was not answered: {error}") from None
