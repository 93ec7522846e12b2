"""The states that tests may put the catalog into. Its consumers name them in their contracts."""

from __future__ import annotations

from sqlite3 import Connection

from service import Database, provider_states

database = Database("catalog")


def an_item_is_offered(db: Connection, item_id: str = "tea-1", cents: int = 1250) -> None:
    """An offer of this item, at this price."""
    row = (item_id, "Darjeeling, first flush", "tea", cents, "2026-03-01")
    db.execute("INSERT OR REPLACE INTO offers VALUES (?, ?, ?, ?, ?)", row)


def an_item_is_not_offered(db: Connection, item_id: str = "tea-99") -> None:
    """No offer of this item."""
    db.execute("DELETE FROM offers WHERE item_id = ?", (item_id,))


states = provider_states(
    database, {"an item is offered": an_item_is_offered, "an item is not offered": an_item_is_not_offered}
)
