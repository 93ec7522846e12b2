"""The states that tests may put the accounting into. Nobody asks it yet, so they are for tests by hand."""

from __future__ import annotations

from sqlite3 import Connection

from service import Database, provider_states

database = Database("accounting")


def an_unpaid_invoice(db: Connection, serial: int = 1, total: int = 1980) -> None:
    """An invoice that nobody has paid."""
    row = (serial, 900_000 + serial, "Ada", "2 x Sencha", total, "2026-02-14", None)
    db.execute("INSERT OR REPLACE INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?)", row)


states = provider_states(database, {"there is an unpaid invoice": an_unpaid_invoice})
