"""What a command says does not hang on the results that are kept: there, spoilt, deleted, or nowhere to keep them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, Outcome

GUARD = ("deploy-guard", "-n", "cart", "-e", "production", "-v")
COMPARE = ("compare", "--spec", "catalog@1.0.0", "--contract", "cart@2.2.0")
COMMANDS = {
    "guard": (*GUARD, "2.2.0"),
    "guard as JSON": (*GUARD, "2.2.0", "--json", "--explain"),
    "guard that says yes": (*GUARD, "2.1.0"),
    "owed": ("owed",),
    "owed as JSON": ("owed", "--json"),
    "status": ("status",),
    "status as JSON": ("status", "--json"),
    "compare with an agreed spec": ("compare", "--spec", "catalog", "--contract", "cart@2.2.0"),
    "compare as JSON": (*COMPARE, "--json"),
    "compare quietly": (*COMPARE, "--quiet"),
    **{
        f"compare as {form}": (*COMPARE, "--format", form)
        for form in ("text", "junit", "sarif", "markdown", "github")
    },
    "a guarded deployment that is refused": (
        *("update-deployment", "-n", "cart", "-v", "2.2.0", "-e", "production", "--guard", "--json"),
    ),
}  # fmt: skip


@pytest.fixture
def kept(shop: Desk) -> Desk:
    """The shop, with a version of the cart that expects what nobody promises, and an agreed spec."""
    shop.does("publish", "-n", "catalog", "-p", "catalog.json")
    shop.pact("gone.json", "/items", "/gone", "/prices")
    shop.does("publish", "-v", "2.2.0", "gone.json")
    return shop


def entries() -> list[Path]:
    return sorted((Path(os.environ["SIGNET_CACHE"]) / "comparisons").glob("*/*"))


def said(desk: Desk) -> dict[str, Outcome]:
    return {name: desk.signet(*command) for name, command in COMMANDS.items()}


def test_every_answer_is_the_same_whatever_became_of_the_cache(kept: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Path(os.environ["SIGNET_CACHE"])
    shutil.rmtree(cache)
    without = {}
    for name, command in COMMANDS.items():
        without[name] = kept.signet(*command)
        shutil.rmtree(cache, ignore_errors=True)
    assert {outcome.code for outcome in without.values()} == {0, 1}
    assert said(kept) == without, "made on the way"
    assert len(entries()) == 3, "two comparisons, and the digest of the agreed spec"
    assert said(kept) == without, "kept"
    for path in entries():
        path.write_bytes(path.read_bytes().replace(b"incompatible", b"compatible").replace(b"error", b"fine"))
    assert said(kept) == without, "spoilt"
    monkeypatch.setenv("SIGNET_CACHE", os.devnull)
    assert said(kept) == without, "nowhere"


def test_publish_says_the_same_with_what_is_kept(kept: Desk) -> None:
    again = ("publish", "-v", "2.2.0", "gone.json")
    first = kept.signet(*again)
    assert "incompatible: cart 2.2.0 with catalog 1.0.0" in first.err
    assert kept.signet(*again) == first
    shutil.rmtree(os.environ["SIGNET_CACHE"])
    assert kept.signet(*again) == first


def test_comparing_two_files_keeps_nothing(desk: Desk) -> None:
    desk.does("compare", "--spec", desk.spec("catalog.json", "/items"), "--contract", desk.pact("cart.json", "/items"))
    assert entries() == []


def test_doctor_says_how_much_is_kept(kept: Desk) -> None:
    shutil.rmtree(os.environ["SIGNET_CACHE"])
    kept.signet(*GUARD, "2.2.0")
    assert "/cache, with 1 result of comparisons (1 KB)" in kept.signet("doctor").out
