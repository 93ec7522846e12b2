"""The results of one run are one commit: what they say, what inherits them, and what a later run changes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from signet.core.formats import pact, text
from signet.core.model.contract import Contract
from signet.errors import InvalidData
from signet.registry import documents, record
from tests.domain import Team, codes, pact_bytes

SEED = {"seed": 1, "requests": 120}


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team.founds(tmp_path / "registry.git")
    team.spec("catalog", "1", "/items")
    for version in ("2.1.0", "2.2.0"):
        team.contract("cart", version, "catalog", "/items")
    team.contract("web", "7", "catalog", "/items")
    return team


def contract(consumer: str) -> Contract:
    return pact.contract(text.read(pact_bytes(consumer, "catalog", "/items"), "pact.json"))


def ran(team: Team, version: str, spec: bool | None, **replays: bool) -> record.Receipt:
    """Record one run: the spec test, and a replay by consumer."""
    outcome = None if spec is None else (None, record.Outcome(spec, tool="schemathesis 4", details=SEED))
    found = [record.Replayed(name, contract(name), record.Outcome(passed)) for name, passed in replays.items()]
    return record.record_test(team.repo, "catalog", version, tested=outcome, replays=found)


def copy(team: Team, source: str, target: str) -> None:
    """A person copies a file of the registry to another place."""
    desk = Path(team.location).parent / "desk"
    subprocess.run(["git", "clone", "-q", team.location, str(desk)], check=True)
    (desk / target).write_bytes((desk / source).read_bytes())
    for command in (
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "copy"],
        ["push", "-q"],
    ):
        subprocess.run(["git", "-C", str(desk), *command], check=True)


def log(team: Team, *path: str) -> list[str]:
    command = ["git", "--git-dir", team.location, "log", "--format=%s", "HEAD", "--", *path]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def stored(team: Team, path: str) -> dict[str, Any]:
    data = team.state.bytes_at(f"services/catalog/verifications/{path}")
    assert data is not None
    found: dict[str, Any] = json.loads(data)
    return found


def test_one_run_is_one_commit_and_says_what_failed(team: Team) -> None:
    before = len(log(team))
    assert ran(team, "1", True, cart=True, web=False).changed
    assert log(team)[: len(log(team)) - before] == [
        "verify: catalog 1 failed (contract of web), passed (spec; contract of cart)"
    ]
    assert stored(team, "1/spec.json")["details"] == SEED
    digest = contract("cart").digest[:16]
    assert "details" not in stored(team, f"1/cart-{digest}.json")
    assert not ran(team, "1", True, cart=True, web=False).changed


def test_equal_content_inherits_a_replay_and_another_provider_version_does_not(team: Team) -> None:
    ran(team, "1", None, cart=True)
    digest = contract("cart").digest
    for version in ("2.1.0", "2.2.0"):
        manifest = team.state.manifest("cart", version)
        assert manifest is not None
        found = team.state.replay("catalog", "1", "cart", manifest.contracts["catalog"])
        assert found is not None
        assert found.passed
    assert team.state.replay("catalog", "2", "cart", digest) is None


def test_a_failure_blocks_a_later_pass_clears_and_the_log_shows_both(team: Team) -> None:
    ran(team, "1", True, cart=False)
    team.deploy("catalog", "1")
    assert "replay-failed" in codes(team.guard("cart", "2.1.0"))
    ran(team, "1", True, cart=True)
    assert team.guard("cart", "2.1.0").verdict == "yes"
    path = f"services/catalog/verifications/1/cart-{contract('cart').digest[:16]}.json"
    assert log(team, path) == [
        "verify: catalog 1 passed (spec; contract of cart)",
        "verify: catalog 1 failed (contract of cart), passed (spec)",
    ]


def test_details_are_few_and_plain() -> None:
    good = documents.SpecTestFile(service="a", version="1", spec="a" * 64, result="passed", details={"seed": 1})
    parsed = documents.parse(documents.SpecTestFile, documents.to_json(good), "x.json")
    assert parsed.details == {"seed": 1}
    for details in ('{"a": true}', '{"a": 1.5}', '{"a": []}', json.dumps({str(n): n for n in range(51)})):
        data = documents.to_json(good).replace(b'"seed": 1', b"").replace(b"{\n    \n  }", details.encode())
        with pytest.raises(InvalidData, match="/details"):
            documents.parse(documents.SpecTestFile, data, "x.json")


def test_heads_and_consumers_are_read_from_the_tree(team: Team) -> None:
    for branch, version in (("main", "1"), ("feature/ü", "2"), ("x" * 120, "3")):
        record.register_version(team.repo, "cart", version, branch=branch)
    assert team.state.branches("cart") == {"main": "1", "feature/ü": "2", "x" * 120: "3"}
    assert team.state.branches("catalog") == {}
    assert team.state.consumers("catalog") == {"cart", "web"}
    assert team.state.consumers("cart") == frozenset()


def test_a_head_in_the_place_of_another_branch_is_refused(team: Team) -> None:
    record.register_version(team.repo, "cart", "1", branch="main")
    copy(team, "services/cart/branches/main.json", "services/cart/branches/other.json")
    with pytest.raises(InvalidData, match="another branch"):
        team.state.branches("cart")
