"""The consumer tests of the cart: what it needs of the catalog, of the inventory and, from 1.1.0 on, of Item.

    PACT_DIR=pacts python -m unittest cart.test_contracts

writes ``cart-catalog.json``, ``cart-inventory.json`` and, with ``CART_VERSION=1.1.0``, ``cart-item.json``.

Each test reads like this: in this *state* (with these parameters), upon this *request*, the provider answers *that*.
The provider has a function for each state in its ``states.py``, so that the same request can be replayed against the
real thing, and meets what the test took for granted.
"""

from __future__ import annotations

import unittest

from pact import match

from cart.clients import Catalog, Inventory, Items, Offer
from consumer_test import ITEM_ID, JSON, ConsumerTest
from service import version

# What the cart reads of an offer, and not one field more: catalog may rename or drop all others whenever it likes.
OFFER = {
    "item_id": match.regex("tea-1", regex=ITEM_ID),
    "name": match.str("Darjeeling, first flush"),
    "price": match.int(1250),
}


class CatalogTest(ConsumerTest):
    """What the cart needs of the catalog."""

    consumer, provider = "cart", "catalog"

    def test_reads_an_offer(self) -> None:
        (
            self.pact.upon_receiving("a request for an offer")
            .given("an item is offered", item_id="tea-1", cents=1250)
            .with_request("GET", "/offers/tea-1")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body(OFFER, JSON)
        )
        with self.answering() as url:
            offer = Catalog(url).offer("tea-1")
        self.assertEqual(offer, Offer("tea-1", "Darjeeling, first flush", 1250))

    def test_reads_a_category(self) -> None:
        (
            self.pact.upon_receiving("a request for the offers of a category")
            .given("an item is offered", item_id="tea-1", cents=1250)
            .with_request("GET", "/offers")
            .with_query_parameter("category", "tea")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            # One or more, and each of them looks like this.
            .with_body(match.each_like(OFFER, min=1), JSON)
        )
        with self.answering() as url:
            offers = Catalog(url).offers("tea")
        self.assertEqual([offer.price for offer in offers], [1250])

    def test_hears_of_an_item_that_is_not_offered(self) -> None:
        # Errors are a part of the contract, too: the client tells them from good answers.
        (
            self.pact.upon_receiving("a request for an offer that is not there")
            .given("an item is not offered", item_id="tea-99")
            .with_request("GET", "/offers/tea-99")
            .with_header("Accept", JSON)
            .will_respond_with(404)
            .with_body({"detail": match.str("The item tea-99 is not offered.")}, JSON)
        )
        with self.answering() as url, self.refused(404):
            Catalog(url).offer("tea-99")


class InventoryTest(ConsumerTest):
    """What the cart needs of the inventory."""

    consumer, provider = "cart", "inventory"

    def test_reserves_an_item(self) -> None:
        (
            self.pact.upon_receiving("a reservation")
            .given("so many of an item are left", item_id="tea-1", available=12)
            .with_request("POST", "/reservations")
            .with_header("Accept", JSON)
            .with_body({"item_id": "tea-1", "quantity": 2}, JSON)
            .will_respond_with(201)
            .with_body({"number": match.int(7)}, JSON)
        )
        with self.answering() as url:
            self.assertEqual(Inventory(url).reserve("tea-1", 2), 7)

    def test_hears_that_an_item_is_sold_out(self) -> None:
        # The same request as above: only the state makes the difference.
        (
            self.pact.upon_receiving("a reservation of an item that is sold out")
            .given("so many of an item are left", item_id="tea-1", available=0)
            .with_request("POST", "/reservations")
            .with_header("Accept", JSON)
            .with_body({"item_id": "tea-1", "quantity": 2}, JSON)
            .will_respond_with(409)
            .with_body({"detail": match.str("Only 0 of tea-1 are left.")}, JSON)
        )
        with self.answering() as url, self.refused(409):
            Inventory(url).reserve("tea-1", 2)

    def test_gives_a_reservation_back(self) -> None:
        (
            self.pact.upon_receiving("the end of a reservation")
            .given("there is a reservation", number=7, item_id="tea-1", quantity=2)
            .with_request("DELETE", "/reservations/7")
            .will_respond_with(204)
        )
        with self.answering() as url:
            Inventory(url).release(7)


@unittest.skipIf(version("cart") == "1.0.0", "cart 1.0.0 asks nothing of Item")
class ItemTest(ConsumerTest):
    """What the cart needs of Item since its version 1.1.0."""

    consumer, provider = "cart", "item"

    def test_reads_what_an_item_weighs(self) -> None:
        (
            self.pact.upon_receiving("a request for the weight of an item")
            .given("an item is known", item_id="tea-1")
            .with_request("GET", "/items/tea-1")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body({"weight_grams": match.int(120)}, JSON)
        )
        with self.answering() as url:
            self.assertEqual(Items(url).weight("tea-1"), 120)


if __name__ == "__main__":
    unittest.main()
