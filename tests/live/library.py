"""A library as a service, for the spec test: seven operations that keep their promises, and one planted bug at a time.

    python -m tests.live.library --bug status --record requests.txt

It prints the port that it listens on; with a variable LIBRARY_TOKEN it asks for that token. ``--record`` writes a line
for each request: all of it but the address. Ids are counted, so the same requests get the same answers.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import hashlib
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path as File
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

BUGS = ("status", "content-type", "body", "header", "state", "crash", "echo")
Genre = Literal["crime", "poetry", "science"]


class Error(BaseModel):
    detail: str


class NewBook(BaseModel):
    title: str = Field(min_length=1, max_length=40)
    genre: Genre
    pages: int = Field(ge=1, le=5000)


class Book(NewBook):
    id: int
    on_loan: bool = False
    due: datetime.date | None = None


class Books(BaseModel):
    items: list[Book]
    total: int = Field(ge=0)


class Loan(BaseModel):
    reader: str = Field(min_length=1, max_length=40)
    days: int = Field(ge=1, le=60)


BookId = Annotated[int, Path(ge=1, le=1_000_000)]
COUNT = {"X-Total-Count": {"description": "All of them.", "required": True, "schema": {"type": "integer"}}}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Error, "description": "There is no such book."}}
CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Error, "description": "It is on loan."}}


def application(bug: str = "", token: str = "") -> FastAPI:
    """The service, with at most one bug; with a token, every operation asks for it."""
    app = FastAPI(title="library", version="1.0.0")
    shelf: dict[int, Book] = {number: Book(id=number, title="Emma", genre="crime", pages=9) for number in (1, 2)}

    @app.get("/books", responses={200: {"model": Books, "headers": COUNT}})
    def list_books(
        response: Response,
        genre: Genre | None = None,
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
        offset: Annotated[int, Query(ge=0, le=1000)] = 0,
    ) -> Books:
        found = [book for book in shelf.values() if genre in (None, book.genre)]
        response.headers["X-Total-Count"] = "many" if bug == "header" else str(len(found))
        return Books(items=found[offset : offset + limit], total=len(found))

    @app.post("/books", status_code=201)
    def add_book(new: NewBook, trace: Annotated[str | None, Header(alias="X-Trace", max_length=20)] = None) -> Book:
        number = max(shelf) + 1
        shelf[number] = Book(id=number, **new.model_dump())
        return shelf[number]

    @app.get("/greetings/{name}")
    def greet(name: Annotated[str, Path(min_length=1, max_length=20)]) -> dict[str, str]:
        return {"greeting": f"Hello, {name}!"}

    def known(book_id: int) -> Book:
        if book_id not in shelf:
            raise HTTPException(410 if bug == "status" else 404, "There is no such book.")
        return shelf[book_id]

    @app.get("/books/{book_id}", responses=NOT_FOUND)
    def get_book(book_id: BookId, request: Request) -> Book:
        book = known(book_id)
        if bug == "echo":
            return JSONResponse({**book.model_dump(mode="json"), "pages": request.headers["authorization"]})  # type: ignore[return-value]
        if bug == "content-type":
            return PlainTextResponse(book.title)  # type: ignore[return-value]
        if bug == "state" and book.on_loan:
            return JSONResponse({**book.model_dump(mode="json"), "due": 14})  # type: ignore[return-value]
        if bug == "body":
            return JSONResponse({**book.model_dump(mode="json"), "pages": str(book.pages)})  # type: ignore[return-value]
        return book

    @app.put("/books/{book_id}", responses=NOT_FOUND)
    def replace_book(book_id: BookId, new: NewBook) -> Book:
        if bug == "crash" and new.pages == 5000:
            raise ZeroDivisionError
        shelf[book_id] = known(book_id).model_copy(update=new.model_dump())
        return shelf[book_id]

    @app.delete("/books/{book_id}", status_code=204, responses=NOT_FOUND)
    def remove_book(book_id: BookId) -> None:
        known(book_id)
        if book_id > 2:
            del shelf[book_id]

    @app.post("/books/{book_id}/loans", status_code=201, responses=NOT_FOUND | CONFLICT)
    def lend_book(book_id: BookId, loan: Loan) -> Book:
        if known(book_id).on_loan:
            raise HTTPException(409, "It is on loan.")
        due = datetime.date(2030, 1, 1) + datetime.timedelta(days=loan.days)
        shelf[book_id] = shelf[book_id].model_copy(update={"on_loan": True, "due": due})
        return shelf[book_id]

    if token:
        _guarded(app, token)
    return app


Next = Callable[[Request], Awaitable[Response]]


def _guarded(app: FastAPI, token: str) -> None:
    @app.middleware("http")
    async def guard(request: Request, call_next: Next) -> Response:
        if request.headers.get("authorization") != f"Bearer {token}":
            return JSONResponse({"detail": f"no, {request.headers.get('authorization')}"}, 401)
        return await call_next(request)


def recording(app: Any, file: File) -> Any:
    """The service, and a line in a file for each request."""

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = sorted(pair for pair in scope["headers"] if pair[0] != b"host")
        line = repr((scope["method"], scope["raw_path"], scope["query_string"], headers, body))
        with file.open("a") as out:
            out.write(line + "\n")
        given = [{"type": "http.request", "body": body}]
        await app(scope, lambda: _next(given, receive), send)

    return recorded


async def _next(given: list[Any], receive: Any) -> Any:
    return given.pop() if given else await receive()


def fingerprint(file: File) -> str:
    """The hash of all requests that were recorded, in their order."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> None:
    """Serve on a free port until somebody ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bug", choices=BUGS, default="")
    parser.add_argument("--record", type=File)
    given = parser.parse_args()
    app: Any = application(given.bug, os.environ.get("LIBRARY_TOKEN", ""))
    if given.record:
        app = recording(app, given.record)
    # asyncio sends without delay only where the protocol of the socket is named; each answer would take 40 ms longer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        print(listening.getsockname()[1], flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(app, log_level="critical")).run([listening])


if __name__ == "__main__":
    main()
