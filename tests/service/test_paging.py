"""Pages of a list, joined, are the list; also while the registry moves on. Signet 2023 had no pages at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet.service.api import cursors
from signet.service.api.cursors import Cursor
from tests.domain import Team
from tests.service import asking
from tests.service.asking import Service

LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "services": ("/services", {}),
    "versions": ("/services/cart/versions", {}),
    "environments": ("/environments", {}),
    "deployments": ("/deployments", {}),
    "integrations": ("/integrations", {}),
    "cells": ("/integrations/cart/catalog/matrix", {"every": "true"}),
    "owed": ("/owed", {}),
    "commits": ("/timeline", {}),
    "hits": ("/search", {"q": "/"}),
    "operations": ("/services/catalog/usage", {}),
}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return asking.shop(tmp_path_factory.mktemp("paging") / "registry")


@pytest.fixture(scope="module")
def service(team: Team) -> Service:
    return Service(team.location)


def pages(service: Service, path: str, member: str, limits: list[int], **query: Any) -> list[list[Any]]:
    """The pages of a list, each with the next of ``limits`` (the last one for all that follow)."""
    found = []
    answer = service.ask(path, limit=limits[0], **query)
    while True:
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[member])
        following = answer.json()["next"]
        assert answer.links.get("next", {}).get("url") == following
        if following is None:
            return found
        limit = limits[min(len(found), len(limits) - 1)]
        head, _, rest = following.partition("?")
        pairs = [pair for pair in rest.split("&") if not pair.startswith("limit=")]
        answer = service.ask(f"{head}?{'&'.join([*pairs, f'limit={limit}'])}")


@given(st.sampled_from(sorted(LISTS)), st.lists(st.integers(1, 7), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_pages_of_any_sizes_joined_are_the_whole_list(service: Service, member: str, limits: list[int]) -> None:
    path, query = LISTS[member]
    whole = service.ask(path, limit=500, **query).json()
    found = pages(service, path, member, limits, **query)
    assert [one for page in found for one in page] == whole[member]
    assert whole["next"] is None
    sizes = [*limits, *[limits[-1]] * len(found)]
    assert all(len(page) <= size for page, size in zip(found, sizes, strict=False))
    assert all(found[:-1]), "only the last page may be empty"


@pytest.mark.parametrize("member", ["services", "commits"])
def test_a_list_that_was_begun_ends_at_its_commit(tmp_path: Path, member: str) -> None:
    team = asking.shop(tmp_path / "registry")
    service = Service(team.location)
    path, query = LISTS[member]
    whole = service.ask(path, **query).json()
    first = service.ask(path, limit=1, **query).json()
    team.live("apples", "1", "/apples")
    service.refresh()
    assert service.ask(path, **query).json()[member] != whole[member]
    joined, following = first[member], first["next"]
    while following is not None:
        page = service.ask(following).json()
        assert page["commit"] == whole["commit"]
        joined, following = joined + page[member], page["next"]
    assert joined == whole[member]


def test_the_history_of_deployments_has_pages_too(team: Team, service: Service) -> None:
    whole = service.ask("/deployments/history").json()["commits"]
    found = pages(service, "/deployments/history", "commits", [1])
    assert [one for page in found for one in page] == whole
    told = {(event["type"], event["service"], event["version"]) for one in whole for event in one["events"]}
    assert {("deployment.recorded", "cart", "1"), ("release.recorded", "catalog", "2")} <= told


def test_a_cursor_of_another_question_is_refused(service: Service) -> None:
    following = service.ask("/services", limit=1).json()["next"]
    cursor = following.partition("cursor=")[2]
    for path in ("/environments", "/services/cart/versions"):
        answer = service.ask(path, cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (404, "cursor-refused")
    assert service.ask("/services", name="c", cursor=cursor).status_code == 404
    assert service.ask("/services", cursor=cursor, limit=3).status_code == 200


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.hex()))
@settings(max_examples=200, deadline=None)
def test_whatever_is_given_as_a_cursor_is_refused_or_read(text: str) -> None:
    try:
        found = cursors.read("question", text)
    except cursors.UsageError:
        return
    assert cursors.written("question", found) == text


@given(st.text(), st.integers(1, 2**60), st.sampled_from(["0" * 40, "ab" * 32]))
def test_a_cursor_that_was_given_out_is_read_for_its_question_alone(question: str, at: int, commit: str) -> None:
    text = cursors.written(question, Cursor(commit, at))
    assert cursors.read(question, text) == Cursor(commit, at)
    assert len(text) <= 300
    with pytest.raises(cursors.UsageError):
        cursors.read(question + "x", text)
