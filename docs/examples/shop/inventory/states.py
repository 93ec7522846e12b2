"""The states that tests may put the inventory into. Its consumers name them in their contracts."""

from __future__ import annotations

from sqlite3 import Connection

from service import Database, provider_states

database = Database("inventory")


def so_many_are_left(db: Connection, item_id: str = "tea-1", available: int = 12) -> None:
    """So many of an item can be reserved; 0 says that it is sold out."""
    db.execute("INSERT OR REPLACE INTO stock VALUES (?, ?, ?)", (item_id, "pack", available))


def a_reservation(db: Connection, number: int = 1, item_id: str = "tea-1", quantity: int = 2) -> None:
    """A reservation with this number."""
    so_many_are_left(db, item_id)
    row = (number, item_id, quantity, "2026-03-31T09:30:00Z")
    db.execute("INSERT OR REPLACE INTO reservations VALUES (?, ?, ?, ?)", row)


states = provider_states(
    database, {"so many of an item are left": so_many_are_left, "there is a reservation": a_reservation}
)
