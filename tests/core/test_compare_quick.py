"""The short cut says yes only where the evaluator has nothing to say, and changes no finding."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from signet.core import compare
from signet.core.compare import leaves, texts
from signet.core.compare.modes import PARTIAL, PLAIN, QUICK_STEPS, REQUEST, RESPONSE, Budget, Mode
from signet.core.compare.quick import Plans
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.formats import openapi, pact, text
from signet.core.formats.matchers import Rule, Rules
from signet.core.formats.text import digest, digest_read, dump, dump_read
from signet.errors import InvalidData
from tests.conformance.compare import cases, documents
from tests.core import reference
from tests.core.any_schemas import LEAVES, VALUES, schemas
from tests.core.test_compare import CASES
from tests.core.test_compare import documents as own_documents
from tests.core.test_compare_properties import promised
from tests.core.test_conformance_compare import folder

MODES = st.sampled_from([REQUEST, RESPONSE, PARTIAL, PLAIN])
PATHS = st.lists(st.sampled_from(["a", "b", "c", "*", 0]), max_size=2).map(tuple)
MATCHERS = st.sampled_from(
    [
        {"match": "type"}, {"match": "type", "min": 1}, {"match": "type", "max": 1}, {"match": "integer"},
        {"match": "decimal"}, {"match": "boolean"}, {"match": "null"}, {"match": "regex", "regex": "a|bb"},
        {"match": "values"}, {"match": "eachKey"}, {"match": "include", "value": "a"}, {"match": "regex", "regex": "("},
        {"match": "notEmpty"}, {"match": "semver"}, {"match": "date", "format": "yyyy"}, {"match": "equality"},
    ]
)  # fmt: skip
RULES = st.lists(st.builds(lambda path, matcher: Rule("body", path, matcher, ""), PATHS, MATCHERS), max_size=2)
MORE = st.sampled_from(
    [
        {}, {"x-nullable": True}, {"properties": {"a": {"readOnly": True}, "b": {"writeOnly": True}}},
        {"properties": {"a": {"type": "string"}}, "discriminator": {"propertyName": "a"}}, {"$ref": "#/schema"},
        {"unevaluatedProperties": False}, {"format": "int32"}, {"format": "date"},
        {"properties": {"a": {"$ref": "#/schema"}}},
    ]
)  # fmt: skip


def both(schema: Any, shared: Any, value: Any, mode: Mode, rules: list[Rule], dialect: str) -> tuple[bool, bool]:
    """(the short cut's yes, the evaluator's)."""
    root = {"schema": schema, "components": {"schemas": {"R": shared}}}
    read = text.read(text.dump({"root": root, "value": value}).encode(), "x.json").value
    source, held = Source(read["root"], dialect), Rules(tuple(rules))
    node = Node(read["root"]["schema"], "/schema")
    quick = Plans(source).fits(read["value"], node, mode, held, Budget())
    return quick, not Judge(source, held).misfits(read["value"], (node,), mode)


@pytest.mark.parametrize("dialect", ["3.1", "3.0"])
def test_a_yes_of_the_short_cut_is_a_yes_of_the_evaluator(dialect: str) -> None:
    seen: Counter[tuple[bool, bool]] = Counter()

    @settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(schemas(newer=dialect == "3.1"), MORE, st.one_of(LEAVES), VALUES, MODES, RULES)
    def holds(schema: Any, more: Any, shared: Any, value: Any, mode: Mode, rules: list[Rule]) -> None:
        whole = schema if "$ref" in schema else {**schema, **more}
        quick, evaluated = both(whole, {**shared, **more}, value, mode, rules, dialect)
        seen[quick, evaluated] += 1
        assert evaluated or not quick

    holds()
    assert seen[True, True] > seen[False, True], f"the short cut is hardly ever taken: {seen}"


@pytest.mark.parametrize("newer", [True, False])
def test_a_yes_of_the_short_cut_is_a_yes_of_the_reference(newer: bool) -> None:
    @settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(schemas(newer=newer), st.one_of(LEAVES), VALUES)
    def holds(schema: Any, shared: Any, value: Any) -> None:
        assume(newer or "nullable" not in text.dump(schema) or "null" not in text.dump(value))  # ours is wider there
        dialect = "3.1" if newer else "3.0"
        quick, _ = both(schema, shared, value, REQUEST, [], dialect)
        assert reference.is_valid(schema, value, {"components": {"schemas": {"R": shared}}}, dialect) or not quick

    holds()


@settings(max_examples=100, deadline=None)
@given(promised(), MODES)
def test_what_conforms_is_told_by_the_short_cut(pair: tuple[Any, Any], mode: Mode) -> None:
    assert both(*pair[:1], {}, pair[1], mode, [], "3.1") == (True, True)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(sorted(leaves.SURE)))
def test_texts_that_surely_have_a_format_have_it(data: st.DataObject, name: str) -> None:
    assert texts.has_format(name, data.draw(st.from_regex(leaves.SURE[name], fullmatch=True)))


def compared(contract: Any, spec: Any) -> int:
    """How many interactions have no finding; the findings are the same with and without the short cut."""
    quick = compare.compare(contract, compare.prepare(spec))
    slow = compare.compare(contract, compare.prepare(spec, short_cut=False))
    assert [each.as_json() for each in quick.findings] == [each.as_json() for each in slow.findings]
    return len(contract.interactions) - len({each.interaction for each in quick.findings})


@pytest.mark.parametrize("name", CASES)
def test_cases_have_the_same_findings_without_it(name: str) -> None:
    contract, spec = own_documents(CASES[name])
    compared(pact.contract(contract), openapi.spec(spec))


@pytest.mark.parametrize("group", ["compare/opc", "compare/smv", "compare/beyond", "real"])
def test_conformance_data_has_the_same_findings_without_it(group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: Counter[bool] = Counter()
    fits = Plans.fits

    def counted(self: Plans, *arguments: Any) -> bool:
        answer = fits(self, *arguments)
        told[answer] += 1
        return answer

    monkeypatch.setattr(Plans, "fits", counted)
    fitting = 0
    for case in cases(folder() / group):
        if (case / "pact.json").exists():
            try:
                contract, spec = documents(case)
            except InvalidData:
                continue
            fitting += compared(contract, spec)
    assert fitting
    assert told[True] > told[False], told


# --- the differences that are listed (docs/decisions/0012) -----------------------------------------------------------


def test_beyond_the_steps_of_the_evaluator_the_short_cut_still_answers() -> None:
    schema = {"type": "array", "items": {"type": "array", "items": {"type": "integer", "minimum": 0}}}
    source = Source({"schema": schema}, "3.1")
    value = [list(range(1_000)) for _ in range(110)]
    source.quick = Plans(source)
    assert Judge(source).found(value, Node(schema, "/schema"), RESPONSE) == []
    source.quick = None
    with pytest.raises(Exception, match="steps were needed"):
        Judge(source).found(value, Node(schema, "/schema"), RESPONSE)


def test_the_short_cut_gives_up_within_its_own_steps() -> None:
    levels = {f"S{i}": {"oneOf": [{"$ref": f"#/components/schemas/S{i + 1}"}] * 2} for i in range(60)}
    root = {"components": {"schemas": levels | {"S60": {"type": "integer"}}}}
    source, budget = Source(root, "3.1"), Budget()
    node = Node({"$ref": "#/components/schemas/S0"}, "/components")
    assert not Plans(source).fits(1, node, REQUEST, Rules(()), budget)
    assert -1_000 < budget.quick < QUICK_STEPS
    assert budget.steps == Budget().steps


# --- budgets of a whole comparison -----------------------------------------------------------------------------------


def test_one_contract_has_steps_for_all_and_each_interaction_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signet.core.compare.modes.Pool.__init__.__defaults__", (3_000,))
    contract, spec = own_documents(CASES["a status that never comes"])
    choices = {"allOf": [{"anyOf": [{"properties": {f"{key}{i}": {}}} for key in "abc"]} for i in range(14)]}
    content = {"application/json": {"schema": choices}}
    spec.value["paths"]["/a"] = {"get": {"responses": {"200": {"content": content}}}}
    body = {f"{key}{i}": 1 for i in range(14) for key in "abc"} | {"z": 1}
    headers = {"Content-Type": "application/json"}
    costly = {
        "description": "costly",
        "request": {"method": "GET", "path": "/a"},
        "response": {"status": 200, "headers": headers, "body": body},
    }
    cheap = {"description": "cheap", "request": {"method": "GET", "path": "/none"}, "response": {"status": 200}}
    contract.value["interactions"] = [costly] * 6 + [cheap]
    found = compare.compare(pact.contract(contract), openapi.spec(spec)).findings
    codes = [each.code for each in found if each.interaction < 6]
    assert "response.body.incompatible" in codes
    assert "undecided" in codes
    assert [each.code for each in found if each.interaction == 6] == ["request.path-or-method.unknown"]


def test_what_was_made_for_other_contracts_changes_no_finding() -> None:
    """828 items are a few steps too many where 60 alternatives have still to be made ready, and just enough after."""
    kinds = [{"type": "object", "properties": {f"p{i}": {"type": "integer"}}, "required": [f"p{i}"]} for i in range(60)]
    _, document = own_documents(CASES["a status that never comes"])
    content = {"application/json": {"schema": {"type": "array", "items": {"oneOf": kinds}}}}
    document.value["paths"]["/a"] = {"post": {"requestBody": {"content": content}, "responses": {"200": {}}}}
    spec = openapi.spec(document)

    def sends(count: int) -> Any:
        request = {"method": "POST", "path": "/a", "headers": {"Content-Type": "application/json"}}
        request["body"] = [{f"p{number % 60}": number} for number in range(count)]
        parties = {"consumer": {"name": "c"}, "provider": {"name": "p"}}
        interactions = [{"description": "many", "request": request, "response": {"status": 200}}]
        return pact.contract(text.Document("c.json", "", {**parties, "interactions": interactions}, "json"))

    verdicts = set()
    for count in (820, 828):
        alone = compare.compare(sends(count), spec)
        used = compare.prepare(spec)
        compare.compare(sends(60), used)
        assert compare.compare(sends(count), used) == alone
        verdicts.add(alone.verdict)
    assert verdicts == {"compatible", "undecided"}


# --- canonical texts -------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )
)
def test_what_was_read_is_written_the_same_and_faster(value: Any) -> None:
    assert dump_read(value) == dump(value)


@pytest.mark.parametrize("number", ["0.5", "1e2", "1E-7", "-0.0", "123456789012345678901234567890.5", "1e400", "-3.0"])
def test_numbers_are_written_the_same(number: str) -> None:
    assert digest_read([Decimal(number)]) == digest([Decimal(number)])
