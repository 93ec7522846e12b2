"""What becomes of exchanges: one interaction for each distinct one, the same bytes each time, and no secret."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import random
import re
import time
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import brotli
import pytest

from signet.core.formats import pact, secrets, text
from signet.live.recording import Choice, Exchange, Recorder, recorder
from signet.live.recording.exchange import LARGEST, decoded

JSON = ("Content-Type", "application/json")
PACKED = {"gzip": gzip.compress, "deflate": zlib.compress, "br": partial(brotli.compress, quality=1)}
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJjYW5hcnkiOiJqd3QifQ.c2lnbmF0dXJlLW9mLWNhbmFyeQ"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIcanary+key/lines\n-----END EC PRIVATE KEY-----"


def exchange(
    target: str = "/items/1",
    answer: Any = None,
    *,
    method: str = "GET",
    sent: Any = None,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    answer_headers: tuple[tuple[str, str], ...] = (),
) -> Exchange:
    """A request, with ``sent`` as JSON, and its answer as JSON; bytes are what they are."""
    typed = () if sent is None or isinstance(sent, bytes) else (JSON,)
    answered = () if answer is None or isinstance(answer, bytes) else (JSON,)
    return Exchange(
        method, target, (*headers, *typed), _body(sent), status, (*answer_headers, *answered), _body(answer)
    )


def _body(value: Any) -> bytes:
    return b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()


def recorded(*exchanges: Exchange, choice: Choice | None = None, version: int = 4) -> list[dict[str, Any]]:
    """The interactions of these exchanges; the document is one that the registry reads, and holds nothing twice."""
    made = Recorder("cart", "catalog", choice)
    for each in exchanges:
        made.add(each)
    recording = made.recording(version)
    assert recording.lost == {}
    contract = pact.contract(text.read(recording.content, "contract.json"))
    assert len(contract.interactions) == recording.interactions
    assert len({(item["description"], json.dumps(item.get("providerStates"))) for item in _items(recording)}) == (
        recording.interactions
    )
    return _items(recording)


def _items(recording: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(recording.content)["interactions"]
    return found


def content(*exchanges: Exchange) -> bytes:
    """The file that these exchanges make."""
    made = Recorder("cart", "catalog")
    for each in exchanges:
        made.add(each)
    return made.recording().content


def body_of(*answers: Any) -> Any:
    """The body that is expected after these answers to one request."""
    [item] = recorded(*(exchange(answer=answer) for answer in answers))
    return item["response"].get("body", {}).get("content", "none")


PROBLEM = (("Content-Type", "application/problem+json"),)


@pytest.mark.parametrize(
    ("problem", "status", "kept"),
    [
        ({"type": "urn:signet:mock:request.path.unknown"}, 404, False),
        ({"type": "urn:signet:mock:mock.fault"}, 503, False),
        ({"type": "urn:signet:mock:request.path.unknown"}, 200, True),
        ({"type": "https://catalog.example.com/sold-out"}, 409, True),
        ({"title": "Sold out"}, 409, True),
        (["urn:signet:mock:x"], 409, True),
        (b"{torn", 500, True),
        (b"[" * 100_000, 500, True),
    ],
)
def test_only_a_refusal_of_our_own_mock_is_left_out(problem: Any, status: int, kept: bool) -> None:
    body = problem if isinstance(problem, bytes) else json.dumps(problem).encode()
    for packed, headers in ((body, PROBLEM), (gzip.compress(body), (*PROBLEM, ("Content-Encoding", "gzip")))):
        made = Recorder("cart", "catalog")
        made.add(exchange(answer=packed, status=status, answer_headers=headers))
        assert (made.exchanges, any("a mock" in note for note in made.recording().notes)) == (int(kept), not kept)
        wanted = Recorder("cart", "catalog", is_refused_too=True)
        wanted.add(exchange(answer=packed, status=status, answer_headers=headers))
        assert wanted.exchanges == int(kept or status != 503)


def test_a_number_that_is_a_secret_is_found_however_it_is_written() -> None:
    """It was sent as a text, ``1234567.50``, and comes back as a number: as it was, or as a writer shortens it."""
    for answer in (b'{"n": 1234567.50}', b'{"n": 1234567.5}'):
        sent = exchange("/a?password=1234567.50", answer, answer_headers=(JSON,))
        short = exchange("/a?password=1234567.5", answer, answer_headers=(JSON,))
        for one in (sent, short) if b"50" in answer else (short,):
            assert b"1234567" not in content(one)


class TestOneInteraction:
    def test_for_each_distinct_exchange(self) -> None:
        distinct = [
            exchange("/a", {"x": 1}),
            exchange("/b", {"x": 1}),
            exchange("/a?q=1", {"x": 1}),
            exchange("/a?q=2", {"x": 1}),
            exchange("/a", {"x": 1}, method="POST", sent={"n": 1}),
            exchange("/a", {"x": 1}, method="POST", sent={"n": 2}),
            exchange("/a", {"x": 1}, status=404),
            exchange("/a", {"x": 1}, headers=(("Accept", "application/json"),)),
            exchange("/a", {"x": 1}, headers=(("X-Signet-State", "something is so"),)),
            exchange("/a", b"text", answer_headers=(("Content-Type", "text/plain"),)),
        ]
        assert len(recorded(*distinct, *distinct)) == len(distinct)

    def test_says_what_it_is(self) -> None:
        names = [
            item["description"]
            for item in recorded(
                exchange("/offers?category=tea&b=1", []),
                exchange("/a%2Fb", {}, method="DELETE", status=404),
                exchange("/a", {}, method="POST", sent={"n": 1}),
                exchange("/a", {}, method="POST", sent={"n": 2}),
            )
        ]
        assert names[-1] == "GET /offers?b=1&category=tea answers 200"
        assert "DELETE /a%2Fb answers 404" in names
        twins = [name for name in names if name.startswith("POST /a answers 200 (")]
        assert len(twins) == 2

    def test_keeps_of_headers_what_is_on_the_list(self) -> None:
        headers = (
            ("accept", "text/html"), ("ACCEPT-Language", "de"), ("User-Agent", "x"), ("X-Tenant", "acme"),
            ("X-Request-Id", "7"), ("content-type", "application/json; charset=utf-8"), ("Origin", "http://x"),
        )  # fmt: skip
        made = Recorder("cart", "catalog")
        made.add(exchange(sent=b"{}", answer={}, headers=headers, answer_headers=(("X-Total", "12"),)))
        found = made.recording()
        [item] = _items(found)
        assert item["request"]["headers"] == {
            "Accept": ["text/html"], "Accept-Language": ["de"], "Content-Type": ["application/json; charset=utf-8"],
        }  # fmt: skip
        assert item["response"]["headers"] == {"Content-Type": ["application/json"]}
        assert found.notes == ("request headers left out: x-tenant (--keep-header NAME keeps one)",)

    def test_keeps_headers_that_are_chosen(self) -> None:
        one = exchange(answer={}, headers=(("x-tenant", "acme"),), answer_headers=(("X-Total", "12"),))
        [item] = recorded(one, choice=Choice.of(["X-Tenant", "x-total"]))
        assert item["request"]["headers"] == {"X-Tenant": ["acme"]}
        assert item["response"]["headers"]["X-Total"] == ["12"]

    def test_expects_where_something_was_created(self) -> None:
        at = ("Location", "http://127.0.0.1:8000/orders/17?x=1")
        [item] = recorded(exchange("/orders", {}, method="POST", sent={}, status=201, answer_headers=(at,)))
        assert item["response"]["headers"]["Location"] == ["/orders/1"]
        assert item["response"]["matchingRules"]["header"]["Location"]["matchers"] == [{"match": "type"}]

    def test_is_read_by_version_3_too(self) -> None:
        one = exchange("/a?q=1&q=2", {"n": 1}, method="POST", sent={"x": [1.5]}, headers=(("Accept", "*/*"),))
        [item] = recorded(one, version=3)
        assert item["request"]["body"] == {"x": [1.5]}
        assert item["request"]["headers"] == {"Accept": "*/*", "Content-Type": "application/json"}
        assert item["request"]["query"] == {"q": ["1", "2"]}
        assert item["response"]["body"] == {"n": 1}
        assert item["response"]["matchingRules"]["body"] == {"$": {"combine": "AND", "matchers": [{"match": "type"}]}}

    def test_has_forms_and_numbers_as_they_are(self) -> None:
        form = exchange(
            method="POST",
            sent=b"a=1&b=x+y&b=%C3%A4",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            answer=b'{"price": 1.10, "many": 123456789012345678901234567890}',
            answer_headers=(JSON,),
        )
        [item] = recorded(form)
        assert item["request"]["body"]["content"] == "a=1&b=x+y&b=%C3%A4"
        assert item["response"]["body"]["content"] == {"price": 1.1, "many": 123456789012345678901234567890}

    def test_has_states_with_parameters(self) -> None:
        said = (
            ("X-Signet-State", '{"name": "an item is offered", "params": {"id": "tea-1", "password": "canary"}}'),
            ("x-signet-state", "the shop is open"),
        )
        [item] = recorded(exchange(answer={}, headers=said))
        assert item["providerStates"] == [
            {"name": "an item is offered", "params": {"id": "tea-1", "password": "left-out-by-signet"}},
            {"name": "the shop is open"},
        ]

    @pytest.mark.parametrize(
        "value",
        [
            *("{", "[1]", '{"params": {}}', '{"name": 1}', "[" * 5000, "a" * 1001, '{"name": "\\u0007"}'),
            *('{"name": "x", "params": {"a": NaN}}', '{"name": "x", "params": {"a": 1e999999999}}'),
            *('{"name": "\\ud800"}', '{"name": "x", "params": {"\\ud800": 1}}'),
            '{"name": "x", "params": ' + '{"a":' * 900 + "1" + "}" * 901,
        ],
    )
    def test_with_a_state_that_says_nothing_is_lost_and_told(self, value: str) -> None:
        made = Recorder("cart", "catalog")
        made.add(exchange(answer={}, headers=(("X-Signet-State", value),)))
        made.add(exchange("/other", answer={}))
        recording = made.recording()
        assert sum(recording.lost.values()) == 1 and "bug" not in repr(recording.lost)
        assert b"/other" in recording.content

    def test_has_the_state_that_a_function_tells(self) -> None:
        made = Recorder("cart", "catalog", state_of=lambda asked: f"{asked.method} {asked.path} {asked.headers}")
        made.add(exchange("/a?b", {}, headers=(("A", "1"),)))
        [item] = _items(made.recording())
        assert item["providerStates"] == [{"name": "GET /a?b {'a': '1'}"}]

    @pytest.mark.parametrize("said", [{"name": "x", "params": {"a": float("nan")}}, ("x", {"name": "\ud800"}), "x\0", 7,
                                      {"name": "x", "params": {"a": object()}}])  # fmt: skip
    def test_of_a_function_that_says_nothing_is_lost_and_told(self, said: Any) -> None:
        made = Recorder("cart", "catalog", state_of=lambda _asked: said)
        made.add(exchange(answer={}))
        recording = made.recording()
        assert sum(recording.lost.values()) == 1 and "bug" not in repr(recording.lost)
        assert recording.content

    def test_of_a_function_that_fails_is_lost_and_told(self) -> None:
        def fails(_asked: Any) -> Any:
            raise ValueError("canary")

        made = Recorder("cart", "catalog", state_of=fails)
        made.add(exchange(answer={}))
        assert made.recording().lost == {"the state function failed (ValueError)": 1}


class TestTheAnswer:
    def test_is_what_all_answers_have_in_common(self) -> None:
        assert body_of({"a": 1, "b": "x", "c": None}, {"a": 2, "c": 3, "d": [1]}) == {"a": 1}

    def test_of_a_list_is_one_example_of_all_its_items(self) -> None:
        items = [{"n": 1, "tags": []}, {"n": 2.5, "tags": ["a"], "more": 1}, {"n": 3, "tags": ["b"]}]
        assert body_of({"items": items}) == {"items": [{"n": 2.5, "tags": ["a"]}]}

    def test_says_nothing_where_types_differ(self) -> None:
        assert body_of({"a": 1, "b": True, "c": {}}, {"a": "x", "b": 1, "c": []}) == {}
        assert body_of([1, "x"]) == []
        assert body_of([1], {"a": 1}) == "none"
        assert body_of(None) == "none"

    def test_says_that_a_list_may_be_empty_if_it_was(self) -> None:
        [item] = recorded(exchange(answer={"a b": [1], "c": [1]}), exchange(answer={"a b": [], "c": [2]}))
        assert item["response"]["body"]["content"] == {"a b": [1], "c": [1]}
        rules = item["response"]["matchingRules"]["body"]
        assert rules.keys() == {"$", "$['a b']"}
        assert rules["$['a b']"]["matchers"] == [{"match": "type", "min": 0}]

    def test_does_not_depend_on_the_order(self) -> None:
        answers = [{"n": 1, "l": [{"a": 1}]}, {"n": 2.5, "l": []}, {"n": 3, "x": "b", "l": [{"a": 2, "b": None}]}]
        found = {content(*(exchange(answer=each) for each in order)) for order in itertools.permutations(answers)}
        assert len(found) == 1

    @pytest.mark.parametrize(
        "sent",
        [
            *(
                b"{",
                b"[1",
                b"NaN",
                b"1, 2",
                b'"\\ud800"',
                b"[" * 95 + b"]" * 95,
                b"[" * 100_000,
                b"1" * 10_000,
                b"\xff",
            ),
            *(b'{"a": 1e999999999}', b'{"a": 1, "a": 2}', b'{"a": -Infinity}'),
        ],
    )
    def test_that_is_no_json_is_none(self, sent: bytes) -> None:
        made = Recorder("cart", "catalog")
        made.add(exchange(answer=sent, answer_headers=(JSON,)))
        made.add(exchange("/2", {}, method="POST", sent=sent, headers=(JSON,)))
        recording = made.recording()
        assert recording.interactions == 2 and not recording.lost
        pact.contract(text.read(recording.content, "contract.json"))

    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "br", "gzip, deflate"])
    def test_is_read_through_its_encoding(self, coding: str) -> None:
        body = b'{"packed": true}'
        for one in coding.split(", "):
            body = PACKED[one.removeprefix("x-")](body)
        one = exchange(answer=body, answer_headers=(JSON, ("content-encoding", coding)))
        assert recorded(one)[0]["response"]["body"]["content"] == {"packed": True}

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
    def test_that_unpacks_to_very_much_is_left_alone(self, coding: str) -> None:
        bomb = b"0" * (LARGEST * 3)
        packed = PACKED[coding](bomb)
        assert decoded(packed, (("Content-Encoding", coding),)) is None
        assert decoded(packed[:-9], (("Content-Encoding", coding),)) is None


MULTIPART = (("Content-Type", "multipart/form-data; boundary=b"),)
HOSTILE = {
    "parts in parts": exchange(
        method="POST", answer={}, headers=(("Content-Type", "multipart/mixed; boundary=b0"),),
        sent=b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (at, at + 1)
                      for at in range(9000)),
    ),
    "messages in messages": exchange(
        method="POST", answer={}, headers=MULTIPART,
        sent=b"--b\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20000 + b"--b--",
    ),
    "very many parts": exchange(
        method="POST", answer={}, headers=MULTIPART,
        sent=b"".join(b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nx\r\n' % at for at in range(20000)),
    ),
    "a form of very many fields": exchange(
        method="POST", answer={}, sent=b"a=1&" * 400_000,
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
    ),
    "parts that are none": exchange(
        method="POST", answer={}, headers=MULTIPART,
        sent=b"--b\r\nContent-Disposition: form-data; name*=x''%zz; filename=\"\xff\xfe\r\n\r\nx\r\n--b\r\n"
             b"Content-Type: text/plain; charset=nonsense\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--",
    ),
    "long texts": exchange(method="POST", answer={"x": "-----BEGIN " * 80_000}, sent={"x": "1 " * 400_000}),
    "an odd path": exchange("/%00/%ff/%zz/\x7f//..;/%2e%2e/?&&=&a&%zz=%&%00=%0a", {}),
    "an odd Location": exchange(answer={}, status=302, answer_headers=(("Location", "http://[::1"),)),
    "odd credentials": exchange(
        answer={}, headers=tuple(("Authorization", value) for value in ("", " ", "Basic", "Basic !!!", "Basic /w=="))
    ),
    "odd cookies": exchange(answer={}, headers=(("Cookie", ";;;=;a;=b;"),)),
    "many encodings": exchange(answer=b"{}", answer_headers=(JSON, ("Content-Encoding", "gzip," * 2000))),
}  # fmt: skip


class TestWhatIsHostile:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_is_an_interaction_too_and_soon(self, name: str) -> None:
        before = time.process_time()
        assert len(recorded(HOSTILE[name])) == 1
        assert time.process_time() - before < 5

    def test_costs_nothing_but_itself_if_we_are_wrong_about_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            recorder.answers, "shape", lambda one, _: (recorder.answers.NOTHING, "") if "1" in one.target else 1 / 0
        )
        made = Recorder("cart", "catalog")
        made.add(exchange("/1", {}))
        made.add(exchange("/2", {}))
        recording = made.recording()
        assert recording.lost == {"a bug of ours (ZeroDivisionError)": 1} and recording.interactions == 1


def volatile_run() -> list[Exchange]:
    """What a test says and hears that makes up ids, and looks at the clock."""
    now = datetime.now(UTC) + timedelta(seconds=random.randrange(100))
    made, order = str(uuid.uuid4()), random.randrange(10, 10**6)
    stamp = now.isoformat().replace("+00:00", "Z")
    boundary = b"--" + uuid.uuid4().hex.encode()
    token = base64.urlsafe_b64encode(random.randbytes(30)).decode().rstrip("=")
    return [
        exchange("/carts", {"id": made, "made_at": stamp, "expires": now.timestamp()}, method="POST", status=201,
                 sent={"request": made, "at": now.isoformat(), "day": now.date().isoformat(), "amount": 3}),
        exchange(f"/carts/{made}/items?since={stamp}", [{"id": order, "cart": made, "name": f"item of {made}"}],
                 headers=(("Authorization", f"Bearer {token}"), ("Cookie", f"session={token}"))),
        exchange("/orders", {"id": order, "etag": random.randbytes(16).hex()}, method="POST", sent={}, status=201,
                 answer_headers=(("Location", f"/orders/{order}"),)),
        exchange(f"/orders/{order}", {"id": order, "version": random.randbytes(12).hex() + "0a"}),
        exchange("/upload", {"took": random.random(), "ref": f"ref_{random.randbytes(10).hex()}a1"}, method="POST",
                 sent=b"-b\r\nContent-Disposition: form-data; name=a\r\n\r\nhi\r\n-b--\r\n".replace(b"-b", boundary),
                 headers=(("Content-Type", f"multipart/form-data; boundary={boundary[2:].decode()}"),)),
    ]  # fmt: skip


class TestTheSameTests:
    def test_make_the_same_bytes(self) -> None:
        found = {content(*volatile_run()) for _ in range(20)}
        assert len(found) == 1

    def test_make_the_same_bytes_in_another_order(self) -> None:
        runs = [exchange(f"/items/{number}", {"id": number, "at": number}) for number in range(30)]
        assert len({content(*random.sample(runs, len(runs))) for _ in range(5)}) == 1

    def test_make_the_same_bytes_wherever_a_secret_turns_up_first(self) -> None:
        login = exchange("/login", {"token": "canary-7"}, method="POST", sent={"password": "hunter-22"})
        form = exchange(
            "/echo?q=canary-7&q=1", [{"hunter-22": "canary-7", "a": 1}], method="POST",
            sent=b"x=is+canary-7&y=hunter-22", headers=(("Content-Type", "application/x-www-form-urlencoded"),
                     ("X-Signet-State", "as canary-7 said")),
        )  # fmt: skip
        runs = [login, exchange("/by/canary-7/", ["canary-7"]), exchange("/by/of%20canary-7", {"a": "hunter-22"}), form,
                exchange("/by/hunter-22/", ["x", "y"])]  # fmt: skip
        found = {content(*order) for order in itertools.permutations(runs)}
        assert len(found) == 1
        [written] = found
        assert b"canary-7" not in written and written.count(b"hunter-22") == 1  # as the name of a member
        paths = [item["request"]["path"] for item in json.loads(written)["interactions"]]
        assert paths == ["/by/left-out-by-signet/", "/by/of%20left-out-by-signet", "/echo", "/login"]

    def test_make_the_same_bytes_where_an_id_is_given_away_that_is_elsewhere_one_of_a_person(self) -> None:
        made = exchange("/orders", {"id": 17, "item_id": 4}, method="POST", sent={}, status=201)
        lines = exchange("/carts/17/lines", {"number": 23, "cart_id": 18}, method="POST", sent={}, status=201)
        used = [exchange("/orders/17", {"id": 17}), exchange("/lines/23", {}), exchange("/carts/18", {})]
        fixed = exchange("/items/17", {"id": 17, "n": "x"})
        runs = [recorded(*order) for order in ([made, lines, *used, fixed], [fixed, made, lines, *reversed(used)])]
        assert runs[0] == runs[1]
        assert [item["request"]["path"] for item in runs[0]] == [
            "/carts/1", "/carts/17/lines", "/items/17", "/lines/1", "/orders", "/orders/1",
        ]  # fmt: skip

    def test_keep_media_types_and_names_that_a_short_secret_spells(self) -> None:
        sent = {"password": "password", "token": "application", "secret": "accounts"}
        cookie = (("Cookie", "kind=application"), ("Accept", "application/json"))
        [item] = recorded(exchange("/a?accounts=1", {"accounts": 1}, method="POST", sent=sent, headers=cookie))
        assert item["request"]["headers"]["Accept"] == ["application/json"]
        assert item["request"]["query"] == {"accounts": ["1"]}
        assert item["response"]["body"]["content"] == {"accounts": 1}
        assert item["request"]["body"]["contentType"] == "application/json"

    def test_keep_what_a_state_names(self) -> None:
        fixed = str(uuid.UUID(int=0x6F1A2B3C4D5E4F708192A3B4C5D6E7F8))
        state = ("X-Signet-State", json.dumps({"name": "there is a user", "params": {"id": fixed}}))
        [item] = recorded(exchange(f"/users/{fixed}", {"id": fixed}, headers=(state,)))
        assert item["request"]["path"] == f"/users/{fixed}"
        assert item["response"]["body"]["content"] == {"id": fixed}

    def test_keep_what_the_request_names(self) -> None:
        [item] = recorded(exchange("/items/7", {"id": 7, "other_id": 8, "since": "2020-02-02", "name": "tea"}))
        assert item["response"]["body"]["content"] == {"id": 7, "other_id": 1, "since": "2000-01-01", "name": "tea"}


CANARIES = {
    "bearer": exchange(answer={}, headers=(("Authorization", "Bearer canary-bearer"),)),
    "basic": exchange(answer={}, headers=(("authorization", "Basic " + base64.b64encode(b"me:canary").decode()),)),
    "scheme of their own": exchange(answer={}, headers=(("Authorization", "canary"),)),
    "cookie": exchange(answer={}, headers=(("Cookie", "theme=canary; sid=canary2"),)),
    "set-cookie": exchange(answer={}, answer_headers=(("Set-Cookie", "sid=canary"),)),
    "api key": exchange(answer={}, headers=(("X-Api-Key", "canary"), ("X-Own", "canary"))),
    "proxy": exchange(answer={}, headers=(("Proxy-Authorization", "Basic canary"),)),
    "token in the query": exchange("/a?token=canary&q=1&X-Amz-Signature=canary", {}),
    "JWT in the query": exchange(f"/a?next={JWT}", {}),
    "token in the path": exchange("/reset/token/canary1", {}),
    "JWT in the path": exchange(f"/verify/{JWT}", {}),
    "login in a URL": exchange(answer={"href": "https://me:canary@example.com/x"}, method="POST",
                               sent={"hook": "https://canary@example.com"}),
    "JWT in JSON": exchange(answer={"jwt": JWT, "deep": [{"x": f"a {JWT}"}]}, method="POST", sent={"x": JWT}),
    "JWT in a text of JSON": exchange(answer={"x": json.dumps({"password": "canary", "y": JWT})}),
    "members by name": exchange(answer={"password": "canary", "clientSecret": "canary", "auth": {"x": ["canary"]}},
                                method="POST", sent={"user": {"new_password": "canary"}, "pin": 471100}),
    "form": exchange(answer={}, method="POST", sent=b"user=me&password=canary",
                     headers=(("Content-Type", "application/x-www-form-urlencoded"),)),
    "multipart": exchange(
        answer={}, method="POST", headers=(("Content-Type", "multipart/form-data; boundary=b"),),
        sent=b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\ncanary\r\n'
             b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nmy canary-7 sings\r\n'
             b'--b\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n'
             b'{"secret": "canary"}\r\n'
             b'--b\r\nContent-Disposition: form-data; name="f"; filename="canary.pem"\r\n\r\ncanary\r\n--b--\r\n',
    ),
    "private key": exchange(answer={"key": PEM}, method="POST", sent={"x": f"{PEM}\n"}),
    "private key as text": exchange(answer=PEM.encode(), answer_headers=(("Content-Type", "text/plain"),),
                                    method="POST", sent=PEM.encode(), headers=(("Content-Type", "text/plain"),)),
    "XML": exchange(answer=b"<p>canary</p>", answer_headers=(("Content-Type", "application/xml"),), method="POST",
                    sent=b"<password>canary</password>", headers=(("Content-Type", "application/xml"),)),
    "bytes": exchange(answer=b"\0canary", method="POST", sent=b"\0canary"),
    "packed": exchange(answer=gzip.compress(b'{"token": "canary"}'),
                       answer_headers=(JSON, ("Content-Encoding", "gzip"))),
    "names": exchange(f"/a?{JWT}=1", {JWT: 1, "x": {f"{PEM}": 2}}, method="POST", sent={JWT: JWT},
                      headers=((f"X-{JWT[:20]}", "1"), ("Cookie", f"{JWT.replace('.', '')}=1"))),
    "state": exchange(answer={}, headers=(("X-Signet-State", f"signed in with {JWT}"),)),
    "location": exchange(answer={}, status=201, answer_headers=(("Location", f"https://u:canary@h/x/{JWT}?t=canary"),)),
}  # fmt: skip
TRACES = [
    b"canary",
    JWT.encode(),
    *(part.encode() for part in JWT.split(".")),
    b"MHcCAQEEI",
    base64.b64encode(b"me:canary"),
    b"471100",
]


class TestNoSecret:
    @pytest.mark.parametrize("version", [3, 4])
    @pytest.mark.parametrize("name", CANARIES)
    def test_gets_into_a_contract(self, name: str, version: int) -> None:
        made = Recorder("cart", "catalog")
        made.add(CANARIES[name])
        recording = made.recording(version)
        assert (recording.interactions, dict(recording.lost)) == (1, {})
        told = recording.content + repr(recording.notes).encode()
        for trace in TRACES:
            assert trace not in told, recording.content.decode()

    @pytest.mark.parametrize(
        "number", ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", 378282246310005, 4242424242424242]
    )
    def test_of_a_card_does(self, number: Any) -> None:
        [item] = recorded(
            exchange(f"/pay?with={number}", {"n": number}, method="POST", sent={"n": number, "t": f"on {number}"})
        )
        assert str(number) not in json.dumps(item)
        for side in ("request", "response"):
            kept = item[side]["body"]["content"]["n"]
            assert type(kept) is type(number) and len(str(kept)) == len(str(number))

    @pytest.mark.parametrize(
        "text", ["4111 1111 1111 1111 12/27", "no. 7 5500-0000-0000-0004 077", "1 378282246310005 2"]
    )
    def test_of_a_card_among_other_numbers_does(self, text: str) -> None:
        assert list(secrets.found_in(text)) == [("a card number", True)]
        assert secrets.replaced(text) == re.sub("[0-9]{4,}", lambda found: "0" * len(found[0]), text)

    @pytest.mark.parametrize("text", ["4111 1111 1111 1112 12/27", "0049 30 123456 78901 22", "1 " * 2_000])
    def test_of_none_is_found_in_other_numbers(self, text: str) -> None:
        assert list(secrets.found_in(text)) == []

    def test_that_is_repeated_elsewhere_does(self) -> None:
        login = exchange("/login", {"token": "canary-of-the-server"}, method="POST", sent={"password": "canary!pw"})
        headers = (
            ("Authorization", "Basic " + base64.b64encode(b"me:canary-basic").decode()),
            ("Cookie", "a=canary-c"),
        )
        echo = exchange(
            "/echo/canary-of-the-server",
            {
                "said": [["a", "canary-of-the-server"], "me:canary-basic, canary-c"],
                "pw": "<canary!pw>",
                "own": "canary1",
            },
            method="PUT",
            sent={"x": "canary-of-the-server"},
            headers=(*headers, ("X-Own", "canary1")),
            answer_headers=(("Location", "/x/canary-of-the-server"),),
            status=201,
        )
        assert b"canary" not in content(login, echo)

    def test_loses_its_type(self) -> None:
        forms = {"email": "me@x.org", "id": str(uuid.uuid4()), "url": "https://x/y", "day": "2026-05-05"}
        sent = {"password": "x1", "token": 7 * 10**9, "secret": None, "session": True, "api_key": 1.5, "auth": forms}
        [item] = recorded(exchange(method="POST", sent=sent))
        kept = item["request"]["body"]["content"]
        assert {name: type(value) for name, value in kept.items()} == {
            name: type(value) for name, value in sent.items()
        }
        assert kept["auth"] == {
            "email": "someone@example.com", "id": "00000000-0000-4000-8000-000000000000",
            "url": "https://example.com/", "day": "2000-01-01",
        }  # fmt: skip

    def test_is_what_somebody_says_is_none(self) -> None:
        one = exchange(
            answer={"token": "plain", "word": "hidden"}, method="POST", sent={"token": JWT, "word": "hidden"}
        )
        [item] = recorded(one, choice=Choice.of((), ["Word"], ["token"]))
        assert item["request"]["body"]["content"] == {"token": JWT, "word": "left-out-by-signet"}
        assert item["response"]["body"]["content"] == {"token": "plain", "word": "left-out-by-signet"}


def test_what_finds_no_room_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "ROOM", 5000)
    made = Recorder("cart", "catalog")
    for number in range(100):
        made.add(exchange(f"/items/{number}", {"id": number}))
        made.add(exchange(f"/items/{number}", {"id": number, "more": 1}))
    recording = made.recording()
    assert recording.exchanges == 200
    assert 10 < recording.interactions < 90
    assert recording.lost == {"there is no room for more in a contract": 2 * (100 - recording.interactions)}
