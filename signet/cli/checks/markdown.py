"""The report as one Markdown page for a pull request: a verdict for each place first, all else folded.

Nothing of the documents becomes markup (T44). The page stays below what forges take as a comment: where it would not,
it is cut, and says so.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from signet.cli import render
from signet.cli.checks.report import News, Report, Where
from signet.cli.formats.markdown import LONGEST, escaped, unlinked

LIMIT = 65_000
"""Characters; GitHub takes 65,536 in a comment, and others more."""
SIGNS = {"red": "\u274c", "open": "\u2754", "green": "\u2705", "error": "\u274c", "warning": "\u26a0\ufe0f"}
"""Beside the words, for the eye; they say nothing that the words do not."""
_CUT = ("", "The rest is not shown: the page would be too long for a comment. Run `signet check` to see all of it.")
_FOLD, _UNFOLD = "<details>", "</details>"


def show(report: Report) -> None:
    """Write the page."""
    render.say_lines(lines(report))


def lines(report: Report) -> Iterator[str]:
    """The page, line by line, never longer than the limit."""
    return _bounded(_whole(report))


def _whole(report: Report) -> Iterator[str]:
    sign = SIGNS["green"] if report.is_allowed else SIGNS["red"]
    yield from (f"## {sign} signet check: {escaped(report.title())}", "")
    if report.places:
        yield from ("| place | verdict | what merging does |", "|---|---|---|")
        for place in report.places:
            name = escaped(place.name) + (" (protected)" if place.protected else "")
            yield f"| {name} | {SIGNS[place.verdict]} {place.verdict} | {escaped(place.summary())} |"
        yield ""
    if report.findings:
        yield from _folded(f"Findings in the registry ({len(report.findings)})", _findings(report))
    for place in report.places:
        if place.news:
            yield from _folded(f"{place.name}: {place.summary()}", _place(place))
    if report.published:
        title = f"Published, and live nowhere yet ({len(report.published)})"
        yield from _folded(title, (line for one in report.published for line in _news(one)))
    yield escaped(report.scope())


def in_html(text: str) -> str:
    """A text inside an element, where Markdown is not read and backslashes escape nothing."""
    shown = render.masked(render.visible(text))[:LONGEST]
    return unlinked(html.escape(shown, quote=True))


def _folded(title: str, inside: Iterable[str]) -> Iterator[str]:
    yield from (_FOLD, f"<summary>{in_html(title)}</summary>")
    yield from inside
    yield from ("", _UNFOLD, "")


def _findings(report: Report) -> Iterator[str]:
    yield from ("", "| level | where | what | code |", "|---|---|---|---|")
    for one in report.findings:
        where = escaped(one.path) + (f":{one.line}" if one.line else "")
        yield f"| {SIGNS[one.level]} {one.level} | {where} | {escaped(one.message)} | {escaped(one.code)} |"


def _place(place: Where) -> Iterator[str]:
    for one in place.news:
        yield from _news(one)


def _news(one: News) -> Iterator[str]:
    yield from ("", f"**{escaped(one.title)}**: {escaped(one.sentence)}")
    if one.details:
        yield from ("", "| interaction | finding | contract | spec |", "|---|---|---|---|")
        for detail in one.details:
            cells = (detail.description, f"{detail.message} ({detail.code})", str(detail.contract), str(detail.spec))
            yield "| " + " | ".join(map(escaped, cells)) + " |"
    if one.remedy:
        yield from ("", escaped(one.remedy))


def _bounded(told: Iterable[str]) -> Iterator[str]:
    """The lines up to the limit; what is folded there is closed again."""
    size, is_open = 0, False
    room = LIMIT - sum(len(line) + 1 for line in _CUT) - 2 * len(_UNFOLD)
    for line in told:
        size += len(render.harmless(line)) + 1
        if size > room:
            yield from ("", _UNFOLD) if is_open else ()
            yield from _CUT
            return
        is_open = line == _FOLD or (is_open and line != _UNFOLD)
        yield line
