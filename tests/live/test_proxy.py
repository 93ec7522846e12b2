"""The proxy passes on what it gets: byte for byte where HTTP lets it, and never from one client to another."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from signet.errors import CouldNotTest, UsageError
from signet.live.proxy import Proxy, proxied
from signet.live.recording import Recorder
from tests.live.providers import Line, Script, everything, large, line_to, scripted

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def before(script: Script, path: str = "") -> Iterator[tuple[Proxy, Recorder]]:
    """A proxy before a provider that does what the script says."""
    recorder = Recorder("cart", "catalog")
    with scripted(script) as url, proxied(url + path, recorder) as proxy:
        yield proxy, recorder


def asked(proxy: Proxy, request: bytes) -> bytes:
    """All that comes back for a request on a connection of its own."""
    with line_to(proxy.url) as line:
        line.says(request)
        return line.rest()


def items(recorder: Recorder) -> list[dict[str, Any]]:
    """The interactions that were recorded."""
    found: list[dict[str, Any]] = recorder.recording().document["interactions"]
    return found


class TestARequest:
    def test_arrives_as_it_was_sent_but_for_what_is_between_neighbours(self) -> None:
        got = []

        def script(line: Line) -> None:
            got.append(line.head() + line.exactly(4))
            line.says(OK)

        with before(script) as (proxy, _):
            asked(
                proxy,
                b"POST /a%2Fb/%c3%A4;v=1?q=%20+x&q=2&e=&f HTTP/1.1\r\nHost: here\r\nX-cAsE: One\r\nx-case: Two\r\n"
                b"COOKIE: a=1\r\nAccept-Encoding: br\r\nX-Own-Hop: gone\r\nConnection: close, X-Own-Hop\r\n"
                b"Keep-Alive: timeout=5\r\nX-Signet-State: something is so\r\nContent-Length: 4\r\n"
                b"X-Empty:\r\n\r\n\0\xff\r\n",
            )
        [request] = got
        head, _, body = request.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert lines[0] == b"POST /a%2Fb/%c3%A4;v=1?q=%20+x&q=2&e=&f HTTP/1.1"
        assert lines[1].startswith(b"Host: 127.0.0.1:")
        assert lines[2:] == [
            b"X-cAsE: One", b"x-case: Two", b"COOKIE: a=1", b"Accept-Encoding: br", b"Content-Length: 4", b"X-Empty: ",
        ]  # fmt: skip
        assert body == b"\0\xff\r\n"

    def test_goes_below_the_path_of_the_target(self) -> None:
        got = []

        def script(line: Line) -> None:
            got.append(line.head())
            line.says(b"HTTP/1.1 201 Created\r\nLocation: /v1/things/7\r\nContent-Length: 0\r\n\r\n")

        with before(script, "/v1/") as (proxy, recorder):
            answer = asked(proxy, b"GET /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert got[0].startswith(b"GET /v1/things HTTP/1.1\r\n")
        assert b"\r\nLocation: /things/7\r\n" in answer
        assert items(recorder)[0]["request"]["path"] == "/things"

    def test_of_http_1_0_gets_an_answer_that_it_understands(self) -> None:
        def script(line: Line) -> None:
            assert b"Host: 127.0.0.1:" in line.head()
            line.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")

        with before(script) as (proxy, _):
            answer = asked(proxy, b"GET / HTTP/1.0\r\n\r\n")
        assert answer.endswith(b"\r\n\r\nok")
        assert b"chunked" not in answer

    def test_that_is_no_http_is_refused_and_repeated_nowhere(self) -> None:
        with before(lambda line: None) as (proxy, recorder):
            answer = asked(proxy, b"GET / HTTP/1.1\r\nHost: x\r\nbad canary header\r\n\r\n")
            tunnel = asked(proxy, b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ") and tunnel.startswith(b"HTTP/1.1 501 ")
        assert b"canary" not in answer
        assert items(recorder) == []

    def test_waits_for_100_continue_if_it_wants_to(self) -> None:
        def script(line: Line) -> None:
            assert b"Expect: 100-continue" in line.head()
            line.says(b"HTTP/1.1 100 Continue\r\n\r\n")
            assert line.exactly(5) == b"later"
            line.says(OK)

        with before(script) as (proxy, _), line_to(proxy.url) as line:
            line.says(b"PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            assert line.head().startswith(b"HTTP/1.1 100 Continue\r\n")
            line.says(b"later")
            assert line.head().startswith(b"HTTP/1.1 200 OK\r\n")

    def test_of_chunks_with_trailers_arrives_with_them(self) -> None:
        got = []

        def script(line: Line) -> None:
            got.append(line.head())
            got.append(line.until(b"X-Sum: 7\r\n\r\n"))
            line.says(OK)

        with before(script) as (proxy, _):
            asked(
                proxy,
                b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n"
                b"Connection: close\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n",
            )
        assert b"Transfer-Encoding: chunked" in got[0] and b"Trailer: X-Sum" in got[0]
        assert got[1] == b"3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n"


def _same(answer: bytes, method: bytes = b"GET") -> None:
    """An answer that comes through the proxy as it left the provider."""

    def script(line: Line) -> None:
        line.head()
        line.says(answer)

    with before(script) as (proxy, _), line_to(proxy.url) as line:
        line.says(method + b" / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.exactly(len(answer)) == answer


class TestAnAnswer:
    @pytest.mark.parametrize(
        ("method", "answer"),
        [
            (b"GET", OK),
            (b"GET", b"HTTP/1.1 299 My Word\r\nset-cookie: a\r\nSet-Cookie: b\r\nX: \xe4\r\nContent-Length: 0\r\n\r\n"),
            (b"GET", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b\0\xff\r"),
            (b"GET", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nX-A: 1\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n"),
            (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"x\"\r\n\r\n"),
            (b"HEAD", b"HTTP/1.1 200 OK\r\nServer: nobody\r\n\r\n"),
            (b"DELETE", b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
            (b"GET", b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 77\r\n\r\n"),
            (b"GET", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK),
            (b"GET", b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere/x\r\nContent-Length: 0\r\n\r\n"),
        ],
    )  # fmt: skip
    def test_comes_back_as_it_was_sent(self, method: bytes, answer: bytes) -> None:
        _same(answer, method)

    def test_that_ends_with_its_connection_is_whole(self) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n[1,")
            line.says(b"2]")

        with before(script) as (proxy, recorder):
            assert httpx.get(proxy.url).json() == [1, 2]
        assert items(recorder)[0]["response"]["body"]["content"] == [1]

    def test_that_breaks_off_breaks_off_and_is_no_answer(self) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

        with before(script) as (proxy, recorder), pytest.raises(httpx.RemoteProtocolError):
            httpx.get(proxy.url)
        assert items(recorder) == []
        assert any("no whole answer" in note for note in recorder.recording().notes)

    def test_leads_back_through_the_proxy(self) -> None:
        def script(line: Line) -> None:
            while head := line.head():
                host = head.partition(b"Host: ")[2].partition(b"\r\n")[0]
                if b"GET /old" in head:
                    to = b"Location: http://" + host + b"/new?a=1\r\nContent-Length: 0\r\n\r\n"
                    line.says(b"HTTP/1.1 307 T\r\n" + to)
                else:
                    line.says(OK)

        with before(script) as (proxy, recorder):
            answer = httpx.get(f"{proxy.url}/old", follow_redirects=True)
            assert str(answer.url) == f"{proxy.url}/new?a=1"
        assert [item["request"]["path"] for item in items(recorder)] == ["/new", "/old"]
        assert items(recorder)[1]["response"]["headers"] == {"Location": ["/new"]}

    def test_comes_although_the_body_was_not_wanted(self) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            line.says(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nbeginning")
            assert line.head().startswith(b"HTTP/1.1 413 ")
            line.sock.close()
        assert [item["response"]["status"] for item in items(recorder)] == [413]

    def test_of_a_provider_that_is_not_there_is_502(self) -> None:
        with before(lambda line: None) as (proxy, recorder):
            answer = asked(proxy, b"GET /canary HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 502 ") and b"canary" not in answer
        with proxied("http://127.0.0.1:9", recorder) as proxy:
            assert httpx.get(proxy.url).json()["detail"].startswith("The provider cannot be reached")
        assert items(recorder) == []


class TestStreams:
    def test_events_come_one_by_one_and_are_recorded_when_the_client_has_enough(self) -> None:
        told = threading.Semaphore(0)
        ended = threading.Event()

        def script(line: Line) -> None:
            line.head()
            line.says(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(3):
                assert told.acquire(timeout=10), "the event before did not arrive"
                event = b"data: %d\n\n" % number
                line.says(b"%x\r\n%b\r\n" % (len(event), event))
            assert line.rest() == b""  # the client is gone, and we hear of it
            ended.set()

        with before(script) as (proxy, recorder):
            told.release()
            with httpx.stream("GET", f"{proxy.url}/events") as answer:
                for number, text in enumerate(answer.iter_text()):
                    assert text == f"data: {number}\n\n"
                    told.release()
                    if number == 2:
                        break
            assert ended.wait(5)
        [item] = items(recorder)
        assert item["response"] == {"status": 200, "headers": {"Content-Type": ["text/event-stream"]}}

    def test_a_web_socket_is_passed_through_and_noted(self) -> None:
        def script(line: Line) -> None:
            head = line.head()
            assert b"Upgrade: websocket" in head and b"Connection: Upgrade" in head and b"Sec-WebSocket-Key: k" in head
            line.says(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi"
            )
            assert line.exactly(5) == b"\x82\xff\0\r\n"
            line.says(b"bye")

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            line.says(
                b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                b"Sec-WebSocket-Key: k\r\n\r\n"
            )
            head = line.head()
            assert head.startswith(b"HTTP/1.1 101 ") and b"Upgrade: websocket" in head
            assert line.exactly(4) == b"\x81\x02hi"
            line.says(b"\x82\xff\0\r\n")
            assert line.rest() == b"bye"
        assert items(recorder) == []
        assert any("web socket" in note for note in recorder.recording().notes)

    def test_http_2_is_not_asked_for(self) -> None:
        got = []

        def script(line: Line) -> None:
            while head := line.head():
                got.append(head)
                line.says(OK)

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            for _ in range(2):
                line.says(
                    b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    b"HTTP2-Settings: AAEAAEAA\r\n\r\n"
                )
                assert line.exactly(len(OK)) == OK
        assert not [head for head in got if b"pgrade" in head or b"HTTP2" in head]
        assert len(got) == 2 and len(items(recorder)) == 1

    @pytest.mark.parametrize("path", ["/large?5", "/stream?5"])
    def test_5_mb_arrive_byte_for_byte(self, path: str) -> None:
        recorder = Recorder("cart", "catalog")
        with everything() as url, proxied(url, recorder) as proxy:
            assert httpx.get(proxy.url + path).content == large(5)
        [item] = items(recorder)
        assert item["response"]["headers"] == {"Content-Type": ["application/octet-stream"]}
        assert "body" not in item["response"]

    def test_5_mb_are_sent_byte_for_byte(self) -> None:
        recorder, body = Recorder("cart", "catalog"), large(5)

        def pieces() -> Iterator[bytes]:
            for at in range(0, len(body), 77_777):
                yield body[at : at + 77_777]

        with everything() as url, proxied(url, recorder) as proxy:
            whole = httpx.post(f"{proxy.url}/echo", content=body).json()
            assert whole["body"] == hashlib.sha256(body).hexdigest()

            def script(line: Line) -> None:
                line.head()
                found = hashlib.sha256()
                while size := int(line.until(b"\r\n"), 16):
                    found.update(line.exactly(size))
                    line.exactly(2)
                line.until(b"\r\n")
                said = found.hexdigest().encode()
                line.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said))

            with before(script) as (other, _):
                assert httpx.post(other.url, content=pieces()).text == hashlib.sha256(body).hexdigest()
        assert any("too large" in note for note in recorder.recording().notes)


class TestConnections:
    def test_one_connection_carries_many_requests(self) -> None:
        connections = []

        def script(line: Line) -> None:
            connections.append(line)
            while line.head():
                line.says(OK)

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            line.says(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")  # without waiting
            assert line.exactly(2 * len(OK)) == OK + OK
            line.says(b"GET /3 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.exactly(len(OK)) == OK
        assert len(connections) == 1
        assert len(items(recorder)) == 3

    def test_an_answer_in_pieces_does_not_wait_for_the_client_to_acknowledge_the_first(self) -> None:
        def script(line: Line) -> None:
            while line.head():
                line.says(OK)

        taken = []
        with before(script) as (proxy, _), line_to(proxy.url) as line:
            for _ in range(40):
                began = time.perf_counter()
                line.says(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert line.exactly(len(OK)) == OK
                taken.append(time.perf_counter() - began)
        assert min(taken[20:]) < 0.03, "40 ms, after the first ones, are what a delayed acknowledgement takes"

    def test_a_provider_that_closes_between_requests_closes_the_client_s_too(self) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(OK)

        with before(script) as (proxy, _), line_to(proxy.url) as line:
            line.says(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.rest() == OK

    def test_a_provider_that_always_closes_does_not_disturb_a_client_that_stays(self) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            for number in range(5):
                line.says(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
                assert line.exactly(len(OK)) == OK
        assert len(items(recorder)) == 5

    @pytest.mark.parametrize("clients", [25, pytest.param(200, marks=pytest.mark.slow)])
    def test_clients_at_once_get_what_is_theirs_and_nothing_else(self, clients: int) -> None:
        recorder = Recorder("cart", "catalog")
        together = threading.Barrier(clients)

        def client(number: int) -> None:
            own = f"client-{number}"
            together.wait(60)
            with httpx.Client(base_url=proxy.url, timeout=60, verify=False) as session:  # noqa: S501 - it is no https
                assert session.post(f"/own/{own}", content=own).json()["cookie"] is None
                for _ in range(4):
                    answer = session.post(f"/own/{own}", content=own)
                    assert answer.json() == {"own": own, "cookie": f"session=cookie-of-{own}", "body": own}
                    assert answer.headers.get_list("set-cookie") == [f"session=cookie-of-{own}; Path=/"]
                    assert answer.headers["x-own"] == own

        with everything() as url, proxied(url, recorder) as proxy, ThreadPoolExecutor(clients) as pool:
            list(pool.map(client, range(clients)))
        recording = recorder.recording()
        assert recording.exchanges == 5 * clients
        assert recording.interactions == 2 * clients  # for each, once without a cookie
        assert not recording.lost

    def test_a_port_that_is_taken_is_said(self) -> None:
        with scripted(lambda line: None) as url:
            taken = proxied(url, Recorder("a", "b"), port=int(url.rpartition(":")[2]))
            with pytest.raises(CouldNotTest, match="is taken"), taken:
                pass

    @pytest.mark.parametrize("url", ["ftp://x", "http://", "x", "http://h:99999", "http://h/?q=canary", "http://h/\n"])
    def test_a_target_that_is_none_is_refused(self, url: str) -> None:
        with pytest.raises(UsageError) as refused, proxied(url, Recorder("a", "b")):
            pass
        assert "canary" not in str(refused.value)

    def test_credentials_of_the_target_are_sent_and_kept_nowhere(self) -> None:
        recorder = Recorder("cart", "catalog")
        with everything() as url, proxied(url.replace("//", "//me:canary@"), recorder) as proxy:
            sent = dict(httpx.get(f"{proxy.url}/echo").json()["headers"])
            own = dict(httpx.get(f"{proxy.url}/echo", headers={"Authorization": "Mine x"}).json()["headers"])
        assert sent["Authorization"] == "Basic bWU6Y2FuYXJ5" and own["Authorization"] == "Mine x"
        content = recorder.recording().content
        assert sent["Authorization"] not in content.decode()
        assert b"canary" not in content and b"bWU6Y2FuYXJ5" not in content


class TestTheEnd:
    def test_answers_on_their_way_arrive(self) -> None:
        recorder = Recorder("cart", "catalog")
        asked = threading.Event()

        def script(line: Line) -> None:
            line.head()
            asked.set()
            time.sleep(0.5)
            line.says(OK)

        with scripted(script) as url, ExitStack() as stack:
            proxy = stack.enter_context(proxied(url, recorder))
            line = stack.enter_context(line_to(proxy.url))
            line.says(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert asked.wait(10)
            proxy.stop()
            assert line.rest() == OK
        assert len(items(recorder)) == 1

    def test_what_was_not_answered_is_told(self) -> None:
        recorder = Recorder("cart", "catalog")
        begun = threading.Event()

        def script(line: Line) -> None:
            line.head()
            begun.set()
            line.rest()

        with scripted(script) as url, line_to_proxy(url, recorder) as line:
            line.says(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert begun.wait(5)
        assert recorder.recording().notes == ("not recorded: there was no whole answer",)

    @pytest.mark.parametrize("exchanges", [100, pytest.param(1000, marks=pytest.mark.slow)])
    def test_exchanges_under_load_are_all_there(self, exchanges: int) -> None:
        recorder = Recorder("cart", "catalog")
        with everything() as url, proxied(url, recorder) as proxy, ThreadPoolExecutor(20) as pool:

            def client(number: int) -> None:
                with httpx.Client(base_url=proxy.url, timeout=60, verify=False) as session:  # noqa: S501 - it is no https
                    for at in range(number, exchanges, 20):
                        assert session.get(f"/items/{at}").json()["id"] == at

            list(pool.map(client, range(20)))
        found = recorder.recording()
        assert found.exchanges == found.interactions == exchanges
        assert {item["request"]["path"] for item in found.document["interactions"]} == {
            f"/items/{number}" for number in range(exchanges)
        }
        assert json.loads(found.content) == found.document


class TestTheSameTests:
    @pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 8])
    def test_write_the_same_bytes_in_any_order_and_number_whatever_the_provider_makes_up(self, workers: int) -> None:
        recordings = {self._content(1, list(range(24))), self._content(workers, random.sample(range(24), 24))}
        [content] = recordings
        items = json.loads(content)["interactions"]
        assert [(item["request"]["method"], item["request"]["path"]) for item in items] == [
            *[("GET", f"/items/{number}") for number in range(3)],
            *[("POST", "/orders")] * 3,
            ("GET", "/orders/1"),
        ]

    def _content(self, workers: int, numbers: list[int]) -> bytes:
        """What 24 tests record that each make up a key, place an order, and use what they get."""
        recorder = Recorder("cart", "catalog")

        def test(number: int) -> None:
            with httpx.Client(base_url=proxy.url, timeout=60, verify=False) as client:  # noqa: S501 - it is no https
                order = {"item": number % 3, "key": str(uuid.uuid4()), "at": datetime.now(UTC).isoformat()}
                made = client.post("/orders", json=order).json()
                found = client.get(f"/orders/{made['id']}", headers={"Authorization": f"Bearer {made['token']}"})
                assert found.json()["by"] == f"Bearer {made['token']}"
                client.get(f"/items/{number % 3}", headers={"X-Trace": str(uuid.uuid4())})

        with everything() as url, proxied(url, recorder) as proxy, ThreadPoolExecutor(workers) as pool:
            list(pool.map(test, numbers))
        recording = recorder.recording()
        assert recording.exchanges == 72 and not recording.lost
        return recording.content


@contextmanager
def line_to_proxy(url: str, recorder: Recorder) -> Iterator[Line]:
    """A connection to a proxy before ``url``."""
    with proxied(url, recorder) as proxy, line_to(proxy.url) as line:
        yield line
