"""The inventory: how many of each item are left, and who has reserved some of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

VERSION = "1.0.0"
ItemId = Annotated[str, Field(max_length=40)]


class Stock(BaseModel):
    """How many of an item can still be reserved."""

    item_id: ItemId
    available: Annotated[int, Field(ge=0)]


class Wish(BaseModel):
    """What somebody wants to reserve."""

    item_id: ItemId
    quantity: Annotated[int, Field(ge=1, le=100)]


class Reservation(Wish):
    """What is kept for somebody."""

    reservation: Annotated[int, Field(ge=1, description="The number to show at the counter")]


class Problem(BaseModel):
    """Why a request was not answered."""

    detail: str


available = {"tea-1": 12, "tea-2": 0, "pot-1": 3}
reservations: list[Reservation] = []

app = FastAPI(title="inventory", version=VERSION, description="What is left of each item of the shop.")


@app.exception_handler(RequestValidationError)
def say_what_is_wrong(_request: Request, error: RequestValidationError) -> JSONResponse:
    """A request that does not fit is answered like any other problem."""
    fault = error.errors()[0]
    return JSONResponse({"detail": f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"}, status_code=422)


# Named here: Python itself has changed its words for 422, and a spec should not change with that.
MISFIT: dict[str, Any] = {"model": Problem, "description": "The request does not fit"}


@app.get("/stock/{item_id}", operation_id="get_stock", responses={404: {"model": Problem}, 422: MISFIT})
def get_stock(item_id: Annotated[str, Path(max_length=40)]) -> Stock:
    """What is left of one item."""
    if item_id not in available:
        raise HTTPException(404, f"There is no item {item_id}.")
    return Stock(item_id=item_id, available=available[item_id])


@app.post(
    "/reservations",
    status_code=201,
    operation_id="reserve",
    responses={404: {"model": Problem}, 409: {"model": Problem}, 422: MISFIT},
)
def reserve(wish: Wish) -> Reservation:
    """Keep some of an item for somebody."""
    if wish.item_id not in available:
        raise HTTPException(404, f"There is no item {wish.item_id}.")
    if wish.quantity > available[wish.item_id]:
        raise HTTPException(409, f"Only {available[wish.item_id]} of {wish.item_id} are left.")
    available[wish.item_id] -= wish.quantity
    kept = Reservation(item_id=wish.item_id, quantity=wish.quantity, reservation=len(reservations) + 1)
    reservations.append(kept)
    return kept
