"""Inventory: how much of each item is left, and who has reserved some. It asks Item in which unit one counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Body, HTTPException, Path, Response
from pydantic import BaseModel, Field

from inventory.clients import items
from inventory.states import database, states
from service import ItemId, Limit, Number, Offset, Wanted, neighbour, problems, service

app = service("inventory", "What is left of each item.", database, states)
item_service = items(neighbour("item"))

Quantity = Annotated[int, Field(ge=1, le=100)]
Available = Annotated[int, Field(ge=0, le=1_000_000)]
Receipt = Annotated[int, Field(ge=1, le=1_000_000_000, description="The number to show at the counter")]


class Stock(BaseModel):
    """How much of an item can still be reserved."""

    item_id: ItemId
    unit: Literal["piece", "pack"]
    available: Annotated[int, Field(ge=0)]


class Count(Wanted):
    """What somebody has counted."""

    available: Annotated[Available, Number]


class Wish(Wanted):
    """What somebody wants to reserve."""

    item_id: ItemId
    quantity: Annotated[Quantity, Number]


class Reservation(BaseModel):
    """What is kept for somebody."""

    number: Receipt
    item_id: ItemId
    quantity: Quantity
    reserved_at: datetime


@app.get("/stock", operation_id="list_stock", responses=problems())
def list_stock(limit: Limit = 50, offset: Offset = 0) -> list[Stock]:
    """What is left of everything."""
    with database.open() as db:
        rows = db.execute("SELECT * FROM stock ORDER BY item_id LIMIT ? OFFSET ?", (limit, offset))
        return [Stock.model_validate(dict(row)) for row in rows]


@app.get("/stock/{item_id}", operation_id="get_stock", responses=problems(404))
def get_stock(item_id: ItemId) -> Stock:
    """What is left of one item."""
    with database.open() as db:
        row = db.execute("SELECT * FROM stock WHERE item_id = ?", (item_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"The item {item_id} is not kept here.")
    return Stock.model_validate(dict(row))


@app.put("/stock/{item_id}", operation_id="count_stock", responses=problems(400, 409, 503))
def count_stock(
    item_id: Annotated[ItemId, Path(examples=["cup-1"])], count: Annotated[Count, Body(examples=[{"available": 40}])]
) -> Stock:
    """Write down what was counted, of an item that the item service knows."""
    unit = item_service.unit(item_id)
    with database.open() as db:
        db.execute("INSERT OR REPLACE INTO stock VALUES (?, ?, ?)", (item_id, unit, count.available))
    return get_stock(item_id)


@app.post("/reservations", status_code=201, operation_id="reserve", responses=problems(400, 404, 409))
def reserve(wish: Annotated[Wish, Body(examples=[{"item_id": "tea-1", "quantity": 2}])]) -> Reservation:
    """Keep some of an item for somebody."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with database.open() as db:
        row = db.execute("SELECT available FROM stock WHERE item_id = ?", (wish.item_id,)).fetchone()
        if row is None:
            raise HTTPException(404, f"The item {wish.item_id} is not kept here.")
        if wish.quantity > row["available"]:
            raise HTTPException(409, f"Only {row['available']} of {wish.item_id} are left.")
        db.execute("UPDATE stock SET available = available - ? WHERE item_id = ?", (wish.quantity, wish.item_id))
        kept = db.execute(
            "INSERT INTO reservations (item_id, quantity, reserved_at) VALUES (?, ?, ?)",
            (wish.item_id, wish.quantity, now),
        )
    return get_reservation(kept.lastrowid or 0)


@app.get("/reservations/{number}", operation_id="get_reservation", responses=problems(404))
def get_reservation(number: Annotated[Receipt, Path(examples=[1])]) -> Reservation:
    """One reservation."""
    with database.open() as db:
        row = db.execute("SELECT * FROM reservations WHERE number = ?", (number,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no reservation {number}.")
    return Reservation.model_validate(dict(row))


@app.delete("/reservations/{number}", status_code=204, operation_id="release", responses=problems(404))
def release(number: Annotated[Receipt, Path(examples=[2])]) -> Response:
    """Put back what was kept for somebody."""
    with database.open() as db:
        row = db.execute("DELETE FROM reservations WHERE number = ? RETURNING item_id, quantity", (number,)).fetchone()
        if row is None:
            raise HTTPException(404, f"There is no reservation {number}.")
        db.execute("UPDATE stock SET available = available + ? WHERE item_id = ?", (row["quantity"], row["item_id"]))
    return Response(status_code=204)
