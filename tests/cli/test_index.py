"""``deploy-guard --index``: the same bytes and exit code as without, whatever the service is or says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from signet.core.formats.decision import decision as heard
from signet.core.model.decision import Candidate
from signet.service.api.routes import encoded
from signet.service.kept import Kept
from tests.cli.conftest import Desk, Outcome
from tests.domain import Team
from tests.service import asking
from tests.service.asking import Service

QUESTIONS = [
    ("--version", "1", "--environment", "production"),
    ("--version", "2", "--environment", "production"),
    ("--version", "2", "--environment", "staging", "--with", "catalog@2", "--ignore", "mail"),
    ("--version", "2", "--target", "main-branch"),
    ("--version", "9", "--environment", "production"),
    ("--version", "1", "--environment", "productoin"),
    ("--version", "1", "--environment", "production", "--at", "HEAD~3"),
]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return asking.shop(tmp_path_factory.mktemp("index") / "registry")


@pytest.fixture(scope="module")
def index(team: Team) -> Iterator[tuple[Service, str]]:
    service = Service(team.location)
    with asking.served(service.app) as address:
        yield service, address


def guard(desk: Desk, team: Team, *more: str) -> Outcome:
    return desk.signet("deploy-guard", "--name", "cart", "--registry", team.location, *more)


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("question", QUESTIONS)
def test_with_an_index_the_answer_is_the_same_bytes(
    desk: Desk, team: Team, index: tuple[Service, str], question: tuple[str, ...], form: tuple[str, ...]
) -> None:
    without = guard(desk, team, *question, *form)
    with_it = guard(desk, team, *question, *form, "--index", index[1] + "/")
    assert (with_it.code, with_it.out) == (without.code, without.out)
    is_known = "9" not in question and "productoin" not in question
    assert ("the clone answers" in with_it.err) is not is_known


def test_the_index_really_answers(
    desk: Desk, team: Team, index: tuple[Service, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signet.core.guard._judged", None)  # neither the clone nor the service could decide now
    monkeypatch.setattr(index[0].app.state, "kept", Kept())
    monkeypatch.setattr("signet.service.answers.judging.guard_at_hand", lambda *_, **__: None)
    monkeypatch.setattr(
        "signet.service.answers.judging.guard_text", lambda asked, *_, **__: encoded(told(team, asked.commit))
    )
    outcome = guard(desk, team, "--version", "1", "--environment", "production", "--index", index[1])
    assert (outcome.code, outcome.err) == (0, "")
    assert "as the index was told" in outcome.out


def told(team: Team, head: str, **changed: Any) -> dict[str, Any]:
    """A decision as the service tells it, with changes."""
    reason = {
        "code": "compatible",
        "weight": "yes",
        "class": "note",
        "consumer": "cart",
        "consumer_version": "1",
        "provider": "catalog",
        "provider_version": "1",
        "sentence": "as the index was told",
        "remedy": "",
    }
    value: dict[str, Any] = {
        "schema": "signet.decision/1",
        "verdict": "yes",
        "candidates": [{"service": "cart", "version": "1"}],
        "environment": "production",
        "target": None,
        "reasons": [reason],
        "commit": head,
    }
    for path, one in changed.items():
        place, _, member = path.rpartition("__")
        (value["reasons"][0] if place else value)[member] = one
    return value


LIES: dict[str, dict[str, Any]] = {
    "another commit": {"commit": "0" * 40},
    "another environment": {"environment": "staging"},
    "another version": {"candidates": [{"service": "cart", "version": "2"}]},
    "one candidate more": {"candidates": [{"service": "cart", "version": "1"}, {"service": "a", "version": "1"}]},
    "a yes for no reason": {"reasons": []},
    "a yes for a reason that is against": {
        "reasons__code": "contract-incompatible",
        "reasons__weight": "no",
        "reasons__class": "regression",
    },
    "a reason that weighs something else": {"reasons__weight": "none"},
    "an unknown reason": {"reasons__code": "all-is-well"},
    "an unknown verdict": {"verdict": "maybe"},
    "no text": {"reasons__sentence": 7},
    "a text without an end": {"reasons__sentence": "x" * 30_000},
    "a member more": {"extra": 1},
    "a member more in a reason": {"reasons__blame": "nobody"},
    "another schema": {"schema": "signet.decision/2"},
    "another target": {"target": "main-branch"},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_the_answer_to_this_question_is_not_believed(team: Team, lie: str) -> None:
    candidates = [Candidate("cart", "1")]
    assert heard(told(team, "c" * 40), candidates, "production", "c" * 40) is not None
    assert heard(told(team, "c" * 40, **LIES[lie]), candidates, "production", "c" * 40) is None


Reply = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def liar(reply: Reply) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that answers as it likes; gives its address, and the path and token of each question."""
    seen: list[tuple[str, str]] = []

    class Liar(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("Authorization", "")))
            reply(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes, **headers: str) -> Reply:
    def reply(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            to.send_header(name, value)
        to.end_headers()
        to.wfile.write(body)

    return reply


ANSWERS: dict[str, Reply] = {
    "an error": says(500, b"{}"),
    "no right to read": says(401, b"{}"),
    "elsewhere": says(302, b"", Location="/api/v1/guard"),
    "no JSON": says(200, b"yes"),
    "JSON of another kind": says(200, b"[]"),
    "deep JSON": says(200, b"[" * 100_000),
    "no reason": says(200, json.dumps({"verdict": "yes", "reasons": []}).encode()),
    "cut off": says(200, b'{"verdict"', **{"Content-Length": "1000"}),
    "no HTTP": lambda to: to.wfile.write(b"hello\r\n\r\n") and None,
    "a page": says(200, b"<html>", **{"Content-Type": "text/html"}),
    "broken compression": says(200, b"yes", **{"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_else_it_answers_the_clone_answers_and_a_note_says_so_once(desk: Desk, team: Team, name: str) -> None:
    question = ("--version", "2", "--environment", "production")
    without = guard(desk, team, *question)
    with liar(ANSWERS[name]) as (address, seen):
        outcome = guard(desk, team, *question, "--index", address)
    assert (outcome.code, outcome.out) == (without.code, without.out)
    assert outcome.err.count("the clone answers") == 1
    assert len(seen) == 1
    assert f"at={team.head}" in seen[0][0]


def test_nobody_there_is_a_note(desk: Desk, team: Team) -> None:
    with liar(says(200, b"")) as (address, _):
        pass
    outcome = guard(desk, team, "--version", "1", "--environment", "production", "--index", address)
    assert outcome.code == 0
    assert "it gives no usable answer (ConnectError); the clone answers" in outcome.err


def test_another_registry_and_one_that_lags_behind_do_not_answer(
    desk: Desk, team: Team, index: tuple[Service, str], tmp_path: Path
) -> None:
    other = asking.shop(tmp_path / "other")
    outcome = guard(desk, other, "--version", "1", "--environment", "production", "--index", index[1])
    assert outcome.code == 0
    assert "it does not know that commit" in outcome.err


def test_the_token_goes_to_the_index_and_into_no_output(
    desk: Desk, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_INDEX_TOKEN", "canary-7f3a")
    question = ("--version", "1", "--environment", "production")
    for reply in (ANSWERS["an error"], ANSWERS["elsewhere"], ANSWERS["cut off"]):
        with liar(reply) as (address, seen):
            outcome = guard(desk, team, *question, "--index", address)
        assert seen[0][1] == "Bearer canary-7f3a"
        assert "canary" not in outcome.out + outcome.err


def test_a_file_of_a_checkout_cannot_send_the_token_anywhere(
    desk: Desk, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_INDEX_TOKEN", "canary-7f3a")
    with liar(says(500, b"")) as (address, seen):
        (desk.folder / ".signetrc.yaml").write_text(f"deploy-guard:\n  index: {address}\n")
        guard(desk, team, "--version", "1", "--environment", "production")
        monkeypatch.setenv("SIGNET_INDEX", address)
        guard(desk, team, "--version", "1", "--environment", "production")
    assert [token for _, token in seen] == ["", "Bearer canary-7f3a"]


@pytest.mark.parametrize(
    "address",
    [
        *("signet", "ftp://signet.example.com", "http://signet.example.com", "https://", "https://a b"),
        *(
            "https://me:canary@signet.example.com",
            "https://signet.example.com?x=canary",
            "https://[::1",
            "http://[::2]",
        ),
    ],
)
def test_an_address_that_is_none_is_wrong_use(desk: Desk, team: Team, address: str) -> None:
    outcome = guard(desk, team, "--version", "1", "--environment", "production", "--index", address)
    assert outcome.code == 2
    assert "canary" not in outcome.out + outcome.err


def test_an_explanation_and_an_offline_answer_ask_no_index(desk: Desk, team: Team) -> None:
    with liar(says(500, b"")) as (address, seen):
        for more in ("--explain", "--offline"):
            guard(desk, team, "--version", "1", "--environment", "production", "--index", address, more)
    assert seen == []
