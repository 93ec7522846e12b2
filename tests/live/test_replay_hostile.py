"""Providers that hang, die, break off and never end; secrets that must turn up nowhere; nothing that stays behind."""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from signet.errors import CouldNotTest, SignetError, UsageError
from signet.live.replay import ByFunctions, ByUrl, Limits, Plan, Request, Transport, run
from signet.live.replay.findings import NoVerdict, mismatches
from signet.live.replay.masking import Masking
from signet.live.replay.stage import Stage
from tests.live.shelf import TOKEN
from tests.live.shelves import AUTH, ROOT, Running, get, made, problems, running, subject

SOON = Limits(answer=1.0, state=2.0, connect=1.0)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path / "shelf.db") as found:
        found.plant()
        yield found


def children() -> set[int]:
    """The processes that this one started and that still run."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            found.add(int(path.parent.name))
    return found


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = children()
    yield
    assert children() - before == set()


def test_nobody_is_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CouldNotTest, match="was not reached: the connection was refused"):
            run([subject(made(get("/me")))], url)


def test_a_provider_that_dies_half_way(provider: Running) -> None:
    first, second = get("/books/b1/cover"), get("/me", {"name": "x"})
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        provider.plant("die")

    with pytest.raises(CouldNotTest, match=r"stopped answering at 'number 2'|was not reached"):
        run([subject(made(first, second))], provider.url, Plan(limits=SOON), tell=tell)
    assert len(told) == 1


def test_a_provider_that_hangs(provider: Running) -> None:
    provider.plant("hang everywhere")
    begun = time.monotonic()
    with pytest.raises(CouldNotTest, match="no whole answer within 1 seconds"):
        run([subject(made(get("/me"), get("/me")))], provider.url, Plan(limits=SOON))
    assert time.monotonic() - begun < 20


def test_an_operation_that_hangs_in_a_provider_that_does_not(provider: Running) -> None:
    provider.plant("hang")
    (outcome,) = run([subject(made(get("/me")))], provider.url, Plan(limits=SOON))
    assert problems(outcome) == [
        ("number 1", "no-answer", "there was no answer: there was no whole answer within 1 seconds")
    ]


def test_all_time_is_over(provider: Running) -> None:
    provider.plant("hang")
    limits = Limits(answer=1.0, whole=2.5, connect=1.0)
    with pytest.raises(CouldNotTest, match="took longer than it may"):
        run([subject(made(*[get("/me")] * 9))], provider.url, Plan(limits=limits))


def test_an_answer_that_never_ends(provider: Running) -> None:
    provider.plant("endless")
    (outcome,) = run([subject(made(get("/me")))], provider.url, Plan(limits=Limits(largest=1_000_000)))
    assert problems(outcome) == [
        ("number 1", "no-answer", "there was no answer: the answer is longer than 1000000 bytes")
    ]


@contextmanager
def saying(answer: bytes, drip: float = 0.0) -> Iterator[str]:
    """A server that says this, and closes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(65_536)
                try:
                    for byte in [answer] if not drip else [answer[i : i + 1] for i in range(len(answer))]:
                        connection.sendall(byte)
                        time.sleep(drip)
                except OSError:
                    pass

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody, who would then take what the next one gets
        serving.join(5)
        server.close()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "stopped answering .* what came back is not HTTP"),
        (b"", "stopped answering .* closed without an answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "stopped answering"),
    ],
)
def test_what_is_no_answer(answer: bytes, said: str) -> None:
    with saying(answer) as url, pytest.raises(CouldNotTest, match=said):
        run([subject(made(get("/me")))], url, Plan(limits=SOON))


def test_an_answer_that_breaks_off() -> None:
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{") as url:
        (outcome,) = run([subject(made(get("/me")))], url, Plan(limits=SOON))
    assert problems(outcome)[0][1:] == (
        "no-answer",
        "there was no answer: the answer broke off, 49 bytes before its end",
    )


def test_an_answer_that_drips() -> None:
    begun = time.monotonic()
    with (
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b" " * 500, 0.2) as url,
        pytest.raises(CouldNotTest),
    ):
        run([subject(made(get("/me")))], url, Plan(limits=SOON))
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("framing", ["chunked", "closed", "counted"])
def test_every_framing_comes_through(framing: str) -> None:
    body = b'{"name":"ann"}'
    answers = {
        "chunked": b"Transfer-Encoding: chunked\r\n\r\n3\r\n" + body[:3] + b"\r\nb\r\n" + body[3:] + b"\r\n0\r\n\r\n",
        "closed": b"\r\n" + body,
        "counted": b"Content-Length: 14\r\n\r\n" + body,
    }
    expected = get("/me", {"name": "ann"})
    expected["response"]["headers"] = {"Set-Cookie": ["a=1"], "X-Odd": ["\u00e9"]}
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=1\r\nX-Odd: \u00e9\r\n".encode("latin-1")
    with saying(head + answers[framing]) as url:
        (outcome,) = run([subject(made(expected))], url, Plan(limits=SOON))
    assert [each for each in problems(outcome) if "X-Odd" not in each[2]] == []


def test_redirects_are_answers_and_are_not_followed() -> None:
    moved = get("/me")
    moved["response"] = {"status": 302, "headers": {"Location": ["http://192.0.2.1/x"]}}
    with saying(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/x\r\nContent-Length: 0\r\n\r\n") as url:
        (outcome,) = run([subject(made(moved))], url, Plan(limits=SOON))
    assert outcome.passed


def test_a_proxy_of_the_environment_is_not_used(provider: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.1:3128")
    (outcome,) = run([subject(made(get("/books/b1/cover")))], provider.url)
    assert outcome.passed


CANARIES = {"header": TOKEN, "key": "key-canary-91x", "basic": base64.b64encode(b"ann:basic-canary-77").decode()}


def test_credentials_turn_up_nowhere(provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (path := tmp_path / "ours.py").write_text(
        "import time\n"
        "from signet.live.replay import state\n"
        "@state('slow')\ndef slow():\n    time.sleep(1)\n    print('key-canary-91x')\n"
        "@state('bad')\ndef bad():\n    raise ValueError('with key-canary-91x')\n"
        "def filter_request(request):\n    request.set_header('X-Filtered', 'filter-canary-13')\n"
    )
    headers = (("Authorization", TOKEN + "x"), ("X-Api-Key", CANARIES["key"]), ("X-B", f"Basic {CANARIES['basic']}"))
    told: list[str] = []
    seen: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    seen.append((process / "cmdline").read_bytes().decode(errors="replace"))
                except OSError:
                    continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        source = made(get("/me", {"name": "ann"}, ["slow"]), get("/books/b1/cover", None, ["bad"]))
        plan = Plan(states=ByFunctions(str(path)), headers=headers)
        (outcome,) = run([subject(source)], provider.url, plan, tell=told.append)
    finally:
        stop.set()
        watcher.join()
    # The provider repeats what it was given, in a body that is a mismatch; the state prints and raises with it.
    assert len(problems(outcome)) >= 2
    everything = "\n".join([repr(outcome), str(outcome.as_json()), repr(plan), *told, *seen])
    assert "***" in everything
    for canary in (*CANARIES.values(), "basic-canary-77", "filter-canary-13"):  # others run tests with canaries, too
        found = [line for line in everything.splitlines() if canary in line]
        assert found == []
    assert "signet.live.replay.verifier" in everything
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert all(b"canary" not in path.read_bytes() for path in written)


@pytest.mark.parametrize(
    "content", ["raise ValueError('key-canary-91x')", "def filter_request(_):\n    raise ValueError('key-canary-91x')"]
)
def test_credentials_stand_in_no_error(provider: Running, tmp_path: Path, content: str) -> None:
    (path := tmp_path / "ours.py").write_text(content)
    plan = Plan(request_filter=str(path), headers=(("X-Api-Key", CANARIES["key"]),))
    with pytest.raises(SignetError, match=r"ValueError: \*\*\*") as caught:
        run([subject(made(get("/me")))], provider.url, plan)
    assert "canary" not in f"{caught.value!r} {caught.value}"


def test_the_verifier_gets_no_variables(provider: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELF_TOKEN", "canary-in-a-variable")
    seen: list[bytes] = []

    def tell(_: str) -> None:
        seen.extend(
            (Path("/proc") / str(each) / "environ").read_bytes() for each in children() - {provider.process.pid}
        )

    run([subject(made(get("/books/b1/cover")))], provider.url, tell=tell)
    assert seen
    assert all(b"canary" not in each for each in seen)


def test_the_gate_is_closed_to_others(provider: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program on this machine finds the port, but not the key."""
    import http.client

    tried: list[str] = []
    original = Stage._judged

    def judged(self: Stage, *arguments: Any) -> Any:
        for headers in ({}, {"x-signet-gate": "guessed"}):
            connection = http.client.HTTPConnection("127.0.0.1", self._gate.port, timeout=5)
            try:
                connection.request("GET", "/me", headers=headers)
                tried.append(str(connection.getresponse().status))
            except http.client.RemoteDisconnected:
                tried.append("closed")
            connection.close()
        return original(self, *arguments)

    monkeypatch.setattr(Stage, "_judged", judged)
    (outcome,) = run([subject(made(get("/me", {"name": "ann"})))], provider.url, Plan(headers=AUTH))
    assert tried == ["closed", "closed"]
    assert outcome.passed
    assert outcome.requests == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://127.0.0.1", "no URL of http"),
        ("127.0.0.1:80", "no URL of http"),
        ("http://", "no URL of http"),
        ("http://127.0.0.1:99999", "is no URL"),
        ("http://ann:canary@127.0.0.1", "holds credentials"),
        ("http://127.0.0.1/a b", "no URL of http"),
        ("http://127.0.0.1/\r\nX: y", "no URL of http"),
    ],
)
def test_urls_that_are_none(url: str, said: str) -> None:
    for plan, target in ((Plan(), url), (Plan(states=ByUrl(url)), "http://127.0.0.1:9")):
        with pytest.raises(UsageError, match=said) as caught:
            run([subject(made(get("/me")))], target, plan)
        assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "header", [("X Y", "v"), ("", "v"), ("X", "a\r\nB: canary"), ("X", "\u20ac"), ("Content-Length", "5")]
)
def test_headers_that_cannot_be_sent(header: tuple[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        run([subject(made(get("/me")))], "http://127.0.0.1:9", Plan(headers=(header,)))
    assert "canary" not in str(caught.value)


def test_certificates_that_cannot_be_used(tmp_path: Path) -> None:
    (broken := tmp_path / "ca.pem").write_text("no certificate")
    for file in (broken, tmp_path / "absent.pem"):
        with pytest.raises(UsageError, match="certificates cannot be used"):
            run([subject(made(get("/me")))], "https://127.0.0.1:9", Plan(transport=Transport(ca_file=str(file))))


def test_without_pact_python_there_is_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pact.py").write_text("raise ImportError('no pact here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"pip install signet-registry\[pact\]"):
        run([subject(made(get("/me")))], "http://127.0.0.1:9")


def test_a_verifier_that_crashes_is_no_test(provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pact.py").write_text("import os\nclass Verifier:\n    def __init__(*_, **__): os.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(CouldNotTest, match="the verifier is gone: it was ended by signal 6"):
        run([subject(made(get("/me")))], provider.url)


@pytest.mark.parametrize(
    "results",
    [
        {"interactionResults": []},
        {"interactionResults": [{"result": "OK"}, {"result": "OK"}]},
        {"interactionResults": [{"result": "Error"}]},
        {"interactionResults": [{"result": "OK"}], "errors": [{"interaction": "x"}]},
        {"interactionResults": [{"result": "Error", "mismatch": {"type": "error", "message": "odd"}}]},
        None,
    ],
)
def test_what_the_verifier_says_is_counted(results: Any) -> None:
    with pytest.raises(NoVerdict):
        mismatches({"results": results})


def test_a_verifier_that_says_yes_without_asking_is_not_believed(
    provider: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pact.py").write_text(
        "class Verifier:\n"
        "    results = {'interactionResults': [{'result': 'OK'}], 'errors': []}\n"
        "    def __init__(*_, **__): pass\n"
        "    def __getattr__(self, name): return lambda *_, **__: self\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(CouldNotTest, match="was not sent"):
        run([subject(made(get("/me")))], provider.url)


def test_masking_knows_the_forms_of_a_secret() -> None:
    mask = Masking(
        ['a"b/c\u00e9', 'Bearer a"b/c\u00e9 d', "abc", "Basic " + base64.b64encode(b"ann:pass word").decode()]
    )
    secret = 'a"b/c\u00e9'
    forms = (secret, json.dumps(secret), json.dumps(secret, ensure_ascii=False), quote(secret), quote(secret, safe=""))
    assert [mask(f"<{form}>") for form in forms[1:]] == ['<"***">', '<"***">', "<***>", "<***>"]
    assert mask(secret + " d") == "***"
    assert mask("pass word and pass%20word") == "*** and ***"
    assert (
        mask("abc stays, it is too short to be told from a word") == "abc stays, it is too short to be told from a word"
    )
    given = Request("POST", "/x", [("Cookie", "s=1"), ("X", "1"), ("X-New", "n")], b"\xff\x00")
    command = mask.curl(given, "http://h/x", Request("POST", "/x", [("Cookie", "s=1"), ("X", "1")]))
    assert command == (
        "curl -X POST -H 'Cookie: ***' -H 'X: 1' -H 'X-New: ***' --data-binary '@body  # 2 bytes that are no text' http://h/x"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_leaves_nothing(provider: Running) -> None:
    def tell(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run([subject(made(get("/me")))], provider.url, tell=tell)
