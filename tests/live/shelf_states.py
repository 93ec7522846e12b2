"""Provider states of the books, as a team would write them: on the provider's own database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from signet.live.replay import state
from tests.live.shelf import opened


@state("a book is on the shelf", "the book b1 is on the shelf")
def on_the_shelf(params: dict[str, Any]) -> Iterator[dict[str, Any]]:
    book = {"id": "b1", "title": "Dune", "author": "Herbert", **params}
    with closing(opened(os.environ["SHELF_DB"])) as connection, connection:
        connection.execute("insert into book values (:id, :title, :author)", book)
    yield {"id": book["id"]}
    with closing(opened(os.environ["SHELF_DB"])) as connection, connection:
        connection.execute("delete from book where id = :id", book)


@state("some book has an id of its own")
def with_an_own_id() -> Iterator[dict[str, Any]]:
    yield from on_the_shelf({"id": "generated-77", "title": "Messiah"})


@state("the shelf is dusted")
def dusted(params: dict[str, Any], action: str) -> None:
    assert action in ("setup", "teardown")
