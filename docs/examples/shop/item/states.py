"""The states that tests may put the item service into. Its consumers name them in their contracts."""

from __future__ import annotations

from sqlite3 import Connection

from service import Database, provider_states

database = Database("item")


def an_item_is_known(db: Connection, item_id: str = "tea-1", name: str = "Darjeeling, first flush") -> None:
    """An item with this id and name."""
    row = (item_id, name, "tea", "pack", "2026-01-15", 120)
    db.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?)", row)


def an_item_is_unknown(db: Connection, item_id: str = "tea-99") -> None:
    """No item with this id."""
    db.execute("DELETE FROM items WHERE id = ?", (item_id,))


states = provider_states(database, {"an item is known": an_item_is_known, "an item is unknown": an_item_is_unknown})
