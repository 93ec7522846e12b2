"""Which contracts a provider version is replayed with: what matters gates, what is in development informs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signet.core.due import Due, due
from signet.core.model.state import Service
from signet.core.owed import Because, owed
from tests.core.memory import MemoryState
from tests.core.test_guard import SERVICES, VERSIONS, registries


def shop() -> MemoryState:
    state = MemoryState()
    state.version("catalog", "1", spec="s1")
    for version, contract in (("1", "c1"), ("2", "c2"), ("3", "c2"), ("4", "c3"), ("5", "c4")):
        state.version("cart", version, catalog=contract)
    return state


def told(found: tuple[Due, ...]) -> list[tuple[tuple[str, ...], str, bool]]:
    return [(one.consumer_versions, one.contract, one.gates) for one in found]


def test_live_versions_and_main_branches_gate_and_other_branches_inform() -> None:
    state = shop()
    assert due(state, "catalog", "1") == ()
    state.deploy("production", "cart", "1")
    state.known["cart"] = Service("cart", main_branch="trunk")
    state.heads.update({("cart", "trunk"): "2", ("cart", "feature/x"): "4", ("cart", "main"): "3"})
    assert told(due(state, "catalog", "1")) == [(("1",), "c1", True), (("2", "3"), "c2", True), (("4",), "c3", False)]
    first, both, _ = due(state, "catalog", "1")
    assert first.reasons == (Because("deployed", "production"),)
    assert both.reasons == (Because("branch"), Because("main-branch"))


def test_a_result_stands_for_equal_content_and_for_this_provider_version_only() -> None:
    state = shop()
    state.heads["cart", "main"] = "2"
    state.deploy("production", "cart", "3")
    state.replayed("catalog", "1", "cart", "c2")
    (one,) = due(state, "catalog", "1")
    assert one.known is not None
    assert one.consumer_versions == ("2", "3")
    (other,) = due(state, "catalog", "not known yet")
    assert other.known is None


def test_one_consumer_may_be_asked_for() -> None:
    state = shop()
    state.version("web", "1", catalog="c1")
    state.deploy("production", "cart", "1")
    state.deploy("production", "web", "1")
    assert [one.consumer for one in due(state, "catalog", "1")] == ["cart", "web"]
    assert [one.consumer for one in due(state, "catalog", "1", consumer="web")] == ["web"]
    assert due(state, "catalog", "1", consumer="nobody") == ()


@given(registries(), st.sampled_from(SERVICES), st.sampled_from(VERSIONS))
def test_what_is_owed_is_due_and_gates(state: MemoryState, provider: str, version: str) -> None:
    """Every replay that some guard would wait for is among what gates, as long as there is no result."""
    replays = {
        (one.consumer, one.contract, one.consumer_versions)
        for one in owed(state, provider=provider, provider_version=version)
        if one.kind == "replay"
    }
    open_ones = {
        (one.consumer, one.contract, one.consumer_versions)
        for one in due(state, provider, version)
        if one.gates and one.known is None
    }
    if not state.service(provider).external:  # nobody owes a test of those, and whoever asks may make one
        assert open_ones == replays


@given(registries(), st.sampled_from(SERVICES), st.sampled_from(VERSIONS))
def test_a_branch_never_takes_a_gate_away(state: MemoryState, provider: str, version: str) -> None:
    before = {(one.consumer, one.contract) for one in due(state, provider, version) if one.gates}
    for service in SERVICES:
        for number in VERSIONS:
            state.heads[service, f"feature-{number}"] = number
    after = due(state, provider, version)
    assert {(one.consumer, one.contract) for one in after if one.gates} == before
    assert len({(one.consumer, one.contract) for one in after}) == len(after)
