"""Reports of live tests: the same outcome in every format, and nothing of it that anybody takes for something else."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from signet.cli import outcomes
from signet.cli.formats.markdown import LIMIT
from signet.errors import UsageError
from signet.live.outcome import Outcome, Problem, Row

EVIL = "\x1b[2Ja|b\n::error::x ##[y] <img src=//x> @all `c` [l](http://x) \u202e\x00\ud800 https://u:canary@h"
OUTCOME = Outcome(
    "spec-test",
    "spec of catalog",
    "schemathesis 4.32.5",
    (
        Row("GET /items", (), 12, 10, 0.25),
        Row(
            "GET /items/{id}", (Problem("body-misfit", "answer 200: wrong", "curl -X GET http://h/items/1"),), 3, 3, 0.1
        ),
        Row("POST /items", (), 4, 0, 1.0, advice=(Problem("never-succeeded", "no success"),)),
        Row("DELETE /items", skipped="excluded"),
    ),
    2.345,
    {"seed": 7, "cases": 19},
)


def test_text_for_people() -> None:
    assert outcomes.text("text", [OUTCOME]).splitlines() == [
        "failed: spec of catalog, 1 row of 4 failed, 19 requests by schemathesis 4.32.5 (seed 7) in 2.3 s",
        "  passed   GET /items       12 requests  10 succeeded  0.2 s",
        "  failed   GET /items/{id}  3 requests   3 succeeded   0.1 s",
        "  advice   POST /items      4 requests   0 succeeded   1.0 s",
        "  skipped  DELETE /items    excluded",
        "failed: GET /items/{id}: answer 200: wrong [body-misfit]",
        "  curl -X GET http://h/items/1",
        "advice: POST /items: no success [never-succeeded]",
    ]


def test_show_writes_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    for format_ in outcomes.FORMATS:
        outcomes.show(format_, [OUTCOME])
        assert capsys.readouterr().out == outcomes.text(format_, [OUTCOME])


def test_json_is_the_same_for_the_same_test() -> None:
    document = json.loads(outcomes.text("json", [OUTCOME]))
    assert (document["schema"], document["passed"]) == ("signet.test/1", False)
    assert document["outcomes"] == [OUTCOME.as_json()]
    assert document["outcomes"][0]["rows"][2]["advice"] == [
        {"code": "never-succeeded", "message": "no success", "request": ""}
    ]
    slower = replace(OUTCOME, seconds=99.0, rows=tuple(replace(row, seconds=9.0) for row in OUTCOME.rows))
    for format_ in ("json", "markdown"):
        assert outcomes.text(format_, [slower]) == outcomes.text(format_, [OUTCOME])
    assert json.loads(outcomes.text("json", []))["passed"] is False
    good = replace(OUTCOME, rows=OUTCOME.rows[:1])
    assert json.loads(outcomes.text("json", [good]))["passed"] is True
    assert json.loads(outcomes.text("json", [good, OUTCOME]))["passed"] is False


def test_junit_has_a_case_for_each_row() -> None:
    suites = ElementTree.fromstring(outcomes.text("junit", [OUTCOME, OUTCOME]))  # noqa: S314 it is our own
    assert {key: suites.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "8",
        "failures": "2",
        "errors": "0",
        "skipped": "2",
        "time": "4.690",
    }
    suite = suites.findall("testsuite")[0]
    assert {one.get("name"): one.get("value") for one in suite.findall("properties/property")} == {
        "tool": "schemathesis 4.32.5",
        "seed": "7",
        "cases": "19",
    }
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert list(cases) == [row.name for row in OUTCOME.rows]
    failure = cases["GET /items/{id}"].find("failure")
    assert failure is not None
    assert failure.get("type") == "body-misfit"
    assert "curl -X GET http://h/items/1" in (failure.text or "")
    assert cases["DELETE /items"].find("skipped") is not None
    assert "never-succeeded: no success" in (cases["POST /items"].findtext("system-out") or "")


@pytest.mark.parametrize("format_", outcomes.FORMATS)
def test_nothing_that_was_sent_becomes_anything(format_: str) -> None:
    evil = Problem("body-misfit", EVIL, EVIL)
    row = Row(EVIL, (evil,), 1, 1, advice=(evil,), skipped=EVIL)
    report = outcomes.text(format_, [Outcome("replay", EVIL, EVIL, (row,), details={"seed": EVIL})])
    for line in report.splitlines():
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
    assert "##[" not in report
    assert "canary" not in report
    if format_ == "junit":
        ElementTree.fromstring(report)  # noqa: S314 it is our own
    if format_ == "markdown":
        rendered = MarkdownIt("commonmark").enable("table").render(report)
        assert [tag for tag in ("<img", "<a ", "<code", "@all") if tag in rendered] == []
        assert rendered.count("<table>") == 3


def test_a_summary_stays_below_the_limit() -> None:
    rows = tuple(replace(OUTCOME.rows[1], name=f"GET /items/{number}" + "x" * 900) for number in range(2000))
    report = outcomes.text("markdown", [replace(OUTCOME, rows=rows)])
    assert LIMIT - 5000 < len(report.encode()) <= LIMIT
    assert report.endswith("The rest is not shown: the limit of the size is reached.\n")


def test_a_format_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="The formats are: text, json, junit, markdown"):
        outcomes.text("html", [OUTCOME])
