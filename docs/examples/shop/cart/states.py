"""The states that tests may put the cart service into. Its consumers name them in their contracts."""

from __future__ import annotations

from sqlite3 import Connection

from service import Database, provider_states

database = Database("cart")


def an_open_cart(db: Connection, cart_id: int = 1) -> None:
    """A cart that nobody has checked out, with one line."""
    _put(db, cart_id, None)


def a_cart_that_is_checked_out(db: Connection, cart_id: int = 1, on: str = "2026-03-31") -> None:
    """A cart with one line that was checked out on a day."""
    _put(db, cart_id, on)


def no_such_cart(db: Connection, cart_id: int = 404) -> None:
    """No cart with this number."""
    db.execute("DELETE FROM lines WHERE cart_id = ?", (cart_id,))
    db.execute("DELETE FROM carts WHERE cart_id = ?", (cart_id,))


def _put(db: Connection, cart_id: int, checked_out_on: str | None) -> None:
    no_such_cart(db, cart_id)
    db.execute("INSERT INTO carts VALUES (?, ?, ?)", (cart_id, "Ada", checked_out_on))
    row = (cart_id, "tea-1", "Darjeeling, first flush", 2, 1250, 1, 240)
    db.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)", row)


states = provider_states(
    database,
    {
        "there is an open cart": an_open_cart,
        "a cart is checked out": a_cart_that_is_checked_out,
        "there is no such cart": no_such_cart,
    },
)
