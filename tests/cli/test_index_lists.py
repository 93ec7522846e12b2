"""``status --index`` and ``owed --index``: the same bytes as without, whatever the service is or says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from signet.cli import index as of_index
from signet.core.index_lists import integrations as heard_integrations
from signet.core.index_lists import owed as heard_owed
from signet.core.integrations import integrations
from signet.core.owed import owed
from tests.cli.conftest import Desk, Outcome
from tests.cli.test_index import ANSWERS, liar, says
from tests.domain import Team
from tests.service import asking
from tests.service.asking import Service

QUESTIONS = [
    ("status",),
    ("status", "--name", "cart"),
    ("status", "--environment", "production", "--at", "HEAD~3"),
    ("owed",),
    ("owed", "--name", "catalog", "--version", "2"),
    ("owed", "--consumer", "cart", "--consumer-version", "2", "--provider", "catalog"),
]
REFUSED = [("status", "--name", "cat"), ("owed", "--name", "nobody"), ("owed", "--version", "1")]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return asking.shop(tmp_path_factory.mktemp("index") / "registry")


@pytest.fixture(scope="module")
def index(team: Team) -> Iterator[str]:
    with asking.served(Service(team.location).app) as address:
        yield address


def asks(desk: Desk, team: Team, *question: str) -> Outcome:
    return desk.signet(*question, "--registry", team.location)


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("question", QUESTIONS)
def test_with_an_index_the_answer_is_the_same_bytes(
    desk: Desk, team: Team, index: str, question: tuple[str, ...], form: tuple[str, ...]
) -> None:
    without = asks(desk, team, *question, *form)
    assert asks(desk, team, *question, *form, "--index", index) == without
    assert without.code == 0 and without.err == ""


def test_so_it_is_as_the_matrix_of_a_job(desk: Desk, team: Team, index: str) -> None:
    assert asks(desk, team, "owed", "--matrix", "--index", index) == asks(desk, team, "owed", "--matrix")


@pytest.mark.parametrize("question", REFUSED)
def test_what_is_refused_is_refused_in_the_words_of_the_clone(
    desk: Desk, team: Team, index: str, question: tuple[str, ...]
) -> None:
    without = asks(desk, team, *question)
    with_it = asks(desk, team, *question, "--index", index)
    assert (with_it.code, with_it.out) == (without.code, without.out) == (2, "")
    assert with_it.err.endswith(without.err)


@pytest.mark.parametrize("command", ["status", "owed"])
def test_the_index_really_says_how_pairs_stand_page_by_page(
    desk: Desk, team: Team, index: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clone could not: it has no judge here."""
    without = asks(desk, team, command)
    path, member = LISTS[command]
    told = _told(index, path, member, team.head)

    def reply(to: Any) -> None:
        is_last = "cursor=one" in to.path
        entries = told[member][1:] if is_last else told[member][:1]
        page = told | {member: entries, "next": None if is_last else f"{path}?limit=1&cursor=one"}
        says(200, json.dumps(page).encode())(to)

    monkeypatch.setattr("signet.core.integrations.judge", None)
    monkeypatch.setattr("signet.core.owed.judge", None)
    with liar(reply) as (address, seen):
        assert asks(desk, team, command, "--index", address) == without
    assert [f"at={team.head}" in one and f"limit={of_index.PAGE}" in one for one, _ in seen] == [True, True]


LISTS = {"status": ("/api/v1/integrations", "integrations"), "owed": ("/api/v1/owed", "owed")}


def _told(index: str, path: str, member: str, commit: str) -> dict[str, Any]:
    import httpx

    told: dict[str, Any] = httpx.get(index + path, params={"at": commit, "limit": 500}).json()
    assert len(told[member]) > 1 and told["next"] is None
    return told


@pytest.mark.parametrize("name", ["an error", "no JSON", "JSON of another kind", "no reason"])
@pytest.mark.parametrize("command", ["status", "owed"])
def test_whatever_else_it_answers_the_clone_answers_and_a_note_says_so_once(
    desk: Desk, team: Team, command: str, name: str
) -> None:
    without = asks(desk, team, command)
    with liar(ANSWERS[name]) as (address, seen):
        outcome = asks(desk, team, command, "--index", address)
    assert (outcome.code, outcome.out) == (without.code, without.out)
    assert outcome.err.count("the clone answers") == 1
    assert len(seen) == 1


def test_a_list_without_an_end_is_left(desk: Desk, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_index, "PAGES", 3)
    page = {"schema": "signet.owed/1", "commit": team.head, "owed": [{}], "next": "/api/v1/owed?cursor=x"}
    with liar(says(200, json.dumps(page).encode())) as (address, seen):
        outcome = asks(desk, team, "owed", "--index", address)
    assert (outcome.code, len(seen)) == (0, 3)
    assert outcome.out == asks(desk, team, "owed").out
    assert "something else than was asked; the clone answers" in outcome.err


def test_offline_no_index_is_asked(desk: Desk, team: Team) -> None:
    with liar(says(500, b"")) as (address, seen):
        for command in ("status", "owed"):
            assert asks(desk, team, command, "--index", address, "--offline").code == 0
    assert seen == []


Change = Callable[[list[dict[str, Any]]], Any]
LIES: dict[str, Change] = {
    "one less": lambda told: told.pop(),
    "one more": lambda told: told.append(dict(told[0])),
    "another order": lambda told: told.reverse(),
    "no object": lambda told: told.append(7),  # type: ignore[arg-type]
    "another version": lambda told: told[0].update(provider_version="77"),
    "another consumer": lambda told: told[-1].update(consumer="nobody"),
    "a member more": lambda told: told[0].update(extra=1),
    "a member less": lambda told: told[0].pop("provider"),
}
OF_INTEGRATIONS: dict[str, Change] = LIES | {
    "a code that is none": lambda told: told[0].update(code="all-is-well"),
    "a code of no pair": lambda told: told[0].update(code="ignored", state="not verified yet"),
    "a code that is a list": lambda told: told[0].update(code=[]),
    "a state of another code": lambda told: told[0].update(state="verified", code="contract-incompatible"),
    "another place": lambda told: told[0].update(environments=["nowhere"]),
}
OF_OWED: dict[str, Change] = LIES | {
    "no yes or no": lambda told: told[0].update(blocking="maybe"),
    "versions that are none": lambda told: told[-1].update(consumer_versions=7),
    "versions of others": lambda told: told[-1].update(consumer_versions=[["x"]]),
    "another contract": lambda told: told[-1].update(contract="0" * 64),
    "another reason": lambda told: told[0].update(reasons=[]),
}


@pytest.mark.parametrize("lie", OF_INTEGRATIONS)
def test_integrations_that_are_not_those_of_the_clone_are_not_believed(team: Team, lie: str) -> None:
    found = integrations(team.state)
    told = [one.as_json() for one in found]
    assert heard_integrations(told, team.state) == found
    OF_INTEGRATIONS[lie](told)
    assert heard_integrations(told, team.state) is None


@pytest.mark.parametrize("lie", OF_OWED)
def test_owed_tests_that_are_not_those_of_the_clone_are_not_believed(team: Team, lie: str) -> None:
    found = owed(team.state)
    told = [one.as_json() for one in found]
    assert told[-1]["kind"] == "replay" and len(told) > 1
    assert heard_owed(told, team.state, {}) == found
    OF_OWED[lie](told)
    assert heard_owed(told, team.state, {}) is None


def test_how_a_pair_stands_is_what_is_taken_from_the_index(team: Team) -> None:
    told = [one.as_json() for one in integrations(team.state)]
    told[0] |= {"state": "not verified yet", "code": "replay-missing"}
    found = heard_integrations(told, team.state)
    assert found is not None and found[0].code == "replay-missing"
