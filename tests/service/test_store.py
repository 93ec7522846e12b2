"""The store of deliveries, on SQLite and on PostgreSQL: leases, fences, cursors that pass no event, and the list."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from signet.core.model import event as kinds
from signet.core.model.event import Event
from signet.errors import LeaseLost, RegistryUnreachable, UsageError
from signet.service.webhooks import ledger
from signet.service.webhooks.store import DEAD, DELIVERED, WAITING, Lease, Store
from tests.service.postgres import postgres, server  # noqa: F401 - fixtures


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    made = Store(url)
    yield made
    made.close()


def happened(*names: str) -> list[tuple[str, Event, str]]:
    return [
        (f"c{name}", Event(kinds.DEPLOYED, name, "1").of(f"c{name}"), f"{name} was\0 deployed \ud800") for name in names
    ]


def leased(store: Store, owner: str = "me", seconds: float = 30.0) -> Lease:
    store.begin("ci", "start")
    found = store.lease("ci", owner, seconds)
    assert found is not None
    return found


def test_one_has_a_subscription_until_it_gives_it_back(store: Store) -> None:
    mine = leased(store)
    assert store.lease("ci", "another", 30.0) is None
    store.release(mine)
    assert store.lease("ci", "another", 30.0) is not None
    assert store.lease("nobody", "me", 30.0) is None


def test_a_lease_that_ran_out_is_anothers_and_whoever_was_overtaken_writes_nothing(store: Store) -> None:
    mine = leased(store, seconds=0.05)
    store.advance(mine, "c1", happened("cart"))
    head = store.head("ci")
    assert head is not None
    time.sleep(0.1)
    theirs = store.lease("ci", "another", 30.0)
    assert theirs is not None
    for write in (
        lambda: store.advance(mine, "c2", happened("web")),
        lambda: store.settle(mine, head, state=DELIVERED),
        lambda: store.renew(mine, 30.0),
        lambda: store.note(mine, "x"),
        lambda: store.prune(mine, 0),
        lambda: store.end(mine),
        lambda: store.cursor(mine),
    ):
        with pytest.raises(LeaseLost):
            write()
    assert store.head("ci") == head
    store.release(mine)  # which is nobody's any more: nothing happens
    assert store.lease("ci", "me", 30.0) is None
    assert store.cursor(theirs).commit == "c1"


def test_a_renewed_lease_does_not_run_out(store: Store) -> None:
    mine = leased(store, seconds=0.2)
    store.renew(mine, 30.0)
    time.sleep(0.3)
    assert store.lease("ci", "another", 30.0) is None


def test_a_cursor_and_its_deliveries_move_together_and_none_is_added_twice(store: Store) -> None:
    mine = leased(store)
    assert store.advance(mine, "c1", happened("cart", "web")) == 2
    assert store.advance(mine, "c2", happened("web", "catalog", "catalog")) == 1
    cursor = store.cursor(mine)
    assert (cursor.commit, cursor.seq) == ("c2", 3)
    assert store.waiting(mine) == 3
    told = ledger.deliveries(store).deliveries
    assert [(one.seq, one.commit) for one in told] == [(3, "ccatalog"), (2, "cweb"), (1, "ccart")]
    assert told[0].subject == "catalog was\ufffd deployed ?"
    store.begin("ci", "elsewhere")
    assert store.cursor(mine).commit == "c2"


def test_the_list_is_paged_filtered_counted_and_sent_again(store: Store) -> None:
    mine = leased(store)
    store.advance(mine, "c", happened(*"abcdefg"))
    for state in (DELIVERED, DELIVERED, DEAD):
        head = store.head("ci")
        assert head is not None
        store.settle(mine, head, state=state, attempts=3, status=204)
    first = ledger.deliveries(store, limit=4)
    rest = ledger.deliveries(store, limit=4, before=first.before)
    assert [one.seq for one in (*first.deliveries, *rest.deliveries)] == [7, 6, 5, 4, 3, 2, 1]
    assert rest.before is None
    assert ledger.counts(store) == {"ci": {WAITING: 4, DELIVERED: 2, DEAD: 1}}
    (dead,) = ledger.deliveries(store, state=DEAD).deliveries
    assert ledger.deliveries(store, event=dead.event, name="ci").deliveries == (dead,)
    assert ledger.replay(store, dead.id) == dead
    head = store.head("ci")
    assert head is not None
    assert (head.id, head.attempts, head.state) == (dead.id, 0, WAITING)
    for number in (dead.id, 10_000):
        with pytest.raises(UsageError):
            ledger.replay(store, number)
    assert ledger.replay_all(store, name="ci", state=DELIVERED) == 2
    assert ledger.replay_all(store, name="another") == 0
    assert ledger.oldest_waiting(store) is not None


def test_finished_deliveries_are_forgotten_in_time_and_those_that_wait_never(store: Store) -> None:
    mine = leased(store)
    store.advance(mine, "c", happened(*"abcdef"))
    for state in (DELIVERED, DEAD, DELIVERED):
        head = store.head("ci")
        assert head is not None
        store.settle(mine, head, state=state)
    store.prune(mine, 1)
    assert ledger.counts(store) == {"ci": {WAITING: 3, DEAD: 1}}


def test_a_webhook_that_is_gone_and_comes_back_goes_on_counting(store: Store) -> None:
    mine = leased(store)
    store.advance(mine, "c", happened("a", "b"))
    store.end(mine)
    assert store.head("ci") is None
    assert not store.knows("ci")
    again = leased(store)
    assert store.advance(again, "d", happened("c")) == 1
    assert ledger.deliveries(store).deliveries[0].seq == 3


def test_of_many_that_reach_for_a_subscription_one_gets_it(url: str, store: Store) -> None:
    store.begin("ci", "start")
    got: list[Lease] = []
    at_once = threading.Barrier(6)

    def reach(number: int) -> None:
        own = Store(url)  # which also makes the tables, all at once
        at_once.wait()
        found = own.lease("ci", f"replica {number}", 30.0)
        got.extend([found] if found else [])
        own.close()

    threads = [threading.Thread(target=reach, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


@pytest.mark.parametrize("given", ["", "nonsense", "mysql://a/b", "oracle://x", "sqlite+nonsense:///x"])
def test_what_is_no_database_is_wrong_use(given: str) -> None:
    with pytest.raises(UsageError, match="names no database"):
        Store(given)


def test_a_database_that_is_not_there_is_said_without_its_password(tmp_path: Path) -> None:
    for given in ("postgresql://signet:pa55word@127.0.0.1:9/x", f"sqlite:///{tmp_path}/no/such/folder/pa55word.db"):
        with pytest.raises(RegistryUnreachable) as refused:
            Store(given)
        assert "pa55word" not in f"{refused.value}{refused.value!r}"
