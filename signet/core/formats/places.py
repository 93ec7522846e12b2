"""A document that something is said of, and where its values stand in its text. It reads nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from signet.core.formats.text import Document
from signet.core.model.change import Changes
from signet.core.model.comparison import Comparison


class Place(NamedTuple):
    """Where a value stands in a file: line and column count from 1."""

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Side:
    """One of two documents: what it is called, and where its values stand in its text.

    ``origin`` leads to the file in which a value is written, where the document is made of several.
    """

    label: str
    document: Document
    prefix: str = ""
    origin: Callable[[str], tuple[Document, str]] | None = None

    def place(self, pointer: str) -> Place:
        """File, line, column and pointer of a value, as they are in the file."""
        return self.found(pointer)[1]

    def found(self, pointer: str) -> tuple[Document, Place]:
        """The document in which a value is written, and its place there."""
        full = self.prefix + pointer
        document, full = self.origin(full) if self.origin else (self.document, full)
        return document, Place(document.name, *document.place(full), full)


def place_json(place: Place) -> dict[str, Any]:
    """A place as a JSON object."""
    return {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer}


def comparison_json(comparison: Comparison, contract: Side, spec: Side, commit: str | None) -> dict[str, Any]:
    """A comparison as one JSON document, schema ``signet.comparison/1``; forms only grow."""
    findings = []
    for finding in comparison.findings:
        places = {
            "contract_place": place_json(contract.place(finding.contract_pointer)),
            "spec_place": place_json(spec.place(finding.spec_pointer)),
        }
        findings.append(finding.as_json() | places)
    return {
        "schema": "signet.comparison/1",
        "verdict": comparison.verdict,
        "contract": contract.label,
        "spec": spec.label,
        "commit": commit,
        "findings": findings,
    }


def changes_json(changes: Changes, base: Side, revision: Side, commit: str | None) -> dict[str, Any]:
    """The changes from one spec to another as one JSON document, schema ``signet.changes/1``; forms only grow."""
    told = []
    for change in changes.changes:
        places = {
            "base_place": place_json(base.place(change.base_pointer)),
            "revision_place": place_json(revision.place(change.revision_pointer)),
        }
        told.append(change.as_json() | places)
    return {
        "schema": "signet.changes/1",
        "verdict": changes.verdict,
        "base": base.label,
        "revision": revision.label,
        "commit": commit,
        "unseen": list(changes.unseen),
        "changes": told,
    }
