"""What the cart service takes and gives, in each of its versions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service import Cents, ItemId, Number, Wanted, version

CartId = Annotated[int, Field(ge=1, le=1_000_000_000)]
Customer = Annotated[str, Field(min_length=1, max_length=60)]
Quantity = Annotated[int, Field(ge=1, le=100)]


class Suggestion(BaseModel):
    """Something that may go into a cart."""

    item_id: ItemId
    name: str
    price: Cents


class Line(Suggestion):
    """Some of one item, at the price that it had."""

    quantity: Quantity


class Contents(BaseModel):
    """What a cart has in every version."""

    cart_id: CartId
    customer: Customer
    status: Literal["open", "checked-out"]
    checked_out_on: date | None
    lines: list[Line]
    total: Annotated[int, Field(ge=0, description="In cents")]


if version("cart") == "1.0.0":

    class Cart(Contents):
        """What somebody is about to buy, or has bought."""

else:

    class Cart(Contents):
        """What somebody is about to buy, or has bought, and what it weighs."""

        weight_grams: Annotated[int, Field(ge=0)]


class NewCart(Wanted):
    """Who is about to buy."""

    customer: Customer


class NewLine(Wanted):
    """What shall go into a cart."""

    item_id: ItemId
    quantity: Annotated[Quantity, Number]
