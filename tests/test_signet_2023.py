"""The known failures of Signet 2023, each seen on the running system (peers.md); ours has none of them."""

from __future__ import annotations

import json
import multiprocessing
import signal
from pathlib import Path

import httpx
import pytest

from signet.errors import UnknownName
from signet.registry import git, record
from signet.registry.opening import PLAIN
from signet.service.shelf import Shelf
from tests import publishers
from tests.domain import Team, codes, spec_bytes
from tests.service.desk import Desk
from tests.service.served import serving, started
from tests.service.subscribed import VARIABLES, subscribe


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry.git")


def test_second_version_of_a_consumer_with_two_providers_cannot_publish_its_second_contract(team: Team) -> None:
    for version in ("1", "2"):
        team.contract("cart", version, "catalog", "/items")
        team.contract("cart", version, "inventory", "/stock")
    assert set(team.state.manifest("cart", "2").contracts) == {"catalog", "inventory"}


def test_a_dropped_dependency_blocks_for_ever(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "inventory", "/stock")
    team.contract("cart", "2", "catalog", "/items")
    assert team.guard("cart", "1").verdict == "no"
    assert team.guard("cart", "2").verdict == "yes"


def test_a_kill_during_comparisons_loses_them(team: Team) -> None:
    team.live("catalog", "1", "/items")
    process = multiprocessing.get_context("spawn").Process(target=publishers.compares_and_dies, args=(team.location,))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert codes(team.guard("cart", "1")) == ["contract-incompatible"]


def test_a_failed_verification_passes_for_a_success(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    assert team.guard("cart", "1").verdict == "yes"
    team.tested("catalog", "1", passed=False)
    assert codes(team.guard("cart", "1")) == ["provider-failed-verification"]


def test_100_kb_body_limit(team: Team) -> None:
    paths = [f"/items/{number}/{'x' * 1000}" for number in range(2_000)]
    team.live("catalog", "1", *paths)
    team.contract("cart", "1", "catalog", paths[-1])
    assert (
        len(git.blob(team.repo, git.entries(team.repo, team.head, "services/catalog/specs")[0].id, 10**8)) > 2_000_000
    )
    assert team.guard("cart", "1").verdict == "yes"


@pytest.mark.parametrize("dialect", ["2.0", "3.0.3", "3.1.0"])
def test_openapi_3_0_only(team: Team, dialect: str) -> None:
    team.spec("catalog", "1", data=spec_bytes("catalog", "/items", dialect=dialect))
    team.tested("catalog", "1")
    team.deploy("catalog", "1")
    team.contract("cart", "1", "catalog", "/items")
    team.contract("cart", "2", "catalog", "/other")
    assert (team.guard("cart", "1").verdict, team.guard("cart", "2").verdict) == ("yes", "no")


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "3.0.0", "4.0"])
def test_pact_v4_refused(team: Team, version: str) -> None:
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items", pact_version=version)
    assert team.guard("cart", "1").verdict == "yes"


def test_asking_about_a_misspelt_environment_creates_it_and_a_breaking_provider_is_safe_there(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    team.deploy("cart", "1")
    team.spec("catalog", "2", "/things")
    before = team.head
    with pytest.raises(UnknownName, match=r"did you mean 'production'\?"):
        team.guard("catalog", "2", "prodution")
    assert team.head == before and "prodution" not in team.state.environments()
    assert team.guard("catalog", "2").verdict == "no"


def test_verifying_an_old_spec_again_makes_it_the_latest(team: Team) -> None:
    team.spec("catalog", "1", "/items")
    team.spec("catalog", "2", "/things")
    team.tested("catalog", "2")
    team.tested("catalog", "1")
    team.deploy("catalog", "2")
    team.contract("cart", "1", "catalog", "/things")
    assert team.guard("cart", "1").verdict == "yes"


def test_parallel_first_publishes_leave_duplicate_versions(team: Team) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=publishers.publishes_first, args=(team.location, name)) for name in ("a", "b", "c", "a")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert team.state.versions("cart") == {"1"}
    assert set(team.state.manifest("cart", "1").contracts) == {"a", "b", "c"}


def test_unverified_not_compared_crashed_and_incompatible_give_one_and_the_same_message(team: Team) -> None:
    team.contract("cart", "1", "catalog", "/items")
    sentences = {}

    def ask() -> None:
        (reason,) = team.guard("cart", "1").reasons
        sentences[reason.code] = (reason.sentence(), reason.remedy())

    ask()
    record.register_version(team.repo, "catalog", "1")
    team.deploy("catalog", "1")
    ask()
    team.spec("catalog", "1", "/items")
    ask()
    team.tested("catalog", "1", passed=False)
    ask()
    team.live("catalog", "2", "/things")
    ask()
    assert set(sentences) == {
        "provider-not-deployed",
        "spec-missing",
        "provider-unverified",
        "provider-failed-verification",
        "contract-incompatible",
    }
    assert len(set(sentences.values())) == len(sentences)


def test_no_audit_and_no_history_of_deployments(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.live("catalog", "2", "/items")
    log = list(git.log(team.repo, team.head, path="environments/production/catalog.yaml"))
    assert [entry.subject for entry in log] == ["deploy: catalog 2 to production", "deploy: catalog 1 to production"]
    assert all(entry.author and entry.trailers["Signet-Event"] == "deploy" for entry in log)


def test_guard_right_after_publish_is_wrong(team: Team) -> None:
    team.live("catalog", "1", "/items")
    for number in range(20):
        team.contract(f"consumer{number}", "1", "catalog", "/items")
        team.deploy(f"consumer{number}", "1")
    team.spec("catalog", "2", "/items")
    team.tested("catalog", "2")
    assert codes(team.guard("catalog", "2")) == ["compatible"] * 20
    team.spec("catalog", "3", "/things")
    assert codes(team.guard("catalog", "3")) == ["contract-incompatible"] * 20


class TestServer:
    """What went wrong in its server."""

    @pytest.mark.slow
    def test_one_unreachable_webhook_kills_the_server(self, team: Team, tmp_path: Path) -> None:
        for number in range(3):
            subscribe(team, f"gone{number}", f"http://127.0.0.1:{number + 1}/hook")
        hosts = [word for number in range(3) for word in ("--webhook-host", f"http://127.0.0.1:{number + 1}")]
        allowed = [*hosts, "--webhook-network", "127.0.0.0/8", "--poll", "0.2"]
        with serving(tmp_path / "service", team.location, *allowed, **VARIABLES) as service:
            team.live("catalog", "1", "/items")
            service.waits_for(team.head)
            assert httpx.get(f"{service.url}/api/v1/services").json()["services"]
            assert service.counted("signet_deliveries", state="waiting") > 0
            assert service.process.poll() is None
            assert service.ends() == 0

    @pytest.mark.slow
    def test_a_kill_during_comparisons_loses_them(self, team: Team, tmp_path: Path) -> None:
        service = started(tmp_path / "service", team.location, "--poll", "0.1")
        team.live("catalog", "1", "/items")
        for number in range(30):
            team.contract(f"consumer{number}", "1", "catalog", "/items", "/gone")
        assert service.ends(signal.SIGKILL) == -signal.SIGKILL
        with serving(tmp_path / "service", team.location, "--poll", "0.1") as again:
            again.waits_for(team.head)
            asked = {"service": "consumer29", "version": "1", "environment": "production"}
            answer = httpx.get(f"{again.url}/api/v1/guard", params=asked).json()
            assert [reason["code"] for reason in answer["reasons"]] == ["contract-incompatible"]

    def test_100_kb_body_limit(self, team: Team) -> None:
        """It reads no documents by HTTP; a push of a megabyte is heard, and a spec of two megabytes is shown."""
        paths = [f"/items/{number}/{'x' * 1000}" for number in range(2_000)]
        team.spec("catalog", "1", *paths)
        desk = Desk(Shelf(team.location, PLAIN), hooks={"gitlab": ("a-secret-of-gitlab",)})
        body = json.dumps({"ref": "refs/heads/main", "commits": ["x" * 1000] * 1000}).encode()
        signed = [("x-gitlab-token", "a-secret-of-gitlab"), ("x-gitlab-event", "Push Hook")]
        assert desk.asks("POST", "/hooks/gitlab", signed, body).json() == {"status": "accepted"}
        assert desk.asks("GET", "/api/v1/services/catalog/specs").json()["specs"]

    def test_asking_creates_state(self, team: Team) -> None:
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        desk, before = Desk(Shelf(team.location, PLAIN)), team.head
        for path in ("/api/v1/environments/prodution", "/api/v1/services/catalogue"):
            assert desk.asks("GET", path).status_code == 404
        question = "/api/v1/guard?service=catalog&version=1&environment=prodution"
        assert desk.asks("GET", question).status_code == 404
        assert "prodution" not in desk.asks("GET", "/api/v1/environments").text
        assert team.head == before

    def test_no_pagination(self, team: Team) -> None:
        for number in range(5):
            team.spec(f"service{number}", "1", "/items")
        desk = Desk(Shelf(team.location, PLAIN))
        seen, address = [], "/api/v1/services?limit=2"
        while address:
            page = desk.asks("GET", address).json()
            assert len(page["services"]) <= 2
            seen += [service["name"] for service in page["services"]]
            address = page["next"]
        assert seen == [f"service{number}" for number in range(5)]

    def test_no_authentication(self, team: Team) -> None:
        desk = Desk(Shelf(team.location, PLAIN), tokens=("a-token-of-readers",))
        assert desk.asks("GET", "/api/v1/services").status_code == 401
        shown = [("authorization", "Bearer a-token-of-readers")]
        assert desk.asks("GET", "/api/v1/services", shown).status_code == 200
