"""``signet record-verification`` by JUnit XML and by exit codes: what is counted, what is recorded, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Desk, Outcome, everything_in
from tests.cli.test_render import is_harmless

RECORD = ("record-verification", "-n", "catalog", "-v", "1.0.0")
GOOD = '<testcase classname="api" name="lists items"/>'
BAD = '<testcase classname="api" name="finds an item"><failure message="404"/></testcase>'
SKIPPED = '<testcase name="later"><skipped/></testcase>'


def report(desk: Desk, name: str, *cases: str, tool: str = "") -> str:
    path = desk.folder / name
    path.parent.mkdir(exist_ok=True)
    named = f' name="{tool}"' if tool else ""
    path.write_text(f"<testsuites><testsuite{named}>{''.join(cases)}</testsuite></testsuites>", encoding="utf-8")
    return name


def recorded(desk: Desk, kind: str = "spec") -> Any:
    """The record of the latest result of catalog 1.0.0, in the registry's newest commit."""
    paths = git(desk, "ls-tree", "-r", "--name-only", "main", "services/catalog/verifications/1.0.0/").split()
    return json.loads(git(desk, "show", "main:" + next(path for path in paths if f"/{kind}" in path)))


def git(desk: Desk, *arguments: str) -> str:
    command = ["git", "-C", str(desk.folder / "registry"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def refused(desk: Desk, *arguments: str) -> Outcome:
    """The outcome of a command that must fail, and leave the registry as it was."""
    before = everything_in(desk.folder / "registry")
    outcome = desk.signet(*RECORD, *arguments)
    assert outcome.code and not outcome.out
    assert everything_in(desk.folder / "registry") == before
    return outcome


def test_a_report_that_passed(shop: Desk) -> None:
    file = report(shop, "report.xml", GOOD, GOOD, SKIPPED, tool="pytest")
    outcome = shop.does(*RECORD, "--junit", file, "--url", "https://ci.example.com/7")
    assert outcome.out.startswith("verify: catalog 1.0.0 passed [")
    assert outcome.err == "3 tests: 2 passed, 0 failed, 1 skipped\n"
    found = recorded(shop)
    assert (found["result"], found["tool"], found["url"]) == ("passed", "pytest", "https://ci.example.com/7")
    assert found["details"] == {"tests": 3, "passed": 2, "failed": 0, "skipped": 1}


def test_a_report_that_failed_is_recorded_and_blocks(shop: Desk) -> None:
    file = report(shop, "report.xml", GOOD, BAD, tool="pytest")
    outcome = shop.does(*RECORD, "--junit", file, "--tool", "our own", "--json")
    assert outcome.err.splitlines() == ["2 tests: 1 passed, 1 failed, 0 skipped", "  failed: api.finds an item"]
    counts = {"reports": 1, "tool": "pytest", "passed": 1, "failed": 1, "skipped": 0}
    assert outcome.answer["report"] == counts | {"failures": ["api.finds an item"]}
    assert (recorded(shop)["result"], recorded(shop)["tool"]) == ("failed", "our own")
    guarded = ("deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "production")
    assert shop.signet(*guarded).code == 1
    shop.does(*RECORD, "--junit", report(shop, "report.xml", GOOD))
    assert shop.does(*guarded).code == 0


def test_several_reports_and_folders_add_up(shop: Desk) -> None:
    report(shop, "results/TEST-a.xml", GOOD, tool="a")
    report(shop, "results/TEST-b.xml", SKIPPED, tool="b")
    (shop.folder / "results" / "notes.txt").write_text("no report")
    other = report(shop, "other.xml", BAD, tool="c")
    shop.does(*RECORD, "--junit", "results", "--junit", other, "--junit", other)
    assert recorded(shop)["details"] == {"tests": 3, "passed": 1, "failed": 1, "skipped": 1}
    assert (recorded(shop)["result"], recorded(shop)["tool"]) == ("failed", "")


def test_a_replay_from_a_report(shop: Desk) -> None:
    file = report(shop, "report.xml", GOOD, tool="pact-jvm")
    shop.does(*RECORD, "--junit", file, "--consumer", "cart", "--consumer-version", "2.1.0")
    found = recorded(shop, "cart-")
    assert (found["kind"], found["result"], found["tool"]) == ("replay", "passed", "pact-jvm")
    assert found["details"]["tests"] == 1


@pytest.mark.parametrize(("code", "result"), [("0", "passed"), ("1", "failed"), ("127", "failed"), ("-9", "failed")])
def test_an_exit_code(shop: Desk, code: str, result: str) -> None:
    shop.does(*RECORD, "--exit-code", code, "--tool", "newman")
    found = recorded(shop)
    assert (found["result"], found["tool"], found["details"]) == (result, "newman", {"exit_code": int(code)})


def test_a_report_that_pytest_wrote(shop: Desk) -> None:
    (shop.folder / "test_it.py").write_text("def test_a(): pass\ndef test_b(): assert 0\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=r.xml", "test_it.py"]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # what is installed beside pytest has no part in it
    code = subprocess.run(command, cwd=shop.folder, env=alone, capture_output=True, timeout=60).returncode
    shop.does(*RECORD, "--junit", "r.xml")
    assert (recorded(shop)["result"], recorded(shop)["tool"]) == ("failed", "pytest tests")
    shop.does(*RECORD, "--exit-code", str(code))
    assert recorded(shop)["details"] == {"exit_code": 1}


@pytest.mark.parametrize("cases", [(), (SKIPPED,), ('<testcase name="off" status="notrun"/>',)])
def test_where_nothing_ran_there_is_no_evidence(shop: Desk, cases: tuple[str, ...]) -> None:
    outcome = refused(shop, "--junit", report(shop, "report.xml", *cases))
    assert outcome.code == 4
    assert "report.xml: no test was run" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("", 2, "The result is missing."),
        ("--passed --exit-code 0", 2, "given twice"),
        ("--failed --junit good.xml", 2, "given twice"),
        ("--junit good.xml --exit-code 0", 2, "given twice"),
        ("--exit-code many", 2, "valid integer"),
        ("--exit-code 99999999999", 2, "less than or equal"),
        ("--junit missing.xml", 2, "missing.xml cannot be read"),
        ("--junit empty", 2, "The folder empty holds no .xml file."),
        ("--junit torn.xml", 3, "torn.xml:2: not XML: no element found"),
        ("--junit good.xml --junit torn.xml --junit page.html", 3, "2 of 3 reports are refused"),
        ("--junit page.html", 3, "page.html:1: it is not JUnit XML: its root is <html>"),
        ("--junit laughs.xml", 3, "laughs.xml:2: it declares a document type"),
        ("--junit /dev/zero", 3, "more than"),
    ],
)
def test_what_is_refused(shop: Desk, arguments: str, code: int, said: str) -> None:
    report(shop, "good.xml", GOOD)
    (shop.folder / "empty").mkdir()
    (shop.folder / "torn.xml").write_text(f"<testsuite>{GOOD}\n")
    (shop.folder / "page.html").write_text("<html/>")
    (shop.folder / "laughs.xml").write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "ha">]><testsuite>&a;</testsuite>'
    )
    outcome = refused(shop, *arguments.split())
    assert outcome.code == code
    assert said in outcome.err


@pytest.mark.parametrize(
    "wicked", ["&#x202e;dessap", "&#x9b;2J", "::error::x", "a&#10;::stop-commands::x", "##[error]x"]
)
def test_names_in_a_report_reach_no_terminal_and_no_record(shop: Desk, wicked: str) -> None:
    failing = f'<testcase name="{wicked}"><failure>{wicked}</failure></testcase>'
    file = report(shop, "report.xml", GOOD, failing, tool=wicked)
    for more in ([], ["--json"]):
        outcome = shop.does(*RECORD, "--junit", file, *more)
        for line in (*outcome.out.splitlines(), *outcome.err.splitlines()):
            assert is_harmless(line), line
    assert recorded(shop)["result"] == "failed"
    assert recorded(shop)["tool"].isprintable()
    assert (shop.folder / Path(file)).exists()


def test_failures_that_are_many_are_not_all_shown(shop: Desk) -> None:
    outcome = shop.does(*RECORD, "--junit", report(shop, "report.xml", *[BAD] * 100))
    assert outcome.err.splitlines()[-1] == "  and 90 more"
    assert len(outcome.err.splitlines()) == 12
