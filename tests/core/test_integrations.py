"""Integrations as they stand: the words for each kind of evidence, and never another answer than Deploy Guard's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given

from signet.core.guard import decide
from signet.core.integrations import Integration, integrations
from signet.core.model.decision import Candidate
from signet.core.model.state import Manifest, Service
from signet.errors import InvalidData
from tests.core.memory import MemoryState
from tests.core.test_guard import registries


@pytest.fixture
def shop() -> MemoryState:
    """cart 1 and catalog 1 have just been published from their main branches."""
    state = MemoryState()
    state.version("catalog", "1", spec="s1")
    state.version("cart", "1", catalog="c1")
    state.fits["c1", "s1"] = "compatible"
    state.heads.update({("catalog", "main"): "1", ("cart", "main"): "1"})
    state.places["production"] = {}
    return state


def only(state: MemoryState) -> Integration:
    (one,) = integrations(state)
    return one


@pytest.mark.parametrize(
    ("happens", "state", "code"),
    [
        (lambda shop: None, "not verified yet", "provider-unverified"),
        (lambda shop: shop.tested("catalog", "1", "s1"), "verified", "compatible"),
        (lambda shop: shop.replayed("catalog", "1", "cart", "c1"), "verified", "compatible"),
        (lambda shop: shop.tested("catalog", "1", "s1", passed=False), "failed", "provider-failed-verification"),
        (lambda shop: shop.replayed("catalog", "1", "cart", "c1", passed=False), "failed", "replay-failed"),
        (lambda shop: shop.fits.clear(), "incompatible", "contract-incompatible"),
        (lambda shop: shop.heads.pop(("catalog", "main")), "no provider", "provider-not-deployed"),
        (lambda shop: shop.version("catalog", "1"), "not verified yet", "spec-missing"),
    ],
)
def test_each_kind_of_evidence_has_its_word(
    shop: MemoryState, happens: Callable[[MemoryState], None], state: str, code: str
) -> None:
    happens(shop)
    assert (only(shop).state, only(shop).code) == (state, code)


def test_a_pair_is_there_once_with_all_places_where_it_meets(shop: MemoryState) -> None:
    shop.deploy("production", "catalog", "1")
    assert only(shop).places == (None,)
    shop.deploy("production", "cart", "1")
    assert only(shop).places == (None, "production")
    shop.version("catalog", "2", spec="s1")
    shop.heads["catalog", "main"] = "2"
    assert [(one.provider_version, one.places) for one in integrations(shop)] == [
        ("1", ("production",)),
        ("2", (None,)),
    ]
    assert [one.provider_version for one in integrations(shop, environment="production")] == ["1"]
    assert integrations(shop, service="nobody") == ()
    assert integrations(shop, service="cart") == integrations(shop, service="catalog") == integrations(shop)


def test_an_external_provider_is_judged_by_its_agreed_spec(shop: MemoryState) -> None:
    shop.known["catalog"] = Service("catalog", external=True)
    shop.agreed["catalog"] = "s1"
    assert (only(shop).provider_version, only(shop).state) == (None, "verified")


def test_a_broken_file_hides_no_other_integration(shop: MemoryState, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.version("web", "1", catalog="c1")
    shop.heads["web", "main"] = "1"
    read = shop.manifest

    def torn(service: str, version: str) -> Manifest | None:
        if service == "web":
            raise InvalidData("torn")
        return read(service, version)

    monkeypatch.setattr(shop, "manifest", torn)
    cart, web = integrations(shop)
    assert (cart.consumer, cart.state) == ("cart", "not verified yet")
    assert (web.consumer, web.provider, web.state, web.code) == ("web", None, "unreadable", "record-invalid")


def test_as_json_main_branches_and_environments_are_told_apart(shop: MemoryState) -> None:
    assert only(shop).as_json() == {
        "consumer": "cart",
        "consumer_version": "1",
        "provider": "catalog",
        "provider_version": "1",
        "state": "not verified yet",
        "code": "provider-unverified",
        "main_branch": True,
        "environments": [],
    }


@given(registries())
def test_every_integration_says_what_the_guard_says_there(state: MemoryState) -> None:
    for one in integrations(state):
        for place in one.places:
            decision = decide(state, [Candidate(one.consumer, one.consumer_version)], place)
            assert one.code in [
                reason.code
                for reason in decision.reasons
                if (reason.consumer, reason.consumer_version) == (one.consumer, one.consumer_version)
                and (reason.provider, reason.provider_version) == (one.provider, one.provider_version)
            ]
