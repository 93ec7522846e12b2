"""Whom the cart asks: the catalog for prices, the inventory for reservations and, from 1.1.0 on, Item for weights.

Each class is a whole client, small on purpose: what it reads of an answer is what the cart relies on, and the consumer
tests put exactly that into the contract.
"""

from __future__ import annotations

from dataclasses import dataclass

from service import Refused, ask


@dataclass(frozen=True)
class Offer:
    """What the cart wants to know of an offer: a part of what the catalog says."""

    item_id: str
    name: str
    price: int


class Catalog:
    """The catalog as the cart uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def offer(self, item_id: str) -> Offer:
        """The offer of one item; Refused (404) if it is not sold."""
        found = ask("GET", f"{self.url}/offers/{item_id}")
        return Offer(found["item_id"], found["name"], found["price"])

    def offers(self, category: str) -> list[Offer]:
        """The offers of a category."""
        found = ask("GET", f"{self.url}/offers?category={category}")
        return [Offer(one["item_id"], one["name"], one["price"]) for one in found]


class Inventory:
    """The inventory as the cart uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def reserve(self, item_id: str, quantity: int) -> int:
        """The number of a new reservation; Refused (409) if there is not enough left."""
        kept = ask("POST", f"{self.url}/reservations", {"item_id": item_id, "quantity": quantity})
        return int(kept["number"])

    def release(self, reservation: int) -> None:
        """Give a reservation back; one that is gone is no trouble."""
        try:
            ask("DELETE", f"{self.url}/reservations/{reservation}")
        except Refused as refused:
            if refused.status != 404:
                raise


class Items:
    """The item service as the cart uses it, from cart 1.1.0 on."""

    def __init__(self, url: str) -> None:
        self.url = url

    def weight(self, item_id: str) -> int:
        """What one of an item weighs, in grams."""
        return int(ask("GET", f"{self.url}/items/{item_id}")["weight_grams"])


# --- Stand-ins, for a cart that runs alone.


class CatalogAlone(Catalog):
    """Offers one thing."""

    def offer(self, item_id: str) -> Offer:
        if item_id != "tea-1":
            raise Refused(404, f"The item {item_id} is not offered.")
        return Offer("tea-1", "Darjeeling, first flush", 1250)

    def offers(self, category: str) -> list[Offer]:
        return [self.offer("tea-1")] if category == "tea" else []


class InventoryAlone(Inventory):
    """Has some of everything."""

    def reserve(self, item_id: str, quantity: int) -> int:
        if quantity > 50:
            raise Refused(409, f"Only 50 of {item_id} are left.")
        return 7

    def release(self, reservation: int) -> None:
        return None


class ItemsAlone(Items):
    """Knows that everything is light."""

    def weight(self, item_id: str) -> int:
        return 120


def neighbours(catalog: str | None, inventory: str | None, item: str | None) -> tuple[Catalog, Inventory, Items]:
    """The three, each at its URL, or its stand-in."""
    return (
        Catalog(catalog) if catalog else CatalogAlone(""),
        Inventory(inventory) if inventory else InventoryAlone(""),
        Items(item) if item else ItemsAlone(""),
    )
