"""Events of commits: what teams did is told, once, in a fixed order, with ids that never change."""

from __future__ import annotations

from pathlib import Path

import pytest

from signet.core.model import event as kinds
from signet.core.model.event import Event
from signet.registry import events
from tests.domain import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry")


def told(team: Team, since: str | None = None) -> list[tuple[str, ...]]:
    """Type, service, version, other and environment of every event, without what is absent."""
    return [short(one) for commit in events.since(team.repo, since, team.head) for one in commit.events]


def short(one: Event) -> tuple[str, ...]:
    return tuple(part for part in (one.type, one.service, one.version, one.other, one.environment) if part)


def of(team: Team, *types: str, since: str | None = None) -> list[tuple[str, ...]]:
    return [one for one in told(team, since) if one[0] in types]


def test_a_new_registry_has_its_environments(team: Team) -> None:
    assert told(team) == [
        ("environment.registered", "production"),
        ("environment.registered", "staging"),
    ]


def test_a_published_contract_is_told_and_that_its_content_changed(team: Team) -> None:
    start = team.head
    team.contract("cart", "1", "catalog", "/items")
    assert told(team, start) == [
        ("service.registered", "cart"),
        ("version.registered", "cart", "1"),
        ("contract.published", "cart", "1", "catalog"),
        ("contract.changed", "cart", "1", "catalog"),
    ]
    first = team.head
    team.contract("cart", "2", "catalog", "/items")
    assert of(team, kinds.CONTRACT_PUBLISHED, kinds.CONTRACT_CHANGED, since=first) == [
        ("contract.published", "cart", "2", "catalog")
    ]
