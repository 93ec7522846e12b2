"""What a change does: the same as judging every pair on both sides, and only what changed is judged."""

from __future__ import annotations

import copy
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core import effects
from signet.core.effects import Effect
from signet.core.guard import judge
from signet.core.impact import Status
from signet.core.integrations import Meeting, meetings
from signet.core.model.comparison import Comparison
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.core.whatif import Outlook, Place, Turn, whatif
from signet.errors import InvalidData
from tests.core.memory import MemoryState
from tests.core.test_guard import SERVICES, registries
from tests.core.test_impact import LIGHT, TEXT, WHOLE, Shop, contract_of
from tests.fuzz import effort


class Marked(MemoryState):
    """A registry in memory that tells facts apart by what they say, and counts what it compares."""

    def __init__(self) -> None:
        super().__init__()
        self.compared: list[tuple[str, ...]] = []

    def mark(self, path: str) -> str | None:
        kind, service, *rest = path.split("/")
        if kind == "everything":
            facts = (self.manifests, self.tests, self.replays, self.heads)
            own = [sorted((key, repr(one)) for key, one in each.items() if key[0] == service) for each in facts]
            return repr((self.known.get(service), self.agreed.get(service), own))
        if kind in ("spec", "contract"):
            return rest[-1]
        tables: dict[str, Any] = {"manifest": self.manifests, "spec-test": self.tests, "replay": self.replays}
        found = self.agreed.get(service) if kind == "agreed-spec" else tables[kind].get((service, *rest))
        return None if found is None else repr(found)

    def comparison(self, *asked: str) -> Comparison:
        self.compared.append(asked)
        return super().comparison(*asked)

    def contract(self, consumer: str, provider: str, digest: str) -> Contract:
        raise InvalidData(f"{digest} is broken")

    def spec(self, service: str, digest: str) -> Spec:
        return WHOLE

    def copied(self) -> Self:
        """The same facts, which can be changed apart."""
        other = type(self)()
        for name, value in vars(self).items():
            is_placed = name == "places"
            setattr(other, name, {key: dict(one) for key, one in value.items()} if is_placed else copy.copy(value))
        return other


@pytest.fixture
def shop() -> Marked:
    """cart 1 and web 1 rely on catalog 1 in production and staging, and all of it holds."""
    state = Marked()
    state.version("catalog", "1", spec="s1")
    state.tested("catalog", "1", "s1")
    for consumer in ("cart", "web"):
        state.version(consumer, "1", catalog=f"of-{consumer}")
        state.fits[f"of-{consumer}", "s1"] = "compatible"
    for environment in ("production", "staging"):
        for service in ("catalog", "cart", "web"):
            state.deploy(environment, service, "1")
    return state


def turns(found: Outlook, place: str | None = "production") -> list[tuple[str, str, str, str]]:
    (chosen,) = [one for one in found.places if one.environment == place]
    return [(turn.kind, turn.consumer, turn.consumer_version, turn.code) for turn in chosen.turns]


def verdicts(found: Outlook) -> dict[str | None, str]:
    return {place.environment: place.verdict for place in found.places}


def test_nothing_changed_so_nothing_is_judged(shop: Marked) -> None:
    after = shop.copied()
    found = whatif(shop, after)
    assert verdicts(found) == {"production": "green", "staging": "green", None: "green"}
    assert (found.pairs, found.judged, after.compared, shop.compared) == (2, 0, [], [])


def test_a_deployment_is_judged_where_it_goes_and_nothing_else(shop: Marked) -> None:
    after = shop.copied()
    after.version("cart", "2", catalog="c2")
    assert whatif(shop, after).judged == 0, "a version that is only published meets nobody"
    after.deploy("staging", "cart", "2")
    found = whatif(shop, after)
    assert verdicts(found) == {"production": "green", "staging": "red", None: "green"}
    assert turns(found, "staging") == [("against", "cart", "2", "contract-incompatible")]
    assert after.compared == [("cart", "catalog", "c2", "s1")] * 2, "once for the verdict, once for its findings"
    assert shop.compared == [("cart", "catalog", "of-cart", "s1")]
    (turn,) = found.places[1].turns
    assert "cart 2" in turn.sentence and "signet compare" in turn.remedy and turn.findings[0].severity == "error"
    assert turn.as_json()["before"] is None and turn.as_json()["after"] == "no"


@pytest.mark.parametrize(
    ("happens", "told", "verdict"),
    [
        (lambda state: state.tested("catalog", "1", "s1", passed=False), ["against", "against"], "red"),
        (lambda state: state.tests.clear(), ["open", "open"], "open"),
        (lambda state: state.replayed("catalog", "1", "cart", "of-cart", passed=False), ["against"], "red"),
        (lambda state: state.places["production"].pop("catalog"), ["against", "against"], "red"),
        (lambda state: state.places["production"].pop("web"), [], "green"),
        (lambda state: state.manifests.pop(("cart", "1")), ["against"], "red"),
        (lambda state: state.agreed.update(catalog="s9"), [], "open"),  # nobody can read what relies on it
        (lambda state: state.version("catalog", "2", spec="s2"), [], "green"),
    ],
)
def test_what_happens_turns_those_whom_it_concerns(shop: Marked, happens: Any, told: list[str], verdict: str) -> None:
    after = shop.copied()
    happens(after)
    found = whatif(shop, after)
    assert [kind for kind, *_ in turns(found)] == told
    assert verdicts(found)["production"] == verdict
    back = whatif(after, shop)
    assert {kind for kind, *_ in turns(back)} <= {"better"} and verdicts(back)["production"] == "green"
    assert len(turns(back)) == len(told)


def test_only_the_pairs_of_what_changed_are_compared(shop: Marked) -> None:
    for number in range(20):
        shop.version(f"s{number}", "1", catalog="of-cart")
        shop.deploy("production", f"s{number}", "1")
    after = shop.copied()
    after.replayed("catalog", "1", "web", "of-web")
    found = whatif(shop, after)
    assert (found.pairs, found.judged) == (22, 1)
    assert after.compared == shop.compared == [("web", "catalog", "of-web", "s1")]


def test_an_environment_that_nobody_can_read_is_red_if_it_could_be_read_before(shop: Marked) -> None:
    class Broken(Marked):
        def placements(self, environment: str) -> Any:
            if environment == "staging":
                raise InvalidData("environments/staging/cart.yaml is invalid.")
            return super().placements(environment)

    broken = Broken()
    broken.__dict__.update(vars(shop.copied()))
    assert verdicts(whatif(shop, broken)) == {"production": "green", "staging": "red", None: "green"}
    assert verdicts(whatif(broken, broken))["staging"] == "open"
    assert verdicts(whatif(broken, shop))["staging"] == "green"


@st.composite
def changes(draw: st.DrawFn) -> tuple[Marked, Marked]:
    """Two registries, the second of which has some facts of a third; contents compare the same in both."""
    one, other = draw(registries()), draw(registries())
    before = Marked()
    before.__dict__.update(vars(one))
    after = before.copied()
    for table in ("known", "manifests", "heads", "agreed", "tests", "replays"):
        ours, theirs = getattr(after, table), getattr(other, table)
        for key in sorted({*ours, *theirs}):
            if draw(st.integers(0, 3)) == 0:
                ours.pop(key, None)
                ours.update({key: theirs[key]} if key in theirs else {})
    for environment, placed in other.places.items():
        for service in SERVICES:
            if draw(st.integers(0, 3)) == 0:
                after.places[environment].pop(service, None)
                after.places[environment].update({service: placed[service]} if service in placed else {})
    return before, after


def weight(state: Marked, one: Meeting) -> str:
    return "no" if one.pair is None else judge(state, one.pair).weight


@effort(25)
@given(changes())
def test_what_turns_is_what_judging_everything_says(pair: tuple[Marked, Marked]) -> None:
    before, after = pair
    found = whatif(before, after)
    for place in found.places:
        was, now = (set(meetings(state, place.environment)) for state in pair)
        expected = set()
        for one in was | now:
            sides = (weight(before, one) if one in was else "", weight(after, one) if one in now else "")
            turn = Turn(one.consumer, one.version, None, None, *sides, "", "")
            if turn.kind:
                met = (one.pair.provider, one.pair.provider_version) if one.pair else (None, None)
                expected.add((one.consumer, one.version, *met, *sides))
        assert {turn[:6] for turn in place.turns} == expected
        against = any(turn.kind == "against" for turn in place.turns)
        assert (place.verdict == "red") == against


# --- specs


def weighed(before: Spec | None, after: Spec) -> Effect:
    shop = Shop(cart=contract_of(price=1), scale=contract_of(weight=1))
    return effects.weighed(shop, "catalog", None, before, after)  # type: ignore[arg-type]


def test_a_changed_agreed_spec_is_red_where_somebody_is_broken_by_it() -> None:
    effect = weighed(WHOLE, LIGHT)
    assert Place("in-scale", (), (effect,)).verdict == "red"
    assert Place("in-cart", (), (effect,)).verdict == "green"
    assert [hit.by.consumer for _, hit in Place("in-scale", (), (effect,)).hits(*Status)] == ["scale"]
    assert Place("in-cart", (), (weighed(WHOLE, TEXT),)).verdict == "red"
    assert Place("in-scale", (), (weighed(LIGHT, TEXT),)).verdict == "green", "it was not broken, and is mended"
    unread = effects.weighed(_unread(), "catalog", None, WHOLE, LIGHT)
    assert unread.impact is None and Place("production", (), (unread,)).verdict == "open"


def _unread() -> Marked:
    state = Marked()
    state.version("catalog", "1")
    state.version("cart", "1", catalog="c")
    state.deploy("production", "cart", "1")
    return state
