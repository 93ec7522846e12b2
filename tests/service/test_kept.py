"""Answers of the API that are kept: computed once for a commit, and byte for byte those that are computed anew."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.service import kept
from signet.service.api import routes
from signet.service.kept import Answer, Kept
from tests.service.asking import Service, shop
from tests.service.questions import every


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was computed in a thread; a look for another commit is not counted."""
    found, run = list[str](), routes.to_thread.run_sync

    async def counted(call: Any, *given: Any, **named: Any) -> Any:
        if call.__name__ == "computed":
            found.append(call.__qualname__)
        return await run(call, *given, **named)

    monkeypatch.setattr(routes.to_thread, "run_sync", counted)
    return found


def test_every_question_is_computed_once_for_a_commit(tmp_path: Path, computed: list[str]) -> None:
    team = shop(tmp_path / "registry")
    service = Service(team.location)
    first = [service.ask(path, **query) for path, query in every(team)]
    times = len(computed)
    assert times > 30
    again = [service.ask(path, **query) for path, query in every(team)]
    assert len(computed) == times, "nothing is computed twice"
    other = Service(team.location)
    anew = [other.ask(path, **query) for path, query in every(team)]
    assert len(computed) == 2 * times
    for one, two, three in zip(first, again, anew, strict=True):
        assert one.status_code == two.status_code == three.status_code == 200
        assert one.content == two.content == three.content, one.url
        told = [dict(each.headers) | {"x-request-id": ""} for each in (one, two, three)]
        assert told[0] == told[1] == told[2], one.url


def test_a_commit_a_page_and_a_past_have_answers_of_their_own(tmp_path: Path) -> None:
    team = shop(tmp_path / "registry")
    service = Service(team.location)
    before = [service.ask("/timeline", limit=2) for _ in range(2)][1]
    team.spec("catalog", "3", "/items", "/more")
    service.refresh()
    after = [service.ask("/timeline", limit=2) for _ in range(2)][1]
    past = [service.ask("/timeline", limit=2, at="HEAD~1") for _ in range(2)][1]
    assert after.json()["commits"][1:] == before.json()["commits"][:1]
    assert after.headers["signet-commit"] == team.head != before.headers["signet-commit"]
    assert past.json()["commits"] == before.json()["commits"]
    following = [service.ask(after.json()["next"]) for _ in range(2)]
    assert (
        following[0].content == following[1].content
        and following[1].json()["commits"][0] == before.json()["commits"][1]
    )


def test_what_is_refused_is_not_kept(tmp_path: Path, computed: list[str]) -> None:
    service = Service(shop(tmp_path / "registry").location)
    for number in (1, 2):
        assert service.ask("/services/nobody").status_code == 404
        assert len(computed) == number


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40), st.booleans()), max_size=60))
def test_it_holds_what_was_asked_for_last(steps: list[tuple[int, int, bool]]) -> None:
    """As a list of all that was kept or got, the newest first, cut where there is no more room."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "BESIDE", 5)
        patch.setattr(kept, "LARGEST", 30)
        found, order = Kept(100), dict[str, Answer]()
        for number, size, keeps in steps:
            tag = str(number)
            if keeps:
                answer = Answer(bytes(size), {})
                found.keep(tag, answer)
                if size <= 30 and tag not in order:
                    order[tag] = answer
                while sum(len(one.body) + 5 for one in order.values()) > 100:
                    del order[next(iter(order))]
            else:
                assert found.get(tag) is order.get(tag)
                if tag in order:
                    order[tag] = order.pop(tag)
            assert len(found) == sum(len(one.body) + 5 for one in order.values()) <= 100


def test_small_answers_take_no_more_memory_than_large_ones() -> None:
    """What is beside a body counts, too: thousands of small answers would take many times the room."""
    found = Kept()
    tracemalloc.start()
    for number in range(20_000):
        headers = {f"x-header-{at}-{number}": f"value {at} of {number}" for at in range(9)}
        found.keep(f'"{number:032}"', Answer(b"%032d" % number, headers))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1_000 < len(found._answers) < 20_000 and taken < 1.2 * kept.MOST
