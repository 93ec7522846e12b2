"""Outcomes as JUnit XML: one suite for each, one test case for each operation or interaction, with all its problems.

Advice is the output of a test case. What XML cannot hold is written out (``\\x1b``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from signet.cli import render
from signet.cli.formats.junit import quoted
from signet.live.outcome import Outcome, Problem, Row


def text(outcomes: Sequence[Outcome]) -> str:
    """The document."""
    return "".join(f"{render.harmless(line)}\n" for line in lines(outcomes))


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The document, line by line."""
    rows = [row for outcome in outcomes for row in outcome.rows]
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="signet test" {_counts(rows, sum(outcome.seconds for outcome in outcomes))}>'
    for outcome in outcomes:
        yield f'  <testsuite name="{quoted(outcome.subject)}" {_counts(outcome.rows, outcome.seconds)}>'
        yield "    <properties>"
        for name, value in {"tool": outcome.tool, **outcome.details}.items():
            yield f'      <property name="{quoted(name)}" value="{quoted(str(value))}"/>'
        yield "    </properties>"
        for row in outcome.rows:
            yield from _case(outcome, row)
        yield "  </testsuite>"
    yield "</testsuites>"


def _counts(rows: Sequence[Row], seconds: float) -> str:
    failures = sum(bool(row.problems) for row in rows)
    skipped = sum(bool(row.skipped and not row.problems) for row in rows)
    return f'tests="{len(rows)}" failures="{failures}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'


def _case(outcome: Outcome, row: Row) -> Iterator[str]:
    head = f'    <testcase classname="{quoted(outcome.subject)}" name="{quoted(row.name)}" time="{row.seconds:.3f}"'
    if not (row.problems or row.skipped or row.advice):
        yield f"{head}/>"
        return
    yield f"{head}>"
    if row.problems:
        first = row.problems[0]
        yield f'      <failure type="{quoted(first.code)}" message="{quoted(first.message)}">'
        yield from _told(row.problems)
        yield "      </failure>"
    elif row.skipped:
        yield f'      <skipped message="{quoted(row.skipped)}"/>'
    if row.advice:
        yield "      <system-out>"
        yield from _told(row.advice)
        yield "      </system-out>"
    yield "    </testcase>"


def _told(problems: Sequence[Problem]) -> Iterator[str]:
    for problem in problems:
        yield quoted(f"{problem.code}: {problem.message}")
        if problem.request:
            yield quoted(problem.request)
