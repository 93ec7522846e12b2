"""What each CI system says is taken for what it is: ``ci_cases.yaml``, one case for each trap."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signet.cli import addresses, checkout, ci
from signet.cli.ci_systems import SYSTEMS, Cell, cells, variables
from signet.core.formats.text import MAX_BYTES
from signet.errors import SignetError
from tests.cli.conftest import REGENERATE, Desk
from tests.cli.test_render import ANYTHING, HOSTILE, is_harmless

CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "ci_cases.yaml").read_text(encoding="utf-8"))
IDS = {"A": "a" * 40, "B": "b" * 40, "C": "c" * 40}
GUIDE = Path(__file__).parents[2] / "docs" / "ci.md"
SAID = ("commit", "branch", "tag", "request", "base", "repository", "url")
TOLD = ("system", "fork", "not_built", "must_begin", "also", "notes")


def _with_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_ids(one) for key, one in value.items()}
    return IDS.get(value, value) if isinstance(value, str) else value


def _environment(case: dict[str, Any], folder: Path) -> dict[str, str]:
    event = folder / "event.json"
    if "event" in case:
        event.write_text(json.dumps(_with_ids(case["event"])), encoding="utf-8")
    return {name: str(event) if value == "$EVENT" else _with_ids(value) for name, value in case["set"].items()}


def _said(run: ci.Run) -> dict[str, Any]:
    """What a run says, without what it does not."""
    found = {name: getattr(run, name) for name in (*SAID, *TOLD)}
    plain = {name: one.value if isinstance(one, ci.Said) else one for name, one in found.items()}
    return {name: list(one) if isinstance(one, tuple) else one for name, one in plain.items() if one}


@pytest.mark.parametrize("name", CASES)
def test_a_run_says(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    run = ci.detect(_environment(case, tmp_path), IDS.get(case.get("here", ""), ""))
    expected = case["says"] and {key: one for key, one in _with_ids(case["says"]).items() if one is not None}
    assert (run and _said(run)) == expected


def test_every_system_has_cases_of_a_branch_a_tag_and_a_request() -> None:
    told: dict[str, set[str]] = {}
    for case in CASES.values():
        if case["says"]:
            told.setdefault(case["says"]["system"], set()).update(case["says"])
    assert set(told) == {system.name for system in SYSTEMS}
    for system in SYSTEMS:
        if system.name not in ("Forgejo Actions", "Gitea Actions"):  # the columns of GitHub
            assert {"commit", "branch", "tag", "request", "url"} <= told[system.name], system.name


def test_a_source_names_its_variable_and_its_system(tmp_path: Path) -> None:
    case = CASES["GitHub, pull_request takes the head commit and not the merge"]
    run = ci.detect(_environment(case, tmp_path))
    assert run and run.commit and run.branch and run.url
    assert run.commit.source == "GITHUB_EVENT_PATH /pull_request/head/sha (GitHub Actions)"
    assert run.branch.source == "GITHUB_HEAD_REF (GitHub Actions)"
    assert run.url.source == "GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID (GitHub Actions)"


PULL = {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/pull/1/merge", "GITHUB_SHA": IDS["B"]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"pull_request": {"head": ', "not valid JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "deep"),
        (b'{"a": 1, "a": 2}', "a second time"),
        (b" " * (MAX_BYTES + 1), "more than"),
        (b"[]", ""),
        (b'{"pull_request": [{"head": 1}]}', ""),
    ],
    ids=["torn", "bytes", "deep", "twice", "large", "list", "other-form"],
)
def test_an_event_file_is_untrusted(tmp_path: Path, content: bytes, reason: str) -> None:
    event = tmp_path / "event.json"
    event.write_bytes(content)
    run = ci.detect(PULL | {"GITHUB_EVENT_PATH": str(event)})
    assert run and run.commit is None and run.denies(IDS["B"])
    assert reason in "".join(run.notes) and bool(run.notes) == bool(reason)


def test_an_event_file_that_is_none_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", str(tmp_path), str(tmp_path / "pipe"), str(tmp_path / "none"), "a\0b", "\ud800"):
        run = ci.detect(PULL | {"GITHUB_EVENT_PATH": path})
        assert run and run.commit is None and run.notes, path


@pytest.mark.parametrize(
    ("given", "web", "repository"),
    [
        ("https://me:canary@x.example/a", "https://x.example/a", "https://x.example/a"),
        ("https://canary@x.example:8443/a?b#c", "https://x.example:8443/a", "https://x.example:8443/a"),
        ("https://me:can/ary@x.example/a", "", ""),
        ("https://me:1/canary@x.example/a", "", ""),
        ("https://[::1]:80/a", "https://[::1]:80/a", "https://[::1]:80/a"),
        ("https://[x/a", "", ""),
        ("ssh://git:canary@x.example/a", "", "ssh://git@x.example/a"),
        ("git@x.example:shop/cart.git", "", "git@x.example:shop/cart.git"),
        ("me:canary@x.example:shop/cart.git", "", ""),
        ("javascript:alert(1)", "", ""),
        ("javascript://x/%0aalert(1)", "", ""),
        ("ext::sh -c canary", "", ""),
        ("/srv/git/cart", "", ""),
        ("https://", "", ""),
        ("https://x.example/a\n::error::b", "", ""),
        ("https://x.example/a b", "", ""),
    ],
)
def test_addresses_lose_their_credentials(given: str, web: str, repository: str) -> None:
    assert addresses.web_address(given) == web
    assert addresses.repository_address(given) == (repository if not given.startswith("javascript:a") else given)


def _commit(desk: Desk) -> str:
    for args in (["init", "-q", "-b", "topic/here"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *args]
        subprocess.run(command, cwd=desk.folder, check=True)
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=desk.folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def _set(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def _detected(desk: Desk) -> dict[str, tuple[str | None, str | None]]:
    answer = desk.signet("doctor", "--json").answer
    assert answer["schema"] == "signet.doctor/1"
    return {one["what"]: (one["value"], one["source"]) for one in answer["detected"]}


def test_the_version_of_a_pull_request_is_its_head(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    merge = _commit(shop)
    case = CASES["GitHub, pull_request takes the head commit and not the merge"]
    _set(monkeypatch, _environment(case, shop.folder) | {"GITHUB_SHA": merge})
    outcome = shop.does("publish", "cart-catalog.json", "--json")
    head = IDS["A"]
    told = f"version {head} (GitHub Actions: the pull request's head commit; what is checked out here is {merge})"
    assert told in outcome.err
    assert "branch topic/x (GITHUB_HEAD_REF (GitHub Actions))" in outcome.err
    newest = shop.does("log", "--json", "--limit", "1").answer["commits"][0]
    assert newest["source"] == f"https://github.com/shop/cart@{head}"
    assert newest["run"] == "https://github.com/shop/cart/actions/runs/77"


def test_a_merge_is_not_taken_for_the_version(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    merge = _commit(shop)
    _set(monkeypatch, PULL | {"GITHUB_SHA": merge, "GITHUB_EVENT_PATH": "/nowhere/event.json"})
    outcome = shop.signet("publish", "cart-catalog.json")
    assert outcome.code == 2
    assert f"{merge} is a merge that was made for this run alone" in outcome.err
    assert "--version" in outcome.err and "No such file" in outcome.err
    assert shop.does("publish", "-v", "3", "cart-catalog.json").out.startswith("publish: cart 3")
    assert _detected(shop)["version"] == (None, None)


def test_a_shortened_commit_must_be_the_one_that_is_here(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    here = _commit(shop)
    _set(monkeypatch, {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_COMMIT": here[:12]})
    assert _detected(shop)["version"] == (here, "the checkout")
    monkeypatch.setenv("BITBUCKET_COMMIT", "abcdef012345")
    outcome = shop.signet("publish", "cart-catalog.json")
    assert outcome.code == 2 and "builds abcdef012345" in outcome.err


def test_a_flag_and_a_variable_go_before_ci_and_ci_before_the_checkout(
    shop: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = _commit(shop)
    assert _detected(shop)["version"] == (here, "the checkout")
    assert _detected(shop)["branch"] == ("topic/here", "the checkout")
    _set(monkeypatch, {"CIRCLECI": "true", "CIRCLE_SHA1": IDS["A"], "CIRCLE_BRANCH": "topic/x"})
    assert _detected(shop)["version"] == (IDS["A"], "CIRCLE_SHA1 (CircleCI)")
    assert _detected(shop)["branch"] == ("topic/x", "CIRCLE_BRANCH (CircleCI)")
    _set(monkeypatch, {"SIGNET_VERSION": "7", "SIGNET_BRANCH": "mine"})
    assert _detected(shop)["version"] == ("7", "SIGNET_VERSION")
    assert _detected(shop)["commit"] == (IDS["A"], "CIRCLE_SHA1 (CircleCI)")
    assert _detected(shop)["branch"] == ("mine", "SIGNET_BRANCH")
    assert shop.does("publish", "cart-catalog.json").out.startswith("publish: cart 7 ")
    assert shop.does("publish", "-v", "8", "cart-catalog.json").out.startswith("publish: cart 8 ")
    monkeypatch.setenv("SIGNET_VERSION", "auto")
    assert shop.does("publish", "cart-catalog.json").out.startswith(f"publish: cart {IDS['A']} ")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("GitLab, tag", "no branch: GitLab CI builds the tag v1"),
        ("CircleCI, pull request from a fork", "no branch: CircleCI builds a pull request from a fork"),
    ],
)
def test_where_there_is_no_branch_the_checkout_is_not_asked(
    shop: Desk, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    _commit(shop)
    _set(monkeypatch, _environment(CASES[name], shop.folder))
    outcome = shop.does("publish", "cart-catalog.json", "--json")
    assert told in outcome.err
    assert not [path for path in outcome.answer["paths"] if "/branches/" in path]


def test_an_odd_branch_is_data_and_one_that_cannot_be_is_refused(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, {"CIRCLECI": "true", "CIRCLE_SHA1": IDS["A"], "CIRCLE_BRANCH": 'zzz";echo${IFS}pwn;#'})
    outcome = shop.does("publish", "cart-catalog.json", "--json")
    assert 'branch zzz";echo${IFS}pwn;# (' in outcome.err
    files = [quote(path, safe="/%") for path in outcome.answer["paths"] if "/branches/" in path]
    assert [unquote(path) for path in files] == ['services/cart/branches/zzz";echo${IFS}pwn;#.json']
    monkeypatch.setenv("CIRCLE_BRANCH", "x\x1b[2K\n::error::y")
    refused = shop.signet("publish", "cart-catalog.json")
    assert refused.code == 2 and "cannot be the name of a branch" in refused.err
    assert "branch x\\x1b[2K\\n::error::y (" in refused.err


def test_doctor_says_which_of_several_systems_was_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _set(monkeypatch, _environment(CASES["GitHub's runner on an agent of Jenkins"], desk.folder))
    out = desk.signet("doctor").out
    assert (
        "note   ci: GitHub Actions (GITHUB_ACTIONS); Jenkins (JENKINS_URL, BUILD_ID) is set too, and not asked" in out
    )
    assert re.search(rf"^  version +{IDS['A']} +GITHUB_SHA \(GitHub Actions\)$", out, re.MULTILINE)


def test_doctor_says_that_a_ci_is_unknown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ok     ci: none" in desk.signet("doctor").out
    monkeypatch.setenv("CI", "woodpecker")
    assert "note   ci: CI is set, by a system that is not known here" in desk.signet("doctor").out


KEYS = ("pull_request", "workflow_run", "head", "base", "repo", "sha", "ref", "full_name", "head_sha", "head_branch")
VALUES = st.one_of(
    ANYTHING.map(lambda text: text.replace("\0", "")),
    HOSTILE,
    st.sampled_from([*IDS.values(), "true", "12", "refs/pull/1/merge", "refs/heads/x", "https://a:b@c/d", "x" * 3000]),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | ANYTHING, inner, max_size=4),
    max_leaves=12,
)
HELD = [(system, proof) for system in SYSTEMS for proof in system.proof]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_whatever_stands_there(desk: Desk, monkeypatch: pytest.MonkeyPatch, data: st.DataObject) -> None:
    system, proof = data.draw(st.sampled_from(HELD))
    names = sorted({cell.variable for cell in cells(system)} | variables() & set(proof))
    texts = VALUES.map(lambda text: text.encode("utf-8", "surrogateescape" if _escapable(text) else "replace"))
    values = {name: data.draw(texts | st.none()) for name in names} | dict.fromkeys(proof, b"true")
    event = desk.folder / "event.json"
    event.write_bytes(data.draw(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40)))
    values["GITHUB_EVENT_PATH"] = os.fsencode(event)
    with monkeypatch.context() as patch:
        for name, value in values.items():
            if value:
                patch.setenv(name, os.fsdecode(value))
        run = ci.detect(os.environ, data.draw(st.sampled_from(["", *IDS.values()])))
        assert run is not None
        if run.commit:
            assert re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", run.commit.value)
        for said in (run.url, run.repository):
            assert said is None or (said.value.isprintable() and "a:b@" not in said.value)
        for args in (["doctor"], ["doctor", "--json"]):
            outcome = desk.signet(*args)
            assert outcome.code == 2, outcome  # there is no registry
            _assert_harmless(outcome.out + outcome.err)
        origin = checkout.origin()
        assert (origin.source + origin.run).isprintable()
        checkout.branch(None)
        with contextlib.suppress(SignetError):
            checkout.version(None)
        _assert_harmless(desk.capture.readouterr().err)


def _assert_harmless(output: str) -> None:
    assert all(is_harmless(line) for line in output.split("\n")), output


def _escapable(text: str) -> bool:
    return all(not 0xD800 <= ord(char) <= 0xDFFF or 0xDC80 <= ord(char) <= 0xDCFF for char in text)


def _guide() -> str:
    """The table for people, made of the table for the program."""
    head = (
        "system",
        "known by",
        "commit",
        "branch",
        "pull request",
        "its head commit",
        "its branch",
        "tag",
        "build URL",
    )
    rows = [head, tuple("---" for _ in head)]
    for one in SYSTEMS:
        proof = " or ".join(" + ".join(f"`{name}`" for name in names) for names in one.proof)
        columns = (one.commit, one.branch, one.request, one.head, one.head_branch, one.tag)
        rows.append((one.name, proof, *map(_places, columns), ", ".join(f"`{text}`" for text in one.url)))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _places(column: tuple[Cell, ...]) -> str:
    return ", ".join(dict.fromkeys(f"`{cell.place}`" for cell in column))


def test_the_guide_has_the_table() -> None:
    begin, end = "<!-- begin systems -->\n\n", "\n\n<!-- end systems -->"
    text = GUIDE.read_text(encoding="utf-8")
    assert begin in text and end in text
    head, _, rest = text.partition(begin)
    table, _, tail = rest.partition(end)
    if REGENERATE:
        GUIDE.write_text(f"{head}{begin}{_guide()}{end}{tail}", encoding="utf-8")
        return
    assert table == _guide(), "run this test with SIGNET_REGENERATE=1"


def test_every_field_of_a_run_is_checked_by_the_cases() -> None:
    assert {field.name for field in dataclasses.fields(ci.Run)} == {*SAID, *TOLD, "proof", "what"}


def test_outside_ci_there_is_no_run(desk: Desk) -> None:
    assert checkout.run() is None and checkout.run_url() == ""
