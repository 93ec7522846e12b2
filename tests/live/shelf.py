"""A provider for the tests of replays: books on shelves, in SQLite. Its process prints its port.

What stands in the table ``bug`` is done wrong, so that a test can plant one bug after another in one running process.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)
TOKEN = "Bearer real-canary-5f1c"


def opened(database: Path | str) -> sqlite3.Connection:
    """The database, with its tables."""
    connection = sqlite3.connect(database, timeout=10)
    connection.execute("create table if not exists book (id text primary key, title text, author text)")
    connection.execute("create table if not exists bug (name text)")
    return connection


def plant(database: Path, *names: str) -> None:
    """From now on these things are done wrong, and no others."""
    with closing(opened(database)) as connection, connection:
        connection.execute("delete from bug")
        connection.executemany("insert into bug values (?)", [(name,) for name in names])


class Shelf(BaseHTTPRequestHandler):
    """Answers."""

    protocol_version = "HTTP/1.1"
    database = ""

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def bug(self, name: str) -> bool:
        with closing(opened(self.database)) as connection:
            return connection.execute("select 1 from bug where name = ?", (name,)).fetchone() is not None

    def books(self, where: str = "", *values: str) -> list[dict[str, Any]]:
        with closing(opened(self.database)) as connection:
            rows = connection.execute(f"select id, title, author from book {where} order by id", values)  # noqa: S608
            return [self.book(*row) for row in rows]

    def book(self, own: str, title: str, author: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": 77 if self.bug("own-id") else own,
            "title": 7 if self.bug("like") else title,
            "author": author,
            "isbn": "none" if self.bug("regex") else "978-0441013593",
            "tags": ["desert", 5] if self.bug("eachLike") else ["desert", "spice", "worms"],
            "published": "1st of August" if self.bug("date") else "1965-08-01",
            "seen": "yesterday" if self.bug("datetime") else "2024-02-29T12:30:00",
            "pages": 412.5 if self.bug("integer") else 412,
            "kind": "scroll" if self.bug("equality") else "book",
        }
        if self.bug("missing"):
            del found["author"]
        return found

    def answer(self, status: int, body: bytes = b"", content_type: str = "", **headers: str) -> None:
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say(self, value: Any, status: int = 200, **headers: str) -> None:
        kind = "text/html" if self.bug("content-type") else "application/json"
        self.answer(status, json.dumps(value).encode(), kind, **headers)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        steps = [unquote(step) for step in parts.path.strip("/").split("/")]
        if self.bug("die"):
            os._exit(3)
        if self.bug("hang") and steps != [""]:
            time.sleep(60)
        if self.bug("hang everywhere"):
            time.sleep(60)
        if self.bug("close") and steps != [""]:
            self.close_connection = True
            return
        if self.bug("endless"):
            self.endless()
        elif steps == ["me"]:
            self.me()
        elif steps == ["books"]:
            self.listed(parse_qs(parts.query))
        elif steps[-1] == "cover":
            cover = b"GIF89a not a png" if self.bug("binary") else PNG
            self.answer(200, cover, "image/gif" if self.bug("binary") else "image/png")
        else:
            found = self.books("where id = ?", "b1" if self.bug("own") else steps[-1])
            status = 200 if self.bug("not-found") else 404
            revision = "none" if self.bug("header") else "7"
            if found:
                self.say(found[0], 203 if self.bug("status") else 200, X_Revision=revision)
            else:
                self.say({"error": "no such book"}, status)

    def do_HEAD(self) -> None:
        if self.bug("hang everywhere"):
            time.sleep(60)
        self.answer(404)

    def me(self) -> None:
        given = self.headers.get("Authorization", "")
        if given == TOKEN:
            self.say({"name": "ann"})
        else:
            self.say({"error": f"not {given}"}, 401)

    def listed(self, query: dict[str, list[str]]) -> None:
        if self.bug("query") or query.get("page") != ["1"]:
            self.say({"error": "which page?"}, 400)
        else:
            books = self.books("where author = ?", *query["author"][:1])
            self.say([] if self.bug("empty") else books)

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 65_536)
        except OSError:
            self.close_connection = True

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_POST(self) -> None:
        body = self.body()
        if self.path == "/login":
            given = parse_qs(body.decode())
            wrong = given != {"user": ["ann lee"], "scope": ["read", "write"]}
            if wrong:
                self.say({"error": "who?"}, 403)
            else:
                said = b"token=&scope=read" if self.bug("form") else b"token=t-123&scope=read"
                self.answer(200, said, "application/x-www-form-urlencoded")
            return
        title = json.loads(body)["title"]
        place = "nowhere" if self.bug("location") else "/books/b9"
        self.say({"id": "b9", "title": title}, 201, Location=place)

    def do_PUT(self) -> None:
        self.answer(204 if self.body() == PNG and not self.bug("put") else 415)


def main() -> None:
    """Serve until ended."""
    Shelf.database = sys.argv[1]
    opened(Shelf.database).close()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
