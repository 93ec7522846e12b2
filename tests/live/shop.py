"""A service of the shop (``docs/examples/shop``) as a provider of these tests: as it is, or with one bug in it.

    python -m tests.live.shop cart --bug state --data /tmp/data

It prints the port that it listens on. The bugs are put between the service and its answers, so that nothing of the shop
is changed for them; stand-ins answer in the place of its neighbours.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop"
STATES = {
    "accounting": "there is an unpaid invoice",
    "cart": "there is an open cart",
    "catalog": "an item is offered",
    "inventory": "there is a reservation",
    "item": "an item is known",
}
"""The services, and a state of each: tearing it down brings everything back to what the service began with."""


@dataclass
class Answer:
    """What the service answers to a request."""

    asked: str
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def becomes(self, **fields: Any) -> None:
        """Its body with other values in some fields."""
        self.body = json.dumps({**json.loads(self.body), **fields}).encode()
        self.headers[b"content-length"] = str(len(self.body)).encode()


def _another_status(answer: Answer) -> None:
    if answer.asked.startswith("GET /items/") and answer.status == 404:
        answer.status = 410


def _another_content_type(answer: Answer) -> None:
    if answer.asked == "GET /offers" and answer.status == 200:
        answer.headers[b"content-type"] = b"text/html"


def _another_type_in_the_body(answer: Answer) -> None:
    if answer.asked.startswith("GET /reservations/") and answer.status == 200:
        answer.becomes(quantity=str(json.loads(answer.body)["quantity"]))


def _a_cart_that_is_checked_out(answer: Answer) -> None:
    if answer.asked.startswith("GET /carts/") and b'"checked-out"' in answer.body:
        answer.becomes(checked_out_on=True)


def _an_invoice_that_was_written_and_paid(answer: Answer) -> None:
    if answer.asked.startswith("GET /invoices/") and answer.status == 200:
        invoice = json.loads(answer.body)
        if invoice["status"] == "paid" and invoice["number"] != "INV-000002":
            answer.becomes(paid_on="yesterday")


BUGS: dict[tuple[str, str], Callable[[Answer], None]] = {
    ("item", "status"): _another_status,
    ("catalog", "content-type"): _another_content_type,
    ("inventory", "body"): _another_type_in_the_body,
    ("cart", "state"): _a_cart_that_is_checked_out,
    ("accounting", "state"): _an_invoice_that_was_written_and_paid,
}


def spoiled(app: Any, spoil: Callable[[Answer], None]) -> Any:
    """The service with a bug."""

    async def wrong(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        answer = Answer(f"{scope['method']} {scope['path']}", 0, {}, b"")

        async def take(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], dict(message["headers"])
            else:
                answer.body += message.get("body", b"")

        await app(scope, receive, take)
        spoil(answer)
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers.items())})
        await send({"type": "http.response.body", "body": answer.body})

    return wrong


def main() -> None:
    """Serve on a free port until somebody ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("service", choices=STATES)
    parser.add_argument("--bug", default="")
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    os.environ |= {"SHOP_DATA": given.data, "SHOP_STATES": "on"}
    sys.path.insert(0, str(SHOP))
    app: Any = importlib.import_module(f"{given.service}.app").app
    if given.bug:
        app = spoiled(app, BUGS[given.service, given.bug])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        print(listening.getsockname()[1], flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on")).run([listening])


if __name__ == "__main__":
    main()
