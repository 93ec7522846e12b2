"""The report as one JSON document, schema ``signet.check/1``; forms only grow."""

from __future__ import annotations

from typing import Any

from signet.cli import render
from signet.cli.checks.report import News, Report
from signet.core.formats.places import Place


def show(report: Report) -> None:
    """Write the document."""
    render.say_json(document(report))


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "schema": "signet.check/1",
        "allowed": report.is_allowed,
        "base": report.base,
        "revision": report.revision,
        "changed": report.changed,
        "faults": report.faults,
        "note": report.note,
        "findings": [one.as_json() for one in report.findings],
        "places": [
            {
                "environment": place.environment,
                "protected": place.protected,
                "verdict": place.verdict,
                "unreadable": place.unreadable,
                "news": [_news(one) for one in place.news],
            }
            for place in report.places
        ],
        "published": [_news(one) for one in report.published],
        "pairs": report.pairs,
        "judged": report.judged,
    }


def _news(one: News) -> dict[str, Any]:
    return {
        "code": one.code,
        "kind": one.kind,
        "level": one.level,
        "consumer": one.consumer,
        "consumer_version": one.consumer_version,
        "provider": one.provider,
        "sentence": one.sentence,
        "remedy": one.remedy,
        "place": _place(one.file),
        "interactions": [
            {
                "interaction": detail.interaction,
                "description": detail.description,
                "code": detail.code,
                "message": detail.message,
                "contract_place": _place(detail.contract),
                "spec_place": _place(detail.spec),
            }
            for detail in one.details
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer}
