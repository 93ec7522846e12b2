"""The report as SARIF 2.1.0: a rule for each code, a result for each finding and each thing that turns.

A result of a turn is at the file that turned it; the interactions are related locations, to which the message links.
"""

from __future__ import annotations

from typing import Any

from signet import __version__
from signet.cli import render
from signet.cli.checks.report import CODES, KINDS, News, Report
from signet.cli.formats.sarif import SCHEMA, location, plain
from signet.core.formats.places import Place
from signet.registry.check import RULES, Finding

MOST = 20
"""Related locations of one result."""


def show(report: Report) -> None:
    """Write the document."""
    render.say_json(document(report))


def document(report: Report) -> dict[str, Any]:
    """The SARIF log as plain values."""
    rules = [_rule(code, rule.level, rule.about) for code, rule in RULES.items()]
    rules += [_rule(CODES[kind], level, about) for kind, (level, about) in KINDS.items()]
    results = [_finding(one) for one in report.findings]
    results += [_news(place.name, one) for place in report.places for one in place.news]
    results += [_news("published", one) for one in report.published]
    position = {rule["id"]: at for at, rule in enumerate(rules)}
    for result in results:
        result["ruleIndex"] = position[result["ruleId"]]
    run = {
        "tool": {"driver": {"name": "signet", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "verdict": "allowed" if report.is_allowed else "refused",
            "places": {place.name: place.verdict for place in report.places},
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str, level: str, about: str) -> dict[str, Any]:
    return {"id": code, "shortDescription": {"text": about}, "defaultConfiguration": {"level": level}}


def _finding(one: Finding) -> dict[str, Any]:
    place = Place(one.path, one.line or 1, 1, one.pointer or "")
    return {
        "ruleId": one.code,
        "level": one.level,
        "message": {"text": plain(f"{one.path} {one.message}.")},
        "locations": [location(place)],
    }


def _news(where: str, one: News) -> dict[str, Any]:
    related = [
        location(place) | {"id": at, "message": {"text": plain(text)}}
        for at, (place, text) in enumerate(
            (place, text)
            for detail in one.details[: MOST // 2]
            for place, text in (
                (detail.contract, f"{detail.description}: {detail.message}"),
                (detail.spec, "What the spec says."),
            )
        )
    ]
    links = " See [the contract](0) and [the spec](1)." if related else ""
    return {
        "ruleId": one.code,
        "level": one.level,
        "message": {"text": plain(f"{where}: {one.sentence}") + links},
        "locations": [location(one.file)],
        "relatedLocations": related,
        "properties": {"place": where, "consumer": one.consumer, "version": one.consumer_version},
    }
