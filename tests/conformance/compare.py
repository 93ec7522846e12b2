"""Kinds ``compare`` and ``real``: contract and spec files with the findings that are expected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from signet.core.compare import compare
from signet.core.formats import openapi, pact, text
from signet.core.model.comparison import Comparison
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.errors import InvalidData
from tests.conformance.outcome import Outcome


def cases(directory: Path) -> list[Path]:
    """The case directories of a group, of the folder above groups, or a case itself."""
    return sorted(each.parent for each in directory.glob("**/expected.json"))


def documents(case: Path) -> tuple[Contract, Spec]:
    """The contract and the spec of a case; InvalidData where one is refused."""
    read = {}
    for name in ("spec.yaml", "spec.json", "pact.json"):
        path = case / name
        if path.exists():
            read[name.split(".")[0]] = text.read(path.read_bytes(), name)
    return pact.contract(read["pact"], consumer="consumer", provider="provider"), openapi.spec(read["spec"])


def _expected(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((case / "expected.json").read_text("utf-8"))
    return found


def run_compare(directory: Path) -> Outcome:
    """The verdict, and the set of (error code, interaction); for cases without ``problems`` the verdict."""
    outcome = Outcome()
    for case in cases(directory):
        expected = _expected(case)
        wrong = _wrong(case, expected)
        if "disputed" in expected:
            outcome.skipped += 1
            if wrong:
                outcome.notes.append(f"disputed: {case.name}: {wrong} ({expected['disputed']})")
        elif wrong:
            outcome.fail(f"{case.parent.name}/{case.name}: {wrong}")
        else:
            outcome.passed += 1
    return outcome


def _wrong(case: Path, expected: dict[str, Any]) -> str:
    try:
        comparison = compare(*documents(case))
    except InvalidData as error:
        return "" if expected.get("invalid_input") else f"expected {_shown(expected)}, got refused: {_faults(error)}"
    if expected.get("invalid_input"):
        return f"expected a refused document, got {comparison.verdict}"
    verdict = "compatible" if expected["compatible"] else "incompatible"
    codes = sorted(
        {(finding.code, finding.interaction) for finding in comparison.findings if finding.severity == "error"}
    )
    wanted = sorted(
        {(each["code"], each["interaction"]) for each in expected.get("problems", ()) if each["severity"] == "error"}
    )
    if verdict != comparison.verdict or ("problems" in expected and codes != wanted):
        return f"expected {_shown(expected)}, got {comparison.verdict} {_messages(comparison)}"
    return ""


def _faults(error: InvalidData) -> str:
    return "; ".join(map(str, error.faults)) or error.message


def _shown(expected: dict[str, Any]) -> str:
    codes = expected.get("error_codes") or [each["code"] for each in expected.get("problems", ())]
    return f"{'compatible' if expected.get('compatible') else 'incompatible'} {codes}"


def _messages(comparison: Comparison) -> list[str]:
    return [f"{finding.code}: {finding.message}" for finding in comparison.findings if finding.severity != "warning"]


def run_real(directory: Path) -> Outcome:
    """The verdict on each interaction of each real spec; the code is shown."""
    outcome = Outcome()
    for case in cases(directory):
        for line, status in _interactions(case):
            if status == "passed":
                outcome.passed += 1
            elif status == "skipped":
                outcome.skipped += 1
            else:
                outcome.fail(line)
    return outcome


def _interactions(case: Path) -> Iterator[tuple[str, str]]:
    try:
        comparison = compare(*documents(case))
    except InvalidData as error:
        yield f"{case.name}: expected a comparison, got refused: {_faults(error)}", "failed"
        return
    for each in _expected(case)["interactions"]:
        own = Comparison(tuple(found for found in comparison.findings if found.interaction == each["interaction"]))
        verdict = "compatible" if each["compatible"] else "incompatible"
        name = f"{case.name}#{each['interaction']} {each['kind']} {each['operation']}"
        if own.verdict == verdict:
            yield name, "passed"
        elif "disputed" in each:
            yield name, "skipped"
        else:
            yield f"{name}: expected {verdict} {each['code'] or ''}, got {own.verdict} {_messages(own)}", "failed"
