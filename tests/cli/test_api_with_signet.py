"""Signet publishes its own API with Signet: the spec is tested, the CLI is its consumer, and Deploy Guard says yes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from signet.testing.record import recording
from tests.cli.conftest import Desk
from tests.service import asking
from tests.service.asking import Service

API_JSON = Path(__file__).parents[2] / "docs" / "api.json"


@pytest.mark.slow
def test_the_api_is_published_tested_and_relied_upon_with_signet_itself(desk: Desk, tmp_path: Path) -> None:
    about = asking.shop(tmp_path / "about")
    desk.does("init", str(tmp_path / "registry"))
    registry = ("--registry", str(tmp_path / "registry"))
    contract = tmp_path / "contract.json"
    version = ("--name", "signet", "--version", "1.0.0")
    desk.does("publish", str(API_JSON), *version, "--branch", "main", *registry)
    with asking.served(Service(about.location).app) as address:
        with recording(address, consumer="cli", provider="signet", path=contract) as recorded:
            question = ("--name", "cart", "--version", "2", "--environment", "production", "--registry", about.location)
            asked = desk.signet("deploy-guard", *question, "--index", recorded.url)
            assert (asked.out, asked.err) == (desk.signet("deploy-guard", *question).out, "")
        # The recorder writes no value that could be a secret, as a commit id could be: the team puts a real one there.
        contract.write_text(contract.read_text().replace("0" * 40, about.head))
        consumer = ("--name", "cli", "--version", "1")
        desk.does("publish", str(contract), *consumer, "--branch", "main", *registry)
        options = ("--provider-url", address, "--examples", "1", "--stateless")
        tested = desk.signet("test", *version, *options, *registry, "--json")
        assert tested.code == 0, tested.out[-6000:]
    done = {one["kind"]: one["passed"] for one in tested.answer["outcomes"]}
    assert len(done) == 2 and all(done.values()), done
    desk.does("update-deployment", *version, "--environment", "production", *registry)
    guard = desk.does("deploy-guard", *consumer, "--environment", "production", *registry)
    assert guard.out.startswith("yes: cli 1 may go to production")


def test_a_break_of_the_api_is_told_by_signet_changes(desk: Desk) -> None:
    told = json.loads(API_JSON.read_text(encoding="utf-8"))
    del told["components"]["schemas"]["Decision"]["properties"]["verdict"]
    (desk.folder / "new.json").write_text(json.dumps(told))
    assert desk.signet("changes", str(API_JSON), str(API_JSON)).code == 0
    assert desk.signet("changes", str(API_JSON), "new.json").code == 1
