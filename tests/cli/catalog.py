"""A catalog as a service, for tests of the command line: ``catalog.py PORT [MODE]``, in plain Python, to start at once.

It prints each request with its headers, as services do that log too much. ``POST /states`` sets what is sold. Modes are
ways to be wrong: ``price`` (its type), ``hang``, ``die``, ``die-later`` (when its state is to be
set), ``deaf`` (then it hangs), ``flood`` (its log), ``flood-and-die``, ``children``, ``children-and-die``,
``sick`` (never healthy), ``echo`` (answers repeat the headers of a request), ``leaky`` (the id does, and there is a
cookie), ``repeating`` (the id does), ``private`` (asks for CATALOG_TOKEN).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODE = sys.argv[2] if len(sys.argv) > 2 else ""
COOKIE = "canary-cookie-of-the-catalog"
SOLD: dict[str, dict[str, Any]] = {"1": {"id": "1", "price": 5}}

PRICE = {
    "type": "object",
    "required": ["id", "price"],
    "properties": {"id": {"type": "string"}, "price": {"type": "number"}},
}
SPEC = {
    "openapi": "3.0.3",
    "info": {"title": "catalog", "version": "1"},
    "paths": {
        "/items": {
            "get": {
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {"application/json": {"schema": {"type": "array", "items": PRICE}}},
                    }
                }
            }
        },
        "/items/{id}": {
            "get": {
                "operationId": "oneItem",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "1"}
                ],
                "responses": {
                    "200": {"description": "one", "content": {"application/json": {"schema": PRICE}}},
                    "404": {"description": "none"},
                },
            }
        },
    },
}
"""What it promises."""


def pact(consumer: str, price: float = 5, *, state: str = "", path: str = "/items/1", **more: Any) -> dict[str, Any]:
    """What a consumer relies on: the price of an item, of any value."""
    body = {"id": path.rpartition("/")[2], "price": price}
    rules = {"body": {"$": {"matchers": [{"match": "type"}]}, "$.price": {"matchers": [{"match": "type"}]}}}
    answer = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body, "matchingRules": rules}
    one = {"description": f"the item {path}", "request": {"method": "GET", "path": path}, "response": answer}
    if state:
        one["providerStates"] = [{"name": state, "params": {"id": "7", "price": 9}}]
    return {
        "consumer": {"name": consumer},
        "provider": {"name": "catalog"},
        "interactions": [one],
        "metadata": {"pactSpecification": {"version": "3.0.0"}, **more},
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        print(self.command, self.path, dict(self.headers), flush=True)
        if MODE == "sick" or (self.path == "/health" and MODE == "private"):
            self.answer(503 if MODE == "sick" else 200, None)
        elif self.path == "/health":
            self.answer(200, None)
        elif MODE == "hang":
            time.sleep(600)
        elif MODE.endswith("die"):
            os._exit(3)
        elif MODE == "private" and self.headers["Authorization"] != f"Bearer {os.environ['CATALOG_TOKEN']}":
            self.answer(401, {"asked": self.headers["Authorization"]})
        elif self.path.partition("?")[0] == "/items":
            self.answer(200, [shown(item) for item in SOLD.values()])
        elif self.path.startswith("/items/") and (found := SOLD.get(self.path.rpartition("/")[2])):
            told = {
                "echo": {"price": str(self.headers)},
                "leaky": {"id": f"{self.headers} {COOKIE}"},
                "repeating": {"id": f"{self.headers}"},
            }
            self.answer(200, shown(found) | told.get(MODE, {}))
        else:
            self.answer(404, None)

    do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the library's names

    def do_POST(self) -> None:
        change = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if MODE == "die-later":
            os._exit(3)
        if MODE == "deaf":
            time.sleep(600)
        if change["state"] != "it is sold":
            self.answer(404, {"unknown": change["state"]})
            return
        item = change.get("params") or {"id": "1", "price": 5}
        if change["action"] == "setup":
            SOLD[item["id"]] = item
        elif item["id"] != "1":
            SOLD.pop(item["id"], None)
        self.answer(200, {})

    def answer(self, status: int, value: Any) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if MODE == "leaky":
            self.send_header("Set-Cookie", f"sid={COOKIE}; Path=/")
        if value is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Requests are printed already."""


def shown(item: dict[str, Any]) -> dict[str, Any]:
    """An item as it is answered."""
    return {**item, "price": str(item["price"])} if MODE == "price" else item


def main() -> None:
    """Serve until somebody ends it."""
    if MODE.startswith("flood"):
        for line in range(200_000):
            print(f"{line}: nothing of interest happened, and it is told at length")
    if MODE.startswith("children"):
        detached = "import os, time; os.setsid(); time.sleep(600)"
        subprocess.Popen([sys.executable, "-c", detached, *sys.argv[3:]])
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
