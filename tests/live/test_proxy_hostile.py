"""Clients and providers that mean harm, or know no HTTP: nothing is read in two ways, and nobody else suffers."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, suppress

import httpx
import pytest

from signet.live.proxy import proxied
from signet.live.recording import Recorder
from tests.live.providers import Line, everything, line_to
from tests.live.test_proxy import OK, before, items

GARBLED = [
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n12345",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokXX0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\rX-B: 2\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n",
    b"GET x HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 2_000_000,
]


class TestAClient:
    @pytest.mark.parametrize("said", GARBLED, ids=range(len(GARBLED)))
    def test_that_says_what_can_be_read_in_two_ways_hears_400_and_the_next_one_is_served(self, said: bytes) -> None:
        with everything() as url, proxied(url, recorder := Recorder("cart", "catalog")) as proxy:
            with line_to(proxy.url) as line, suppress(ConnectionError):
                line.says(said)
                assert line.head().startswith(b"HTTP/1.1 400 ")
            assert httpx.get(f"{proxy.url}/items/1").status_code == 200
        recording = recorder.recording()
        assert recording.notes == ("not recorded: a request was no HTTP/1.1",)
        assert [item["request"]["path"] for item in recording.document["interactions"]] == ["/items/1"]

    def test_cannot_hide_a_second_request_in_a_body(self) -> None:
        got = []

        def script(line: Line) -> None:
            while head := line.head():
                got.append(head)
                if b"chunked" in head:
                    got.append(line.until(b"0\r\n\r\n"))
                line.says(OK)

        smuggled = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            line.says(
                b"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n"
                % (len(smuggled) + 20, b"%x\r\n%b\r\n" % (len(smuggled), smuggled))
            )
            assert line.exactly(len(OK)) == OK
        assert b"Content-Length" not in got[0] and b"Transfer-Encoding: chunked" in got[0]
        assert got[1] == b"%x\r\n%b\r\n0\r\n\r\n" % (len(smuggled), smuggled) and len(got) == 2
        assert [item["request"]["path"] for item in items(recorder)] == ["/1"]

    @pytest.mark.parametrize("named", [b"Content-Length", b"Transfer-Encoding", b"Host"])
    def test_cannot_take_away_where_a_body_ends(self, named: bytes) -> None:
        got = []

        def script(line: Line) -> None:
            got.append(line.head())
            got.append(line.exactly(2 if b"Content-Length" in got[0] else 12))
            line.says(OK)

        body = b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
        if named != b"Transfer-Encoding":
            body = b"Content-Length: 2\r\n\r\nok"
        with before(script) as (proxy, _), line_to(proxy.url) as line:
            line.says(b"POST /1 HTTP/1.1\r\nHost: x\r\nConnection: " + named + b"\r\n" + body)
            assert line.exactly(len(OK)) == OK
        assert b"Host: 127.0.0.1" in got[0] and b"ok" in got[1]

    def test_that_takes_us_for_a_proxy_reaches_this_provider_alone(self) -> None:
        got = []

        def script(line: Line) -> None:
            while head := line.head():
                got.append(head.partition(b" HTTP/")[0])
                line.says(OK)

        with before(script) as (proxy, _), line_to(proxy.url) as line:
            for target in (b"http://elsewhere/x?y", b"http://elsewhere?y=/", b"HTTP://elsewhere", b"//elsewhere/../x"):
                line.says(b"GET %b HTTP/1.1\r\nHost: elsewhere\r\n\r\n" % target)
                assert line.exactly(len(OK)) == OK
        assert got == [b"GET /x?y", b"GET /?y=/", b"GET /", b"GET //elsewhere/../x"]

    def test_that_is_slow_or_silent_keeps_nobody_from_being_served_and_the_end_from_coming(self) -> None:
        with everything() as url, ExitStack() as stack:
            proxy = stack.enter_context(proxied(url, recorder := Recorder("cart", "catalog")))
            for said in (
                b"",
                b"GE",
                b"GET / HTTP/1.1\r\nHost: x\r\n",
                b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
            ):
                for _ in range(10):
                    stack.enter_context(line_to(proxy.url)).says(said)
            assert httpx.get(f"{proxy.url}/items/1").status_code == 200
            began = time.monotonic()
            proxy.stop()
            assert time.monotonic() - began < 10
        assert recorder.recording().notes == ("not recorded: there was no whole answer (10 times)",)

    def test_that_says_no_more_still_gets_its_answer(self) -> None:
        with everything() as url, proxied(url, recorder := Recorder("cart", "catalog")) as proxy:
            with line_to(proxy.url) as line:
                line.says(b"GET /items/1 HTTP/1.1\r\nHost: x\r\n\r\n")
                line.sock.shutdown(socket.SHUT_WR)
                assert line.rest().startswith(b"HTTP/1.1 200 ")
            with line_to(proxy.url) as line:
                line.says(b"POST /items/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
                line.sock.shutdown(socket.SHUT_WR)
                line.rest()
        assert [item["request"]["method"] for item in items(recorder)] == ["GET"]

    def test_with_many_headers_hears_of_few(self) -> None:
        many = {f"X-Own-{number}": "1" for number in range(2000)}
        with (
            everything() as url,
            proxied(url, recorder := Recorder("cart", "catalog")) as proxy,
            line_to(proxy.url) as line,
        ):
            line.says(
                b"GET /items/1 HTTP/1.1\r\nHost: x\r\n"
                + b"".join(b"%b: 1\r\n" % name.encode() for name in many)
                + b"\r\n"
            )
            line.head()
        [note] = recorder.recording().notes
        assert len(note) < 500


class TestAProvider:
    def test_that_refuses_a_body_gets_none_and_is_recorded(self) -> None:
        def script(line: Line) -> None:
            assert b"Expect" in line.head()
            line.says(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
            line.rest()

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            line.says(b"PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            assert line.head().startswith(b"HTTP/1.1 417 ")
        assert [item["response"]["status"] for item in items(recorder)] == [417]

    @pytest.mark.parametrize(
        "answer",
        [
            b"garbage\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
            b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhi",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-A: 1\0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 2_000_000,
            b"",
        ],
        ids=range(7),
    )
    def test_that_gives_no_answer_is_said_so(self, answer: bytes) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(answer)

        with before(script) as (proxy, recorder), line_to(proxy.url) as line:
            line.says(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.head().startswith(b"HTTP/1.1 502 ")
        assert items(recorder) == []
        assert recorder.recording().notes == ("not recorded: there was no whole answer",)

    def test_that_says_more_than_it_was_asked_reaches_no_other_client(self) -> None:
        def script(line: Line) -> None:
            line.head()
            line.says(OK + OK.replace(b"ok", b"no"))
            line.rest()

        with before(script) as (proxy, _):
            for _ in range(3):
                with line_to(proxy.url) as line:
                    line.says(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    assert line.exactly(len(OK)) == OK
