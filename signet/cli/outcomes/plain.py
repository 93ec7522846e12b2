"""Outcomes as text for people: a table of the operations or interactions, and under it what is wrong with them.

A problem comes with its code and, where there is one, the command that shows it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from signet.cli import render
from signet.live.outcome import Outcome, Problem, Row

INDENT = "  "
COLOURS = {"failed": "red", "passed": "green", "advice": "yellow", "skipped": "dim"}


class Line(NamedTuple):
    """A line, and the state that its first word tells (which decides the colour)."""

    text: str
    state: str = ""


def text(outcomes: Sequence[Outcome]) -> str:
    """The report without colours."""
    return "".join(f"{render.harmless(line.text)}\n" for line in lines(outcomes))


def show(outcomes: Sequence[Outcome]) -> None:
    """Write the report."""
    for line in lines(outcomes):
        render.say(line.text, colour=COLOURS.get(line.state))


def lines(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """The report, line by line: for each outcome the verdict, the table, the problems."""
    for outcome in outcomes:
        yield Line(f"{title(outcome)} in {outcome.seconds:.1f} s", state_of(outcome))
        rows = [_cells(row) for row in outcome.rows]
        for row, line in zip(outcome.rows, render.table(rows, INDENT), strict=True):
            yield Line(line, state(row))
        for row in outcome.rows:
            for problem in row.problems:
                yield from _told("failed", row, problem)
            for problem in row.advice:
                yield from _told("advice", row, problem)


def title(outcome: Outcome) -> str:
    """The verdict as a sentence: ``passed: spec of catalog, 12 requests by schemathesis 4 (seed 1)``."""
    failed = len(outcome.failed)
    many = f", {render.counted(failed, 'row')} of {len(outcome.rows)} failed" if failed else ""
    details = ", ".join(f"{name} {value}" for name, value in outcome.details.items() if name in ("seed",))
    by = f"{outcome.tool} ({details})" if details else outcome.tool
    subject = f"{outcome.subject}, which only informs" if outcome.informs else outcome.subject
    return f"{state_of(outcome)}: {subject}{many}, {render.counted(outcome.requests, 'request')} by {by}"


def state_of(outcome: Outcome) -> str:
    """``passed``, ``failed``, ``advice`` of one that only informs, ``skipped`` where nothing was sent."""
    if outcome.failed:
        return "failed"
    if outcome.informs and any(row.advice for row in outcome.rows):
        return "advice"
    return "passed" if outcome.passed else "skipped"


def state(row: Row) -> str:
    """What is to be said of a row in a word."""
    return "failed" if row.problems else "skipped" if row.skipped else "advice" if row.advice else "passed"


def _cells(row: Row) -> tuple[str, ...]:
    if row.skipped:
        return state(row), row.name, row.skipped, "", ""
    counted = render.counted(row.requests, "request")
    return state(row), row.name, counted, f"{row.succeeded} succeeded", f"{row.seconds:.1f} s"


def _told(word: str, row: Row, problem: Problem) -> Iterator[Line]:
    yield Line(f"{word}: {row.name}: {problem.message} [{problem.code}]", word)
    if problem.request:
        yield Line(f"{INDENT}{problem.request}")
