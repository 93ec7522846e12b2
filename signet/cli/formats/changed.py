"""The changes from one spec to another, for every format: the revision first, as that is what may still change.

It reads nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signet.cli.formats.outcome import Case, Rule, Told, counted
from signet.core.changes.rules import RULES
from signet.core.formats.places import Side, changes_json
from signet.core.model.change import HARMLESS, WARNING, Change, Changes

VERBS = {
    "breaking": "breaks what {base} promised",
    "undecided": "may break what {base} promised; not everything was compared",
    "warning": "may break some who rely on {base}",
    "compatible": "breaks nothing that {base} promised",
}
WHOLE = "the document"


@dataclass(frozen=True, slots=True)
class Changed:
    """The changes that are to be answered. ``commit`` is that of the registry, if one was read."""

    changes: Changes
    revision: Side
    base: Side
    commit: str | None = None
    quiet: bool = False
    command: str = field(default="signet changes", init=False)
    columns: tuple[str, ...] = field(
        default=("level", "id", "operation", "change", "revision", "base"), init=False, repr=False
    )

    @property
    def title(self) -> str:
        """The verdict as a sentence."""
        verb = VERBS[self.verdict].format(base=self.base.label)
        return f"{self.verdict}: {self.revision.label} {verb}"

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return self.changes.verdict

    @property
    def name(self) -> str:
        """Both documents in a few words."""
        return f"{self.base.label} to {self.revision.label}"

    @property
    def sides(self) -> tuple[Side, Side]:
        """The revision and the base."""
        return self.revision, self.base

    def told(self) -> list[Told]:
        """The changes, the gravest first."""
        return [_told(change) for level in ("breaking", WARNING, HARMLESS) for change in self._of(level)]

    def _of(self, level: str) -> list[Change]:
        return [change for change in self.changes.changes if change.level == level]

    def cases(self) -> list[Case]:
        """The operations in which something changed, each with its changes."""
        found: dict[str, list[Told]] = {}
        for change in self.changes.changes:
            found.setdefault(_subject(change), []).append(_told(change))
        return [Case(subject, told) for subject, told in found.items()]

    def counts(self) -> str:
        """How many changes of each level, in words, and what was not compared."""
        words = (("breaking", "breaking"), (WARNING, "warnings"), (HARMLESS, "harmless"))
        told = counted([change.level for change in self.changes.changes], words, "no changes")
        return told if not self.changes.unseen else f"{told}; not compared: {'; '.join(self.changes.unseen)}"

    def rules(self) -> list[Rule]:
        """The ids that occur: there are far more than anybody wants to read."""
        return [_rule(name) for name in sorted({change.id for change in self.changes.changes})]

    def document(self) -> dict[str, Any]:
        """The changes as one JSON document, schema ``signet.changes/1``; forms only grow."""
        return changes_json(self.changes, self.base, self.revision, self.commit)


def _subject(change: Change) -> str:
    return f"{change.method} {change.path}" if change.path else WHOLE


def _told(change: Change) -> Told:
    subject = _subject(change)
    rule = RULES[change.id]
    alias = f" (oasdiff: {change.alias})" if change.alias and change.alias != change.id else ""
    why = f" {rule.reason}" if rule.reason and change.level == rule.level else ""
    sent = "" if change.direction == "neither" else f"{change.direction}, "
    return Told(
        change.level,
        change.id,
        subject,
        f"{subject}: {change.message}",
        change.message,
        (change.revision_pointer, change.base_pointer),
        ("is now", "was before"),
        f"before: {change.before or '-'}; after: {change.after or '-'}" if change.before or change.after else "",
        f"{sent}{_EFFECTS[change.effect]}.{why}{alias}",
        _properties(change),
        is_brief=change.level == HARMLESS,
    )


_EFFECTS = {
    "narrows": "less is allowed than before",
    "widens": "more is allowed than before",
    "differs": "what is allowed is neither a part of what was, nor the other way round",
    "unknown": "whether less is allowed, nobody can tell",
    "none": "what is allowed stays",
}


def _properties(change: Change) -> Mapping[str, Any]:
    return {
        "level": change.level,
        "alias": change.alias,
        "direction": change.direction,
        "effect": change.effect,
        "before": change.before,
        "after": change.after,
    }


def _rule(name: str) -> Rule:
    rule = RULES[name]
    sentence = rule.sentence.format(what="it", What="It", before="the old value", after="the new one")
    sent = "neither side sends it" if rule.direction == "neither" else f"part of a {rule.direction}"
    full = f"{sentence} ({sent}; {_EFFECTS[rule.effect]}.)" + (f" {rule.reason}" if rule.reason else "")
    properties = {"direction": rule.direction, "effect": rule.effect, "alias": rule.alias}
    return Rule(name, rule.level, sentence, full, properties)
