"""Kind ``changes``: pairs of specs with the verdict that is expected; ids are shown as recall."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from signet.core.changes import compare
from signet.core.formats import openapi, text
from signet.core.model.change import BREAKING, Changes
from signet.errors import InvalidData
from tests.conformance.compare import cases
from tests.conformance.outcome import Outcome


@dataclass
class Figures:
    """Counts of breaking verdicts (right, missed, wrong) and of the ids of breaking changes (found, expected)."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    ids_found: int = 0
    ids_expected: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of the verdicts that are breaking, how many are ours too."""
        return self.right / max(self.right + self.missed, 1)

    @property
    def precision(self) -> float:
        """Of our breaking verdicts, how many are expected."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def ids_recall(self) -> float:
        """Of the ids of breaking changes, how many are told, as the id or its alias."""
        return self.ids_found / max(self.ids_expected, 1)

    def __str__(self) -> str:
        return (
            f"breaking verdicts: recall {self.recall:.3f} ({self.right} of {self.right + self.missed}), "
            f"precision {self.precision:.3f} ({self.right} of {self.right + self.wrong}); "
            f"ids of breaking changes: recall {self.ids_recall:.3f} ({self.ids_found} of {self.ids_expected})"
        )


def changes_of(case: Path) -> Changes:
    """The changes of a case; InvalidData where a document is refused."""
    specs = []
    for name in ("base", "revision"):
        path = next(case / f"{name}{ending}" for ending in (".yaml", ".json") if (case / f"{name}{ending}").exists())
        specs.append(openapi.spec(text.read(path.read_bytes(), path.name)))
    return compare(*specs)


def measured(directory: Path) -> tuple[Outcome, Figures]:
    """The verdict of each case, and the figures of them all."""
    outcome, figures = Outcome(), Figures()
    for case in cases(directory):
        expected = json.loads((case / "expected.json").read_text("utf-8"))
        try:
            found = changes_of(case)
        except InvalidData as error:
            outcome.fail(f"{case.name}: expected {expected['verdict']}, got refused: {error.message}")
            figures.missed += expected["verdict"] == BREAKING
            continue
        _count(figures, expected, found, case.name)
        if "disputed" in expected:
            outcome.skipped += 1
        elif found.verdict == expected["verdict"]:
            outcome.passed += 1
        else:
            told = sorted({f"{change.level}: {change.id}" for change in found.changes if change.level != "harmless"})
            ids = [*expected["breaking_ids"], *expected["warning_ids"]]
            outcome.fail(f"{case.name}: expected {expected['verdict']} {ids}, got {found.verdict} {told}")
    return outcome, figures


def _count(figures: Figures, expected: dict[str, list[str]], found: Changes, name: str) -> None:
    is_breaking, is_told = expected["verdict"] == BREAKING, found.verdict == BREAKING
    figures.right += is_breaking and is_told
    figures.missed += is_breaking and not is_told
    figures.wrong += is_told and not is_breaking
    ids = {one for change in found.changes for one in (change.id, change.alias)}
    lost = sorted(set(expected["breaking_ids"]) - ids)
    figures.ids_expected += len(set(expected["breaking_ids"]))
    figures.ids_found += len(set(expected["breaking_ids"])) - len(lost)
    if lost:
        figures.lost.append(f"{name}: {lost} not among {sorted(ids)}")


def run_changes(directory: Path) -> Outcome:
    """The verdict of each case; the figures, and the ids that are not told, are notes."""
    outcome, figures = measured(directory)
    outcome.notes += [f"ids: {each}" for each in figures.lost]
    outcome.notes.append(str(figures))
    return outcome
