"""The cart: a consumer of the catalog and the inventory. It reads a price, looks for stock and reserves it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx


class NotSold(Exception):
    """The catalog has no such item."""


class SoldOut(Exception):
    """The inventory has not enough of an item."""


@dataclass(frozen=True)
class Item:
    """What the cart wants to know of an item: a part of what the catalog says."""

    id: str
    name: str
    price: int


@dataclass(frozen=True)
class Line:
    """One line of a cart."""

    item: Item
    quantity: int
    reservation: int

    @property
    def total(self) -> int:
        """What the line costs, in cents."""
        return self.item.price * self.quantity


class Catalog:
    """The catalog as the cart uses it."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers={"Accept": "application/json"})

    def item(self, item_id: str) -> Item:
        """One item; NotSold if there is none."""
        answer = self.http.get(f"/items/{item_id}")
        if answer.status_code == 404:
            raise NotSold(answer.json()["detail"])
        found = answer.raise_for_status().json()
        return Item(found["id"], found["name"], found["price"])

    def items(self, category: str) -> list[Item]:
        """The items of a category."""
        found = self.http.get("/items", params={"category": category}).raise_for_status().json()
        return [Item(entry["id"], entry["name"], entry["price"]) for entry in found]


class Inventory:
    """The inventory as the cart uses it."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers={"Accept": "application/json"})

    def available(self, item_id: str) -> int:
        """How many of an item are left."""
        return int(self.http.get(f"/stock/{item_id}").raise_for_status().json()["available"])

    def reserve(self, item_id: str, quantity: int) -> int:
        """The number of a new reservation; SoldOut if there are not enough."""
        answer = self.http.post("/reservations", json={"item_id": item_id, "quantity": quantity})
        if answer.status_code == 409:
            raise SoldOut(answer.json()["detail"])
        return int(answer.raise_for_status().json()["reservation"])


def put(catalog: Catalog, inventory: Inventory, item_id: str, quantity: int) -> Line:
    """Put some of an item into the cart: it is priced and reserved."""
    item = catalog.item(item_id)
    return Line(item, quantity, inventory.reserve(item_id, quantity))
