"""The report for people: a line for each place, then the faults, then who turns and why."""

from __future__ import annotations

from signet.cli import render
from signet.cli.checks.report import News, Report, Where

COLOURS = {"red": "red", "open": "yellow", "green": "green", "error": "red", "warning": "yellow", "note": "green"}
TOLD = 5
"""Interactions of one pair that are shown; --json has all."""


def show(report: Report) -> None:
    """Write it."""
    for place in report.places:
        render.say(f"{place.verdict}: {place_line(place)}", colour=COLOURS[place.verdict])
    for one in report.findings:
        where = one.path + (f":{one.line}" if one.line else "")
        render.say(f"{one.level}: {where}: {one.message} [{one.code}]", colour=COLOURS[one.level])
    for place in report.places:
        for news in place.news:
            _news(place.name, news)
    for news in report.published:
        _news("published", news)
    refused = not report.is_allowed
    render.say(f"{report.title()}; {report.scope()}", colour="red" if refused else "green")


def place_line(place: Where) -> str:
    """``production (protected): nothing turns``."""
    return f"{place.name}{' (protected)' if place.protected else ''}: {place.summary()}"


def _news(where: str, news: News) -> None:
    render.say()
    render.say(f"{where}: {news.sentence} [{news.code}]", colour=COLOURS[news.level])
    for detail in news.details[:TOLD]:
        render.say(f"  {detail.description!r}: {detail.message} [{detail.code}]")
        render.say(f"    {detail.contract}, {detail.spec}")
    if len(news.details) > TOLD:
        render.say(f"  {len(news.details) - TOLD} more findings")
    if news.remedy:
        render.say(f"  {news.remedy}")
