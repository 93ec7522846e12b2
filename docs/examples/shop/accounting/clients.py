"""Whom the accounting asks: the cart service, for what was bought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from service import Refused, ask


@dataclass(frozen=True)
class Purchase:
    """What the accounting wants to know of a cart; ``bought_on`` None says that nobody has checked it out."""

    customer: str
    total: int
    bought_on: date | None
    lines: tuple[str, ...]


class Carts:
    """The cart service as the accounting uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def purchase(self, cart_id: int) -> Purchase:
        """What is in a cart; Refused (404) if there is none."""
        found = ask("GET", f"{self.url}/carts/{cart_id}")
        bought_on = date.fromisoformat(found["checked_out_on"]) if found["status"] == "checked-out" else None
        lines = tuple(f"{line['quantity']} x {line['name']}" for line in found["lines"])
        return Purchase(found["customer"], found["total"], bought_on, lines)


class CartsAlone(Carts):
    """Stands in for the cart service where the accounting runs alone."""

    def purchase(self, cart_id: int) -> Purchase:
        if cart_id != 4:
            raise Refused(404, f"There is no cart {cart_id}.")
        return Purchase("Grace", 4900, date(2026, 3, 31), ("1 x Cast-iron teapot",))


def carts(url: str | None) -> Carts:
    """The cart service, or its stand-in."""
    return Carts(url) if url else CartsAlone("")
