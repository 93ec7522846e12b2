"""Whom the catalog asks: the item service, for the name and the category of what it is to offer."""

from __future__ import annotations

from dataclasses import dataclass

from service import Refused, ask


@dataclass(frozen=True)
class Item:
    """What the catalog wants to know of an item: a part of what the item service says."""

    id: str
    name: str
    category: str


class Items:
    """The item service as the catalog uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def item(self, item_id: str) -> Item:
        """One item; Refused (404) if there is none."""
        found = ask("GET", f"{self.url}/items/{item_id}")
        return Item(found["id"], found["name"], found["category"])


class ItemsAlone(Items):
    """Stands in for the item service where the catalog runs alone."""

    def item(self, item_id: str) -> Item:
        if item_id != "cup-1":
            raise Refused(404, f"There is no item {item_id}.")
        return Item("cup-1", "Stoneware cup", "cups")


def items(url: str | None) -> Items:
    """The item service, or its stand-in."""
    return Items(url) if url else ItemsAlone("")
