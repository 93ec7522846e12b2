"""Outcomes as Markdown, for a job summary or a pull request; nothing that a provider sent becomes markup (T44).

Equal tests give equal bytes: there are no times in it. The whole stays below the limit of GitHub's summaries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from signet.cli import render
from signet.cli.formats.markdown import LIMIT, escaped
from signet.cli.outcomes import plain
from signet.live.outcome import Outcome, Problem, Row

_TAIL = 200


def text(outcomes: Sequence[Outcome]) -> str:
    """The document."""
    return "".join(f"{render.harmless(line)}\n" for line in _bounded(lines(outcomes)))


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The document, line by line: the problems first, as a summary is read from its top."""
    yield "## signet test"
    for outcome in outcomes:
        yield from ("", escaped(plain.title(outcome)), "")
        yield from _table("problem", [(row, one) for row in outcome.rows for one in row.problems])
        yield from _line("name", "result", "requests", "succeeded")
        for row in outcome.rows:
            told = row.skipped or plain.state(row)
            yield _cells(row.name, told, str(row.requests), str(row.succeeded))
        yield ""
        yield from _table("advice", [(row, one) for row in outcome.rows for one in row.advice])


def _table(what: str, told: Sequence[tuple[Row, Problem]]) -> Iterator[str]:
    if told:
        yield from _line("name", "code", what, "again")
        for row, problem in told:
            yield _cells(row.name, problem.code, problem.message, problem.request)
        yield ""


def _line(*names: str) -> Iterator[str]:
    yield _cells(*names)
    yield "|" + "---|" * len(names)


def _cells(*texts: str) -> str:
    return "| " + " | ".join(map(escaped, texts)) + " |"


def _bounded(told: Iterable[str]) -> Iterator[str]:
    size = 0
    for line in told:
        size += len(line.encode("utf-8", "replace")) + 1
        if size > LIMIT - _TAIL:
            yield from ("", "The rest is not shown: the limit of the size is reached.")
            return
        yield line
