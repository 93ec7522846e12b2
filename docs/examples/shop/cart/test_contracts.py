"""The cart's consumer tests, written with pact-python. They run the real client, and what it needs becomes a contract.

    python -m unittest cart.test_contracts

in the folder of the shop writes ``cart-catalog.json`` and ``cart-inventory.json`` into the folder ``$PACT_DIR``.
"""

from __future__ import annotations

import os
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from pact import Pact, match

from cart.cart import Catalog, Inventory, NotSold, SoldOut

JSON = "application/json"


class ConsumerTest(unittest.TestCase):
    """Tests of one integration. Each adds what it expected to the contract, once the client has lived with it."""

    provider: ClassVar[str] = ""
    folder: ClassVar[Path] = Path(os.environ.get("PACT_DIR", "pacts"))

    @classmethod
    def setUpClass(cls) -> None:
        (cls.folder / f"cart-{cls.provider}.json").unlink(missing_ok=True)

    def setUp(self) -> None:
        self.pact = Pact("cart", self.provider).with_specification("V4")

    @contextmanager
    def answering(self) -> Iterator[str]:
        """The address of a server that answers as expected while the block runs."""
        with self.pact.serve() as server:
            yield str(server.url)
        self.pact.write_file(self.folder)


class CatalogTest(ConsumerTest):
    """What the cart needs of the catalog."""

    provider = "catalog"

    def test_reads_an_item(self) -> None:
        (
            self.pact.upon_receiving("a request for an item")
            .given("the item tea-1 is sold")
            .with_request("GET", "/items/tea-1")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body(
                {"id": match.str("tea-1"), "name": match.str("Darjeeling, first flush"), "price": match.int(1250)}, JSON
            )
        )
        with self.answering() as url:
            item = Catalog(url).item("tea-1")
        self.assertEqual((item.name, item.price), ("Darjeeling, first flush", 1250))

    def test_reads_a_category(self) -> None:
        tea = {"id": match.str("tea-1"), "name": match.str("Darjeeling, first flush"), "price": match.int(1250)}
        (
            self.pact.upon_receiving("a request for the items of a category")
            .given("tea is sold")
            .with_request("GET", "/items")
            .with_query_parameter("category", "tea")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body(match.each_like(tea, min=1), JSON)
        )
        with self.answering() as url:
            items = Catalog(url).items("tea")
        self.assertEqual([item.price for item in items], [1250])

    def test_hears_of_an_item_that_is_not_sold(self) -> None:
        (
            self.pact.upon_receiving("a request for an item that is not sold")
            .given("the item nothing is not sold")
            .with_request("GET", "/items/nothing")
            .with_header("Accept", JSON)
            .will_respond_with(404)
            .with_body({"detail": match.str("There is no item nothing.")}, JSON)
        )
        with self.answering() as url, self.assertRaises(NotSold):
            Catalog(url).item("nothing")


class InventoryTest(ConsumerTest):
    """What the cart needs of the inventory."""

    provider = "inventory"

    def test_looks_for_stock(self) -> None:
        (
            self.pact.upon_receiving("a request for what is left of an item")
            .given("some of the item tea-1 are left")
            .with_request("GET", "/stock/tea-1")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body({"available": match.int(12)}, JSON)
        )
        with self.answering() as url:
            self.assertEqual(Inventory(url).available("tea-1"), 12)

    def test_reserves_an_item(self) -> None:
        (
            self.pact.upon_receiving("a reservation")
            .given("some of the item tea-1 are left")
            .with_request("POST", "/reservations")
            .with_header("Accept", JSON)
            .with_body({"item_id": "tea-1", "quantity": 2}, JSON)
            .will_respond_with(201)
            .with_body({"reservation": match.int(1)}, JSON)
        )
        with self.answering() as url:
            self.assertEqual(Inventory(url).reserve("tea-1", 2), 1)

    def test_hears_that_an_item_is_sold_out(self) -> None:
        (
            self.pact.upon_receiving("a reservation of an item that is sold out")
            .given("none of the item tea-2 are left")
            .with_request("POST", "/reservations")
            .with_header("Accept", JSON)
            .with_body({"item_id": "tea-2", "quantity": 1}, JSON)
            .will_respond_with(409)
            .with_body({"detail": match.str("Only 0 of tea-2 are left.")}, JSON)
        )
        with self.answering() as url, self.assertRaises(SoldOut):
            Inventory(url).reserve("tea-2", 1)


if __name__ == "__main__":
    unittest.main()
