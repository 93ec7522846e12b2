"""Fixtures on the command line: proposed by tests and recordings, approved by merging, listed with how they fit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli import catalog
from tests.cli.conftest import Desk
from tests.cli.test_test import FEW, Shop, shop  # noqa: F401 - fixtures
from tests.registry.people import person

BY_PROVIDER = "signet/fixtures/catalog/by-provider"
ITEM = "GET%20%2Fitems%2F%7Bid%7D"


def git_in(desk: Desk, *arguments: str) -> str:
    registry = desk.folder / "registry"
    done = subprocess.run(["git", "-C", str(registry), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def fixture(desk: Desk, branch: str, name: str) -> Any:
    return json.loads(git_in(desk, "show", f"{branch}:services/catalog/fixtures/{ITEM}/{name}.json"))


def merges(desk: Desk, branch: str) -> None:
    """Somebody approves what is on a branch."""
    clone = desk.folder / f"clone-{branch.replace('/', '-')}"
    person(desk.folder, "clone", "-q", str(desk.folder / "registry"), clone.name)
    person(clone, "merge", "-q", "--no-edit", f"origin/{branch}")
    person(clone, "push", "-q", "origin", "HEAD:main")


def everything_ever_written(desk: Desk) -> bytes:
    registry = str(desk.folder / "registry")
    asked = ["git", "-C", registry, "cat-file", "--batch", "--batch-all-objects"]
    return subprocess.run(asked, capture_output=True, check=True).stdout


def test_what_a_provider_answered_to_a_replay_is_proposed_approved_and_fits(shop: Shop) -> None:  # noqa: F811
    before = shop.does("fixtures", "-n", "catalog", "--json").answer
    assert before["fixtures"] == []
    tested = shop.tests("--propose-fixtures")
    assert tested.code == 0, tested
    assert f"on branch {BY_PROVIDER}" in tested.out and "open a pull request" in tested.out
    one = fixture(shop, BY_PROVIDER, "1")
    assert one["source"] == "provider" and one["response"]["body"]["json"] == {"id": "1", "price": 5}
    assert shop.does("fixtures", "-n", "catalog", "--json").answer["fixtures"] == []

    merges(shop, BY_PROVIDER)
    found = shop.does("fixtures", "-n", "catalog", "--json").answer
    assert found["schema"] == "signet.fixtures/1" and found["fit"] is True
    (listed,) = found["fixtures"]
    assert (listed["operation"], listed["name"], listed["fits"]) == ("GET /items/{id}", "1", True)
    again = shop.tests("--propose-fixtures", "--again")
    assert again.code == 0 and "nothing to change: fixtures: catalog, nothing new" in again.out


@pytest.mark.slow
def test_a_few_answers_of_the_spec_test_are_proposed_the_same_ones_each_time(
    shop: Shop,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = shop.tests(*FEW, "--propose-fixtures", "-e", "production", "--json", only="spec")
    assert told.code == 0, told
    branch = f"{BY_PROVIDER}-for-production"
    assert told.answer["fixtures"]["proposal"]["branch"] == branch
    files = git_in(shop, "diff", "--name-only", "main", branch).splitlines()
    assert f"services/catalog/fixtures/{ITEM}/1.in-production.json" in files
    assert sum(ITEM in file for file in files) <= 3
    first = git_in(shop, "rev-parse", f"{branch}^{{tree}}:services/catalog/fixtures")
    shop.tests(*FEW, "--propose-fixtures", "-e", "production", only="spec")
    assert git_in(shop, "rev-parse", f"{branch}^{{tree}}:services/catalog/fixtures") == first


SECRETS = ("canary-of-the-caller", "canary-with-no-name")
SENT = ("-H", f"Authorization: Bearer {SECRETS[0]}", "-H", f"X-Plain: {SECRETS[1]}")


def is_nowhere(shop: Shop, canary: str) -> bool:  # noqa: F811
    return canary.encode() not in everything_ever_written(shop)


def test_secrets_in_answers_reach_nothing_that_is_written(shop: Shop) -> None:  # noqa: F811
    tested = shop.tests(*SENT, "--propose-fixtures", mode="leaky")
    assert tested.code == 0, tested
    one = fixture(shop, BY_PROVIDER, "1")
    assert "left-out-by-signet" in one["response"]["body"]["json"]["id"]
    assert "headers" not in one["response"]
    assert not is_nowhere(shop, "left-out-by-signet")
    for canary in (*SECRETS, catalog.COOKIE):
        assert is_nowhere(shop, canary) and canary not in tested.out + tested.err


@pytest.mark.slow
def test_secrets_that_the_report_of_a_spec_test_hides_are_not_guessed(shop: Shop) -> None:  # noqa: F811
    tested = shop.tests(*SENT, *FEW, "--propose-fixtures", mode="leaky", only="spec")
    assert tested.code == 0, tested
    assert "not proposed: GET /items/{id}: its answer holds a secret in a header" in tested.err
    told = shop.tests(*SENT, *FEW, "--propose-fixtures", mode="repeating", only="spec")
    assert told.code == 0, told
    assert "left-out-by-signet" in fixture(shop, BY_PROVIDER, "1")["response"]["body"]["json"]["id"]
    for canary in (*SECRETS, catalog.COOKIE):
        assert is_nowhere(shop, canary) and canary not in tested.out + tested.err + told.out + told.err


def test_a_test_that_failed_proposes_nothing(shop: Shop) -> None:  # noqa: F811
    tested = shop.tests("--propose-fixtures", mode="price")
    assert tested.code == 1
    assert "no fixtures are proposed: the test failed" in tested.err
    assert "signet/fixtures" not in git_in(shop, "for-each-ref")


def test_what_cannot_be_proposed_is_said_and_the_test_has_passed(shop: Shop) -> None:  # noqa: F811
    tested = shop.tests("--propose-fixtures", "-e", "nowhere")
    assert tested.code == 0
    assert "no fixtures are proposed: Unknown environment 'nowhere'." in tested.err
    refused = shop.signet(
        "test", "-n", "catalog", "--provider-url", "http://127.0.0.1:9", "--propose-fixtures", "--no-record"
    )
    assert refused.code == 2 and "Leave out --no-record" in refused.err


@pytest.mark.parametrize("way", ["spec", "version"])
def test_one_that_does_not_fit_any_more_is_reported_with_its_place(shop: Shop, way: str) -> None:  # noqa: F811
    assert shop.tests("--propose-fixtures").code == 0
    merges(shop, BY_PROVIDER)
    schema = {**catalog.PRICE, "properties": {"id": {"type": "integer"}, "price": {"type": "number"}}}
    changed = json.loads(json.dumps(catalog.SPEC).replace(json.dumps(catalog.PRICE), json.dumps(schema)))
    file = shop.file("changed.json", changed)
    if way == "spec":
        shop.does("publish", "-n", "catalog", "-p", file)
    else:
        shop.does("publish", "-n", "catalog", "-v", "3.0.0", "-p", file)
        assert shop.does("fixtures", "-n", "catalog")
    more = () if way == "spec" else ("-v", "3.0.0")
    told = shop.signet("fixtures", "-n", "catalog", *more)
    assert told.code == 1
    assert f"services/catalog/fixtures/{ITEM}/1.json #/response/body/json/id: " in told.out
    assert "[response.body.incompatible]" in told.out and "1 of them does not fit, and is never served" in told.out
    answer = shop.signet("fixtures", "-n", "catalog", *more, "--json").answer
    assert answer["fit"] is False
    assert [one["pointer"] for one in answer["fixtures"][0]["findings"]] == ["/response/body/json/id"]
    unknown = shop.signet("fixtures", "-n", "catalog", "-v", "9.9.9")
    assert unknown.code == 2


def test_a_broken_fixture_is_an_error_that_names_it(shop: Shop) -> None:  # noqa: F811
    clone = shop.folder / "clone"
    person(shop.folder, "clone", "-q", str(shop.folder / "registry"), clone.name)
    path = Path(f"services/catalog/fixtures/{ITEM}/tea.json")
    (clone / path).parent.mkdir(parents=True)
    (clone / path).write_text('{"kind": "fixture", "response": {"headers": {"set-cookie": "a"}}}')
    person(clone, "add", "-A")
    person(clone, "commit", "-qm", "by hand")
    person(clone, "push", "-q", "origin", "HEAD:main")
    told = shop.signet("fixtures", "-n", "catalog")
    assert told.code == 3
    assert f"{path}:1 #/response/headers/set-cookie" in told.err and "#: the key 'request' is missing" not in told.err
    assert shop.does("status"), "a broken fixture changes no other answer"
