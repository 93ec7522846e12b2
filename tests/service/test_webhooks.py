"""Webhooks out: what happened is told to whom it concerns, in order, signed, and never lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from signet.service.webhooks import ledger
from signet.service.webhooks.store import DEAD, DELIVERED, WAITING, Store
from tests.domain import Team
from tests.registry.people import add
from tests.service.receiver import receiving
from tests.service.subscribed import OLD, SECRET, allowing, carried, subscribe, told_since, url


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.close()


def test_what_happens_is_told_once_in_order_and_signed(team: Team, store: Store) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        with carried(team, store, allowing(receiver)) as courier:
            team.deploy("cart", "1")
            courier.shelf.refresh()
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected))
        assert [one.id for one in taken] == expected
        assert len(expected) > 8
        for one in taken:
            assert Webhook(SECRET).verify(one.body, one.headers)["id"] == one.id
        assert ledger.counts(store) == {"ci": {DELIVERED: len(expected)}}
