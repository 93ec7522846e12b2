"""The catalog: which items the shop sells, and what they cost. Prices are in cents.

``CATALOG_VERSION`` chooses which version of the service this process is:

- 1.0.0: an item has a ``price``;
- 2.0.0: ``price`` is now called ``unit_price``. Nobody asked the cart, which reads ``price``;
- 2.1.0: an item has both, until no consumer reads ``price`` any more.
"""

from __future__ import annotations

import os
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

VERSION = os.environ.get("CATALOG_VERSION", "1.0.0")
Cents = Annotated[int, Field(ge=0, description="An amount in cents")]


class Listing(BaseModel):
    """What every version of an item has."""

    id: str = Field(description="The number of the item in the shop")
    name: str
    category: str


if VERSION == "1.0.0":

    class Item(Listing):
        """One thing to buy."""

        price: Cents

elif VERSION == "2.0.0":

    class Item(Listing):
        """One thing to buy; what was its ``price`` is its ``unit_price``."""

        unit_price: Cents

elif VERSION == "2.1.0":

    class Item(Listing):
        """One thing to buy; its price has a new name, and the old one for whoever still reads it."""

        unit_price: Cents
        price: Annotated[Cents, Field(deprecated=True)]

else:
    raise SystemExit(f"There is no catalog {VERSION}. CATALOG_VERSION is 1.0.0, 2.0.0 or 2.1.0.")


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str


STOREROOM = [
    {"id": "tea-1", "name": "Darjeeling, first flush", "category": "tea", "price": 1250, "unit_price": 1250},
    {"id": "tea-2", "name": "Sencha", "category": "tea", "price": 990, "unit_price": 990},
    {"id": "pot-1", "name": "Cast-iron teapot", "category": "pots", "price": 4900, "unit_price": 4900},
]

app = FastAPI(title="catalog", version=VERSION, description="The items of the shop and their prices.")


@app.exception_handler(RequestValidationError)
def say_what_is_wrong(_request: Request, error: RequestValidationError) -> JSONResponse:
    """A request that does not fit is answered like any other problem."""
    fault = error.errors()[0]
    return JSONResponse({"detail": f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"}, status_code=422)


# Named here: Python itself has changed its words for 422, and a spec should not change with that.
MISFIT: dict[str, Any] = {"model": Problem, "description": "The request does not fit"}


@app.get("/items", operation_id="list_items", responses={422: MISFIT})
def list_items(
    category: Annotated[str | None, Query(description="Only items of this category")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[Item]:
    """The items of the shop."""
    found = [entry for entry in STOREROOM if category is None or entry["category"] == category]
    return [Item.model_validate(entry) for entry in found[:limit]]


@app.get(
    "/items/{item_id}",
    operation_id="get_item",
    responses={404: {"model": Problem}, 422: MISFIT},
)
def get_item(item_id: Annotated[str, Path(max_length=40)]) -> Item:
    """One item."""
    for entry in STOREROOM:
        if entry["id"] == item_id:
            return Item.model_validate(entry)
    raise HTTPException(404, f"There is no item {item_id}.")
