"""Webhooks out: what happened is told to whom it concerns, in order, signed, and never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from cloudevents.core.bindings import http as bindings
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook

from signet.service.webhooks import ledger
from signet.service.webhooks.store import DEAD, DELIVERED, WAITING, Store
from tests.domain import Team
from tests.registry.people import add, person
from tests.service.receiver import receiving
from tests.service.subscribed import OLD, SECRET, allowing, carried, subscribe, told_since, url


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(f"sqlite:///{tmp_path}/store.db")
    yield made
    made.close()


def test_what_happens_is_told_once_in_order_and_signed(team: Team, store: Store) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        with carried(team, store, allowing(receiver)) as courier:
            team.deploy("cart", "1")
            courier.shelf.refresh()
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected))
        assert [one.id for one in taken] == expected
        assert len(expected) > 8
        for one in taken:
            assert Webhook(SECRET).verify(one.body, one.headers)["id"] == one.id
        assert ledger.counts(store) == {"ci": {DELIVERED: len(expected)}}


def test_a_receiver_that_fails_half_of_the_time_gets_everything_in_order(team: Team, store: Store) -> None:
    with receiving(lambda number: 204 if number % 2 else 503) as receiver:
        start = subscribe(team, "ci", url(receiver))
        with carried(team, store, allowing(receiver)) as courier:
            for version in ("1", "2", "3"):
                team.contract("cart", version, "catalog", f"/items/{version}")
                courier.shelf.refresh()
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected))
        assert [one.id for one in taken] == expected
        assert len(receiver.received) == 2 * len(expected)


def test_a_lost_store_sends_again_with_the_same_ids_and_bodies(team: Team, tmp_path: Path) -> None:
    with receiving() as receiver:
        subscribe(team, "ci", url(receiver), "contract.published", "contract.changed")
        team.contract("cart", "1", "catalog", "/items")
        for name in ("first", "second"):
            store = Store(f"sqlite:///{tmp_path}/{name}.db")
            with carried(team, store, allowing(receiver)):
                receiver.wait(lambda found, name=name: len(found) >= (2 if name == "first" else 4))
            store.close()
        one, two = receiver.taken[:2], receiver.taken[2:]
        assert [(each.id, each.body) for each in one] == [(each.id, each.body) for each in two]


def test_a_restart_sends_nothing_twice(team: Team, store: Store) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.live("catalog", "1", "/items")
        for _ in range(3):
            with carried(team, store, allowing(receiver)):
                receiver.wait(lambda found: len(found) >= len(told_since(team, start)))
        assert [one.id for one in receiver.taken] == told_since(team, start)


def test_what_was_there_before_the_webhook_is_not_told(team: Team, store: Store) -> None:
    team.live("catalog", "1", "/items")
    with receiving() as receiver:
        subscribe(team, "ci", url(receiver))
        with carried(team, store, allowing(receiver)) as courier:
            team.environment("test")
            courier.shelf.refresh()
            taken = receiver.wait(lambda found: len(found) >= 1)
        assert [one.json["type"] for one in taken] == ["signet.environment.registered"]


def test_a_dead_receiver_delays_nobody_else(team: Team, store: Store) -> None:
    with receiving() as receiver, receiving(lambda _number: 500) as broken:
        gone = "http://127.0.0.1:9/"
        start = subscribe(team, "ci", url(receiver))
        subscribe(team, "broken", url(broken))
        subscribe(team, "gone", gone)
        outgoing = allowing(receiver, broken)
        outgoing = type(outgoing)(**{**_fields(outgoing), "hosts": (*outgoing.hosts, "http://127.0.0.1:9")})
        team.live("catalog", "1", "/items")
        with carried(team, store, outgoing):
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected))
        assert [one.id for one in taken] == expected
        assert ledger.counts(store)["gone"].get(DELIVERED, 0) == 0
        assert ledger.counts(store)["broken"][WAITING] > 0


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


def test_what_nobody_takes_is_dead_after_so_many_tries_and_the_next_has_its_turn(team: Team, store: Store) -> None:
    with receiving(lambda number: 500 if number < 3 else 204) as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.contract("cart", "1", "catalog", "/items")
        with carried(team, store, allowing(receiver, attempts=3)):
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected) - 1)
            assert [one.id for one in taken] == expected[1:]
            (dead,) = ledger.deliveries(store, state=DEAD).deliveries
            assert (dead.event, dead.attempts, dead.status) == (expected[0], 3, 500)
            assert dead.problem == "answered with 500"
            ledger.replay(store, dead.id)
            taken = receiver.wait(lambda found: len(found) >= len(expected))
        assert taken[-1].id == expected[0]


def test_who_says_gone_is_not_called_again_until_the_file_changes(team: Team, store: Store) -> None:
    with receiving(lambda number: 410 if number == 0 else 204) as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.environment("test")
        team.environment("more")
        with carried(team, store, allowing(receiver)) as courier:
            _noted(store, "410")
            courier.nudge()
            assert len(receiver.received) == 1
            subscribe(team, "ci", url(receiver), description="it is back")
            courier.shelf.refresh()
            taken = receiver.wait(lambda found: len(found) >= 2)
        assert [one.id for one in taken] == told_since(team, start)[:2]
        assert ledger.cursors(store)["ci"].note == ""


def _noted(store: Store, text: str) -> None:
    until = time.monotonic() + 10
    while text not in getattr(ledger.cursors(store).get("ci"), "note", ""):
        assert time.monotonic() < until, ledger.cursors(store)
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"secret": "env:SIGNET_WEBHOOK_NOT_SET"}, "SIGNET_WEBHOOK_NOT_SET is not set"),
        ({"secret": "env:SIGNET_WEBHOOK_TOKEN"}, "no secret of Standard Webhooks"),
        ({"headers": {"Authorization": "Bearer ${env.SIGNET_WEBHOOK_NONE}"}}, "SIGNET_WEBHOOK_NONE is not set"),
        ({"url": "https://hooks.example.com/"}, "does not call https://hooks.example.com"),
        ({"enabled": "false"}, "switched off"),
        ({"events": ["nonsense"]}, "its file is broken"),
    ],
)
def test_what_hinders_is_said_and_everything_waits(
    team: Team, store: Store, change: dict[str, object], note: str
) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.environment("test")
        with carried(team, store, allowing(receiver)) as courier:
            receiver.wait(lambda found: len(found) == 1)
            changed = subscribe(team, "ci", **({"url": url(receiver)} | change))  # type: ignore[arg-type]
            courier.shelf.refresh()
            _noted(store, note)
            team.environment("later")
            courier.shelf.refresh()
            courier.nudge()
            subscribe(team, "ci", url(receiver))
            courier.shelf.refresh()
            wanted = told_since(team, start)
            if "enabled" in change:
                wanted = told_since(team, start)[:1]  # what happened while it was switched off is not told
                team.environment("last")
                courier.shelf.refresh()
                wanted += told_since(team, changed)[-1:]
            taken = receiver.wait(lambda found: len(found) >= len(wanted))
        assert [one.id for one in taken] == wanted


def test_a_webhook_that_is_gone_is_told_nothing_more(team: Team, store: Store) -> None:
    with receiving(lambda _number: 503) as receiver:
        subscribe(team, "ci", url(receiver))
        team.environment("test")
        with carried(team, store, allowing(receiver)) as courier:
            until = time.monotonic() + 10
            while not receiver.received and time.monotonic() < until:
                time.sleep(0.02)
            add(team.repo, {"webhooks/ci.yaml": None}, "no more")
            courier.shelf.refresh()
            while ledger.cursors(store) and time.monotonic() < until:
                time.sleep(0.02)
        assert ledger.counts(store) == {"ci": {"dropped": 1}}


def test_filters_and_a_template_say_who_is_told_what(team: Team, store: Store) -> None:
    body = {"event_type": "${signet.event}", "client_payload": {"who": "${signet.consumer} ${signet.consumer_version}"}}
    with receiving() as receiver:
        subscribe(
            team,
            "ci",
            url(receiver, "dispatches?token=${env.SIGNET_WEBHOOK_TOKEN}"),
            "contract.published",
            filters={"providers": ["catalog"]},
            headers={"Authorization": "Bearer ${env.SIGNET_WEBHOOK_TOKEN}"},
            body=body,
        )
        team.contract("cart", "1", "billing", "/bills")
        team.contract("cart", "2", "catalog", "/items")
        with carried(team, store, allowing(receiver)):
            (one,) = receiver.wait(lambda found: len(found) >= 1)
        assert one.json == {"event_type": "contract.published", "client_payload": {"who": "cart 2"}}
        assert one.path == "/dispatches?token=t0ken"
        assert one.headers["authorization"] == "Bearer t0ken"
        assert one.headers["content-type"].startswith("application/json")


def test_two_secrets_sign_while_one_is_replaced(team: Team, store: Store) -> None:
    with receiving() as receiver:
        subscribe(team, "ci", url(receiver), secret=["env:SIGNET_WEBHOOK_KEY", "env:SIGNET_WEBHOOK_OLD"])
        team.environment("test")
        with carried(team, store, allowing(receiver)):
            (one,) = receiver.wait(lambda found: len(found) >= 1)
        for secret in (SECRET, OLD):
            assert Webhook(secret).verify(one.body, one.headers)


def test_history_that_is_forced_back_goes_on_from_what_both_have(team: Team, store: Store) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.environment("test")
        kept = team.head
        team.environment("lost")
        with carried(team, store, allowing(receiver)):
            receiver.wait(lambda found: len(found) == 2)
        person(Path(team.location), "update-ref", "refs/heads/main", kept)
        team.environment("new")
        with carried(team, store, allowing(receiver)):
            taken = receiver.wait(lambda found: len(found) == 3)
        told = [one.json["data"]["environment"] for one in taken]
        assert told == ["test", "lost", "new"]
        assert [taken[0].id, taken[2].id] == told_since(team, start)


def test_a_replica_that_is_behind_tells_nothing_twice_and_loses_nothing(team: Team, store: Store) -> None:
    """Two couriers on one store; only one of them is ever told that something is new."""
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        with carried(team, store, allowing(receiver)) as ahead, carried(team, store, allowing(receiver)):
            for number in range(5):
                team.environment(f"e{number}")
                ahead.shelf.refresh()
            expected = told_since(team, start)
            taken = receiver.wait(lambda found: len(found) >= len(expected))
            time.sleep(0.5)
        assert [one.id for one in taken] == [one.id for one in receiver.received] == expected


def test_a_file_that_is_broken_in_a_commit_stops_no_event(team: Team, store: Store) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        add(team.repo, {"environments/production/cart.yaml": b"deployed: 5", "services/x/versions/1.json": b"{"}, "oh")
        team.environment("test")
        with carried(team, store, allowing(receiver)):
            taken = receiver.wait(lambda found: len(found) >= len(told_since(team, start)))
        types = [one.json["type"] for one in taken]
        assert types.count("signet.record.unreadable") >= 2
        assert types[-1] == "signet.environment.registered"


def test_no_secret_and_no_body_is_kept_or_logged(
    team: Team, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with receiving(lambda number: 500 if number == 0 else 204) as receiver:
        subscribe(
            team,
            "ci",
            url(receiver, "x?t=${env.SIGNET_WEBHOOK_TOKEN}"),
            headers={"Authorization": "Bearer ${env.SIGNET_WEBHOOK_TOKEN}"},
            body={"canary": "${signet.event}", "secret": "${env.SIGNET_WEBHOOK_TOKEN}"},
        )
        team.environment("test")
        with carried(team, store, allowing(receiver, attempts=2)):
            receiver.wait(lambda found: len(found) >= 1)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    for secret in ("t0ken", SECRET.removeprefix("whsec_"), "canary"):
        assert secret.encode() not in kept
        assert secret not in caplog.text


def test_what_is_sent_is_a_cloud_event_by_the_library_of_the_field(team: Team, store: Store) -> None:
    with receiving() as receiver:
        start = subscribe(team, "ci", url(receiver))
        team.live("catalog", "1+e", "/items")
        with carried(team, store, allowing(receiver)):
            taken = receiver.wait(lambda found: len(found) >= len(told_since(team, start)))
        for one in taken:
            event = bindings.from_structured(bindings.HTTPMessage(one.headers, one.body), JSONFormat())
            assert (event.get_id(), event.get_source()) == (one.id, "urn:signet:shop")
            assert event.get_type().startswith("signet.")
            moment = event.get_time()
            assert moment is not None
            assert abs(moment.timestamp() - time.time()) < 120


def test_many_receivers_that_never_answer_delay_nobody_else(team: Team, store: Store) -> None:
    ended = threading.Event()

    def hang(_number: int) -> int:
        ended.wait(10)
        return 204

    with receiving() as receiver, ExitStack() as stack:
        hanging = [stack.enter_context(receiving(hang)) for _ in range(20)]
        for number, one in enumerate(hanging):
            subscribe(team, f"hangs-{number}", url(one))
        start = subscribe(team, "ci", url(receiver))
        team.live("catalog", "1", "/items")
        expected = told_since(team, start)
        began = time.monotonic()
        with carried(team, store, allowing(receiver, *hanging, total=8.0)):
            taken = receiver.wait(lambda found: len(found) >= len(expected))
            seconds = time.monotonic() - began
            ended.set()
        assert [one.id for one in taken] == expected
        assert seconds < 6
