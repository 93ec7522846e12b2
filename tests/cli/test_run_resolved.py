"""``signet run`` where a URL or a command says what is productive: its answer is data, and may be anything."""

from __future__ import annotations

import http.server
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from signet.errors import InvalidData
from signet.live.resolution.answer import read
from tests.cli.conftest import Desk
from tests.cli.test_run import CONSUMER, PROVIDER, Stall, python, stall  # noqa: F401 - a fixture
from tests.live.conftest import processes, room  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process table is read from /proc")

FINE = json.dumps({"version": "7.0.0", "artifacts": {"image": "shop/catalog:7", "size": 3}, "since": "today"})


@contextmanager
def answering(body: bytes, status: int = 200, seconds: float = 0.0) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that gives this answer, a part at a time over so many seconds; and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            try:
                for at in range(0, len(body), max(len(body) // 100, 1)):
                    self.wfile.write(body[at : at + max(len(body) // 100, 1)])
                    time.sleep(seconds / 100)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def prints(text: str, more: str = "") -> str:
    """A command that prints this."""
    return python(f"import sys, time\n{more}\nsys.stdout.write({text!r})")


def test_a_url_says_which_provider_is_productive(stall: Stall) -> None:  # noqa: F811
    with answering(FINE.encode()) as (url, asked):
        place = f"{url}/of/{{service}}/in/{{environment}}?for={{other}}&as={{role}}"
        outcome = stall.run(*CONSUMER, "--resolve-url", place, "--json", more="{version} {image}")
    assert asked == ["/of/catalog/in/production?for=cart&as=provider"]
    assert outcome.code == 0, outcome
    (row,) = outcome.answer["trials"]
    assert (row["provider_version"], row["start"][-2:]) == ("7.0.0", ["7.0.0", "shop/catalog:7"])
    assert stall.record("7.0.0")["result"] == "passed"


def test_a_command_says_which_consumers_are_productive(stall: Stall) -> None:  # noqa: F811
    stall.publish("cart", "2.1.0", "/items", live=False, image="of the manifest")
    stall.publish("web", "1.0.0", "/prices", live=False)
    code = """
import json, sys
asked = json.load(sys.stdin)
assert asked == {"service": sys.argv[1], "role": "consumer", "other": "catalog", "environment": "production"}
versions = {"cart": ["2.1.0"], "web": []}[asked["service"]]
print(json.dumps([{"version": one, "artifacts": {"tests": "t"}} for one in versions]))
"""
    tests = python("import sys; assert sys.argv[1:] == ['t', 'of the manifest']", "{tests}", "{image}")
    resolve = ("--resolve-command", python(code, "{service}"))
    outcome = stall.run(*PROVIDER, *resolve, "--json", tests=tests)
    assert outcome.code == 0, outcome
    assert [(one["consumer"], one["result"]) for one in outcome.answer["trials"]] == [("cart", "passed")]
    nobody = stall.run(*PROVIDER, *resolve, "--consumer", "web", tests=tests)
    assert (nobody.code, "nothing to run: no version of web" in nobody.err) == (0, True)
    one = json.dumps({"version": "9.9.9"})
    unknown = stall.run(*PROVIDER, "--consumer", "cart", "--resolve-command", prints(one))
    assert (unknown.code, "Unknown cart version '9.9.9'" in unknown.err) == (2, True)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("", "no JSON object"),
        ("7.0.0", "no JSON object"),
        ("{", "not valid JSON"),
        ("null", "no JSON object"),
        ('{"version": 7}', "/version"),
        ('{"image": "x"}', "/version"),
        ('{"version": "../../x"}', "cannot be a version"),
        ('{"version": "1\\u001b[2J"}', "cannot be a version"),
        ('{"version": "1", "version": "2"}', "version"),
        ('{"version": "1", "artifacts": {"image": "-x"}}', "/artifacts/image"),
        ('{"version": "1", "artifacts": {"image": "a\\nb"}}', "/artifacts/image"),
        ('{"version": "1", "artifacts": {"image": "{url}"}}', "/artifacts/image"),
        ('{"version": "1", "artifacts": ["x"]}', "/artifacts"),
        ('[{"version": "1"}, {"version": 2}]', "/1/version"),
        (json.dumps([{"version": str(one)} for one in range(21)]), "20"),
        ("[" * 5000, ""),
    ],
)
def test_an_answer_that_could_not_be_meant(answer: str, told: str) -> None:
    with pytest.raises(InvalidData) as caught:
        read(answer.encode(), "The answer")
    assert caught.value.faults
    assert told in str(caught.value)


@pytest.mark.parametrize("way", ["url", "command"])
def test_an_answer_is_refused_as_a_whole(stall: Stall, way: str) -> None:  # noqa: F811
    answer = '[{"version": "1"}, {"version": "2\\u001b[2J", "artifacts": {"image": "-x"}}]'
    before = stall.files()
    with answering(answer.encode()) as (url, _asked):
        resolve = ("--resolve-url", url) if way == "url" else ("--resolve-command", prints(answer))
        outcome = stall.run(*CONSUMER, *resolve, "--json")
    assert (outcome.code, f"The answer of --resolve-{way} is refused" in outcome.err) == (3, True), outcome
    assert [one["pointer"] for one in outcome.answer["faults"]] == ["/1/version", "/1/artifacts/image"]
    assert "\x1b" not in outcome.err
    assert stall.files() == before


HUGE = '[{"version": "1", "x": "' + "x" * 1_000_000 + '"}]'


@pytest.mark.parametrize(
    ("body", "status", "seconds", "told"),
    [
        (HUGE, 200, 0.0, "longer than"),
        (FINE, 500, 0.0, "answered 500"),
        (FINE, 302, 0.0, "answered 302"),
        (FINE, 404, 0.0, "answered 404"),
        (FINE, 200, 60.0, "within 1 seconds"),
    ],
)
def test_a_url_that_does_not_answer(stall: Stall, body: str, status: int, seconds: float, told: str) -> None:  # noqa: F811
    before = stall.files()
    with answering(body.encode(), status, seconds) as (url, asked):
        outcome = stall.run(*CONSUMER, "--resolve-url", url, "--resolve-within", "1")
    assert (outcome.code, told in outcome.err) == (4, True), outcome
    assert len(asked) == 1
    assert stall.files() == before


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (prints("", "sys.stdout.write('[' + ' ' * 262144)"), "printed more than"),
        (prints("", "while True: sys.stdout.write('[' * 9999)"), "printed more than"),
        (prints(FINE, "sys.exit('no access')"), "exit code 1 (no access)"),
        (prints(FINE, "time.sleep(600)"), "did not end within 2 seconds"),
        (prints(FINE, "import subprocess; subprocess.Popen(['sleep', '600']); time.sleep(600)"), "did not end within"),
        (prints(FINE, "import os; os.kill(os.getpid(), 9)"), "exit code 137"),
        ("there-is-no-such-program", "exit code 127 ("),
    ],
)
def test_a_command_that_does_not_answer(stall: Stall, command: str, told: str) -> None:  # noqa: F811
    before = stall.files()
    outcome = stall.run(*CONSUMER, "--resolve-command", command, "--resolve-within", "2")
    assert (outcome.code, told in outcome.err) == (4, True), outcome
    assert stall.files() == before
    assert processes(stall.room.token) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--resolve-url", "ftp://127.0.0.1/x"),
        ("--resolve-url", "http://me:secret@127.0.0.1/{service}"),
        ("--resolve-url", "nonsense"),
        ("--resolve-command", "'"),
        ("--resolve-command", "x", "--resolve-within", "0"),
    ],
)
def test_wrong_use(stall: Stall, words: tuple[str, ...]) -> None:  # noqa: F811
    outcome = stall.run(*CONSUMER, *words)
    assert (outcome.code, "secret" in outcome.err) == (2, False), outcome


def test_a_words_of_a_command_are_no_shell(stall: Stall, shop: Desk) -> None:  # noqa: F811
    code = f"import sys; assert sys.argv[1:] == ['$(touch pwned); x', 'catalog'], sys.argv; print({FINE!r})"
    stall.run(*CONSUMER, "--resolve-command", python(code, "$(touch pwned); x", "{service}"), more="{image}")
    assert stall.record("7.0.0")["result"] == "passed"
    assert not (shop.folder / "pwned").exists()
