"""Contracts with the books, written by pact-python: ``python -m tests.live.pacts.write_python FOLDER``.

Each interaction is lived through by a client, as in a consumer's tests, and then written.
"""

from __future__ import annotations

import http.client
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pact import Pact, generate, match

from tests.live.shelf import PNG

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
LOGIN = "user=ann+lee&scope=read&scope=write"


def send(pact: Pact, method: str, target: str, body: bytes | None = None, **headers: str) -> None:
    """Live through an interaction, then let the next one begin."""
    with pact.serve() as server:
        parts = urlsplit(str(server.url))
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        connection.getresponse().read()
        connection.close()


def written(version: str, folder: Path) -> None:
    """Write the contract in one version of the specification."""

    def begun(description: str) -> tuple[Pact, Any]:
        pact = Pact(f"reader-python-{version.lower()}", "shelf").with_specification(version)  # type: ignore[arg-type]
        return pact, pact.upon_receiving(description)

    def ended(pact: Pact, method: str, target: str, body: bytes | None = None, **headers: str) -> None:
        send(pact, method, target, body, **headers)
        pact.write_file(folder)

    old = version == "V2"
    pact, a_book = begun("a book")
    if old:
        a_book.given("the book b1 is on the shelf")
    else:
        a_book.given("a book is on the shelf", {"id": "b1", "title": "Dune"}).given("the shelf is dusted")
    a_book.with_request("GET", "/books/b1").with_header("Accept", JSON).will_respond_with(200)
    a_book.with_header("X-Revision", match.regex("7", regex=r"^\d+$"))
    a_book.with_body(
        {
            "id": "b1",
            "title": match.like("Emma"),
            "author": match.like("Austen"),
            "isbn": match.regex("978-0141439587", regex=r"^97[89]-\d{10}$"),
            "tags": match.each_like("love"),
            "published": match.regex("1815-12-23", regex=r"^\d{4}-\d\d-\d\d$")
            if old
            else match.date("1815-12-23", format="%Y-%m-%d"),
            "seen": match.regex("2024-01-01T00:00:00", regex=r"^\d{4}-\d\d-\d\dT[\d:]+$")
            if old
            else match.datetime("2024-01-01T00:00:00", format="%Y-%m-%dT%H:%M:%S"),
            "pages": 412 if old else match.int(474),
            "kind": "book",
        },
        JSON,
    )
    ended(pact, "GET", "/books/b1", Accept=JSON)

    pact, books = begun("books of an author")
    books.given("the book b1 is on the shelf").with_request("GET", "/books")
    books.with_query_parameter("author", "Herbert").with_query_parameter("page", "1").will_respond_with(200)
    books.with_body(match.each_like({"id": match.like("x"), "title": match.like("y")}, min=1), JSON)
    ended(pact, "GET", "/books?author=Herbert&page=1")

    pact, new = begun("a new book")
    new.with_request("POST", "/books").with_body({"title": match.like("Heretics")}, JSON).will_respond_with(201)
    new.with_header("Location", match.regex("/books/1", regex=r"^/books/\w+$"))
    new.with_body({"id": match.like("1"), "title": match.like("Heretics")}, JSON)
    ended(pact, "POST", "/books", b'{"title": "Heretics"}', Content_Type=JSON)

    pact, gone = begun("a book that is not there")
    gone.with_request("GET", "/books/nowhere").will_respond_with(404)
    gone.with_body({"error": match.like("gone")}, JSON)
    ended(pact, "GET", "/books/nowhere")

    pact, me = begun("the reader")
    me.with_request("GET", "/me").with_header("Authorization", "Bearer example").will_respond_with(200)
    me.with_body({"name": match.like("bob")}, JSON)
    ended(pact, "GET", "/me", Authorization="Bearer example")

    pact, login = begun("a login")
    login.with_request("POST", "/login").with_body(LOGIN, FORM).will_respond_with(200)
    login.with_body("token=abc&scope=read", FORM)
    if not old:
        login.with_matching_rules({"body": {"$.token": {"matchers": [{"match": "regex", "regex": r"^t?[a-z0-9-]+$"}]}}})
    else:
        login.with_matching_rules({"$.body.token": {"match": "regex", "regex": r"^t?[a-z0-9-]+$"}})
    ended(pact, "POST", "/login", LOGIN.encode(), Content_Type=FORM)

    pact, cover = begun("a cover")
    cover.with_request("GET", "/books/b1/cover").will_respond_with(200).with_binary_body(PNG, "image/png")
    ended(pact, "GET", "/books/b1/cover")

    pact, put = begun("a new cover")
    put.with_request("PUT", "/books/b1/cover").with_binary_body(PNG, "image/png").will_respond_with(204)
    ended(pact, "PUT", "/books/b1/cover", PNG, Content_Type="image/png")

    if not old:
        pact, own = begun("a book by its own id")
        own.given("some book has an id of its own").with_request("GET", "/books/b1")
        own.with_generators({"path": {"type": "ProviderState", "expression": "/books/${id}", "dataType": "STRING"}})
        own.will_respond_with(200)
        own.with_body({"id": match.like("b1", generator=generate.provider_state("${id}")), "title": "Messiah"}, JSON)
        ended(pact, "GET", "/books/b1")


if __name__ == "__main__":
    for each in ("V2", "V3", "V4"):
        written(each, Path(sys.argv[1]))
