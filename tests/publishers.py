"""What other processes of a test publish. It imports little, as each process imports it anew."""

from __future__ import annotations

import os

from tests.domain import Team


def publishes_first(location: str, provider: str) -> None:
    """The first contract of cart 1 with a provider."""
    Team(location).contract("cart", "1", provider, "/items")


def compares_and_dies(location: str) -> None:
    """A contract that does not fit; then the process is gone at once."""
    Team(location).contract("cart", "1", "catalog", "/items", "/gone")
    os._exit(9)
