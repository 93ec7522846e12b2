"""The report as annotations of GitHub Actions, on the lines of the files that a pull request changes.

``signet.cli.render`` writes the commands, so that nothing of the registry can end one and begin another.
"""

from __future__ import annotations

from signet.cli import render
from signet.cli.checks.plain import place_line
from signet.cli.checks.report import News, Report

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def show(report: Report) -> None:
    """Write the verdicts, an annotation for each fault and each thing that turns, and the answer."""
    for place in report.places:
        render.say(f"{place.verdict}: {place_line(place)}")
    for one in report.findings:
        render.annotate(COMMANDS[one.level], one.message, file=one.path, line=one.line or 1, title=one.code)
    for place in report.places:
        for news in place.news:
            _annotate(place.name, news)
    for news in report.published:
        _annotate("published", news)
    render.say(f"{report.title()}; {report.scope()}")


def _annotate(where: str, news: News) -> None:
    for detail in news.details:
        message = f"{where}: {news.sentence} {detail.description!r}: {detail.message} ({detail.contract})"
        place = detail.spec if news.file.file == detail.spec.file else news.file
        render.annotate(COMMANDS[news.level], message, file=place.file, line=place.line, title=news.code)
    if not news.details:
        message = f"{where}: {news.sentence} {news.remedy}".strip()
        render.annotate(COMMANDS[news.level], message, file=news.file.file, line=news.file.line, title=news.code)
