"""Comparisons, changes of specs and whom they hit, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signet.service.api.shapes.registry import Because
from signet.service.api.shapes.whole import Digest, Listed, Name, Shape, Version


class Place(Shape):
    """Where a value stands in a file of the registry; line and column count from 1."""

    file: str
    line: int
    column: int
    pointer: str


class FindingInShort(Shape):
    """What a comparison found."""

    code: str
    severity: Literal["error", "warning", "undecided"]
    interaction: int
    description: str
    message: str
    contract_pointer: str
    spec_pointer: str
    expected: str
    promised: str


class Finding(FindingInShort):
    """The same, with its places in both documents."""

    contract_place: Place
    spec_place: Place


class Comparison(Listed):
    """A contract compared with a spec."""

    schema_: Literal["signet.comparison/1"] = Field(alias="schema")
    verdict: Literal["compatible", "incompatible", "undecided"]
    contract: str
    spec: str
    contract_digest: Digest
    spec_digest: Digest
    findings: list[Finding]


class ChangeInShort(Shape):
    """One thing that differs between two specs."""

    id: str
    alias: str
    level: Literal["breaking", "warning", "harmless"]
    direction: str
    effect: str
    method: str
    path: str
    message: str
    base_pointer: str
    revision_pointer: str
    before: str
    after: str


class Change(ChangeInShort):
    """The same, with its places in both documents."""

    base_place: Place
    revision_place: Place


class Changes(Listed):
    """What changed from one spec to another."""

    schema_: Literal["signet.changes/1"] = Field(alias="schema")
    verdict: Literal["breaking", "undecided", "warning", "compatible"]
    base: str
    revision: str
    unseen: list[str]
    changes: list[Change]


class Touch(Shape):
    """An interaction that uses what changed."""

    interaction: int
    description: str
    contract_pointer: str
    change: ChangeInShort


class Hit(Shape):
    """A consumer version, and what the change is to it."""

    consumer: Name
    version: Version
    contract: Digest
    reasons: list[Because]
    status: Literal["broken", "undecided", "broken already", "touched", "mended", "untouched"]
    findings: list[FindingInShort]
    touches: list[Touch]


class Hurt(Shape):
    """The verdict of one place; null is the main branches."""

    environment: str | None
    verdict: Literal["broken", "undecided", "safe", "nobody"]
    consumers: list[str]


class Impact(Listed):
    """Whom a spec hits, if it takes the place of another."""

    schema_: Literal["signet.impact/1"] = Field(alias="schema")
    service: Name
    base: str | None
    revision: str
    verdict: Literal["broken", "undecided", "safe"]
    places: list[Hurt]
    consumers: list[Hit]
    changes: int | None
    unseen: list[str]
