"""Fixtures in the registry: one file each, refused with every fault at its place, read by service and environment."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.formats import text
from signet.core.model.fixture import Answered, Asked, Body, Fixture, Source
from signet.errors import InvalidData, UnknownName
from signet.registry import fixtures, git, layout, read, serve
from tests.domain import Team

TEA = Fixture(
    "catalog",
    "GET /items/{id}",
    "tea",
    Asked("GET", "/items/7", {"page": ("1",)}, {"accept-language": "de"}),
    Answered(200, {"cache-control": "no-store"}, Body("application/json", {"id": 7, "price": Decimal("1.50")})),
    Source.PROVIDER,
)
WRITTEN = """{
  "kind": "fixture",
  "name": "tea",
  "operation": "GET /items/{id}",
  "request": {
    "headers": {
      "accept-language": "de"
    },
    "path": "/items/7",
    "query": {
      "page": [
        "1"
      ]
    }
  },
  "response": {
    "body": {
      "json": {
        "id": 7,
        "price": 1.5
      },
      "media_type": "application/json"
    },
    "headers": {
      "cache-control": "no-store"
    },
    "status": 200
  },
  "service": "catalog",
  "source": "provider"
}
"""
PATH = "services/catalog/fixtures/GET%20%2Fitems%2F%7Bid%7D/tea.json"


def bytes_of(one: Fixture) -> bytes:
    return fixtures.documents.to_json(fixtures.document(one))


def path_of(one: Fixture) -> str:
    return layout.path("fixture", one.service, one.operation, one.name)


def test_a_fixture_is_one_readable_file() -> None:
    assert bytes_of(TEA).decode() == WRITTEN
    assert path_of(TEA) == PATH
    assert layout.identity(PATH) == ("fixture", "catalog", "GET%20%2Fitems%2F%7Bid%7D", "tea")
    assert fixtures.parsed(WRITTEN.encode(), PATH).noun() == TEA


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
HEADERS = st.dictionaries(
    st.sampled_from(["x-a", "link", "etag"]), st.text(st.characters(min_codepoint=32, max_codepoint=126)), max_size=2
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False).map(repr).map(Decimal)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.one_of(
    st.none(),
    st.builds(Body, st.sampled_from(["application/json", "application/hal+json; x=1"]), VALUES),
    st.builds(Body, st.sampled_from(["text/plain", "application/xml"]), WORDS),
    st.builds(Body, st.just("image/png"), st.binary(max_size=9)),
)
FIXTURES = st.builds(
    Fixture,
    st.sampled_from(["catalog", "Item.v2"]),
    st.sampled_from(["PUT /items/{id}", "PUT /ö/" + "x" * 200, "PUT /"]),
    st.sampled_from(["tea", "a_b-c.d", "7"]),
    st.builds(
        Asked,
        st.just("PUT"),
        st.sampled_from(["/items/7", "/items/{id}", "/%C3%B6/a+b=~!", "/"]),
        st.none() | st.dictionaries(WORDS, st.lists(WORDS, min_size=1, max_size=3).map(tuple), max_size=3),
        HEADERS,
        BODIES,
    ),
    st.builds(Answered, st.sampled_from([200, 404]), HEADERS, BODIES),
    st.sampled_from(Source),
    st.frozensets(st.sampled_from(["staging", "production"])),
)


@given(FIXTURES)
def test_what_is_written_is_read_as_the_same_and_written_the_same(one: Fixture) -> None:
    data = bytes_of(one)
    found = fixtures.parsed(data, path_of(one)).noun()
    assert found == one
    assert bytes_of(found) == data


def faults(change: Any, path: str = PATH) -> list[str]:
    value = text.read(WRITTEN.encode(), "x.json").value
    change(value)
    with pytest.raises(InvalidData) as caught:
        fixtures.parsed(text.dump(value, indent=1).encode(), path)
    return [f"{fault.pointer}: {fault.message}" for fault in caught.value.faults if fault.line or fault.pointer is None]


def test_every_fault_of_a_fixture_is_told_with_its_place() -> None:
    def change(value: dict[str, Any]) -> None:
        value |= {"kind": "contract", "name": "../tea", "service": ".git", "operation": "GET items", "extra": 1}
        value["source"] = "somebody"
        value["environments"] = ["staging", "a/b"]
        value["request"] |= {"path": "items", "query": {"page": []}, "method": "GET", "body": {"media_type": "json"}}
        value["request"]["headers"] |= {"cookie": "a=b", "X-Y": "1", "host": "x", "content-type": "a/b"}
        value["response"] |= {"status": "200", "headers": {"x-a": "1\r\nset-cookie: a=b", "set-cookie": "a=b"}}

    found = "\n".join(faults(change))
    for place in (
        *("/kind", "/name", "/service", "/operation", "/extra", "/source", "/environments/1", "/request/path"),
        *("/request/query/page", "/request/method", "/request/body/media_type", "/request/headers/cookie"),
        *("/request/headers/X-Y", "/request/headers/host", "/request/headers/content-type"),
        *("/response/status", "/response/headers/x-a", "/response/headers/set-cookie"),
    ):
        assert f"{place}: " in found, (place, found)


BODY = {"media_type": "application/json", "json": {}}


@pytest.mark.parametrize(
    ("side", "said", "why"),
    [
        ("response", {"status": 204, "body": BODY}, "an answer 204 has no body"),
        ("response", {"status": 199}, "greater than or equal to 200"),
        ("response", {"status": True}, "valid integer"),
        ("response", {"status": 200, "body": {"media_type": "application/json", "text": "{}"}}, "'json' is for JSON"),
        ("response", {"status": 200, "body": {"media_type": "text/plain", "json": "x"}}, "'json' is for JSON"),
        ("response", {"status": 200, "body": {"media_type": "text/plain"}}, "one of 'json', 'text' and 'base64'"),
        ("response", {"status": 200, "body": {"media_type": "a/b", "text": "", "base64": ""}}, "one of 'json'"),
        ("response", {"status": 200, "body": {"media_type": "a/b", "text": None}}, "one of 'json'"),
        ("response", {"status": 200, "body": {"media_type": "a/b", "base64": "eA"}}, "it is not base64"),
        ("response", {"status": 200, "body": {"media_type": "a/b", "base64": "eB=="}}, "it is not base64"),
        ("response", {"status": 200, "headers": {"content-length": "3"}}, "belongs to one connection"),
        ("response", {"status": 200, "headers": {"authorization": "Bearer x"}}, "credentials and cookies"),
        ("response", {"status": 200, "headers": {"x-a": "\u2028"}}, "no header can have this value"),
        ("request", {"path": "/items/{id}x"}, "a path as it is sent"),
        ("request", {"path": "/items/a b"}, "a path as it is sent"),
        ("request", {"path": "/items/%2"}, "a path as it is sent"),
        ("request", {"path": "/items?x=1"}, "a path as it is sent"),
        ("request", {"path": "/" + "x" * 9_000}, "at most 8000 characters"),
        ("request", {"path": "/items/7", "query": {"page": [1]}}, "valid string"),
        ("request", {"path": "/items/7", "headers": {f"x-{n}": "1" for n in range(101)}}, "at most 100 items"),
    ],
)
def test_what_no_server_could_send_or_no_registry_should_keep_is_refused(side: str, said: Any, why: str) -> None:
    found = faults(lambda value: value.update({side: said}))
    assert len(found) == 1 and why in found[0], found


def test_head_has_no_body_and_no_environment_is_listed_twice() -> None:
    path = layout.path("fixture", "catalog", "HEAD /items/{id}", "tea")
    assert "the answer to HEAD has no body" in faults(lambda value: value.update(operation="HEAD /items/{id}"), path)[0]
    assert "listed twice" in faults(lambda value: value.update(environments=["a", "a"]))[0]


def test_a_fixture_stands_where_its_identity_says() -> None:
    for path in (PATH.replace("tea", "cup"), PATH.replace("items", "things"), PATH.replace("catalog", "cart")):
        assert "its path is that of another fixture" in faults(lambda value: None, path)[0]


def test_a_fixture_has_a_size() -> None:
    large = {"media_type": "text/plain", "text": "x" * fixtures.LARGEST}
    assert "has more than 1,048,576 bytes" in faults(lambda value: value["response"].update(body=large))[0]
    fitting = {"media_type": "text/plain", "text": "x" * 500_000}
    value = text.read(WRITTEN.encode(), "x.json").value
    value["response"]["body"] = fitting
    assert len(fixtures.parsed(text.dump(value).encode(), PATH).noun().response.body.content) == 500_000  # type: ignore[union-attr]


def with_files(team: Team, files: dict[str, bytes]) -> read.RegistryState:
    """The state after people put files there, by hand."""
    repo = team.repo
    commit = git.commit(repo, team.head, dict(files), "by hand\n")
    assert git.publish(repo, team.head, commit).status == "accepted"
    return team.state


def named(one: Fixture, name: str, *environments: str) -> dict[str, bytes]:
    made = Fixture(one.service, one.operation, name, one.request, one.response, one.source, frozenset(environments))
    return {path_of(made): bytes_of(made)}


def test_fixtures_are_read_by_service_and_environment(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry.git")
    team.environment("staging")
    files = named(TEA, "tea") | named(TEA, "cup", "staging") | named(TEA, "pot", "production", "staging")
    state = with_files(team, files | {"services/catalog/fixtures/.gitkeep": b""})
    assert [one.name for one in state.fixtures("catalog")] == ["tea"]
    assert [one.name for one in state.fixtures("catalog", "staging")] == ["cup", "pot", "tea"]
    assert [one.name for one in state.fixtures("catalog", "production")] == ["pot", "tea"]
    assert [one.name for one in state.every_fixture("catalog")] == ["cup", "pot", "tea"]
    assert state.fixtures("cart") == ()
    with pytest.raises(UnknownName):
        state.fixtures("catalog", "nowhere")


def test_every_broken_file_is_named_and_what_is_no_fixture_hides_nothing(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry.git")
    root = "services/catalog/fixtures"
    state = with_files(
        team,
        {
            PATH: WRITTEN.encode(),
            PATH.replace("tea", "one"): b"{",
            PATH.replace("tea", "two"): WRITTEN.encode(),
            f"{root}/three.json": WRITTEN.encode(),
            f"{root}/GET%20%2F/four.yaml": b"a: b\n",
            f"{root}/GET%20%2F/five/six.json": b"{}",
        },
    )
    with pytest.raises(InvalidData) as caught:
        state.fixtures("catalog")
    files = sorted({fault.file.removeprefix(f"{root}/") for fault in caught.value.faults})
    operation = "GET%20%2Fitems%2F%7Bid%7D"
    assert files == [
        "GET%20%2F/five", "GET%20%2F/four.yaml", f"{operation}/one.json", f"{operation}/two.json", "three.json",
    ]  # fmt: skip


def test_a_clone_without_blobs_fetches_all_fixtures_of_a_service_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "cache"))
    team = Team.founds(tmp_path / "srv" / "registry.git")
    files: dict[str, bytes] = {}
    for number in range(20):
        files |= named(TEA, f"tea{number}")
    with_files(team, files)
    with serve.served(tmp_path / "srv") as url:
        repo = git.open_repository(f"{url}/registry.git", partial=True)
        git.refresh(repo)
        before = repo.reads["fetch"]
        state = read.state_at(repo, git.head(repo))
        assert len(state.fixtures("catalog")) == 20
        assert repo.reads["fetch"] - before <= 1
