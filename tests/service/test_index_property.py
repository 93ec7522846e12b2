"""An index that was brought forward change by change is the index that is built from nothing: rows and answers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from signet.registry.opening import PLAIN
from signet.service.index import lines, url_in
from signet.service.shelf import Shelf
from tests.service.happening import Happening
from tests.service.indexed import answers, from_scratch, rows
from tests.service.postgres import postgres, server  # noqa: F401


def follows(database: str, folder: Path, seed: int, changes: int, looked: int) -> None:
    """So many changes happen; every now and then the service looks, and what it has is laid beside a new index."""
    world = Happening(folder / "registry.git", seed)
    shelf = Shelf(world.location, PLAIN, database=database, follows_rewrites=True)
    chance = random.Random(seed)
    compared = 0
    for number in range(1, changes + 1):
        head = world.happens()
        if chance.random() < 0.7:
            shelf.refresh()
            assert shelf.standing().newest == head
        if chance.random() < 0.01:
            shelf.close()  # a restart
            shelf = Shelf(world.location, PLAIN, database=database, follows_rewrites=True)
        if number % looked == 0 or number == changes:
            served = shelf.refresh().commit
            anew = from_scratch(world.location, head, folder / f"scratch-{number}")
            assert rows(shelf.index, head) == rows(anew, head)
            assert answers(shelf.index, head) == answers(anew, head)
            assert served == (anew.last_whole(head) or head)
            assert answers(shelf.index, served) == answers(anew, served)
            assert rows(shelf.index, served) == rows(anew, served)
            anew.close()
            compared += 1
    assert compared == -(-changes // looked)
    assert world.forks > 0
    with shelf.index.database.reading() as connection:
        held = connection.exec_driver_sql("select count(*) from signet_index_lines").scalar()
    assert held is not None
    assert 1 <= held <= lines.KEPT + 1
    shelf.close()


@pytest.mark.parametrize("seed", [1])
def test_after_random_changes(tmp_path: Path, seed: int) -> None:
    follows(url_in(tmp_path), tmp_path, seed, changes=40, looked=20)


@pytest.mark.slow
def test_after_a_thousand_random_changes(tmp_path: Path) -> None:
    follows(url_in(tmp_path), tmp_path, seed=20261121, changes=1_000, looked=200)


@pytest.mark.slow
def test_the_same_in_postgresql(tmp_path: Path, postgres: str) -> None:  # noqa: F811 - pytest's way
    follows(postgres, tmp_path, seed=7, changes=200, looked=50)
