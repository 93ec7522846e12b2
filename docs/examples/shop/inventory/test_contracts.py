"""The consumer tests of the inventory: what it needs of Item.

PACT_DIR=pacts python -m unittest inventory.test_contracts
"""

from __future__ import annotations

import unittest

from pact import match

from consumer_test import JSON, ConsumerTest
from inventory.clients import Items


class ItemTest(ConsumerTest):
    """What the inventory needs of the item service: less than the catalog, so their contracts differ."""

    consumer, provider = "inventory", "item"

    def test_reads_in_which_unit_an_item_is_counted(self) -> None:
        (
            self.pact.upon_receiving("a request for the unit of an item")
            .given("an item is known", item_id="tea-1")
            .with_request("GET", "/items/tea-1")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body({"unit": match.regex("pack", regex="^(piece|pack)$")}, JSON)
        )
        with self.answering() as url:
            self.assertEqual(Items(url).unit("tea-1"), "pack")

    def test_hears_of_an_item_that_is_unknown(self) -> None:
        (
            self.pact.upon_receiving("a request for the unit of an item that is unknown")
            .given("an item is unknown", item_id="tea-99")
            .with_request("GET", "/items/tea-99")
            .with_header("Accept", JSON)
            .will_respond_with(404)
            .with_body({"detail": match.str("There is no item tea-99.")}, JSON)
        )
        with self.answering() as url, self.refused(404):
            Items(url).unit("tea-99")


if __name__ == "__main__":
    unittest.main()
