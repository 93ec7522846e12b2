"""Recordings within a program: what a block asks of a provider is the contract, if the block ends well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from signet.errors import SignetError, Undecided, UsageError
from signet.testing import recording
from tests.live.providers import everything


@pytest.fixture
def provider() -> Iterator[str]:
    """A provider that runs."""
    with everything() as url:
        yield url


def items(path: Path) -> list[dict[str, Any]]:
    """The interactions of a contract."""
    found: list[dict[str, Any]] = json.loads(path.read_bytes())["interactions"]
    return found


def test_the_contract_is_there_when_the_block_has_ended(provider: str, tmp_path: Path) -> None:
    with recording(provider, consumer="cart", provider="catalog", path=tmp_path) as catalog:
        assert httpx.get(f"{catalog.url}/items/1").json()["id"] == 1
        assert list(tmp_path.iterdir()) == []
    assert [item["description"] for item in items(tmp_path / "cart-catalog.json")] == ["GET /items/1 answers 200"]


def test_states_hold_for_the_requests_of_their_block(provider: str, tmp_path: Path) -> None:
    with recording(provider, consumer="cart", provider="catalog", path=tmp_path / "c.json") as catalog:
        httpx.get(f"{catalog.url}/items/1")
        with catalog.state("an item is offered", item_id="tea-1"):
            httpx.get(f"{catalog.url}/items/1")
            with catalog.state("the shop is open"):
                httpx.get(f"{catalog.url}/items/1", headers={"X-Signet-State": "it rains"})
        httpx.get(f"{catalog.url}/items/2")
    told = [item.get("providerStates") for item in items(tmp_path / "c.json")]
    offered = {"name": "an item is offered", "params": {"item_id": "tea-1"}}
    assert told == [[offered, {"name": "the shop is open"}, {"name": "it rains"}], [offered], None, None]


def test_a_block_that_fails_writes_nothing_and_its_error_goes_on(provider: str, tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        recording(provider, consumer="cart", provider="catalog", path=tmp_path) as catalog,
    ):
        httpx.get(f"{catalog.url}/items/1")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_options_are_those_of_the_command(provider: str, tmp_path: Path) -> None:
    with recording(
        provider, consumer="cart", provider="catalog", path=tmp_path / "c.json", keep_headers=["X-Tenant"],
        secret_names=["word"], plain_names=["token"], state_of=lambda asked: asked.method, pact_version=3,
    ) as catalog:  # fmt: skip
        httpx.get(f"{catalog.url}/echo?word=canary&token=plain", headers={"X-Tenant": "acme"})
    [item] = items(tmp_path / "c.json")
    assert item["request"]["headers"]["X-Tenant"] == "acme"
    assert item["request"]["query"] == {"token": ["plain"], "word": ["left-out-by-signet"]}
    assert item["providerStates"] == [{"name": "GET"}]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"consumer": "../cart"}, SignetError),
        ({"path": "/dev/null/x"}, UsageError),
        ({"pact_version": 9}, UsageError),
        ({"target": "canary"}, UsageError),
        ({}, Undecided),
    ],
)
def test_what_is_wrong_is_said(provider: str, tmp_path: Path, wrong: dict[str, Any], error: type[SignetError]) -> None:
    given = {"target": provider, "consumer": "cart", "provider": "catalog", "path": tmp_path, **wrong}
    with pytest.raises(error) as said, recording(**given):
        pass
    assert said.value.remedy and "canary" not in str(said.value)
    assert list(tmp_path.iterdir()) == []
