"""Contracts that pact-python and pact-js wrote, replayed at a provider that is right, or wrong in one thing."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from signet.core.formats import pact, text
from signet.live.replay import ByFunctions, Plan, Subject, run, tool
from tests.live.shelves import (
    AUTH,
    KEPT,
    ROOT,
    STATES,
    Running,
    get,
    made,
    problems,
    running,
    subject,
    written_by_python,
)

A_BOOK = "a book"
OWN_ID = "a book by its own id"
EVERY = ("python-v2", "python-v3", "python-v4", "js-v2", "js-v3", "js-v4")

# What is done wrong -> the interaction that must fail, its only code (or codes), and what its message names.
BUGS = {
    "status": (A_BOOK, "status-mismatch", "is 203, expected 200"),
    "like": (A_BOOK, "body-mismatch", "body at $.title"),
    "eachLike": (A_BOOK, "body-mismatch", "body at $.tags[1]"),
    "regex": (A_BOOK, "body-mismatch", "body at $.isbn"),
    "date": (A_BOOK, "body-mismatch", "body at $.published"),
    "datetime": (A_BOOK, "body-mismatch", "body at $.seen"),
    "integer": (A_BOOK, "body-mismatch", "body at $.pages"),
    "equality": (A_BOOK, "body-mismatch", "body at $.kind"),
    "missing": (A_BOOK, "body-mismatch", "missing the following keys: author"),
    "header": (A_BOOK, "header-mismatch", "header X-Revision"),
    "content-type": (A_BOOK, "header-mismatch body-type-mismatch", "text/html"),
    "query": ("books of an author", "status-mismatch body-mismatch", "is 400, expected 200"),
    "empty": ("books of an author", "body-mismatch", "minimum size of 1"),
    "location": ("a new book", "header-mismatch", "header Location"),
    "not-found": ("a book that is not there", "status-mismatch", "is 200, expected 404"),
    "form": ("a login", "body-mismatch", "token"),
    "binary": ("a cover", "header-mismatch body*-mismatch", "image/gif"),
    "put": ("a new cover", "status-mismatch", "is 415, expected 204"),
    "own": (OWN_ID, "status-mismatch *-mismatch", "is 404, expected 200"),
    "own-id": (OWN_ID, "body-mismatch", "body at $.id"),
}
QUICK = {"status", "like", "eachLike", "regex", "date", "header", "query", "not-found", "form", "binary", "own"}


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files by who wrote them."""
    folder = tmp_path_factory.mktemp("pacts")
    written_by_python(folder)
    found = {f"python-{version}": folder / f"reader-python-{version}-shelf.json" for version in ("v2", "v3", "v4")}
    return found | {f"js-{version}": KEPT / f"js-{version}.json" for version in ("v2", "v3", "v4")}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("shelf") / "shelf.db") as found:
        yield found


@pytest.fixture
def plan(provider: Running, monkeypatch: pytest.MonkeyPatch) -> Plan:
    provider.plant()
    monkeypatch.setenv("SHELF_DB", str(provider.database))
    monkeypatch.chdir(ROOT)
    return Plan(states=ByFunctions(STATES), headers=AUTH)


def test_a_right_provider_passes_every_contract(contracts: dict[str, Path], provider: Running, plan: Plan) -> None:
    told: list[str] = []
    outcomes = run([subject(contracts[name]) for name in EVERY], provider.url, plan, tell=told.append)
    assert [problems(outcome) for outcome in outcomes] == [[]] * len(EVERY)
    assert [outcome.requests for outcome in outcomes] == [8, 9, 9, 6, 9, 9]
    assert all(outcome.passed and outcome.tool == tool() for outcome in outcomes)
    assert {outcome.subject for outcome in outcomes} == {contracts[name].name for name in EVERY}
    assert len(told) == 50
    assert told[0].endswith("1 of 8: a book (the book b1 is on the shelf): passed")


def test_what_the_registry_stores_replays_like_the_file(
    contracts: dict[str, Path], provider: Running, plan: Plan
) -> None:
    originals = [subject(contracts[name]) for name in EVERY[2:4]]
    kept = []
    for each in originals:
        document = text.read(text.dump(pact.stored(each.contract)).encode(), "stored.json")
        kept.append(Subject(pact.contract(document), each.label))
    provider.plant("like", "form")
    before, after = (run(some, provider.url, plan) for some in (originals, kept))
    assert [sorted(problems(outcome)) for outcome in before] == [sorted(problems(outcome)) for outcome in after]
    assert all(problems(outcome) for outcome in before)


@pytest.mark.parametrize("bug", [pytest.param(one, marks=() if one in QUICK else pytest.mark.slow) for one in BUGS])
def test_a_wrong_provider_fails_for_the_right_reason(
    bug: str, contracts: dict[str, Path], provider: Running, plan: Plan
) -> None:
    provider.plant(bug)
    description, codes, named = BUGS[bug]
    of = [subject(contracts[name], description) for name in EVERY]
    outcomes = run([each for each in of if each.contract.interactions], provider.url, plan)
    assert len(outcomes) == (5 if "cover" in description else 4 if description == OWN_ID else 6)
    for outcome in outcomes:
        found = problems(outcome)
        assert fnmatch(" ".join(code for _, code, _ in found), codes), outcome
        assert any(named in message for _, _, message in found), found
        assert not outcome.passed
        assert "curl -X" in outcome.rows[0].problems[0].request


@pytest.mark.slow
def test_a_bug_is_seen_in_no_other_interaction(contracts: dict[str, Path], provider: Running, plan: Plan) -> None:
    for bug, (description, _, _) in BUGS.items():
        provider.plant(bug)
        touched = {description, *(("books of an author", OWN_ID) if description == A_BOOK else ())}
        if bug == "own-id":
            touched |= {A_BOOK, "books of an author"}
        if bug == "content-type":
            continue
        for outcome in run([subject(contracts[name]) for name in EVERY[::2]], provider.url, plan):
            failed = {row.name.partition(" (")[0] for row in outcome.failed}
            assert failed <= touched, (bug, outcome)
            assert description in failed or "cover" in description or description == OWN_ID, (bug, outcome)


def test_a_generator_takes_its_value_from_the_provider_state(
    contracts: dict[str, Path], provider: Running, plan: Plan
) -> None:
    provider.plant("status")
    of = [subject(contracts[name], OWN_ID) for name in ("python-v3", "python-v4", "js-v3", "js-v4")]
    for outcome in run(of, provider.url, plan):
        assert outcome.rows[0].problems[0].request.endswith("/books/generated-77")


@pytest.mark.parametrize("name", EVERY)
def test_states_get_the_parameters_of_the_contract(
    name: str, contracts: dict[str, Path], provider: Running, plan: Plan, tmp_path: Path
) -> None:
    (tmp_path / "noting.py").write_text(
        "from pathlib import Path\n"
        "def noted(name):\n"
        "    def change(params, action):\n"
        "        with Path(__file__).with_name('noted').open('a') as file:\n"
        "            print(action, name, sorted(params.items()), file=file)\n"
        "    return change\n"
        "states = {name: noted(name) for name in\n"
        "    ('the book b1 is on the shelf', 'a book is on the shelf', 'the shelf is dusted')}\n"
    )
    noting = Plan(states=ByFunctions(str(tmp_path / "noting.py")), headers=AUTH)
    (outcome,) = run([subject(contracts[name], A_BOOK)], provider.url, noting)
    assert "status-mismatch" in {code for _, code, _ in problems(outcome)}, "nobody has put the book there"
    states = ["the book b1 is on the shelf []"]
    if not name.endswith("v2"):
        states = ["a book is on the shelf [('id', 'b1'), ('title', 'Dune')]", "the shelf is dusted []"]
    expected = [*(f"setup {one}" for one in states), *(f"teardown {one}" for one in reversed(states))]
    assert (tmp_path / "noted").read_text().splitlines() == expected


def test_states_are_torn_down(contracts: dict[str, Path], provider: Running, plan: Plan) -> None:
    provider.plant("like")
    (outcome,) = run([subject(contracts["python-v4"], A_BOOK)], provider.url, plan)
    assert outcome.failed
    (after,) = run([subject(made(get("/books/b1", {"error": "no such book"})))], provider.url, plan)
    assert problems(after)[0][1:] == ("status-mismatch", "the status is 404, expected 200")


def test_every_interaction_of_a_name_is_replayed(provider: Running, plan: Plan) -> None:
    same = [{**get("/me", {"name": name}), "description": "me"} for name in ("ann", "bob", "ann")]
    (outcome,) = run([subject(made(*same))], provider.url, plan)
    assert [bool(row.problems) for row in outcome.rows] == [False, True, False]
    assert outcome.details == {"interactions": 3, "skipped": 0, "failed": 1}


def test_messages_and_plugins_are_named_and_skipped(provider: Running, plan: Plan) -> None:
    message = {"type": "Asynchronous/Messages", "contents": {"content": "x"}}
    plugin = {**get("/me"), "pluginConfiguration": {"csv": {"columns": 3}}}
    (outcome,) = run([subject(made(message, plugin))], provider.url, plan)
    assert [row.skipped for row in outcome.rows] == [
        "a message; a replay over HTTP cannot judge it",
        "it needs the Pact plugin csv, and no plugins are loaded",
    ]
    assert not outcome.passed
    assert outcome.requests == 0


def test_a_pending_interaction_that_fails_has_failed(provider: Running, plan: Plan) -> None:
    (outcome,) = run([subject(made({**get("/me", {"name": "bob"}), "pending": True}))], provider.url, plan)
    assert [code for _, code, _ in problems(outcome)] == ["body-mismatch"]


def test_an_empty_contract_has_not_passed(provider: Running, plan: Plan) -> None:
    (outcome,) = run([subject(made())], provider.url, plan)
    assert not outcome.passed


def test_one_and_one_point_zero_are_one_number(provider: Running, plan: Plan) -> None:
    # The registry's canonical form writes 412.0 as 412; a provider that answers either keeps the contract.
    state = {"name": "a book is on the shelf"}
    right, wrong = (get("/books/b1", {"pages": pages}, [state]) for pages in (412.0, 413))
    (outcome,) = run([subject(made(right, wrong))], provider.url, plan)
    assert [bool(row.problems) for row in outcome.rows] == [False, True]


def test_the_order_of_problems_is_always_the_same(provider: Running, plan: Plan) -> None:
    expected = {"id": "z", "kind": "z", "isbn": "z", "title": "z", "pages": 0, "none": 1, "tags": ["z"]}
    source = made(get("/books/b1", expected, ["a book is on the shelf"]))
    answers = {str(run([subject(source)], provider.url, plan)[0].as_json()) for _ in range(3)}
    assert len(answers) == 1


def test_a_base_path_and_a_wrong_place(provider: Running, plan: Plan) -> None:
    (outcome,) = run([subject(made(get("/b1/cover")))], provider.url + "/books/", plan)
    assert outcome.passed


def test_a_recorded_contract_is_matched_by_structure(provider: Running, plan: Plan) -> None:
    recorded = get(
        "/books/b1",
        {"id": "other", "title": "Emma", "tags": ["a"], "pages": 1, "published": "x", "nothing": None},
        ["a book is on the shelf"],
    )
    recorded["response"]["headers"] = {
        "Content-Type": ["application/json; charset=utf-8"],
        "X-Revision": ["999"],
        "Date": ["yesterday"],
        "Transfer-Encoding": ["chunked"],
    }
    (outcome,) = run([subject(made(recorded), structural=True)], provider.url, plan)
    assert problems(outcome) == []
    assert outcome.details["structural"] == 1
    for bug, named in {
        "status": "is 203",
        "like": "$.title",
        "eachLike": "$.tags[1]",
        "content-type": "Content-Type",
    }.items():
        provider.plant(bug)
        (outcome,) = run([subject(made(recorded), structural=True)], provider.url, plan)
        assert any(named in message for _, _, message in problems(outcome)), bug
    provider.plant()
    recorded["response"]["headers"]["X-Gone"] = ["1"]
    (outcome,) = run([subject(made(recorded), structural=True)], provider.url, plan)
    assert [code for _, code, _ in problems(outcome)] == ["header-mismatch"]


def test_a_recorded_contract_of_version_2_and_a_recorded_form(provider: Running, plan: Plan) -> None:
    book = {
        "providerState": "the book b1 is on the shelf",
        "request": {"method": "GET", "path": "/books/b1"},
        "response": {"status": 200, "headers": {"X-Revision": "1"}, "body": {"title": "Emma", "tags": []}},
    }
    login = {
        "request": {
            "method": "POST",
            "path": "/login",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "user=ann+lee&scope=read&scope=write",
        },
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "body": "token=other&scope=none",
        },
    }
    (outcome,) = run([subject(made(book, login, version="2.0.0"), structural=True)], provider.url, plan)
    assert problems(outcome) == []
    provider.plant("like")
    (outcome,) = run([subject(made(book, login, version="2.0.0"), structural=True)], provider.url, plan)
    assert [(code, "$.title" in message) for _, code, message in problems(outcome)] == [("body-mismatch", True)]


@pytest.mark.slow
def test_pact_js_from_npm_writes_contracts_that_replay(provider: Running, plan: Plan, tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm here; the contracts that pact-js wrote earlier are replayed all the same")
    # npm is set up in the home directory of whoever runs this, which other tests do not see.
    home = {**os.environ, "PACT_DO_NOT_TRACK": "true", "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "@pact-foundation/pact@16"]
    if subprocess.run(install, cwd=tmp_path, env=home, capture_output=True, timeout=280).returncode != 0:
        pytest.skip(
            "npm cannot install @pact-foundation/pact here; what pact-js wrote earlier is replayed all the same"
        )
    for _ in range(5):  # the mock servers of pact-js begin at once on a port that has just been used
        (folder := tmp_path / "written").mkdir(exist_ok=True)
        command = ["node", str(KEPT / "write_js.cjs"), str(folder)]
        wrote = subprocess.run(command, cwd=tmp_path, env=home, capture_output=True, timeout=120)
        if wrote.returncode == 0:
            break
        shutil.rmtree(folder)
    assert wrote.returncode == 0, wrote.stderr.decode()
    files = [folder / f"reader-js-{version}-shelf.json" for version in ("v2", "v3", "v4")]
    outcomes = run([subject(path) for path in files], provider.url, plan)
    assert [problems(outcome) for outcome in outcomes] == [[]] * 3
    kept = [subject(KEPT / f"js-{version}.json") for version in ("v2", "v3", "v4")]
    assert [subject(path).contract.digest for path in files] == [each.contract.digest for each in kept]
