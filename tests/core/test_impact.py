"""Whom a change hits: exactly those whose contracts fit no more, checked against comparing all with all."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, given

from signet.core.compare import compare
from signet.core.formats import openapi, pact, text
from signet.core.impact import Impact, Status, impact
from signet.core.model.change import BREAKING, HARMLESS, Change
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.errors import InvalidData
from tests.core.drawn_pacts import contract as written
from tests.core.drawn_specs import Drawn
from tests.core.memory import MemoryState
from tests.core.test_drawn import DRAWINGS, Dice
from tests.fuzz import effort

PRICE = "/paths/~1items~1{id}/get/responses/200/content/application~1json/schema/properties/price"
PLACE = PRICE.removesuffix("/properties/price")


def spec_of(**fields: Any) -> Spec:
    schema = {"type": "object", "properties": fields}
    get = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
    }
    value = {"openapi": "3.0.3", "info": {"title": "C", "version": "1"}, "paths": {"/items/{id}": {"get": get}}}
    return openapi.spec(text.read(json.dumps(value).encode(), "catalog.json"))


def contract_of(**body: Any) -> Contract:
    answers = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    one = {"description": "an item", "request": {"method": "GET", "path": "/items/7"}, "response": answers}
    value = {"consumer": {"name": "cart"}, "provider": {"name": "catalog"}, "interactions": [one]}
    return pact.contract(text.read(json.dumps(value).encode(), "cart.json"))


class Shop(MemoryState):
    """A registry in memory with the contents of contracts: by consumer, in the environment of that name."""

    def __init__(self, **contracts: Contract) -> None:
        super().__init__()
        self.kept = {contract.digest: contract for contract in contracts.values()}
        self.version("catalog", "1", spec="s1")
        for name, contract in contracts.items():
            self.version(name, "1", catalog=contract.digest)
            self.deploy(f"in-{name}", name, "1")

    def contract(self, consumer: str, provider: str, digest: str) -> Contract:
        return self.kept[digest]


def changed(base_pointer: str, level: str = BREAKING, method: str = "GET", path: str = "/items/{id}") -> Change:
    return Change("x", "", level, "response", "narrows", method, path, "It changed.", base_pointer, base_pointer)


def statuses(found: Impact) -> dict[str, str]:
    return {hit.by.consumer: hit.status.value for hit in found.hits}


WHOLE = spec_of(price={"type": "number"}, weight={"type": "number"})
LIGHT = spec_of(price={"type": "number"})
TEXT = spec_of(price={"type": "string"}, weight={"type": "number"})
SHOP = Shop(cart=contract_of(price=1), scale=contract_of(weight=1), both=contract_of(price=1, weight=2))


def test_what_nobody_reads_may_go_and_what_one_reads_breaks_that_one() -> None:
    found = impact(SHOP, "catalog", WHOLE, LIGHT, ())
    assert statuses(found) == {"both": "broken", "scale": "broken", "cart": "untouched"}
    assert found.verdict == "broken"
    assert [found.verdict_at(place) for place in found.places] == ["broken", "safe", "broken", "nobody"]
    assert found.places == ("in-both", "in-cart", "in-scale", None)
    (scale,) = found.at("in-scale")
    assert [finding.contract_pointer for finding in scale.findings] == ["/interactions/0/response/body/weight"]
    assert statuses(impact(SHOP, "catalog", WHOLE, LIGHT, (), "in-cart")) == {"cart": "untouched"}


def test_without_a_base_all_that_does_not_fit_is_broken() -> None:
    assert statuses(impact(SHOP, "catalog", None, LIGHT, ())) == {
        "both": "broken",
        "scale": "broken",
        "cart": "untouched",
    }


def test_what_was_broken_already_is_no_news_and_may_be_mended() -> None:
    assert statuses(impact(SHOP, "catalog", LIGHT, TEXT, ())) == {
        "cart": "broken",
        "both": "broken already",
        "scale": "mended",
    }
    assert impact(SHOP, "catalog", LIGHT, LIGHT, ()).verdict == "safe", "nothing changed, so nothing broke"


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (changed(PRICE), {"cart", "both"}),
        (changed(f"{PRICE}/maximum"), {"cart", "both"}),
        (changed(f"{PLACE}/required/0"), {"cart", "both", "scale"}),
        (changed(f"{PLACE}/properties/weight"), {"scale", "both"}),
        (changed(PLACE), {"cart", "both", "scale"}),
        (changed("/paths/~1items~1{id}/get"), {"cart", "both", "scale"}),
        (changed("/paths/~1items~1{id}/get/security"), {"cart", "both", "scale"}),
        (changed("/paths/~1items~1{id}/get/responses/404"), set()),
        (changed(f"{PLACE}/properties/colour"), set()),
        (changed(PRICE, method="PUT"), set()),
        (changed(PRICE, path="/items/{sku}"), {"cart", "both"}),
        (changed(PRICE, path="/goods/{id}"), set()),
        (changed("", path=""), set()),
    ],
)
def test_touched_is_who_uses_the_place_that_changed(change: Change, touched: set[str]) -> None:
    found = impact(SHOP, "catalog", WHOLE, WHOLE, (change,))
    assert {name for name, status in statuses(found).items() if status == "touched"} == touched
    assert {name for name, status in statuses(found).items() if status == "untouched"} == set(SHOP.known) - touched - {
        "catalog"
    }


def test_the_gravest_change_comes_first_with_its_place_in_the_contract() -> None:
    found = impact(SHOP, "catalog", WHOLE, WHOLE, (changed(PLACE, HARMLESS), changed(PRICE)))
    (cart,) = found.at("in-cart")
    assert [touch.change.level for touch in cart.touches] == [BREAKING, HARMLESS]
    assert [touch.pointer for touch in cart.touches] == ["/interactions/0/response/body/price", "/interactions/0"]
    assert cart.as_json()["touches"][0]["change"]["level"] == "breaking"


# --- against comparing everything ------------------------------------------------------------------------------------


def edited(value: Any, dice: Dice) -> Any:
    """The document with something taken out, or a word of a schema changed."""
    value = copy.deepcopy(value)
    places: list[tuple[Any, Any]] = []
    waiting = [value["paths"], value.get("components", {}), value.get("definitions", {})]
    while waiting:
        held = waiting.pop()
        for key, child in list(held.items() if isinstance(held, dict) else enumerate(held)):
            places.append((held, key))
            if isinstance(child, (dict, list)):
                waiting.append(child)
    held, key = dice.pick(places)
    if isinstance(held, dict) and isinstance(held.get("type"), str) and dice.chance(50):
        held["type"] = dice.pick(["string", "integer", "object", "array", "boolean"])
    else:
        del held[key]
    return value


def read(value: Any) -> Spec:
    try:
        return openapi.spec(text.read(text.dump(value).encode(), "openapi.json"))
    except InvalidData:
        assume(False)
        raise


@effort(60)
@given(DRAWINGS)
def test_broken_are_those_that_fitted_the_base_and_do_not_fit_the_revision(pair: tuple[Drawn, Dice]) -> None:
    whole, dice = pair
    new = whole.spec
    for _ in range(dice.between(1, 3)):
        new = edited(new, dice)
    base, revision = read(whole.spec), read(new)
    contracts = {
        f"c{at}": pact.contract(text.read(text.dump(written(list(some), 4)).encode(), "pact.json"))
        for at, some in enumerate([whole.exchanges[:1], whole.exchanges[1:], whole.exchanges])
        if some
    }
    found = {hit.by.consumer: hit.status for hit in impact(Shop(**contracts), "catalog", base, revision, ()).hits}
    for name, contract in contracts.items():
        before, after = compare(contract, base), compare(contract, revision)
        assert (found[name] is Status.BROKEN) == (before.compatible and after.verdict == "incompatible")
        assert (found[name] in (Status.UNTOUCHED, Status.MENDED)) == after.compatible
