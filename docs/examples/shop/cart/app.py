"""Cart: what somebody is about to buy. It asks Catalog for prices, Inventory for reservations, and Item for weights.

``CART_VERSION`` chooses which version this process is:

- 1.0.0: a cart has lines and a total;
- 1.1.0: it also says what the parcel will weigh. For that it reads ``weight_grams``, which Item has since its 1.1.0.
"""

from __future__ import annotations

from datetime import date
from sqlite3 import Connection
from typing import Annotated, Any

from fastapi import Body, HTTPException, Path, Response

from cart.clients import neighbours
from cart.models import Cart, CartId, NewCart, NewLine, Suggestion
from cart.states import database, states
from service import Category, neighbour, problems, service

app = service("cart", "What people are about to buy.", database, states)
catalog, inventory, item_service = neighbours(neighbour("catalog"), neighbour("inventory"), neighbour("item"))


def _read(db: Connection, cart_id: int) -> dict[str, Any]:
    row = db.execute("SELECT * FROM carts WHERE cart_id = ?", (cart_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no cart {cart_id}.")
    lines = [dict(line) for line in db.execute("SELECT * FROM lines WHERE cart_id = ?", (cart_id,))]
    return {
        **dict(row),
        "status": "checked-out" if row["checked_out_on"] else "open",
        "lines": lines,
        "total": sum(line["quantity"] * line["price"] for line in lines),
        "weight_grams": sum(line["weight_grams"] for line in lines),
    }


def _read_open(db: Connection, cart_id: int) -> dict[str, Any]:
    found = _read(db, cart_id)
    if found["status"] != "open":
        raise HTTPException(409, f"The cart {cart_id} is checked out.")
    return found


@app.get("/suggestions/{category}", operation_id="suggest", responses=problems(503))
def suggest(category: Annotated[Category, Path(examples=["tea"])]) -> list[Suggestion]:
    """What one might buy, as the catalog offers it."""
    return [Suggestion(item_id=one.item_id, name=one.name, price=one.price) for one in catalog.offers(category)]


@app.post("/carts", status_code=201, operation_id="open_cart", responses=problems(400))
def open_cart(new: Annotated[NewCart, Body(examples=[{"customer": "Ada"}])]) -> Cart:
    """Take an empty cart."""
    with database.open() as db:
        made = db.execute("INSERT INTO carts (customer) VALUES (?)", (new.customer,))
        return Cart.model_validate(_read(db, made.lastrowid or 0))


@app.get("/carts/{cart_id}", operation_id="get_cart", responses=problems(404))
def get_cart(cart_id: Annotated[CartId, Path(examples=[1])]) -> Cart:
    """One cart."""
    with database.open() as db:
        return Cart.model_validate(_read(db, cart_id))


@app.post("/carts/{cart_id}/lines", status_code=201, operation_id="add_line", responses=problems(400, 404, 409, 503))
def add_line(
    cart_id: Annotated[CartId, Path(examples=[1])],
    new: Annotated[NewLine, Body(examples=[{"item_id": "tea-1", "quantity": 2}])],
) -> Cart:
    """Put something into a cart: it is priced and reserved."""
    with database.open() as db:
        _read_open(db, cart_id)
    offer = catalog.offer(new.item_id)
    weight = 0 if app.version == "1.0.0" else item_service.weight(new.item_id) * new.quantity
    reservation = inventory.reserve(new.item_id, new.quantity)
    with database.open() as db:
        row = (cart_id, offer.item_id, offer.name, new.quantity, offer.price, reservation, weight)
        db.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return Cart.model_validate(_read(db, cart_id))


@app.put("/carts/{cart_id}/checkout", operation_id="check_out", responses=problems(404, 409))
def check_out(cart_id: Annotated[CartId, Path(examples=[2])]) -> Cart:
    """Buy what is in a cart. Doing it twice changes nothing."""
    with database.open() as db:
        if not _read(db, cart_id)["lines"]:
            raise HTTPException(409, f"The cart {cart_id} is empty.")
        db.execute(
            "UPDATE carts SET checked_out_on = COALESCE(checked_out_on, ?) WHERE cart_id = ?",
            (date.today().isoformat(), cart_id),
        )
        return Cart.model_validate(_read(db, cart_id))


@app.delete("/carts/{cart_id}", status_code=204, operation_id="abandon", responses=problems(404, 409, 503))
def abandon(cart_id: Annotated[CartId, Path(examples=[3])]) -> Response:
    """Leave a cart behind: what was reserved goes back."""
    with database.open() as db:
        lines = _read_open(db, cart_id)["lines"]
        db.execute("DELETE FROM lines WHERE cart_id = ?", (cart_id,))
        db.execute("DELETE FROM carts WHERE cart_id = ?", (cart_id,))
    for line in lines:
        inventory.release(line["reservation"])
    return Response(status_code=204)
