"""The comparison, case by case (``compare_cases.yaml``), and what holds for every finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from signet.core import compare
from signet.core.compare.codes import CODES, sentence
from signet.core.formats import openapi, pact, text
from signet.core.model.comparison import Comparison

CASES: dict[str, Any] = text.read((Path(__file__).parent / "compare_cases.yaml").read_bytes(), "cases.yaml").value


def document(value: Any, name: str = "document.json") -> text.Document:
    """A value as a document that was read."""
    return text.read(text.dump(value, 2).encode(), name)


def documents(case: dict[str, Any]) -> tuple[text.Document, text.Document]:
    """The contract and the spec of a case."""
    spec = {"openapi": case.get("openapi", "3.1.0"), "info": {"title": "t", "version": "1"}, "paths": {}}
    spec |= case.get("spec", {})
    if "swagger" in spec:
        del spec["openapi"]
    response: dict[str, Any] = {"status": 200, **case.get("response", {})}
    if "body" in case:
        content = {"application/json": {"schema": case["body"]}}
        spec["paths"] = {"/a": {"get": {"responses": {"200": {"content": content}}}}}
        response |= {"headers": {"Content-Type": "application/json"}, "body": case["expects"]}
    if "rules" in case:
        response["matchingRules"] = case["rules"]
    request = {"method": "GET", "path": "/a", **case.get("request", {})}
    interaction = case.get("interaction") or {"description": "d", "request": request, "response": response}
    contract = {"consumer": {"name": "c"}, "provider": {"name": "p"}, "interactions": [interaction]}
    return document(contract), document(spec)


def compared(contract: text.Document, spec: text.Document) -> Comparison:
    """The comparison of two documents."""
    return compare.compare(pact.contract(contract), openapi.spec(spec))


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    contract, spec = documents(CASES[name])
    comparison = compared(contract, spec)
    assert sorted(finding.code for finding in comparison.findings) == sorted(CASES[name]["found"]), comparison.findings
    for finding in comparison.findings:
        text.resolve(contract.value, finding.contract_pointer)
        text.resolve(spec.value, finding.spec_pointer)
        assert finding.severity == CODES[finding.code].severity
        assert finding.message.endswith(".")


def test_every_code_has_a_case() -> None:
    assert {code for case in CASES.values() for code in case["found"]} == CODES.keys()


def test_every_code_belongs_to_a_step_of_the_recipe() -> None:
    for code, row in CODES.items():
        assert row.severity in ("error", "warning", "undecided")
        assert 1 <= row.step <= 10
        assert bool(row.required) != bool(row.relies) and row.rule.endswith("."), code
        assert sentence(code, name="N", expected="E", promised="P", why="W")


def test_a_finding_points_at_both_places() -> None:
    contract, spec = documents(CASES["members of allOf are merged, nested properties too"])
    contract.value["interactions"][0]["response"]["body"]["d"]["b"] = 1
    (finding,) = compared(contract, spec).findings
    assert finding.contract_pointer == "/interactions/0/response/body/d/b"
    schema = "/paths/~1a/get/responses/200/content/application~1json/schema"
    assert finding.spec_pointer == f"{schema}/allOf/1/properties/d/properties/b/type"
    assert finding.message == 'The expected response body does not fit: 1 is not of type "string", at /d/b.'


def test_a_spec_prepared_once_is_compared_with_many_contracts() -> None:
    one, spec = documents(CASES["a status that never comes"])
    other, _ = documents(CASES["a header that nobody names"])
    prepared = compare.prepare(openapi.spec(spec))
    for contract in (one, other, one):
        read = pact.contract(contract)
        assert compare.compare(read, prepared) == compare.compare(read, prepared.spec)


def test_undecided_is_neither_yes_nor_no() -> None:
    contract, spec = documents(CASES["a schema without an end"])
    assert compared(contract, spec).verdict == "undecided"
    contract, spec = documents(CASES["a bad schema does not hide a misfit beside it"])
    assert compared(contract, spec).verdict == "incompatible"


def test_one_bad_operation_does_not_hide_another_interaction() -> None:
    contract, spec = documents(CASES["a schema of a response that cannot be judged"])
    second = {"description": "e", "request": {"method": "GET", "path": "/none"}, "response": {"status": 200}}
    contract.value["interactions"].append(second)
    found = [(finding.code, finding.interaction) for finding in compared(contract, spec).findings]
    assert found == [("response.schema.unvalidatable", 0), ("request.path-or-method.unknown", 1)]


def test_the_comparison_imports_no_heavy_library_before_it_needs_one() -> None:
    import subprocess
    import sys

    script = (
        "import sys, signet.core.compare, signet.core.formats.pact, signet.core.formats.openapi;"
        "heavy = {'jsonschema_rs', 'openapi_schema_validator', 'ruamel', 'pydantic', 'httpx', 'fastapi', 'yaml'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
