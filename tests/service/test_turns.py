"""Addresses take turns: who asks very much waits behind himself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from signet.service import turns
from signet.service.turns import Turn, Turns


class Hall:
    """Turns, and the questions in the order in which they began."""

    def __init__(self) -> None:
        self.turns, self.begun = Turns(), list[str]()

    def ask(self, address: str, number: int = 1) -> list[Turn]:
        found = [Turn(address, lambda: self.begun.append(address)) for _ in range(number)]
        for turn in found:
            self.turns.ask(turn)
        return found

    @property
    def waiting(self) -> float:
        return next(value for _, _, _, value in self.turns.gauges())


def run(story: Callable[[Hall], Awaitable[None]]) -> Hall:
    async def told() -> Hall:
        hall = Hall()
        await story(hall)
        return hall

    return asyncio.run(told())


async def soon() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_of_one_address_one_question_is_under_way_in_the_order_asked() -> None:
    async def story(hall: Hall) -> None:
        asked = hall.ask("a", 3)
        assert hall.begun == ["a"] and hall.waiting == 2
        hall.turns.over(asked[0])
        assert hall.begun == ["a"], "who has asked meanwhile is heard first"
        await soon()
        assert hall.begun == ["a", "a"] and asked[1].has_place and not asked[2].has_place

    run(story)


def test_who_asks_once_begins_before_all_who_wait() -> None:
    async def story(hall: Hall) -> None:
        hall.ask("a", 500)
        (quick,) = hall.ask("b")
        assert hall.begun == ["a", "b"]
        hall.turns.over(quick)
        await soon()
        assert hall.begun == ["a", "b"], "those who wait begin when nobody is under way"

    run(story)


def test_addresses_that_wait_are_served_in_turn() -> None:
    async def story(hall: Hall) -> None:
        asked = {address: hall.ask(address, 3) for address in "abc"}
        for _ in range(9):
            under_way = next(one for each in asked.values() for one in each if one.has_place)
            hall.turns.over(under_way)
            await soon()
        assert sorted(hall.begun) == list("aaabbbccc")
        assert {*hall.begun[3:6]} == {*hall.begun[6:9]} == {*"abc"}
        assert hall.waiting == 0 and not hall.turns._lines

    run(story)


def test_many_who_ask_little_do_not_keep_out_who_asks_much() -> None:
    async def story(hall: Hall) -> None:
        asked = hall.ask("much", 3) + [hall.ask(str(number))[0] for number in range(200)]
        while hall.waiting:
            for one in [turn for turn in asked if turn.has_place]:
                hall.turns.over(one)
            await soon()
        assert len(hall.begun) == 203
        assert [at for at, address in enumerate(hall.begun) if address == "much"][-1] < 50

    run(story)


def test_a_question_that_takes_long_lets_others_pass_and_so_many_of_an_address_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "QUICK", 0.01)
    monkeypatch.setattr(turns, "COUNTED", 0.3)

    async def story(hall: Hall) -> None:
        hall.ask("a", 20)
        await asyncio.sleep(0.2)
        assert len(hall.begun) == turns.OF_ONE, "so many are under way"
        (other,) = hall.ask("b")
        assert hall.begun[-1] == "b"
        hall.turns.over(other)
        await asyncio.sleep(0.5)
        assert len(hall.begun) > turns.OF_ONE + 1, "what takes for ever does not count for ever"

    run(story)


def test_after_work_the_place_rests_as_long_where_others_of_the_address_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "QUICK", 5.0)

    async def story(hall: Hall) -> None:
        asked = hall.ask("a", 3)
        turns.WORKED.set(0.2)
        hall.turns.over(asked[0])
        hall.turns.over(asked[0])
        assert not turns.WORKED.get(), "of the next question nothing is known yet"
        await asyncio.sleep(0.05)
        assert hall.begun == ["a"], "it rests"
        (other,) = hall.ask("b")
        assert hall.begun == ["a", "b"], "that is nothing to others"
        hall.turns.over(other)
        await asyncio.sleep(0.3)
        assert hall.begun == ["a", "b", "a"]
        hall.turns.over(asked[2])
        turns.WORKED.set(0.2)
        hall.turns.over(asked[1])
        hall.ask("a")
        assert hall.begun == ["a", "b", "a", "a"], "behind which nobody waits, it does not rest"
        assert not hall.waiting

    run(story)


def test_what_only_took_long_is_no_work() -> None:
    """As an answer that is taken slowly: the place does not rest after it."""

    async def story(hall: Hall) -> None:
        asked = hall.ask("a", 2)
        await asyncio.sleep(turns.QUICK / 2)
        hall.turns.over(asked[0])
        await soon()
        assert hall.begun == ["a", "a"]

    run(story)


def test_who_hangs_up_is_in_nobodys_way() -> None:
    async def story(hall: Hall) -> None:
        first, second, third = hall.ask("a", 3)
        hall.turns.over(second)
        hall.turns.over(second)
        assert hall.waiting == 1
        hall.turns.over(first)
        await soon()
        assert third.has_place and not second.has_place and len(hall.begun) == 2
        hall.turns.over(third)
        assert not hall.turns._lines

    run(story)
