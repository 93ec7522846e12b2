"""Whom the inventory asks: the item service, before it counts something that it has never seen."""

from __future__ import annotations

from service import Refused, ask


class Items:
    """The item service as the inventory uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def unit(self, item_id: str) -> str:
        """In which unit an item is counted; Refused (404) if there is no such item."""
        return str(ask("GET", f"{self.url}/items/{item_id}")["unit"])


class ItemsAlone(Items):
    """Stands in for the item service where the inventory runs alone."""

    def unit(self, item_id: str) -> str:
        if item_id != "cup-1":
            raise Refused(404, f"There is no item {item_id}.")
        return "piece"


def items(url: str | None) -> Items:
    """The item service, or its stand-in."""
    return Items(url) if url else ItemsAlone("")
