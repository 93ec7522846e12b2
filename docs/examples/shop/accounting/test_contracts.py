"""The consumer tests of the accounting: what it needs of the cart.

PACT_DIR=pacts python -m unittest accounting.test_contracts
"""

from __future__ import annotations

import unittest
from datetime import date

from pact import match

from accounting.clients import Carts, Purchase
from consumer_test import JSON, ConsumerTest

# A list of lines, each with a name and a quantity. Prices of lines are there, too; the accounting only takes the total.
LINES = match.each_like({"name": match.str("Darjeeling, first flush"), "quantity": match.int(2)}, min=1)


class CartTest(ConsumerTest):
    """What the accounting needs of the cart service."""

    consumer, provider = "accounting", "cart"

    def test_reads_what_was_bought(self) -> None:
        (
            self.pact.upon_receiving("a request for a cart that is checked out")
            .given("a cart is checked out", cart_id=17, on="2026-03-31")
            .with_request("GET", "/carts/17")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body(
                {
                    "customer": match.str("Ada"),
                    # No matcher: in this state it is this very word, which the client compares.
                    "status": "checked-out",
                    "checked_out_on": match.date("2026-03-31", "%Y-%m-%d"),
                    "lines": LINES,
                    "total": match.int(2500),
                },
                JSON,
            )
        )
        with self.answering() as url:
            bought = Carts(url).purchase(17)
        self.assertEqual(bought, Purchase("Ada", 2500, date(2026, 3, 31), ("2 x Darjeeling, first flush",)))

    def test_sees_that_a_cart_is_still_open(self) -> None:
        (
            self.pact.upon_receiving("a request for a cart that is open")
            .given("there is an open cart", cart_id=17)
            .with_request("GET", "/carts/17")
            .with_header("Accept", JSON)
            .will_respond_with(200)
            .with_body({"customer": match.str("Ada"), "status": "open", "lines": LINES, "total": match.int(2500)}, JSON)
        )
        with self.answering() as url:
            self.assertIsNone(Carts(url).purchase(17).bought_on)

    def test_hears_of_a_cart_that_is_not_there(self) -> None:
        (
            self.pact.upon_receiving("a request for a cart that is not there")
            .given("there is no such cart", cart_id=404)
            .with_request("GET", "/carts/404")
            .with_header("Accept", JSON)
            .will_respond_with(404)
            .with_body({"detail": match.str("There is no cart 404.")}, JSON)
        )
        with self.answering() as url, self.refused(404):
            Carts(url).purchase(404)


if __name__ == "__main__":
    unittest.main()
