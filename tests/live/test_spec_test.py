"""The spec test on real services: planted bugs are found, a correct service passes, the same seed asks the same."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from signet.errors import CouldNotTest, UsageError
from signet.live import spec_test
from signet.live.outcome import Outcome
from signet.live.spec_test import Plan
from tests.live.library import application, fingerprint
from tests.live.running import run, running

SMALL = Plan(examples=2, phases=("coverage",))
FOUND = {
    "status": ("GET /books/{book_id}", "status-undeclared", "answer 410"),
    "content-type": ("GET /books/{book_id}", "content-type-undeclared", "text/plain"),
    "body": ("GET /books/{book_id}", "body-misfit", "at /properties/pages of its schema"),
    "header": ("GET /books", "header-misfit", 'x-total-count: "many" is not'),
    "state": ("GET /books/{book_id}", "body-misfit", "at /properties/due of its schema"),
    "crash": ("PUT /books/{book_id}", "server-error", "status 500"),
}


def spec(*operations: str) -> dict[str, Any]:
    """What the library promises: all of it, or these operations alone, which takes less time to test."""
    document = application().openapi()
    if operations:
        told = document["paths"].items()
        kept = {
            path: {verb: one for verb, one in of.items() if f"{verb.upper()} {path}" in operations} for path, of in told
        }
        document["paths"] = {path: of for path, of in kept.items() if of}
    return document


def problems(outcome: Outcome) -> set[tuple[str, str]]:
    return {(row.name, problem.code) for row in outcome.rows for problem in row.problems}


def requested(plan: Plan, file: Path, document: dict[str, Any] | None = None) -> str:
    """The hash of the requests that a new, correct service got."""
    with running("library", "--record", str(file)) as url:
        assert run(document or spec(), url, plan).passed
    return fingerprint(file)


@pytest.mark.slow
@pytest.mark.parametrize("bug", FOUND)
def test_a_planted_bug_is_found(bug: str) -> None:
    with running("library", "--bug", bug) as url:
        outcome = run(spec(), url)
    name, code, words = FOUND[bug]
    assert not outcome.passed
    found = [one for row in outcome.failed for one in row.problems if (row.name, one.code) == (name, code)]
    assert len(found) == 1
    assert words in found[0].message
    assert found[0].request.startswith(f"curl -X {name.partition(' ')[0]} ")
    assert {code for _, code in problems(outcome)} == {code}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_a_correct_service_passes_with_every_seed(seed: int) -> None:
    with running("library") as url:
        outcome = run(spec(), url, Plan(seed=seed, examples=10))
    assert problems(outcome) == set()
    assert outcome.passed
    assert outcome.requests >= 100
    assert [row.name for row in outcome.rows if not row.succeeded] == []
    assert {one.code for row in outcome.rows for one in row.advice} <= {"malformed-refused"}


def test_a_small_test_of_a_broken_service() -> None:
    seen: list[tuple[int, int, str]] = []
    named = ["GET /greetings/{name}", "GET /books/{book_id}"]
    with running("library", "--bug", "body") as url:
        outcome = run(spec(*named), url, SMALL, tell=lambda *step: seen.append(step))
    assert [row.name for row in outcome.rows] == named
    assert problems(outcome) == {("GET /books/{book_id}", "body-misfit")}
    assert outcome.kind == "spec-test"
    assert outcome.subject == "spec of library"
    assert outcome.tool.startswith("schemathesis 4.")
    assert outcome.details["seed"] == 1
    assert outcome.details["phases"] == "coverage"
    assert outcome.details["cases"] == outcome.requests == sum(row.requests for row in outcome.rows)
    assert [step[:2] for step in seen] == [(1, 2), (2, 2)]
    assert {step[2] for step in seen} == {row.name for row in outcome.rows}


@pytest.mark.slow
def test_what_is_excluded_is_not_asked(tmp_path: Path) -> None:
    document = spec()
    document["paths"]["/books/{book_id}"]["delete"]["tags"] = ["dangerous"]
    identity = document["paths"]["/books/{book_id}/loans"]["post"]["operationId"]
    plan = Plan(excluded=("dangerous", identity, "put /books/{book_id}"), examples=2, phases=("fuzzing",))
    with running("library", "--record", str(tmp_path / "requests")) as url:
        outcome = run(document, url, plan)
    asked = (tmp_path / "requests").read_text()
    assert "'DELETE'" not in asked
    assert "'PUT'" not in asked
    assert "/loans" not in asked
    assert [row.name for row in outcome.rows if row.skipped == "excluded"] == [
        *("PUT /books/{book_id}", "DELETE /books/{book_id}", "POST /books/{book_id}/loans"),
    ]
    assert outcome.details["excluded"] == 3
    assert outcome.passed


@pytest.mark.slow
def test_the_same_seed_sends_the_same_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(examples=2, phases=("fuzzing", "stateful"))
    first = requested(plan, tmp_path / "first")
    monkeypatch.setenv("PYTHONHASHSEED", "77")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.chdir(tmp_path)
    time.tzset()
    assert requested(plan, tmp_path / "second", shuffled(spec())) == first
    assert requested(Plan(examples=2, phases=("fuzzing", "stateful"), seed=2), tmp_path / "third") != first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second", "third"]


@pytest.mark.slow
def test_the_whole_plan_sends_the_same_requests(tmp_path: Path) -> None:
    assert requested(Plan(seed=5), tmp_path / "first") == requested(Plan(seed=5), tmp_path / "second")


def shuffled(value: Any) -> Any:
    """The same document, with the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffled(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: random.Random(key).random())
    return {key: shuffled(value[key]) for key in keys}


@pytest.mark.slow
def test_the_same_test_has_the_same_outcome() -> None:
    with running("library", "--bug", "header") as url:
        first, second = (run(spec(), url, SMALL).as_json() for _ in range(2))
    first["rows"] = [row for row in first["rows"] if row["name"] != "POST /books/{book_id}/loans"]
    second["rows"] = [row for row in second["rows"] if row["name"] != "POST /books/{book_id}/loans"]
    failing = [row for row in first["rows"] if not row["passed"]]
    assert failing == [row for row in second["rows"] if not row["passed"]]
    assert failing


@pytest.mark.slow
def test_hooks_of_the_user_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("NAME = 'X-Trace'\n")
    (tmp_path / "hooks.py").write_text(
        "import neighbour, schemathesis\n"
        "@schemathesis.hook\n"
        "def before_call(context, case, kwargs):\n"
        "    case.headers = {**(case.headers or {}), 'X-Hooked': neighbour.NAME}\n"
    )
    plan = Plan(examples=1, phases=("coverage",), hooks=tmp_path / "hooks.py")
    with running("library", "--record", str(tmp_path / "requests")) as url:
        assert run(spec(), url, plan).passed
    lines = (tmp_path / "requests").read_text().splitlines()
    assert len([line for line in lines if "x-hooked" in line]) >= len(lines) - 2  # all but two probes


@pytest.mark.slow
def test_a_base_path_is_asked_for(tmp_path: Path) -> None:
    """The library serves nothing under /api: what was asked for tells where it was looked for."""
    document = spec("GET /books/{book_id}") | {"servers": [{"url": "https://api.example.test/api/v1"}]}
    plan = Plan(examples=1, phases=("coverage",))
    with (
        running("library", "--record", str(tmp_path / "requests")) as url,
        pytest.raises(CouldNotTest, match="No operation ever succeeded; all that was answered is 404"),
    ):
        run(document, url, plan)
    assert "b'/api/v1/books/" in (tmp_path / "requests").read_text()


def test_schemathesis_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signet.live.spec_test.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'signet-registry\[test\]'"):
        run(spec(), "http://127.0.0.1:9")


@pytest.mark.slow
def test_nothing_of_the_machine_steers_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Variables, a configuration beside us, a .netrc and a proxy are of no account; the home stays as it is."""
    (home / ".netrc").write_text("machine 127.0.0.1 login canary-login password canary-password\n")
    (tmp_path / "schemathesis.toml").write_text("this is no toml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SCHEMATHESIS_HOOKS", "nowhere.to.be.found")
    before = sorted(home.iterdir())
    with running("library", "--record", str(tmp_path / "requests")) as url:
        assert spec_test.run(spec(), url, Plan(examples=1, phases=("coverage",))).passed
    assert "authorization" not in (tmp_path / "requests").read_text()
    assert sorted(home.iterdir()) == before
    (home / ".netrc").unlink()
