"""Accounting: the invoices for what people have bought. It asks Cart what that was."""

from __future__ import annotations

from datetime import date
from sqlite3 import Row
from typing import Annotated, Literal

from fastapi import Body, HTTPException
from pydantic import BaseModel, Field

from accounting.clients import carts
from accounting.states import database, states
from service import Cents, Day, Limit, NoValue, Number, Offset, Wanted, neighbour, problems, service

app = service("accounting", "The invoices for what people have bought.", database, states)
cart_service = carts(neighbour("cart"))

InvoiceNumber = Annotated[str, Field(pattern=r"^INV-[0-9]{6}$", examples=["INV-000001"])]
Status = Literal["open", "paid"]


class Invoice(BaseModel):
    """What somebody has to pay."""

    number: InvoiceNumber
    cart_id: int
    customer: str
    text: str
    total: Cents
    bought_on: date
    status: Status
    paid_on: date | None


class NewInvoice(Wanted):
    """The cart that is to be paid."""

    cart_id: Annotated[int, Field(ge=1, le=1_000_000_000), Number]


class Payment(Wanted):
    """When the money came."""

    paid_on: Day


def _invoice(row: Row) -> Invoice:
    status = "paid" if row["paid_on"] else "open"
    return Invoice.model_validate({**dict(row), "number": f"INV-{row['serial']:06}", "status": status})


@app.get("/invoices", operation_id="list_invoices", responses=problems())
def list_invoices(
    status: Status | NoValue = None,
    since: Annotated[Day, Field(examples=["2026-02-01"])] | NoValue = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> list[Invoice]:
    """The invoices for what was bought since a day, the newest first."""
    first = since.isoformat() if since else ""
    with database.open() as db:
        rows = db.execute(
            "SELECT * FROM invoices WHERE bought_on >= ? AND (? IS NULL OR (paid_on IS NOT NULL) = (? = 'paid')) "
            "ORDER BY serial DESC LIMIT ? OFFSET ?",
            (first, status, status, limit, offset),
        )
        return [_invoice(row) for row in rows]


@app.get("/invoices/{number}", operation_id="get_invoice", responses=problems(404))
def get_invoice(number: InvoiceNumber) -> Invoice:
    """One invoice."""
    with database.open() as db:
        row = db.execute("SELECT * FROM invoices WHERE serial = ?", (int(number[4:]),)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no invoice {number}.")
    return _invoice(row)


@app.post("/invoices", status_code=201, operation_id="write_invoice", responses=problems(400, 409, 503))
def write_invoice(new: Annotated[NewInvoice, Body(examples=[{"cart_id": 4}])]) -> Invoice:
    """Write the invoice for a cart that is checked out."""
    bought = cart_service.purchase(new.cart_id)
    if bought.bought_on is None:
        raise HTTPException(409, f"The cart {new.cart_id} is not checked out.")
    row = (new.cart_id, bought.customer, ", ".join(bought.lines), bought.total, bought.bought_on.isoformat())
    with database.open() as db:
        if db.execute("SELECT 1 FROM invoices WHERE cart_id = ?", (new.cart_id,)).fetchone():
            raise HTTPException(409, f"The cart {new.cart_id} has an invoice.")
        made = db.execute(
            "INSERT INTO invoices (cart_id, customer, text, total, bought_on) VALUES (?, ?, ?, ?, ?)", row
        )
    return get_invoice(f"INV-{made.lastrowid:06}")


@app.put("/invoices/{number}/payment", operation_id="pay", responses=problems(400, 404))
def pay(number: InvoiceNumber, payment: Annotated[Payment, Body(examples=[{"paid_on": "2026-04-02"}])]) -> Invoice:
    """Write down when an invoice was paid."""
    found = get_invoice(number)
    with database.open() as db:
        db.execute(
            "UPDATE invoices SET paid_on = ? WHERE serial = ?", (payment.paid_on.isoformat(), int(found.number[4:]))
        )
    return get_invoice(number)
