"""Every id there is, with its level, direction, effect, alias and sentence: the two tables as one.

The documentation, the severities that a registry may set and the outputs are made from it; it compares nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from signet.core.changes import existence
from signet.core.changes.keywords import DEVIATIONS, EVENTS, READ_ONLY, SUBJECTS, Subject
from signet.core.changes.law import LAW
from signet.core.model.change import BREAKING


class Rule(NamedTuple):
    """What is known of an id before any document is read. ``reason`` is why the level is not the law's."""

    level: str
    direction: str
    effect: str
    alias: str
    sentence: str
    reason: str = ""


ALIASES = {
    "response-body-enum-value-removed": "response-mediatype-enum-value-removed",
    "request-header-property-became-enum": "request-header-property-became-enum",
}
"""Where oasdiff's id has another form."""
_SIGNS = {subject.letter: prefix for prefix, subject in SUBJECTS.items()}


def _of_schemas() -> Iterator[tuple[str, Rule]]:
    for prefix, subject in SUBJECTS.items():
        for event, (effect, oasdiff, sentence) in EVENTS.items():
            if subject.letter == "R" and event not in READ_ONLY:
                continue
            level, reason = _level(subject, event, effect)
            alias = _alias(prefix, subject, event, oasdiff)
            yield f"{prefix}-{event}", Rule(level, subject.direction, effect, alias, sentence, reason)


def _level(subject: Subject, event: str, effect: str) -> tuple[str, str]:
    if subject.muted:
        grave = LAW[effect, subject.direction] == BREAKING
        return (subject.muted, "Whoever sends it should not.") if grave else (LAW[effect, subject.direction], "")
    for key in (subject.letter, subject.direction):
        if (key, event) in DEVIATIONS:
            return DEVIATIONS[key, event]
    return LAW[effect, subject.direction], ""


def _alias(prefix: str, subject: Subject, event: str, oasdiff: str) -> str:
    name = f"{prefix}-{event}"
    if name in ALIASES:
        return ALIASES[name]
    if subject.letter in oasdiff:
        return name
    like = subject.like if subject.like in oasdiff else ""
    return f"{_SIGNS[like]}-{event}" if like else ""


def _around() -> Iterator[tuple[str, Rule]]:
    tables = (
        existence.OPERATIONS,
        existence.PARAMETERS,
        existence.BODIES,
        existence.PROPERTIES,
        existence.ANSWERS,
        existence.SECURITY,
        existence.DOCUMENT,
    )
    for table in tables:
        for name, row in table.items():
            alias = name if row.alias == existence.SAME else row.alias
            level = row.level or LAW[row.effect, row.direction]
            yield name, Rule(level, row.direction, row.effect, alias, row.sentence, row.reason)


RULES: dict[str, Rule] = {**dict(_around()), **dict(_of_schemas())}
"""By id."""

BY_ALIAS: dict[str, tuple[str, ...]] = {}
for _id, _rule in RULES.items():
    if _rule.alias and _rule.alias not in RULES:
        BY_ALIAS[_rule.alias] = (*BY_ALIAS.get(_rule.alias, ()), _id)


def is_known(name: str) -> bool:
    """True if a registry may set a severity for this id: ours, or oasdiff's."""
    return name in RULES or name in BY_ALIAS
