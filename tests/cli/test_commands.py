"""What the sessions cannot show: waiting, remotes, the checkout around a service, several files in one commit."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from signet.cli import checkout
from signet.cli.commands import deploy_guard
from signet.registry import git, record
from signet.registry.serve import served
from tests.cli.conftest import Desk

GUARD = ("deploy-guard", "-n", "cart", "-v", "2.1.0", "-e")


def _git(folder: Path, *args: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.com", *args]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


@pytest.fixture
def service(shop: Desk) -> str:
    """The working directory is a checkout of a service, on a branch; returns its commit."""
    _git(shop.folder, "init", "--quiet", "--initial-branch=topic/x")
    _git(shop.folder, "remote", "add", "origin", "https://me:canary@git.example.com/shop/cart.git")
    _git(shop.folder, "commit", "--quiet", "--allow-empty", "-m", "x")
    return _git(shop.folder, "rev-parse", "HEAD")


@pytest.mark.parametrize("version", [(), ("-v", "auto")])
def test_version_and_branch_are_those_of_the_checkout(shop: Desk, service: str, version: tuple[str, ...]) -> None:
    outcome = shop.does("publish", *version, "cart-catalog.json", "--json")
    assert outcome.answer["subject"] == f"publish: cart {service} (contract with catalog)"
    assert f"version {service}" in outcome.err
    assert "branch topic/x" in outcome.err
    newest = shop.does("log", "--json", "--limit", "1").answer["commits"][0]
    assert newest["source"] == f"https://git.example.com/shop/cart.git@{service}"
    assert f"services/cart/branches/{'topic%2Fx'}.json" in outcome.answer["paths"]
    assert "canary" not in _git(shop.folder / "registry", "log", "-p", "--all")


def test_ci_says_which_branch_and_run_it_is(shop: Desk, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.example.com",
        "GITHUB_REPOSITORY": "shop/cart",
        "GITHUB_RUN_ID": "7",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REF_NAME": "main",
    }.items():
        monkeypatch.setenv(key, value)
    assert checkout.run_url() == "https://github.example.com/shop/cart/actions/runs/7"
    outcome = shop.does("publish", "cart-catalog.json", "--json")
    assert "services/cart/branches/main.json" in outcome.answer["paths"]
    assert shop.does("log", "--json", "--limit", "1").answer["commits"][0]["run"] == checkout.run_url()


def test_a_spec_and_contracts_go_into_one_commit(shop: Desk) -> None:
    before = len(shop.does("log", "--json").answer["commits"])
    folder = shop.folder / "pacts"
    folder.mkdir()
    shop.pact("pacts/a.json", "/items")
    shop.pact("pacts/b.json", "/prices")
    shop.pact("pacts/c.json", "/x", provider="mail")
    shop.spec("cart.json", "/carts")
    answer = shop.does("publish", "-n", "cart", "-v", "3.0.0", "cart.json", "-p", "pacts", "--json").answer
    assert len(shop.does("log", "--json").answer["commits"]) == before + 1
    assert answer["subject"] == (
        "publish: cart 3.0.0 (spec); cart 3.0.0 (contract with catalog); cart 3.0.0 (contract with mail)"
    )
    contracts = [path for path in answer["paths"] if path.startswith("services/cart/contracts/catalog/")]
    assert len(contracts) == 1  # two files of one pair are one contract
    assert {(one["provider_version"], one["verdict"]) for one in answer["comparisons"]} == {("1.0.0", "compatible")}


def test_a_spec_alone_becomes_the_agreed_spec(shop: Desk, service: str) -> None:
    shop.spec("catalog-2.json", "/prices")
    outcome = shop.does("publish", "-n", "catalog", "catalog-2.json")
    assert outcome.out.startswith("publish: catalog (agreed spec)")
    assert "version" not in outcome.err
    shop.does("update-deployment", "-n", "cart", "-v", "2.1.0", "-e", "production")
    again = shop.does("publish", "-n", "catalog", "catalog-2.json")
    assert again.out.startswith("nothing to change: ")
    assert "incompatible: cart 2.1.0 with catalog (agreed spec) (production, main branch)" in again.err


def test_a_spec_that_is_split_over_files_is_bundled(shop: Desk) -> None:
    (shop.folder / "api").mkdir()
    (shop.folder / "api" / "item.yaml").write_text("type: object\nproperties: {id: {type: integer}}\n")
    (shop.folder / "api" / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n  /i:\n    get:\n      responses:\n        '200':\n"
        "          description: x\n          content: {application/json: {schema: {$ref: item.yaml}}}\n"
    )
    shop.does("publish", "-n", "split", "-v", "1", "api/openapi.yaml")
    shop.pact("split.json", "/i", provider="split")
    shop.does("compare", "--spec", "split@1", "--contract", "split.json")
    (shop.folder / "api" / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths: {/i: {$ref: ../catalog.json}}\n"
    )
    assert shop.signet("publish", "-n", "split", "-v", "2", "api/openapi.yaml").code == 3


def test_waiting_ends_when_what_was_missing_is_there(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy_guard, "FIRST_PAUSE", 0.1)
    repo = git.open_repository(str(shop.folder / "registry"))
    late = threading.Timer(0.5, record.deploy, (repo, "catalog", "1.0.0", "staging"))
    late.start()
    try:
        assert shop.signet(*GUARD, "staging", "--wait", "60").code == 0
    finally:
        late.join()


def test_waiting_has_an_end_and_does_not_begin_for_a_regression(shop: Desk) -> None:
    begun = time.monotonic()
    assert shop.signet(*GUARD, "staging", "--wait", "0.3").code == 1
    assert time.monotonic() - begun >= 0.3
    shop.does("record-verification", "-n", "catalog", "-v", "1.0.0", "--failed")
    begun = time.monotonic()
    assert shop.signet(*GUARD, "production", "--wait", "600").code == 1
    assert time.monotonic() - begun < 300


def test_a_target_on_the_command_line_goes_before_an_environment_in_a_variable(
    shop: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_ENVIRONMENT", "staging")
    asked = shop.does("deploy-guard", "-n", "cart", "-v", "2.1.0", "--target", "main-branch", "--json").answer
    assert (asked["environment"], asked["target"]) == (None, "main-branch")
    both = shop.signet("deploy-guard", "-n", "cart", "-v", "2.1.0", "--target", "main-branch", "-e", "staging")
    assert both.code == 2


def test_a_consumer_on_the_command_line_is_asked_about_whatever_service_is_built_here(
    shop: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = shop.does("owed", "--consumer", "cart", "--consumer-version", "2.1.0").out
    monkeypatch.setenv("SIGNET_NAME", "cart")
    monkeypatch.setenv("SIGNET_VERSION", "2.1.0")
    assert shop.does("owed", "--consumer", "cart", "--consumer-version", "2.1.0").out == expected


def test_a_remote_is_answered_for_offline_with_the_same_bytes(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(shop.folder / "registry") as url:
        monkeypatch.setenv("SIGNET_REGISTRY", url)
        shop.does("update-deployment", "-n", "cart", "-v", "2.1.0", "-e", "production", "--guard")
        online = shop.does(*GUARD, "production", "--json", "--explain").out
        shop.does("doctor")
    assert shop.does(*GUARD, "production", "--json", "--explain", "--offline").out == online
    gone = shop.signet(*GUARD, "production", "--json")
    assert (gone.code, gone.answer["code"]) == (4, "registry-unreachable")
    there = shop.does(*GUARD, "production", "--json", "--explain", "--registry", "registry").out
    assert there == online


def test_at_answers_as_it_was(shop: Desk) -> None:
    before = shop.does("log", "--json").answer["commit"]
    then = shop.does(*GUARD, "production", "--json").out
    shop.does("record-verification", "-n", "catalog", "-v", "1.0.0", "--failed")
    assert shop.signet(*GUARD, "production").code == 1
    assert shop.does(*GUARD, "production", "--json", "--at", before).out == then
    assert shop.signet("status", "--at", "1999-01-01").code == 2


def _artifacts_of(shop: Desk, version: str) -> object:
    """What the manifest of a cart says."""
    path = f"services/cart/versions/{version}.json"
    return json.loads(_git(shop.folder / "registry", "show", f"main:{path}"))["artifacts"]


def test_what_is_published_has_artifacts(shop: Desk) -> None:
    publish = ("publish", "-n", "cart", "-v", "3.0.0", "cart-catalog.json")
    answer = shop.does(*publish, "--artifact", "image=shop/cart:3=x", "--artifact", "tests=tests/contract", "--json")
    assert len(answer.answer["paths"]) == 1  # the contract is stored already
    assert _artifacts_of(shop, "3.0.0") == {"image": "shop/cart:3=x", "tests": "tests/contract"}
    shop.does(*publish, "--artifact", "source=git")
    assert _artifacts_of(shop, "3.0.0") == {"image": "shop/cart:3=x", "source": "git", "tests": "tests/contract"}
    assert shop.does(*publish, "--artifact", "source=git").out.startswith("nothing to change")
    other = shop.signet(*publish, "--artifact", "source=svn")
    assert (other.code, "another artifact 'source'" in other.err) == (3, True)
    shop.does("publish", "-n", "catalog", "-v", "2.0.0", "catalog.json", "--artifact", "image=x")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("-n catalog catalog.json --artifact image=x", "an agreed spec has none"),
        ("-v 3 cart-catalog.json web.json --artifact image=x", "of several consumers"),
        ("-v 3 cart-catalog.json --artifact image=x --artifact image=y", "two places"),
        ("-v 3 cart-catalog.json --artifact image", "not KIND=PLACE"),
    ],
)
def test_artifacts_that_belong_to_no_version(shop: Desk, words: str, told: str) -> None:
    shop.pact("web.json", "/items", consumer="web")
    outcome = shop.signet("publish", *words.split())
    assert (outcome.code, told in outcome.err) == (2, True)


def test_what_is_owed_is_a_line_for_a_workflow(shop: Desk) -> None:
    shop.does("publish", "-v", "2.2.0", "-b", "main", "cart-catalog.json", "--artifact", 'tests=##[x] a"b')
    answer = shop.does("owed", "--matrix", "--json")
    (line,) = answer.out.splitlines()
    (row,) = json.loads(line)["include"]
    assert (row["kind"], row["consumer_version"], row["consumer_tests"]) == ("replay", "2.2.0", '##[x] a"b')
    assert "##[" not in line
    passed = ("record-verification", "-n", "catalog", "-v", "1.0.0", "--passed")
    shop.does(*passed, "--consumer", "cart", "--consumer-version", "2.2.0")
    assert shop.does("owed", "--matrix").out == '{"include":[]}\n'
