"""Services, versions, documents, environments and deployments, as the API describes them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from signet.service.api.shapes.whole import Answer, Digest, Listed, Name, Shape, Version


class Because(Shape):
    """Why a version matters."""

    because: Literal["main-branch", "deployed", "desired", "released", "asked", "branch"]
    environment: str | None = None


class ServiceInShort(Shape):
    """A service, in short."""

    name: Name
    main_branch: str
    head: str | None = Field(description="The version that heads the main branch.")
    agreed_spec: Digest | None
    versions: int
    external: bool = Field(description="A third party's: its agreed spec is live everywhere.")
    owners: list[str]
    repository: str
    aliases: list[str] = Field(description="Names that contracts use for it.")


class Services(Listed):
    """Services by name."""

    schema_: Literal["signet.services/1"] = Field(alias="schema")
    services: list[ServiceInShort]


class Slot(Shape):
    """A deployed version; one for each instance."""

    version: Version
    instance: str | None


class Placement(Shape):
    """What is live of a service in an environment."""

    service: Name
    deployed: list[Slot]
    desired: str | None = Field(description="What a merged promotion wants there; it counts as live.")
    released: list[Version]


class Living(Placement):
    """The same with its environment."""

    environment: Name


class Head(Shape):
    """The version that a branch saw last for the first time."""

    branch: str
    version: Version


class Service(ServiceInShort, Answer):
    """A service."""

    schema_: Literal["signet.service/1"] = Field(alias="schema")
    branches: list[Head]
    live: list[Living]
    providers: list[Name] = Field(description="Whom its versions that matter have contracts with.")
    consumers: list[Name] = Field(description="Who has, or once had, a contract with it.")


class ContractOf(Shape):
    """A contract of a version."""

    provider: Name
    contract: Digest


class VersionInShort(Shape):
    """A version, in short."""

    version: Version
    branches: list[str]
    spec: Digest | None = Field(description="The spec that it was published with.")
    contracts: list[ContractOf]
    source: str = Field(description="The commit of the service that was built, as its publisher said.")
    build_url: str
    artifacts: dict[str, str]
    reasons: list[Because] = Field(description="Why it matters; empty where it is live nowhere and heads nothing.")


class Versions(Listed):
    """Versions of a service by name."""

    schema_: Literal["signet.versions/1"] = Field(alias="schema")
    service: Name
    versions: list[VersionInShort]


class Result(Shape):
    """The latest result of a test: against the own spec, or the replay of a consumer's contract."""

    kind: Literal["spec-test", "replay"]
    version: Version
    spec: Digest | None = None
    consumer: str | None = None
    contract: Digest | None = None
    passed: bool
    tool: str
    url: str


class OneVersion(VersionInShort, Answer):
    """A version."""

    schema_: Literal["signet.version/1"] = Field(alias="schema")
    service: Name
    verifications: list[Result]


class Verifications(Listed):
    """The latest results of a provider."""

    schema_: Literal["signet.verifications/1"] = Field(alias="schema")
    service: Name
    verifications: list[Result]


class SpecOf(Shape):
    """A spec that is stored."""

    digest: Digest
    agreed: bool


class Specs(Listed):
    """The specs of a service."""

    schema_: Literal["signet.specs/1"] = Field(alias="schema")
    service: Name
    specs: list[SpecOf]


class OneSpec(Answer):
    """A spec with its content."""

    schema_: Literal["signet.spec/1"] = Field(alias="schema")
    service: Name
    digest: Digest
    agreed: bool
    title: str
    dialect: Literal["2.0", "3.0", "3.1"]
    document: dict[str, Any] = Field(description="The OpenAPI document.")


class StoredContract(Shape):
    """A contract that is stored."""

    provider: Name
    digest: Digest


class Contracts(Listed):
    """The contracts of a consumer."""

    schema_: Literal["signet.contracts/1"] = Field(alias="schema")
    consumer: Name
    contracts: list[StoredContract]


class InteractionOf(Shape):
    """An interaction of a contract."""

    index: int
    description: str
    kind: str
    pointer: str = Field(description="Its place in the document.")


class OneContract(Answer):
    """A contract with its content."""

    schema_: Literal["signet.contract/1"] = Field(alias="schema")
    consumer: Name
    provider: Name
    digest: Digest
    interactions: list[InteractionOf]
    document: dict[str, Any] = Field(description="The Pact document.")


class EnvironmentInShort(Shape):
    """An environment, in short."""

    name: Name
    display_name: str
    production: bool
    order: int | None = Field(description="Its place in the path of promotion.")
    services: list[Placement]


class Environments(Listed):
    """Environments in the order of promotion."""

    schema_: Literal["signet.environments/1"] = Field(alias="schema")
    environments: list[EnvironmentInShort]


class Verdict(Shape):
    """What Deploy Guard says of a version that is live; `against` and `open` count reasons."""

    version: Version
    verdict: Literal["yes", "no", "unknown", "unreadable"]
    against: int
    open: int
    code: str = Field(description="The code of the gravest reason.")


class Judged(Placement):
    """What is live of a service, with verdicts."""

    verdicts: list[Verdict]


class Environment(Answer):
    """An environment, with the verdict on every version that is live there."""

    schema_: Literal["signet.environment/1"] = Field(alias="schema")
    name: Name
    display_name: str
    production: bool
    order: int | None
    services: list[Judged]


class Deployment(Shape):
    """A version that is live, and how."""

    environment: Name
    service: Name
    version: Version
    how: Literal["deployed", "desired", "released"]
    instance: str | None


class Deployments(Listed):
    """What is live now."""

    schema_: Literal["signet.deployments/1"] = Field(alias="schema")
    deployments: list[Deployment]
