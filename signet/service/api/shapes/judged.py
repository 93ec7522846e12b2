"""Decisions, owed tests, integrations, usage and the graph, as the API describes them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signet.service.api.shapes.registry import Because
from signet.service.api.shapes.whole import Answer, Digest, Listed, Name, Shape, Version

State = Literal["verified", "not verified yet", "failed", "incompatible", "no provider", "unreadable"]


class Candidate(Shape):
    """A version that asks."""

    service: Name
    version: Version


class Reason(Shape):
    """A reason of Deploy Guard: about a consumer version and a provider version, where they exist."""

    code: str
    weight: Literal["no", "unknown", "yes", "none"]
    class_: Literal["regression", "pending", "note"] = Field(alias="class")
    consumer: str | None = None
    consumer_version: str | None = None
    provider: str | None = None
    provider_version: str | None = None
    sentence: str
    remedy: str


class Decision(Answer):
    """The verdict of Deploy Guard with all its reasons."""

    schema_: Literal["signet.decision/1"] = Field(alias="schema")
    verdict: Literal["yes", "no", "unknown"]
    candidates: list[Candidate]
    environment: str | None
    target: Literal["main-branch"] | None
    reasons: list[Reason]


class Owed(Shape):
    """A test that is owed."""

    kind: Literal["spec-test", "replay"]
    provider: Name
    provider_version: Version
    spec: Digest | None = None
    consumer: str | None = None
    contract: Digest | None = None
    consumer_versions: list[Version] | None = None
    blocking: bool = Field(description="Does a guard wait for it?")
    reasons: list[Because]


class OwedTests(Listed):
    """The tests that are owed; what blocks comes first."""

    schema_: Literal["signet.owed/1"] = Field(alias="schema")
    owed: list[Owed]


class Use(Shape):
    """An interaction of a consumer version that uses something."""

    consumer: Name
    version: Version
    contract: Digest
    reasons: list[Because]
    interaction: int
    description: str
    contract_pointer: str


class FieldUse(Shape):
    """A field of an operation, and who uses it."""

    side: str
    status: str | None
    field: str
    spec_pointer: str
    uses: list[Use]


class OperationUse(Shape):
    """An operation, and who uses it."""

    operation: str
    spec_pointer: str
    uses: list[Use]
    fields: list[FieldUse]


class Usage(Listed):
    """Who relies on which operation and field of a provider."""

    schema_: Literal["signet.usage/1"] = Field(alias="schema")
    service: Name
    operations: list[OperationUse]
    without_operation: list[Use] | None = Field(None, description="Interactions that the spec has no operation for.")


class Integration(Shape):
    """A consumer version and a provider version that meet."""

    consumer: Name
    consumer_version: Version
    provider: str | None
    provider_version: str | None
    state: State
    code: str
    main_branch: bool
    environments: list[Name]


class Integrations(Listed):
    """Integrations as they stand."""

    schema_: Literal["signet.integrations/1"] = Field(alias="schema")
    integrations: list[Integration]


class Cell(Shape):
    """A pair of versions, and the one reason that Deploy Guard has for it."""

    consumer_version: Version
    provider_version: str | None
    contract: Digest
    state: State
    code: str
    sentence: str


class Matrix(Listed):
    """Versions of a consumer by versions of a provider, row by row."""

    schema_: Literal["signet.matrix/1"] = Field(alias="schema")
    consumer: Name
    provider: Name
    consumer_versions: list[Version]
    provider_versions: list[str | None]
    cells: list[Cell]


class Node(Shape):
    """A service in the graph."""

    service: Name
    registered: bool = Field(description="False for a name that only contracts have.")
    external: bool
    versions: list[Version]


class Edge(Shape):
    """A consumer and a provider; the state is the gravest of all versions that meet."""

    consumer: Name
    provider: Name
    state: State
    code: str
    states: dict[str, int]


class Graph(Answer):
    """Services, and who has contracts with whom."""

    schema_: Literal["signet.graph/1"] = Field(alias="schema")
    environment: str | None
    service: str | None
    nodes: list[Node]
    edges: list[Edge]
