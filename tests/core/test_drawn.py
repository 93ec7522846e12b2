"""What holds for all specs and contracts: what conforms is compatible, what is forbidden is found, and where it stands.

Specs, values and what is wrong with them are drawn by ``drawn_specs``; nothing there asks the code that is tested.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from signet.core import compare
from signet.core.compare import Prepared
from signet.core.compare.codes import CODES
from signet.core.formats import openapi, pact, text
from signet.core.model.comparison import Comparison, Finding
from signet.core.model.spec import Spec
from tests.core import reference
from tests.core.drawn_leaves import Picked
from tests.core.drawn_mutants import Mutant, mutants
from tests.core.drawn_pacts import contract
from tests.core.drawn_specs import Drawn, Exchange, drawn
from tests.fuzz import THOROUGH, effort

pytestmark = [pytest.mark.slow] if THOROUGH else []


class Dice:
    """Choices by a seed. A drawing takes hundreds of them; hypothesis shrinks the seed and how much is drawn."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def between(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, listed: Sequence[Picked]) -> Picked:
        return self.random.choice(listed)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent


def _drawing(seed: int, most: int, depth: int) -> tuple[Drawn, Dice]:
    dice = Dice(seed)
    return drawn(dice, most, depth), dice


DRAWINGS = st.builds(_drawing, st.integers(0, 2**64), st.integers(1, 2), st.sampled_from([0, 1, 2, 3, 3, 3, 4]))
"""A spec with its exchanges, and where more choices come from."""


def read_spec(value: Any) -> Spec:
    """A spec as it is read from a file."""
    return openapi.spec(text.read(text.dump(value).encode(), "openapi.json"))


def compared(exchanges: list[Exchange], spec: Spec | Prepared, version: int, encoded: bool = False) -> Comparison:
    """The comparison of exchanges, written as a Pact file."""
    written = text.read(text.dump(contract(exchanges, version, encoded)).encode(), "pact.json")
    return compare.compare(pact.contract(written), spec)


def against(findings: Sequence[Finding]) -> list[Finding]:
    """What makes a contract incompatible, or leaves it open."""
    return [each for each in findings if CODES[each.code].severity != "warning"]


VERSIONS = st.sampled_from([(2, False), (3, False), (4, False), (4, True)])
"""Pact versions, and whether bodies are written in base64."""


# --- what conforms ---------------------------------------------------------------------------------------------------


@effort(300)
@given(DRAWINGS, VERSIONS)
def test_what_conforms_is_compatible(pair: tuple[Drawn, Dice], version: tuple[int, bool]) -> None:
    """A part of what conforms, in a response; and with or without the short cut."""
    whole, _ = pair
    spec = read_spec(whole.spec)
    quick = compared(whole.exchanges, compare.prepare(spec), *version)
    assert against(quick.findings) == []
    assert quick == compared(whole.exchanges, compare.prepare(spec, short_cut=False), *version)


@effort(300)
@given(DRAWINGS)
def test_what_is_drawn_conforms_by_the_reference(pair: tuple[Drawn, Dice]) -> None:
    """The generator itself is held to what it promises, wherever we read a schema as the reference does."""
    whole, _ = pair
    for side, schema, value in whole.bodies if not whole.world.beyond_reference else ():
        own = side if whole.world.dialect != "3.1" else ""
        assert reference.is_valid(schema, value, whole.spec, whole.world.dialect, own)


# --- what is forbidden -----------------------------------------------------------------------------------------------

TRIED = 12
"""Mutants of one exchange that are tried; drawing it takes longer than comparing it."""


def _spoiled(drawing: tuple[Drawn, Dice]) -> tuple[Drawn, int, list[Mutant]]:
    whole, dice = drawing
    number = dice.between(0, len(whole.exchanges) - 1)
    ways = list(mutants(whole, whole.exchanges[number]))
    dice.random.shuffle(ways)
    by_word = {" ".join(each.word.split()[:2]): each for each in ways}  # wrong types are many, and the rest is few
    bodies = [each for each in by_word.values() if each.in_body]
    others = [each for each in by_word.values() if not each.in_body]
    dice.random.shuffle(others)
    return whole, number, [*bodies, *others][:TRIED]


SPOILED = DRAWINGS.map(_spoiled)
"""A spec, the number of an exchange, and several ways to put one thing of it wrong."""


def test_one_thing_that_is_forbidden_is_found_where_it_stands() -> None:
    seen: Counter[str] = Counter()

    @effort(300)
    @given(SPOILED, VERSIONS)
    def found(case: tuple[Drawn, int, list[Mutant]], version: tuple[int, bool]) -> None:
        whole, number, ways = case
        prepared = compare.prepare(read_spec(whole.spec))
        for mutant in ways:
            exchanges = [*whole.exchanges]
            exchanges[number] = mutant.exchange
            findings = against(compared(exchanges, prepared, *version).findings)
            assert all(each.interaction == number for each in findings), "another interaction is blamed"
            told = any(
                each.severity == "error" and mutant.is_told(each.contract_pointer, number, *version)
                for each in findings
            )
            is_free = mutant.side == "request" and mutant.exchange.status >= 400 and not mutant.always
            assert told is not is_free, (mutant.word, findings)
            seen[mutant.word.split()[-1]] += 1

    found()
    assert not EXPECTED - seen.keys(), f"never tried: {EXPECTED - seen.keys()}"


EXPECTED = {
    "path", "method", "accept", "type", "status", "security", "query", "header", "body", "required", "unnamed",
    "object", "string", "enum", "pattern", "format", "multipleOf", "minimum", "maximum", "minLength", "maxLength",
    "maxItems", "not", "uniqueItems", "writeOnly", "alternative",
}  # fmt: skip
"""What must have been put wrong at least once for the test to have tested something."""


@effort(200)
@given(SPOILED)
def test_what_is_forbidden_in_a_request_is_invalid_by_the_reference(case: tuple[Drawn, int, list[Mutant]]) -> None:
    whole, _, ways = case
    dialect = whole.world.dialect
    for mutant in ways:
        sent = mutant.exchange.sent
        if whole.world.beyond_reference or not mutant.in_body or mutant.side == "response" or sent is None:
            continue
        schema = next(schema for side, schema, value in whole.bodies if side == "request" and value == sent.plain())
        own = "request" if dialect != "3.1" else ""
        assert not reference.is_valid(schema, mutant.exchange.body, whole.spec, dialect, own), mutant.word


# --- what never changes a finding ------------------------------------------------------------------------------------


def shuffled(value: Any, choice: Dice) -> Any:
    """The value with the keys of every object in another order."""
    if isinstance(value, dict):
        left = list(value.items())
        found = {}
        while left:
            name, child = left.pop(choice.between(0, len(left) - 1))
            found[name] = shuffled(child, choice)
        return found
    return [shuffled(each, choice) for each in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """The value as json.dumps and yaml take it."""
    return json.loads(text.dump(value))


def as_json(value: Any) -> text.Document:
    return text.read(json.dumps(value, indent=3, ensure_ascii=True, separators=(" , ", " :\t")).encode(), "x.json")


class Written(yaml.SafeDumper):
    """PyYAML leaves texts such as 1e5 bare, which are numbers since YAML 1.2."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if value[:1] in tuple("0123456789+-.") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


Written.add_representer(str, _text)


def as_yaml(value: Any) -> text.Document:
    return text.read(yaml.dump(value, Dumper=Written, allow_unicode=True, sort_keys=False, width=40).encode(), "x.yaml")


FORMATS = {"json": as_json, "yaml": as_yaml}


def annotated(schema: Any) -> Any:
    """A schema, with what says nothing about values beside all that it says."""
    if isinstance(schema, list):
        return [annotated(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: annotated(child) for name, child in schema.items()}
    if isinstance(schema.get("type"), str) and "in" not in schema:
        found |= {"description": "d", "title": "t", "x-order": 1, "example": {"$ref": "#/nowhere"}, "default": {"a": 1}}
    return found


def with_more(spec: dict[str, Any], dialect: str) -> dict[str, Any]:
    """The spec with operations, components, tags, extensions and descriptions that nobody asked for."""
    found = plain(spec)
    key = "definitions" if dialect == "2.0" else "components"
    held = found[key] if dialect == "2.0" else found[key]["schemas"]
    for name in list(held):
        held[name] = annotated(held[name])
    held["Unused"] = {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}, "not": {}}
    for item in found["paths"].values():
        for each in list(item.values()):
            each |= {"operationId": "o", "summary": "s", "tags": ["x"], "x-internal": {"$ref": "#/nowhere"}}
    item = {"get": {"responses": {"204": {"description": "d"}}}}
    found["paths"] = {"/zz": item, **found["paths"], "/other/{a}/{b}/c": item, "/r0/x/y/z/{deep}": item}
    return {**found, "tags": [{"name": "x"}], "x-note": {"paths": {}}, "externalDocs": {"url": "https://example.org"}}


def meant(comparison: Comparison, order: Sequence[int], is_quoted: bool) -> Counter[tuple[Any, ...]]:
    """The findings without the order in which they stand; ``order`` says where each interaction came from.

    ``is_quoted``: with what is quoted of the spec, which is as long as a schema with all its descriptions.
    """
    return Counter(
        (
            order[each.interaction],
            each.code,
            each.severity,
            each.message,
            tuple(each.contract_pointer.split("/", 3)[3:]),
            each.spec_pointer,
            each.expected,
            each.promised if is_quoted else "",
        )
        for each in comparison.findings
    )


def _half_right(drawing: tuple[Drawn, Dice]) -> tuple[Drawn, list[Exchange], Dice]:
    whole, _, ways = _spoiled(drawing)
    return whole, [*whole.exchanges, *(way.exchange for way in ways[:3])], drawing[1]


HALF_RIGHT = DRAWINGS.map(_half_right)
"""A spec, and exchanges of which some have something wrong."""


@effort(100)
@given(HALF_RIGHT, st.sampled_from([2, 3, 4]), st.sampled_from(sorted(FORMATS)))
def test_writing_order_and_what_nobody_asked_for_change_no_finding(
    case: tuple[Drawn, list[Exchange], Dice], version: int, written: str
) -> None:
    whole, exchanges, choice = case
    dialect = whole.world.dialect
    value = plain(contract(exchanges, version))
    first = compare.compare(pact.contract(as_json(value)), openapi.spec(as_json(plain(whole.spec))))
    order = list(range(len(exchanges)))
    for position in range(len(order)):
        other = choice.between(position, len(order) - 1)
        order[position], order[other] = order[other], order[position]
    moved = {**value, "interactions": [value["interactions"][number] for number in order]}
    moved["metadata"] = {**moved["metadata"], "client": {"name": "x", "version": "2"}}
    for spec, is_quoted in ((plain(whole.spec), True), (with_more(whole.spec, dialect), False)):
        again = compare.compare(
            pact.contract(FORMATS[written](shuffled(moved, choice))),
            openapi.spec(FORMATS[written](shuffled(spec, choice))),
        )
        assert meant(again, order, is_quoted) == meant(first, range(len(exchanges)), is_quoted)


@effort(80)
@given(HALF_RIGHT, VERSIONS)
def test_a_spec_that_is_prepared_once_remembers_nothing_of_a_contract(
    case: tuple[Drawn, list[Exchange], Dice], version: tuple[int, bool]
) -> None:
    whole, exchanges, choice = case
    spec = read_spec(whole.spec)
    fresh = [compared([each], compare.prepare(spec), *version) for each in exchanges]
    prepared = compare.prepare(spec)
    numbers = [choice.between(0, len(exchanges) - 1) for _ in range(2 * len(exchanges))]
    for number in numbers:
        assert compared([exchanges[number]], prepared, *version) == fresh[number]
    together = compared(exchanges, prepared, *version)
    for number, alone in enumerate(fresh):
        own = [each.code for each in together.findings if each.interaction == number]
        assert own == [each.code for each in alone.findings]
