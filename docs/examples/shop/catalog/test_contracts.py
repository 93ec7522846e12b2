"""The consumer tests of the catalog: what it needs of Item.

PACT_DIR=pacts python -m unittest catalog.test_contracts
"""

from __future__ import annotations

import unittest

from pact import match

from catalog.clients import Item, Items
from consumer_test import ITEM_ID, JSON, ConsumerTest


class ItemTest(ConsumerTest):
    """What the catalog needs of the item service."""

    consumer, provider = "catalog", "item"

    def test_reads_what_an_item_is_called(self) -> None:
        (
            self.pact.upon_receiving("a request for an item")
            .given("an item is known", item_id="tea-1", name="Darjeeling, first flush")
            .with_request("GET", "/items/tea-1")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body(
                {
                    "id": match.regex("tea-1", regex=ITEM_ID),
                    "name": match.str("Darjeeling, first flush"),
                    # The catalog knows these three, and one that it does not know would be a surprise.
                    "category": match.regex("tea", regex="^(tea|pots|cups)$"),
                },
                JSON,
            )
        )
        with self.answering() as url:
            self.assertEqual(Items(url).item("tea-1"), Item("tea-1", "Darjeeling, first flush", "tea"))

    def test_hears_of_an_item_that_is_unknown(self) -> None:
        (
            self.pact.upon_receiving("a request for an item that is unknown")
            .given("an item is unknown", item_id="tea-99")
            .with_request("GET", "/items/tea-99")
            .with_header("Accept", JSON)
            .will_respond_with(404)
            .with_body({"detail": match.str("There is no item tea-99.")}, JSON)
        )
        with self.answering() as url, self.refused(404):
            Items(url).item("tea-99")


if __name__ == "__main__":
    unittest.main()
