"""The comparison on cases that nobody here wrote; what is reached is held as a floor."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from signet.core.compare import compare
from signet.core.formats import openapi, pact, text
from signet.errors import InvalidData
from tests.conformance.compare import cases, run_compare, run_real
from tests.conformance.outcome import Outcome, report

FLOORS = {"compare/opc": 152, "compare/smv": 180, "compare/beyond": 40, "real": 2672}
"""Cases that pass. The share is held too, so that a larger folder of the same form is judged alike."""


def folder() -> Path:
    """The conformance data; skips where there is none, unless somebody named a folder."""
    named = os.environ.get("SIGNET_CONFORMANCE")
    found = Path(named) if named else Path(__file__).parents[3] / "shared" / "conformance"
    if not named and not found.is_dir():
        pytest.skip("no conformance data: set SIGNET_CONFORMANCE to its folder")
    return found


@pytest.mark.parametrize("group", FLOORS)
def test_what_was_reached_is_kept(group: str) -> None:
    run = run_real if group == "real" else run_compare
    outcome = run(folder() / group)
    assert outcome.passed + outcome.failed > 0, f"no cases in {folder() / group}"
    assert outcome.failures == []
    assert outcome.passed >= FLOORS[group] or os.environ.get("SIGNET_CONFORMANCE")


def read(case: Path, name: str) -> text.Document:
    """A document of a case, with its text."""
    path = case / name if (case / name).exists() else (case / name).with_suffix(".json")
    return text.read(path.read_bytes(), path.name)


def stands_there(document: text.Document, pointer: str, line: int) -> bool:
    """Does the line hold what the pointer ends with: the key, or for an item something of the value?"""
    shown = document.text.split("\n")[line - 1]
    value, last = text.resolve(document.value, pointer), pointer.rpartition("/")[2]
    if last.isdecimal() and f'"{last}"' not in shown and f"{last}:" not in shown:
        if isinstance(value, dict | list):
            return any(sign in shown for sign in ("{", "[", "- "))
        return str(value)[:20] in shown or json.dumps(value)[:20] in shown
    key = last.replace("~1", "/").replace("~0", "~")
    return not pointer or key in shown or json.dumps(key) in shown


@pytest.mark.parametrize(
    "group", [pytest.param(group, marks=[pytest.mark.slow] if group == "real" else []) for group in FLOORS]
)
def test_every_finding_has_a_pointer_and_a_line_in_both_documents(group: str) -> None:
    seen, wrong = 0, []
    for case in cases(folder() / group):
        try:
            contract, spec = read(case, "pact.json"), read(case, "spec.yaml")
            comparison = compare(pact.contract(contract, consumer="c", provider="p"), openapi.spec(spec))
        except InvalidData:
            continue
        for finding in comparison.findings:
            for document, pointer in ((contract, finding.contract_pointer), (spec, finding.spec_pointer)):
                text.resolve(document.value, pointer)
                line, column = document.place(pointer)
                lines = document.text.split("\n")
                assert 0 < line <= len(lines) and 0 < column <= len(lines[line - 1]), (case.name, finding)
                if not stands_there(document, pointer, line):
                    wrong.append((case.name, finding.code, document.name, pointer, line, lines[line - 1]))
                seen += 1
    assert wrong == []
    assert seen or os.environ.get("SIGNET_CONFORMANCE"), f"no findings in {folder() / group}"


def test_a_folder_without_cases_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(run_compare(tmp_path)) == 1
    assert report(run_real(tmp_path)) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


def test_a_failure_is_printed_with_what_was_expected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "group" / "case"
    case.mkdir(parents=True)
    (case / "spec.yaml").write_text("openapi: 3.0.0\npaths: {}\n")
    (case / "pact.json").write_text('{"interactions": []}')
    (case / "expected.json").write_text('{"compatible": false, "problems": []}')
    assert report(run_compare(tmp_path)) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["group/case: expected incompatible [], got compatible []", "0 passed, 1 failed, 0 skipped"]
    (case / "spec.yaml").write_text("openapi: 9\n")
    (case / "expected.json").write_text('{"invalid_input": true}')
    assert report(run_compare(tmp_path)) == 0
    (case / "expected.json").write_text('{"compatible": true, "disputed": "policy", "problems": []}')
    outcome = run_compare(tmp_path)
    assert (outcome.passed, outcome.failed, outcome.skipped, len(outcome.notes)) == (0, 0, 1, 1)


def test_outcomes_add_up() -> None:
    whole = Outcome(passed=1)
    whole.fail("x: expected a, got b")
    other = Outcome(passed=2, skipped=3, notes=["n"])
    whole.add(other)
    assert (whole.passed, whole.failed, whole.skipped, whole.failures, whole.notes) == (
        3,
        1,
        3,
        ["x: expected a, got b"],
        ["n"],
    )
