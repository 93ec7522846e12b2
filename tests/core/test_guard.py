"""Deploy Guard and what is owed: the edges that the rules decide, and properties that hold for every registry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet.core.guard import decide
from signet.core.live_versions import live_versions
from signet.core.model.decision import REASONS, Candidate, Decision
from signet.core.model.state import Placement, Service, Slot
from signet.core.owed import owed
from signet.errors import InvalidData, UnknownName, UsageError
from tests.core.memory import MemoryState


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def ask(state: MemoryState, service: str, version: str, environment: str | None = "production", **options) -> Decision:
    return decide(state, [Candidate(service, version)], environment, **options)


@pytest.fixture
def shop() -> MemoryState:
    """catalog 1 is live with a tested spec; cart 1 has a contract that fits it."""
    state = MemoryState()
    state.version("catalog", "1", spec="s1")
    state.version("cart", "1", catalog="c1")
    state.fits["c1", "s1"] = "compatible"
    state.tested("catalog", "1", "s1")
    state.deploy("production", "catalog", "1")
    return state


class TestReasons:
    def test_compatible(self, shop: MemoryState) -> None:
        decision = ask(shop, "cart", "1")
        assert (decision.verdict, codes(decision)) == ("yes", ["compatible"])

    def test_nothing_to_check_is_a_yes_that_says_so(self, shop: MemoryState) -> None:
        decision = ask(shop, "catalog", "1")
        assert (decision.verdict, codes(decision)) == ("yes", ["nothing-to-check"])

    def test_provider_not_deployed_only_waits(self, shop: MemoryState) -> None:
        shop.deploy("production", "catalog")
        decision = ask(shop, "cart", "1")
        assert (decision.verdict, codes(decision), decision.waits) == ("no", ["provider-not-deployed"], True)
        assert decision.reasons[0].provider_version is None

    def test_contract_incompatible_does_not_wait(self, shop: MemoryState) -> None:
        shop.fits["c1", "s1"] = "incompatible"
        decision = ask(shop, "cart", "1")
        assert (decision.verdict, codes(decision), decision.waits) == ("no", ["contract-incompatible"], False)

    def test_provider_failed_verification(self, shop: MemoryState) -> None:
        shop.tested("catalog", "1", "s1", passed=False)
        assert codes(ask(shop, "cart", "1")) == ["provider-failed-verification"]

    def test_unverified_is_not_incompatible(self, shop: MemoryState) -> None:
        shop.tests.clear()
        decision = ask(shop, "cart", "1")
        assert (decision.verdict, codes(decision)) == ("unknown", ["provider-unverified"])

    def test_undecided_comparison_waits_for_a_replay(self, shop: MemoryState) -> None:
        shop.fits["c1", "s1"] = "undecided"
        decision = ask(shop, "cart", "1")
        assert (decision.verdict, codes(decision), decision.waits) == ("unknown", ["comparison-undecided"], True)
        shop.replayed("catalog", "1", "cart", "c1")
        assert codes(ask(shop, "cart", "1")) == ["compatible"]

    def test_messages_that_no_http_spec_speaks_of_wait_for_a_replay(self, shop: MemoryState) -> None:
        shop.fits["c1", "s1"] = "messages"
        decision = ask(shop, "cart", "1")
        assert (decision.verdict, codes(decision)) == ("unknown", ["comparison-undecided"])
        assert "messages" in decision.reasons[0].sentence()
        assert [entry.blocking for entry in owed(shop)] == [], "cart 1 is neither live nor a head"
        shop.deploy("production", "cart", "1")
        assert [(entry.kind, entry.blocking) for entry in owed(shop)] == [("replay", True)]
        shop.replayed("catalog", "1", "cart", "c1")
        assert codes(ask(shop, "cart", "1")) == ["compatible"]

    def test_replay_missing_and_spec_missing(self, shop: MemoryState) -> None:
        shop.version("catalog", "1")
        shop.tests.clear()
        assert codes(ask(shop, "cart", "1")) == ["spec-missing"]
        shop.replayed("catalog", "0", "cart", "c0")
        assert codes(ask(shop, "cart", "1")) == ["replay-missing"]

    def test_a_failed_replay_outweighs_everything_but_ignoring(self, shop: MemoryState) -> None:
        shop.replayed("catalog", "1", "cart", "c1", passed=False)
        assert codes(ask(shop, "cart", "1")) == ["replay-failed"]
        assert codes(ask(shop, "cart", "1", ignore=["catalog"])) == ["nothing-to-check", "ignored"]

    def test_every_reason_has_all_that_people_need(self) -> None:
        for reason in REASONS:
            one = reason("cart", "1", "catalog", "2", "production", "detail")
            assert one.sentence().endswith(".") and one.about.endswith(".")
            assert one.weight in ("yes", "no", "unknown", "none")
            assert one.kind in ("regression", "pending", "note")
            assert bool(one.remedy()) == (one.weight in ("no", "unknown") or one.code == "ignore-no-match")


class TestLeftOpenByTheStories:
    def test_a_passed_replay_counts_though_the_spec_was_never_tested(self, shop: MemoryState) -> None:
        shop.tests.clear()
        shop.replayed("catalog", "1", "cart", "c1")
        assert ask(shop, "cart", "1").verdict == "yes"

    def test_the_latest_test_decides_which_spec_a_version_has(self, shop: MemoryState) -> None:
        shop.tested("catalog", "1", "s2")
        assert codes(ask(shop, "cart", "1")) == ["contract-incompatible"]
        shop.fits["c1", "s2"] = "compatible"
        shop.fits["c1", "s1"] = "incompatible"
        assert codes(ask(shop, "cart", "1")) == ["compatible"]

    def test_equal_contracts_of_two_consumers_are_two_contracts(self, shop: MemoryState) -> None:
        shop.version("shop", "1", catalog="c1")
        shop.replayed("catalog", "1", "cart", "c1", passed=False)
        assert ask(shop, "cart", "1").verdict == "no"
        assert ask(shop, "shop", "1").verdict == "yes"

    def test_ignoring_a_known_service_that_is_no_neighbour_is_silent(self, shop: MemoryState) -> None:
        shop.version("other", "1")
        assert codes(ask(shop, "cart", "1", ignore=["other", "other@1"])) == ["compatible"]

    def test_an_empty_version_ignores_nobody_and_it_is_said(self, shop: MemoryState) -> None:
        """``--ignore catalog@$VERSION`` where the variable is empty must not make a yes."""
        shop.replayed("catalog", "1", "cart", "c1", passed=False)
        decision = ask(shop, "cart", "1", ignore=["catalog@", "cart@"])
        assert decision.verdict == "no"
        assert codes(decision) == ["replay-failed", "ignore-no-match", "ignore-no-match"]

    def test_all_unknown_names_are_told_at_once_with_suggestions(self, shop: MemoryState) -> None:
        with pytest.raises(UnknownName) as caught:
            decide(shop, [Candidate("crat", "1"), Candidate("catalog", "9")], "prodution")
        assert [name[0] for name in caught.value.names] == ["unknown-service", "unknown-version", "unknown-environment"]
        assert caught.value.names[0][3] == "cart" and caught.value.names[2][3] == "production"

    def test_desired_counts_as_live_beside_deployed(self, shop: MemoryState) -> None:
        shop.version("catalog", "2", spec="s2")
        shop.places["production"]["catalog"] = Placement("catalog", (Slot("1"),), "2", ())
        assert codes(ask(shop, "cart", "1")) == ["contract-incompatible", "compatible"]

    @pytest.mark.parametrize("place", [Placement("catalog", (), "2", ()), Placement("catalog", (), None, ("2",))])
    def test_what_is_only_wished_for_or_only_released_is_live(self, shop: MemoryState, place: Placement) -> None:
        shop.version("catalog", "2", spec="s2")
        shop.places["production"]["catalog"] = place
        assert codes(ask(shop, "cart", "1")) == ["contract-incompatible"]

    def test_an_external_provider_is_live_everywhere_by_its_agreed_spec(self, shop: MemoryState) -> None:
        shop.known["stripe"] = Service("stripe", external=True)
        shop.version("cart", "2", stripe="p1")
        assert codes(ask(shop, "cart", "2")) == ["spec-missing"]
        shop.agreed["stripe"] = "x1"
        assert codes(ask(shop, "cart", "2")) == ["contract-incompatible"]
        shop.fits["p1", "x1"] = "compatible"
        decision = ask(shop, "cart", "2")
        assert (decision.verdict, decision.reasons[0].provider_version) == ("yes", None)

    def test_two_versions_of_one_service_cannot_go_together(self, shop: MemoryState) -> None:
        shop.version("cart", "2")
        with pytest.raises(UsageError):
            decide(shop, [Candidate("cart", "1"), Candidate("cart", "2")], "production")
        assert ask(shop, "cart", "1") == decide(shop, [Candidate("cart", "1")] * 2, "production")

    def test_a_live_version_that_nobody_knows_is_invalid_data(self, shop: MemoryState) -> None:
        shop.deploy("production", "ghost", "7")
        with pytest.raises(InvalidData, match="ghost 7"):
            ask(shop, "cart", "1")


def test_a_result_is_owed_once_and_a_failed_one_is_a_result(shop: MemoryState) -> None:
    shop.deploy("production", "cart", "1")
    assert [(one.kind, one.blocking) for one in owed(shop)] == [("replay", False)]
    shop.replayed("catalog", "1", "cart", "c1", passed=False)
    assert owed(shop) == ()
    shop.tests.clear()
    assert [(one.kind, one.spec, one.blocking) for one in owed(shop)] == [("spec-test", "s1", True)]
    assert owed(shop, provider="cart") == owed(shop, consumer="catalog") == ()


# --- properties

SERVICES = ["a", "b", "c", "d"]
VERSIONS = ["1", "2"]
CONTENTS = ["c1", "c2"]
SPECS = ["s1", "s2"]


@st.composite
def registries(draw: st.DrawFn) -> MemoryState:
    """Any small registry, with every kind of fact in it."""
    state = MemoryState()
    some = st.sampled_from
    for service in SERVICES:
        state.known[service] = Service(service, external=draw(st.integers(0, 9)) == 0)
        for version in VERSIONS:
            providers = draw(st.dictionaries(some(SERVICES), some(CONTENTS), max_size=3))
            state.version(service, version, draw(st.none() | some(SPECS)), **providers)
            if draw(st.booleans()):
                state.tested(service, version, draw(some(SPECS)), draw(st.booleans()))
        if draw(st.booleans()):
            state.agreed[service] = draw(some(SPECS))
        if draw(st.booleans()):
            state.heads[service, "main"] = draw(some(VERSIONS))
    for key in draw(st.sets(st.tuples(some(SERVICES), some(VERSIONS), some(SERVICES), some(CONTENTS)), max_size=6)):
        state.replayed(*key, passed=draw(st.booleans()))
    for content in CONTENTS:
        for spec in SPECS:
            state.fits[content, spec] = draw(
                some(["compatible", "compatible", "incompatible", "undecided", "messages"])
            )
    for environment in ("production", "staging"):
        state.places[environment] = {}
        for service in draw(st.sets(some(SERVICES))):
            slots = tuple(Slot(version, f"i{version}") for version in draw(st.sets(some(VERSIONS))))
            desired, released = draw(st.none() | some(VERSIONS)), draw(st.sets(some(VERSIONS), max_size=1))
            state.places[environment][service] = Placement(service, slots, desired, tuple(released))
    return state


CANDIDATES = st.builds(Candidate, st.sampled_from(SERVICES), st.sampled_from(VERSIONS))
ENVIRONMENTS = st.sampled_from(["production", "staging", None])


@given(registries(), CANDIDATES, ENVIRONMENTS)
def test_verdict_follows_from_the_weights_and_each_pair_has_one_reason(
    state: MemoryState, candidate: Candidate, environment: str | None
) -> None:
    decision = decide(state, [candidate], environment)
    weights = {reason.weight for reason in decision.reasons}
    expected = "no" if "no" in weights else "unknown" if "unknown" in weights else "yes"
    assert decision.verdict == expected
    assert decision.reasons, "a verdict without a reason"
    pairs = [(one.consumer, one.consumer_version, one.provider, one.provider_version) for one in decision.reasons]
    assert len(pairs) == len(set(pairs))
    for one in decision.reasons:
        assert one.code == "nothing-to-check" or candidate.service in (one.consumer, one.provider)


@given(registries(), CANDIDATES, ENVIRONMENTS, st.randoms())
def test_the_order_of_everything_and_strangers_change_nothing(
    state: MemoryState, candidate: Candidate, environment: str | None, random
) -> None:
    before = decide(state, [candidate], environment).as_json()

    def shuffled(mapping):
        items = list(mapping.items())
        random.shuffle(items)
        return dict(items)

    known = {**state.known, "stranger": Service("stranger")}
    places = {name: {**place, "stranger": Placement("stranger", (Slot("1"),))} for name, place in state.places.items()}
    other = replace(state, known=shuffled(known), places={key: shuffled(one) for key, one in places.items()})
    other.manifests = shuffled(state.manifests)
    other.version("stranger", "1", spec="s1")
    assert decide(other, [candidate], environment).as_json() == before


@given(registries(), CANDIDATES, ENVIRONMENTS)
def test_losing_evidence_never_makes_a_yes(state: MemoryState, candidate: Candidate, environment: str | None) -> None:
    before = decide(state, [candidate], environment)
    without = replace(state, tests={}, replays={})
    after = decide(without, [candidate], environment)
    if after.verdict == "yes":
        assert before.verdict == "yes"
    failing = replace(
        state,
        tests={key: one._replace(passed=False) for key, one in state.tests.items()},
        replays={key: one._replace(passed=False) for key, one in state.replays.items()},
    )
    if before.verdict == "no":
        assert decide(failing, [candidate], environment).verdict == "no"


@given(registries(), CANDIDATES, CANDIDATES, ENVIRONMENTS)
def test_together_is_symmetric(state: MemoryState, one: Candidate, other: Candidate, environment: str | None) -> None:
    if one.service == other.service:
        return
    left, right = decide(state, [one, other], environment), decide(state, [other, one], environment)
    assert (left.verdict, left.reasons) == (right.verdict, right.reasons)


@given(registries(), CANDIDATES, ENVIRONMENTS)
def test_ignoring_every_service_leaves_nothing_to_check(
    state: MemoryState, candidate: Candidate, environment: str | None
) -> None:
    decision = decide(state, [candidate], environment, ignore=SERVICES)
    assert decision.verdict == "yes"
    assert {reason.weight for reason in decision.reasons} == {"none"}


@settings(max_examples=100)
@given(registries())
def test_no_blocking_entry_left_means_no_pending_verification_reason(state: MemoryState) -> None:
    for entry in owed(state):
        if entry.blocking and entry.kind == "spec-test":
            state.tested(entry.provider, entry.provider_version, entry.spec or "")
    for entry in owed(state):
        if entry.blocking:
            assert entry.kind == "replay"
            state.replayed(entry.provider, entry.provider_version, entry.consumer or "", entry.contract or "")
    assert not [entry for entry in owed(state) if entry.blocking]
    waiting = {"provider-unverified", "replay-missing", "spec-missing", "comparison-undecided"}
    for environment in ("production", "staging", None):
        for service, versions in live_versions(state, environment).items():
            for version in versions:
                decision = decide(state, [Candidate(service, version)], environment)
                open_reasons = [one for one in decision.reasons if one.code in waiting]
                assert not [one for one in open_reasons if one.provider_version is not None], open_reasons
