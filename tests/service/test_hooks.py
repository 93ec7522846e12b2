"""Webhooks that come in: what is signed is a hint to look, what is forged is nothing, what comes again is not new."""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from signet.registry.opening import PLAIN
from signet.service.hooks import gate, memory, payloads
from signet.service.hooks.signatures import is_signed, is_usable
from signet.service.settings import HOOKS
from signet.service.shelf import Shelf
from tests.domain import Team
from tests.service import pushes
from tests.service.desk import Desk

SECRET, OTHER = "the-secret-of-the-hook", "quite-another-secret"
KEY = bytes(range(32))
SIGNING_TOKEN = "whsec_" + base64.b64encode(KEY).decode()
TABLE = yaml.safe_load((Path(__file__).parents[1] / "attacks" / "forged_hooks.yaml").read_text(encoding="utf-8"))
FORGED = [
    pytest.param(kind, headers, id=f"{kind}: {name}")
    for kind, of in TABLE.items()
    for name, headers in of["forged"].items()
]
HOOK_OF = {"signing-token": "gitlab"}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    shelf = Shelf(Team.founds(tmp_path_factory.mktemp("hooked") / "registry").location, PLAIN)
    yield Desk(shelf, called="https://git.example.com/shop/registry.git")
    shelf.close()


def desk(service: Desk, kind: str = "") -> Desk:
    """A service that has the secrets of all hooks (of one kind, that kind's own)."""
    return service.with_hooks(dict.fromkeys(HOOKS, (SIGNING_TOKEN if kind == "signing-token" else SECRET,)))


def filled(headers: Mapping[str, Any], body: bytes, secret: str = SECRET) -> list[tuple[str, str]]:
    """The headers with what they say of a body."""
    now = int(time.time())

    def sealed(key: str, kind: Any = sha256) -> str:
        return hmac.new(key.encode(), body, kind).hexdigest()

    def standard(at: int) -> str:
        return base64.b64encode(hmac.new(KEY, f"msg_1.{at}.".encode() + body, sha256).digest()).decode()

    words = {
        "{sha256}": sealed(secret),
        "{half}": sealed(secret)[:32],
        "{capitals}": sealed(secret).upper(),
        "{sha1}": sealed(secret, sha1),
        "{other}": sealed(OTHER),
        "{secret}": SECRET,
        "{beginning}": SECRET[:-1],
        "{now}": str(now),
        "{past}": str(now - 360),
        "{base64}": standard(now),
        "{base64-past}": standard(now - 360),
    }
    found = []
    for name, values in headers.items():
        for value in values if isinstance(values, list) else [values]:
            for word, meaning in words.items():
                value = value.replace(word, meaning)
            found.append((name, value))
    return found


def genuine(kind: str, body: bytes, secret: str = SECRET) -> list[tuple[str, str]]:
    hook = HOOK_OF.get(kind, kind)
    return [*filled(TABLE[kind]["genuine"], body, secret), *pushes.EVENTS[hook].items()]


class TestForged:
    @pytest.mark.parametrize(("kind", "headers"), FORGED)
    def test_is_refused_without_detail_and_nobody_looks(self, once: Desk, kind: str, headers: dict[str, Any]) -> None:
        service, hook = desk(once, kind), HOOK_OF.get(kind, kind)
        body = pushes.BY_HOOK[hook]()
        sent = [*filled(headers, body), *pushes.EVENTS[hook].items()]
        answer = service.asks("POST", f"/hooks/{hook}", [(k, v.encode("latin-1")) for k, v in sent], body)
        refused = {
            "type": "about:blank",
            "title": "The signature is not accepted.",
            "status": 401,
            "code": "signature-refused",
        }
        assert (answer.status_code, answer.json(), service.nudges) == (401, refused, 0)
        taken = service.asks("POST", f"/hooks/{hook}", genuine(kind, body), body)
        assert (taken.status_code, taken.json(), service.nudges) == (202, {"status": "accepted"}, 1)

    @pytest.mark.parametrize("kind", [kind for kind in TABLE if kind != "gitlab"])
    def test_a_body_that_was_written_anew_is_not_what_was_signed(self, once: Desk, kind: str) -> None:
        """But for GitLab's secret token, which signs nothing."""
        service, hook = desk(once, kind), HOOK_OF.get(kind, kind)
        body = pushes.BY_HOOK[hook]()
        anew = json.dumps(json.loads(body), separators=(",", ":")).encode()
        assert anew != body
        answer = service.asks("POST", f"/hooks/{hook}", genuine(kind, body), anew)
        assert (answer.status_code, service.nudges) == (401, 0)

    @pytest.mark.parametrize("hook", [*HOOKS, "bitbucket", "", "../hooks/github"])
    def test_a_hook_without_a_secret_is_not_there(self, once: Desk, hook: str) -> None:
        service = once.with_hooks({})
        body = pushes.github()
        answer = service.asks("POST", f"/hooks/{hook}", genuine("github", body, ""), body)
        assert answer.status_code in (404, 405)
        assert service.nudges == 0

    def test_a_secret_is_of_one_hook_only(self, once: Desk) -> None:
        service = once.with_hooks({"gitlab": (OTHER,), "github": (SECRET,)})
        body = pushes.gitlab()
        assert service.asks("POST", "/hooks/gitlab", genuine("gitlab", body), body).status_code == 401


class TestGenuine:
    @pytest.mark.parametrize("kind", list(TABLE))
    def test_a_push_is_a_hint_to_look(self, once: Desk, kind: str) -> None:
        service, hook = desk(once, kind), HOOK_OF.get(kind, kind)
        body = pushes.BY_HOOK[hook]()
        answer = service.asks("POST", f"/hooks/{hook}", genuine(kind, body), body)
        assert (answer.status_code, answer.json(), service.nudges) == (202, {"status": "accepted"}, 1)

    @pytest.mark.parametrize("secret", ["the-new-secret-of-it", "the-old-secret-of-it"])
    def test_two_secrets_hold_while_one_takes_the_place_of_the_other(self, once: Desk, secret: str) -> None:
        service = once.with_hooks({"github": ("the-new-secret-of-it", "the-old-secret-of-it")})
        body = pushes.github()
        assert service.asks("POST", "/hooks/github", genuine("github", body, secret), body).status_code == 202

    @pytest.mark.parametrize("hook", HOOKS)
    @pytest.mark.parametrize(
        ("repository", "ref"),
        [("shop/registry", "refs/heads/topic"), ("shop/registry", "refs/tags/main"), ("shop/cart", "refs/heads/main")],
    )
    def test_a_push_to_elsewhere_is_left_alone(self, once: Desk, hook: str, repository: str, ref: str) -> None:
        service = desk(once)
        body = pushes.BY_HOOK[hook](repository, ref)
        answer = service.asks("POST", f"/hooks/{hook}", genuine(hook, body), body)
        assert (answer.status_code, answer.json(), service.nudges) == (202, {"status": "ignored"}, 0)

    def test_another_event_is_left_alone_and_a_ping_is_answered(self, once: Desk) -> None:
        service = desk(once)
        body = pushes.github()
        signed = filled(TABLE["github"]["genuine"], body)
        other = service.asks("POST", "/hooks/github", [*signed, ("x-github-event", "issues")], body)
        assert (other.status_code, other.json()) == (202, {"status": "ignored"})
        ping = service.asks("POST", "/hooks/github", [*signed, ("x-github-event", "ping")], body)
        assert (ping.status_code, ping.json(), service.nudges) == (200, {"status": "pong"}, 0)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"ref": 7, "repository": {"a": 1}}'])
    def test_what_cannot_be_read_is_a_hint_all_the_same(self, once: Desk, body: bytes) -> None:
        service = desk(once)
        answer = service.asks("POST", "/hooks/github", genuine("github", body), body)
        assert (answer.status_code, service.nudges) == (202, 1)

    def test_a_form_is_read_too(self, once: Desk) -> None:
        from urllib.parse import urlencode

        service = desk(once)
        body = urlencode({"payload": pushes.github("shop/cart").decode()}).encode()
        form = ("content-type", "application/x-www-form-urlencoded")
        answer = service.asks("POST", "/hooks/github", [*genuine("github", body), form], body)
        assert answer.json() == {"status": "ignored"}


def test_a_thousand_replays_are_one_look(once: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under one name, and under ever new ones, which no forge signs."""
    monkeypatch.setattr(memory, "BURST", 10_000.0)
    service = desk(once)
    body = pushes.github()
    names = [("x-github-delivery", "one" if number % 2 else f"new-{number}") for number in range(1_000)]
    answers = service.asks_all("POST", "/hooks/github", [[*genuine("github", body), name] for name in names], body)
    assert [answer.json()["status"] for answer in answers] == ["accepted", *["repeated"] * 999]
    assert service.nudges == 1
    assert service.counted("signet_hooks_total") == {
        '{hook="github",outcome="accepted"}': 1,
        '{hook="github",outcome="repeated"}': 999,
    }


def test_a_script_may_say_the_same_for_every_push(once: Desk) -> None:
    """As that of docs/service.md does. A name that it gives counts, and so does the one of Standard Webhooks."""
    service = desk(once)
    body = b'{"ref": "refs/heads/main"}'
    named = [*genuine("plain", body), ("x-signet-delivery", "7")]
    sent = [genuine("plain", body), genuine("plain", body), named, named]
    said = [answer.json()["status"] for answer in service.asks_all("POST", "/hooks/plain", sent, body)]
    assert said == ["accepted", "accepted", "accepted", "repeated"]
    assert service.nudges == 3


def test_who_calls_too_often_waits_and_reads_go_on(once: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "HELD", (0.0, 0.01))
    service = desk(once)
    body = pushes.github()
    statuses = [answer.status_code for answer in service.asks_all("POST", "/hooks/github", [()] * 100, body)]
    assert statuses[:40] == [401] * 40 and statuses[-1] == 429
    assert service.asks("GET", "/healthz").status_code == 200
    assert service.asks("GET", "/api/v1/services").status_code == 200


class TestMemory:
    def test_it_is_bounded(self) -> None:
        seen, rate = memory.Seen(), memory.Rate()
        for number in range(2 * memory.KEPT):
            assert seen.is_new({str(number)}, 0.0)
            assert rate.is_within(str(number), 0.0)
        assert len(seen._known) == memory.KEPT
        assert len(rate._left) == memory.ADDRESSES

    def test_what_comes_again_much_later_is_new(self) -> None:
        seen = memory.Seen()
        assert seen.is_new({"a"}, 0.0)
        assert not seen.is_new({"a", "b"}, memory.REMEMBERED - 1)
        assert seen.is_new({"a"}, memory.REMEMBERED)

    def test_an_address_may_call_again_after_a_while(self) -> None:
        rate = memory.Rate()
        assert [rate.is_within("a", 0.0) for _ in range(int(memory.BURST) + 1)] == [True] * int(memory.BURST) + [False]
        assert rate.is_within("b", 0.0)
        assert rate.is_within("a", 1.0)


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("https://git.example.com/Shop/Registry.git", "shop/registry"),
        ("git@git.example.com:shop/registry.git", "shop/registry"),
        ("ssh://git@git.example.com:2222/a/b/c", "a/b/c"),
        ("file:///srv/registry.git", ""),
        ("../registry", ""),
        ("/srv/a:b", ""),
    ],
)
def test_the_place_of_a_registry(location: str, place: str) -> None:
    assert payloads.place_of(location) == place


def test_a_forge_below_a_path_is_known_by_the_end_of_it() -> None:
    delivery = payloads.Delivery("", is_ping=False, is_push=True, repositories=("shop/registry",))
    assert delivery.concerns("main", "gitlab/shop/registry")
    assert not delivery.concerns("main", "gitlab/workshop/registry")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_the_hook_of_the_guide_is_heard_at_every_push(once: Desk, tmp_path: Path) -> None:
    """And a push to another branch is none of ours."""
    guide = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
    script = re.search(r"hooks/post-receive.*?```\n(.*?)```", guide, re.DOTALL)[1]  # type: ignore[index]
    curl = tmp_path / "curl"
    curl.write_text(f'#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done >> {tmp_path}/called\n')
    curl.chmod(0o755)
    pushed = "".join(f"{'a' * 40} {'b' * 40} refs/heads/{branch}\n" for branch in ("main", "other"))
    variables = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SECRET": SECRET}
    subprocess.run(["bash", "-euc", script], input=pushed, text=True, env=variables, check=True)
    words = (tmp_path / "called").read_text().splitlines()
    service, calls = desk(once), [words[: len(words) // 2], words[len(words) // 2 :]]
    answers = []
    for call in (*calls, *calls):
        name, _, value = call[call.index("-H") + 1].partition(": ")
        body = call[call.index("-d") + 1].encode()
        answers.append(service.asks("POST", "/hooks/plain", [(name.lower(), value)], body).json()["status"])
    assert answers == ["accepted", "ignored", "accepted", "ignored"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_signing_token_holds_a_key_where_one_signs_with_it(hook: str) -> None:
    assert is_usable(hook, SECRET) and is_usable(hook, SIGNING_TOKEN)
    for token in ("whsec_", "whsec_no-base64-at-all", SIGNING_TOKEN[:-2]):
        assert is_usable(hook, token) == (hook in ("github", "gitea"))
        headers = {"webhook-id": ["x"], "webhook-timestamp": [str(int(time.time()))]}
        forged = hmac.new(b"", f"x.{headers['webhook-timestamp'][0]}.".encode(), sha256).digest()
        headers["webhook-signature"] = ["v1," + base64.b64encode(forged).decode()]
        assert not is_signed(hook, [token], headers, b"", time.time())
