"""Tests tell a story in domain words on real things: a team with a real registry behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signet.core.formats import openapi, pact, text
from signet.core.guard import decide
from signet.core.model.decision import Candidate, Decision
from signet.registry import git, read, record


def spec_bytes(title: str, *paths: str, dialect: str = "3.0.3", **extra: Any) -> bytes:
    """A spec with ``GET`` operations at the paths, each answered with 200."""
    operations = {path: {"get": {"responses": {"200": {"description": "ok"}}}} for path in paths}
    head = {"swagger": dialect} if dialect == "2.0" else {"openapi": dialect}
    return json.dumps({**head, "info": {"title": title, "version": "1"}, "paths": operations, **extra}).encode()


def pact_bytes(consumer: str, provider: str, *paths: str, version: str = "3.0.0") -> bytes:
    """A contract that gets the paths and expects 200."""
    interactions = [
        {"description": f"get {path}", "request": {"method": "GET", "path": path}, "response": {"status": 200}}
        for path in paths
    ]
    if version.startswith("4"):
        interactions = [{"type": "Synchronous/HTTP", **one} for one in interactions]
    return json.dumps(
        {
            "consumer": {"name": consumer},
            "provider": {"name": provider},
            "interactions": interactions,
            "metadata": {"pactSpecification": {"version": version}},
        }
    ).encode()


@dataclass
class Team:
    """A registry, and the things that teams do with it; each method is one fact or one question."""

    location: str

    @classmethod
    def founds(cls, path: Path, *, bare: bool = True) -> Team:
        """A new registry with the template's environments."""
        record.initialise(str(path), name="shop", bare=bare)
        return cls(str(path))

    @classmethod
    def with_a_live_pair(cls, path: Path) -> Team:
        """A new registry in which cart 1 and its provider catalog 1 are live in production."""
        team = cls.founds(path)
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        team.deploy("cart", "1")
        return team

    @property
    def repo(self) -> git.Repository:
        return git.open_repository(self.location)

    @property
    def head(self) -> str:
        found = git.head(self.repo)
        assert found is not None
        return found

    @property
    def state(self) -> read.RegistryState:
        return read.state_at(self.repo, self.head)

    def environment(self, name: str) -> record.Receipt:
        return record.register_environment(self.repo, name)

    def spec(self, service: str, version: str | None, *paths: str, data: bytes | None = None, **more: Any) -> Any:
        data = data or spec_bytes(service, *paths)
        spec = openapi.spec(text.read(data, "openapi.json"))
        return record.publish(self.repo, [record.SpecItem(spec, data, service, version, **more)])

    def contract(self, consumer: str, version: str, provider: str, *paths: str, pact_version: str = "3.0.0") -> Any:
        data = pact_bytes(consumer, provider, *paths, version=pact_version)
        item = record.ContractItem(pact.contract(text.read(data, "pact.json")), version)
        return record.publish(self.repo, [item])

    def tested(self, service: str, version: str, passed: bool = True) -> record.Receipt:
        return record.record_spec_test(self.repo, service, version, passed=passed)

    def deploy(self, service: str, version: str, environment: str = "production", **more: Any) -> record.Receipt:
        return record.deploy(self.repo, service, version, environment, **more)

    def live(self, service: str, version: str, *paths: str, environment: str = "production") -> None:
        """A provider version that is published, tested and deployed."""
        self.spec(service, version, *paths)
        self.tested(service, version)
        self.deploy(service, version, environment)

    def guard(self, service: str, version: str, environment: str | None = "production", **more: Any) -> Decision:
        return decide(self.state, [Candidate(service, version)], environment, **more)


def codes(decision: Decision) -> list[str]:
    """The codes of a decision's reasons, in their order."""
    return [reason.code for reason in decision.reasons]
