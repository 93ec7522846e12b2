"""The parts of ``docs/changes.md`` that come from the tables of changes."""

from __future__ import annotations

from pathlib import Path

from signet.core.changes import existence
from signet.core.changes.keywords import DEVIATIONS, EVENTS, SUBJECTS
from signet.core.changes.law import LAW, NEITHER, REQUEST, RESPONSE
from signet.core.changes.rules import RULES
from tests.cli.reference import table

DOCUMENT = Path(__file__).parents[2] / "docs" / "changes.md"
SHOWN = ("request", "response")
"""Whose properties are listed; those of the other trees have the same ids."""


def parts() -> dict[str, str]:
    """By name, the text of each part."""
    effects = list(dict.fromkeys(effect for effect, _ in LAW))
    return {
        "law": table(
            ("effect", "in a request", "in an answer", "in neither"),
            [(effect, *(LAW[effect, each] for each in (REQUEST, RESPONSE, NEITHER))) for effect in effects],
        ),
        "subjects": table(
            ("sign", "place", "direction", "ids of oasdiff"),
            [
                (one.letter, f"`{prefix}`", one.direction, f"as {one.like}" if one.like else "")
                for prefix, one in SUBJECTS.items()
            ],
        ),
        "events": table(("what", "effect", "request", "answer", "oasdiff", "in words"), _events()),
        "deviations": table(
            ("where", "what", "level", "reason"),
            [(where, f"`{event}`", one.level, one.reason) for (where, event), one in DEVIATIONS.items()],
        ),
        "rows": "\n\n".join(f"### {title}\n\n{_rows(rows)}" for title, rows in _tables().items()),
    }


def _events() -> list[tuple[str, ...]]:
    rows = []
    for event, (effect, oasdiff, sentence) in EVENTS.items():
        levels = RULES[f"request-property-{event}"].level, RULES[f"response-property-{event}"].level
        words = sentence.format(what="it", What="It", before="A", after="B")
        rows.append((f"`{event}`", effect, *levels, oasdiff, words))
    return rows


def _tables() -> dict[str, dict[str, existence.Row]]:
    others = [tree for tree in (*existence.SENT, *existence.ANSWERED) if tree not in SHOWN]
    hidden = {name for tree in others for name in (*existence.sent(tree, ""), *existence.answered(tree, ""))}
    hidden -= {name for name, row in existence.PROPERTIES.items() if row.alias}
    properties = {name: row for name, row in existence.PROPERTIES.items() if name not in hidden}
    return {
        "Operations": existence.OPERATIONS,
        "Parameters": existence.PARAMETERS,
        "Bodies": existence.BODIES,
        "Properties": properties,
        "Answers": existence.ANSWERS,
        "Security": existence.SECURITY,
        "The document": existence.DOCUMENT,
    }


def _rows(rows: dict[str, existence.Row]) -> str:
    told = []
    for name, row in rows.items():
        rule = RULES[name]
        alias = "=" if rule.alias == name else f"`{rule.alias}`" if rule.alias else ""
        words = row.sentence.format(what="it", What="It", before="A", after="B")
        told.append((f"`{name}`", rule.level, rule.direction, rule.effect, alias, words, row.reason))
    return table(("id", "level", "direction", "effect", "oasdiff", "in words", "reason"), told)


def filled(text: str) -> str:
    """The document with each part between its markers brought up to date."""
    for name, part in parts().items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        assert begin in text and end in text, f"docs/changes.md has no place for {name}"
        head, _, rest = text.partition(begin)
        text = f"{head}{begin}\n\n{part}\n\n{end}{rest.partition(end)[2]}"
    return text
