"""Two triggers: a new consumer meets the productive providers, a new provider the productive consumers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.core.trials import of_consumer, of_pair, of_provider
from signet.errors import UnknownName, UsageError
from tests.core.memory import MemoryState
from tests.core.test_guard import SERVICES, VERSIONS, registries


@pytest.fixture
def shop() -> MemoryState:
    state = MemoryState()
    state.version("catalog", "1")
    state.version("catalog", "2")
    state.version("cart", "1", catalog="c1")
    state.version("cart", "2", catalog="c2")
    state.version("web", "1", catalog="w1")
    state.version("mail", "1")
    state.deploy("production", "catalog", "1", "2")
    state.deploy("production", "cart", "1")
    state.deploy("production", "web", "1")
    state.deploy("production", "mail", "1")
    state.places["staging"] = {}
    state.heads["cart", "main"] = "2"
    key = ("catalog", "1")
    state.manifests[key] = state.manifests[key]._replace(artifacts={"image": "shop/catalog:1"})
    return state


def test_a_new_consumer_meets_every_live_version_of_its_provider(shop: MemoryState) -> None:
    found = of_consumer(shop, Candidate("cart", "2"), "catalog", "production")
    assert [(one.consumer_version, one.provider_version, one.contract) for one in found] == [
        ("2", "1", "c2"),
        ("2", "2", "c2"),
    ]
    assert found[0].provider_artifacts == {"image": "shop/catalog:1"}
    assert of_consumer(shop, Candidate("cart", "2"), "catalog", "staging") == ()


def test_a_new_provider_meets_every_live_consumer(shop: MemoryState) -> None:
    new = Candidate("catalog", "not known yet")
    found = of_provider(shop, new, None, "production")
    assert [(one.consumer, one.consumer_version, one.provider_version) for one in found] == [
        ("cart", "1", "not known yet"),
        ("web", "1", "not known yet"),
    ]
    assert [one.consumer for one in of_provider(shop, new, "web", "production")] == ["web"]
    assert [one.consumer_version for one in of_provider(shop, new, None, None)] == ["2"]


def test_what_is_asked_wrongly(shop: MemoryState) -> None:
    with pytest.raises(UnknownName, match="carr"):
        of_consumer(shop, Candidate("carr", "2"), "catalog", "production")
    with pytest.raises(UnknownName, match="prod"):
        of_provider(shop, Candidate("catalog", "1"), None, "prod")
    with pytest.raises(UsageError, match="mail 1 has no contract with catalog"):
        of_consumer(shop, Candidate("mail", "1"), "catalog", "production")
    with pytest.raises(UsageError, match="mail 1 has no contract with catalog"):
        of_pair(shop, Candidate("mail", "1"), Candidate("catalog", "1"))
    assert of_pair(shop, Candidate("cart", "1"), Candidate("catalog", "9")).contract == "c1"


@given(registries(), st.sampled_from(SERVICES), st.sampled_from(VERSIONS), st.sampled_from(["production", None]))
def test_the_pairs_are_those_of_deploy_guard(
    state: MemoryState, service: str, version: str, environment: str | None
) -> None:
    """As a provider, a version meets in a run whom it would meet after its deployment, but itself."""
    if state.service(service).external:
        return
    decision = decide(state, [Candidate(service, version)], environment)
    judged = {
        (one.consumer, one.consumer_version)
        for one in decision.reasons
        if one.provider == service and one.provider_version == version and one.consumer != service
    }
    met = of_provider(state, Candidate(service, version), None, environment)
    assert {(one.consumer, one.consumer_version) for one in met if one.consumer != service} == judged
