"""The spec test on the services of the shop: correct ones pass with every seed, and planted bugs are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from signet.live.outcome import Outcome
from signet.live.spec_test import Plan
from tests.live.running import run, running
from tests.live.shop import BUGS, STATES

SEEDS = range(1, 11)
FOUND = {
    ("item", "status"): ("GET /items/{item_id}", "status-undeclared", "410"),
    ("catalog", "content-type"): ("GET /offers", "content-type-undeclared", "text/html"),
    ("inventory", "body"): ("GET /reservations/{number}", "body-misfit", "/properties/quantity of its schema"),
    ("cart", "state"): ("GET /carts/{cart_id}", "body-misfit", "/properties/checked_out_on of its schema"),
    ("accounting", "state"): ("GET /invoices/{number}", "body-misfit", "/properties/paid_on of its schema"),
}
OTHER_VERSIONS = [("item", "1.1.0"), ("cart", "1.1.0"), ("catalog", "2.0.0"), ("catalog", "2.1.0")]


@contextmanager
def serving(service: str, data: Path, *arguments: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The URL of a service that begins anew, and its document."""
    with running("shop", service, "--data", str(data), *arguments) as url:
        yield url, httpx.get(f"{url}/openapi.json").json()


def begin_anew(url: str, service: str) -> None:
    """Everything that a test before has changed is as it was."""
    change = {"state": STATES[service], "action": "teardown"}
    httpx.post(f"{url}/_signet/states", json=change).raise_for_status()


def is_clean(outcome: Outcome) -> None:
    """It passed, by enough requests, of which each operation answered some with 2xx; and not even advice is given."""
    assert [(row.name, one.code, one.message) for row in outcome.rows for one in (*row.problems, *row.advice)] == []
    assert outcome.passed
    assert outcome.requests >= 100
    assert [row.name for row in outcome.rows if not row.succeeded or row.skipped] == []


@pytest.mark.slow
def test_a_correct_service_of_the_shop_passes(tmp_path: Path) -> None:
    with serving("item", tmp_path) as (url, document):
        is_clean(run(document, url, Plan(phases=("examples", "coverage"))))


@pytest.mark.slow
@pytest.mark.parametrize("service", STATES)
def test_a_correct_service_of_the_shop_passes_with_every_seed(service: str, tmp_path: Path) -> None:
    with serving(service, tmp_path) as (url, document):
        for seed in SEEDS:
            begin_anew(url, service)
            is_clean(run(document, url, Plan(seed=seed) if seed == 1 else Plan(seed=seed, examples=10)))


@pytest.mark.slow
@pytest.mark.parametrize(("service", "version"), OTHER_VERSIONS)
def test_other_versions_pass_too(service: str, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{service.upper()}_VERSION", version)
    with serving(service, tmp_path) as (url, document):
        assert document["info"]["version"] == version
        is_clean(run(document, url, Plan(examples=10)))


@pytest.mark.slow
@pytest.mark.parametrize(("service", "bug"), BUGS)
def test_a_bug_that_is_planted_into_the_shop_is_found(service: str, bug: str, tmp_path: Path) -> None:
    with serving(service, tmp_path, "--bug", bug) as (url, document):
        outcome = run(document, url)
    name, code, words = FOUND[service, bug]
    assert {(row.name, one.code) for row in outcome.rows for one in row.problems} == {(name, code)}
    (found,) = [one for row in outcome.rows for one in row.problems]
    assert words in found.message
    assert "curl -X GET " in found.request
