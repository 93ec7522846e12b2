"""Item: what the things are that the shop sells, whoever sells them at whatever price. It asks nobody.

``ITEM_VERSION`` chooses which version this process is:

- 1.0.0: the beginning;
- 1.1.0: an item also has a weight, because the cart wants to tell what a parcel weighs.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Body, HTTPException
from pydantic import BaseModel, Field

from item.states import database, states
from service import Category, ItemId, Limit, NoValue, Number, Offset, Wanted, problems, service

app = service("item", "The things that the shop knows.", database, states)

Name = Annotated[str, Field(min_length=1, max_length=80)]
Unit = Literal["piece", "pack"]

if app.version == "1.0.0":

    class Weight(BaseModel):
        """Nothing is known of weights."""

else:

    class Weight(BaseModel):
        """What one of it weighs."""

        weight_grams: Annotated[int, Field(ge=1, le=100_000)]


class Item(Weight):
    """A thing, as everybody in the shop knows it."""

    id: ItemId
    name: Name
    category: Category
    unit: Unit
    added_on: date


class Things(BaseModel):
    """A page of items."""

    items: list[Item]
    total: Annotated[int, Field(ge=0, description="How many there are on all pages")]


class NewItem(Wanted):
    """A thing that the shop shall know."""

    id: ItemId
    name: Name
    category: Category
    unit: Unit = "piece"
    weight_grams: Annotated[int, Field(ge=1, le=100_000), Number] = 500


MUG = {"id": "mug-1", "name": "Glass mug", "category": "cups"}


@app.get("/items", operation_id="list_items", responses=problems())
def list_items(category: Category | NoValue = None, limit: Limit = 50, offset: Offset = 0) -> Things:
    """The items, in the order of their ids."""
    chosen = "FROM items WHERE ? IS NULL OR category = ?"
    with database.open() as db:
        rows = db.execute(f"SELECT * {chosen} ORDER BY id LIMIT ? OFFSET ?", (category, category, limit, offset))
        found = [Item.model_validate(dict(row)) for row in rows]
        (total,) = db.execute(f"SELECT COUNT(*) {chosen}", (category, category)).fetchone()
    return Things(items=found, total=total)


@app.get("/items/{item_id}", operation_id="get_item", responses=problems(404))
def get_item(item_id: ItemId) -> Item:
    """One item."""
    with database.open() as db:
        row = db.execute("SELECT * FROM items WHERE id = ?", (item_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no item {item_id}.")
    return Item.model_validate(dict(row))


@app.post("/items", status_code=201, operation_id="add_item", responses=problems(400, 409))
def add_item(new: Annotated[NewItem, Body(examples=[MUG])]) -> Item:
    """Add an item."""
    with database.open() as db:
        if db.execute("SELECT 1 FROM items WHERE id = ?", (new.id,)).fetchone():
            raise HTTPException(409, f"There is an item {new.id} already.")
        today = date.today().isoformat()
        row = (new.id, new.name, new.category, new.unit, today, new.weight_grams)
        db.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", row)
    return get_item(new.id)
