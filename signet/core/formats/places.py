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
    return {
        "schema": "signet.comparison/1",
        "verdict": comparison.verdict,
        "contract": contract.label,
        "spec": spec.label,
        "commit": commit,
        "findings": [
            finding.as_json()
            | _places(contract=(contract, finding.contract_pointer), spec=(spec, finding.spec_pointer))
            for finding in comparison.findings
        ],
    }


def changes_json(changes: Changes, base: Side, revision: Side, commit: str | None) -> dict[str, Any]:
    """The changes from one spec to another as one JSON document, schema ``signet.changes/1``; forms only grow."""
    return {
        "schema": "signet.changes/1",
        "verdict": changes.verdict,
        "base": base.label,
        "revision": revision.label,
        "commit": commit,
        "unseen": list(changes.unseen),
        "changes": [
            change.as_json() | _places(base=(base, change.base_pointer), revision=(revision, change.revision_pointer))
            for change in changes.changes
        ],
    }


def _places(**pointed: tuple[Side, str]) -> dict[str, Any]:
    """By ``NAME_place``, where a pointer into each side leads."""
    return {f"{name}_place": place_json(side.place(pointer)) for name, (side, pointer) in pointed.items()}
