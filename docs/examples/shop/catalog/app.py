"""Catalog: which items the shop sells, and what they cost. It asks Item what a thing is called. Prices are in cents.

``CATALOG_VERSION`` chooses which version this process is:

- 1.0.0: an offer has a ``price``;
- 2.0.0: ``price`` is now called ``unit_price``. Nobody asked the cart, which reads ``price``;
- 2.1.0: an offer has both, until no consumer reads ``price`` any more.
"""

from __future__ import annotations

from datetime import date
from sqlite3 import Row
from typing import Annotated

from fastapi import Body, HTTPException, Path
from pydantic import BaseModel, Field

from catalog.clients import items
from catalog.states import database, states
from service import Category, Cents, ItemId, Limit, NoValue, Number, Offset, Wanted, neighbour, problems, service

app = service("catalog", "What the shop sells, and at which price.", database, states)
item_service = items(neighbour("item"))


class Listing(BaseModel):
    """What an offer has in every version."""

    item_id: ItemId
    name: str
    category: Category
    since: date


if app.version == "1.0.0":

    class Offer(Listing):
        """One thing to buy."""

        price: Cents

elif app.version == "2.0.0":

    class Offer(Listing):
        """One thing to buy; what was its ``price`` is its ``unit_price``."""

        unit_price: Cents

else:

    class Offer(Listing):
        """One thing to buy; its price has a new name, and the old one for whoever still reads it."""

        unit_price: Cents
        price: Annotated[Cents, Field(deprecated=True)]


class NewPrice(Wanted):
    """What an item shall cost from now on."""

    cents: Annotated[Cents, Number]


def _offer(row: Row) -> Offer:
    return Offer.model_validate({**dict(row), "price": row["cents"], "unit_price": row["cents"]})


@app.get("/offers", operation_id="list_offers", responses=problems())
def list_offers(category: Category | NoValue = None, limit: Limit = 50, offset: Offset = 0) -> list[Offer]:
    """The offers, in the order of their items."""
    with database.open() as db:
        rows = db.execute(
            "SELECT * FROM offers WHERE ? IS NULL OR category = ? ORDER BY item_id LIMIT ? OFFSET ?",
            (category, category, limit, offset),
        )
        return [_offer(row) for row in rows]


@app.get("/offers/{item_id}", operation_id="get_offer", responses=problems(404))
def get_offer(item_id: ItemId) -> Offer:
    """The offer of one item."""
    with database.open() as db:
        row = db.execute("SELECT * FROM offers WHERE item_id = ?", (item_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"The item {item_id} is not offered.")
    return _offer(row)


@app.put("/offers/{item_id}", operation_id="put_offer", responses=problems(400, 409, 503))
def put_offer(
    item_id: Annotated[ItemId, Path(examples=["cup-1"])], new: Annotated[NewPrice, Body(examples=[{"cents": 890}])]
) -> Offer:
    """Offer an item that the item service knows, or change its price."""
    item = item_service.item(item_id)
    with database.open() as db:
        row = (item.id, item.name, item.category, new.cents, date.today().isoformat())
        db.execute("INSERT OR REPLACE INTO offers VALUES (?, ?, ?, ?, ?)", row)
    return get_offer(item_id)
