"""Provider states by functions, by a URL, by a command; request filters; and all of them going wrong."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from signet.errors import CouldNotTest, SignetError, UsageError
from signet.live.replay import ByCommand, ByFunctions, ByUrl, Limits, Plan, run
from signet.live.replay.functions import Functions, UnknownState, WrongFunction, found_in, state
from tests.live.shelves import Running, get, made, problems, running, subject

NOTHING = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("shelf") / "shelf.db") as found:
        found.plant()
        yield found


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of functions; each call is noted in a file beside it."""
    path = tmp_path / "our_states.py"
    path.write_text(
        f"""
import os, time
from signet.live.replay import state
NOTED = {str(tmp_path / "noted")!r}
def note(*words):
    with open(NOTED, "a") as file:
        print(*words, file=file)
@state("first")
def first(params):
    note("first up", params)
    yield {{"id": "b1"}}
    note("first down")
@state("second")
def second(params, action):
    note("second", action, params)
@state("slow")
def slow():
    note("slow up")
    time.sleep(60)
@state("leaves")
def leaves():
    os._exit(7)
@state("raises", "quits")
def raises(params):
    note("raises up")
    if params.get("quit"):
        raise SystemExit(0)
    raise ValueError("no disk")
@state("odd")
def odd():
    return ["a list"]
@state("unjson")
def unjson():
    return {{"when": object()}}
@state("async")
async def asynchronous():
    return {{"id": "b1"}}
@state("prints")
def prints():
    print("hello from a state")
@state("bad tear-down")
def bad():
    yield
    raise RuntimeError("cannot delete")
"""
    )
    return path


def noted(module: Path) -> list[str]:
    path = module.parent / "noted"
    return path.read_text().splitlines() if path.exists() else []


ME = {"error": "not "}


def me(*states: Any) -> dict[str, Any]:
    """An interaction that always holds at the provider, whatever its states."""
    interaction = get("/me", ME, states)
    interaction["response"]["status"] = 401
    return interaction


def test_states_are_set_in_order_and_undone_backwards(provider: Running, module: Path) -> None:
    source = made(me({"name": "first", "params": {"n": 1}}, {"name": "second", "params": {"deep": [1.5]}}))
    (outcome,) = run([subject(source)], provider.url, Plan(states=ByFunctions(str(module))))
    assert problems(outcome) == []
    assert noted(module) == [
        "first up {'n': 1}",
        "second setup {'deep': [1.5]}",
        "second teardown {'deep': [1.5]}",
        "first down",
    ]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("unheard of", "state-unknown", "no function sets the provider state 'unheard of'"),
        ("raises", "state-failed", "ValueError: no disk (our_states.py:"),
        ("leaves", "state-failed", "it ended with exit code 7"),
        ("odd", "state-failed", "returned list, not a dict"),
        ("unjson", "state-failed", "are not JSON"),
        ("slow", "state-failed", "took longer than 2 seconds"),
        ("bad tear-down", "state-failed", "the tear-down of provider state 'bad tear-down' failed: RuntimeError"),
    ],
)
def test_a_state_that_fails_is_the_reason(provider: Running, module: Path, name: str, code: str, said: str) -> None:
    begun = time.monotonic()
    plan = Plan(states=ByFunctions(str(module)), limits=Limits(state=2))
    (outcome,) = run([subject(made(me("first", name), me("first")))], provider.url, plan)
    ((row, found, message),) = problems(outcome)
    assert (row, found) == (f"number 1 (first, {name})", code)
    assert said in message
    # What went before is undone; what comes after is replayed, by a new process if the old one is gone.
    assert noted(module)[-1] == "first down"
    assert outcome.rows[0].requests == (1 if name == "bad tear-down" else 0)
    assert outcome.rows[1].requests == 1
    assert time.monotonic() - begun < 30


def test_a_function_that_quits_has_failed(provider: Running, module: Path) -> None:
    source = made(me({"name": "quits", "params": {"quit": True}}), me("async"))
    (outcome,) = run([subject(source)], provider.url, Plan(states=ByFunctions(str(module))))
    ((_, code, message),) = problems(outcome)
    assert (code, "SystemExit" in message) == ("state-failed", True)


def test_what_functions_print_is_told(provider: Running, module: Path) -> None:
    told: list[str] = []
    run([subject(made(me("prints")))], provider.url, Plan(states=ByFunctions(str(module))), tell=told.append)
    assert "states: hello from a state" in told


def test_a_value_that_no_state_returns(provider: Running, module: Path) -> None:
    wants = get("/me", None, ["second"])
    wants["request"]["generators"] = {"path": {"type": "ProviderState", "expression": "/books/${nothing}"}}
    for states in (ByFunctions(str(module)), None):
        (outcome,) = run([subject(made(wants))], provider.url, Plan(states=states))
        ((_, code, message),) = problems(outcome)
        assert (code, "for nothing" in message) == ("state-value-missing", True)
        assert outcome.requests == 0


def test_without_anything_that_sets_states_the_failure_says_so(provider: Running) -> None:
    (outcome,) = run([subject(made(get("/me", {"name": "ann"}, ["ann is logged in"])))], provider.url, Plan())
    assert all("its provider states were not set" in message for _, _, message in problems(outcome))
    assert problems(outcome)


@pytest.mark.parametrize("content", ["import nothing_of_this_name", "1 +", "raise ValueError('x')", "exit(3)"])
def test_a_module_that_cannot_be_loaded(tmp_path: Path, content: str) -> None:
    (path := tmp_path / "broken.py").write_text(content)
    with pytest.raises(UsageError, match="cannot be loaded"):
        run([subject(made(me()))], NOTHING, Plan(states=ByFunctions(str(path))))
    with pytest.raises(UsageError, match="cannot be loaded"):
        run([subject(made(me()))], NOTHING, Plan(states=ByFunctions(str(tmp_path / "absent.py"))))


def test_how_functions_are_found_and_called() -> None:
    @state("one", "two")
    def both(params: dict[str, Any]) -> dict[str, Any]:
        return params

    class Module:
        pass

    module = Module()
    module.states = {"plain": lambda: None}  # type: ignore[attr-defined]
    module.both = both  # type: ignore[attr-defined]
    found = found_in(module)
    assert sorted(found) == ["one", "plain", "two"]
    functions = Functions(found)
    assert functions.set_up(1, "two", {"a": 1}) == {"a": 1}
    assert functions.set_up(2, "plain", {"a": 1}) is None
    functions.tear_down(1, "two", {})
    with pytest.raises(UnknownState):
        functions.set_up(3, "three", {})
    module.other = state("one")(lambda: None)  # type: ignore[attr-defined]
    with pytest.raises(WrongFunction, match="two functions"):
        found_in(module)


class Asked(BaseHTTPRequestHandler):
    """A URL that sets states."""

    questions: list[dict[str, Any]] = []  # noqa: RUF012
    status = 200
    answer = b'{"id": "b1", "name": "ann"}'
    seconds = 0.0

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.questions.append(body | {"key": self.headers.get("X-Key"), "path": self.path})
        time.sleep(self.seconds)
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)


@pytest.fixture
def asked() -> Iterator[tuple[type[Asked], str]]:
    class Own(Asked):
        questions: list[dict[str, Any]] = []  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield Own, f"http://127.0.0.1:{server.server_port}/_states?of=shelf"
    server.shutdown()
    server.server_close()


def test_states_by_a_url(provider: Running, asked: tuple[type[Asked], str]) -> None:
    own, url = asked
    wants = me({"name": "ann", "params": {"a": 1}})
    wants["request"]["generators"] = {"path": {"type": "ProviderState", "expression": "/books/${id}/cover"}}
    wants["response"] = {"status": 200}
    (outcome,) = run([subject(made(wants))], provider.url, Plan(states=ByUrl(url, (("X-Key", "k"),))))
    assert problems(outcome) == []
    same = {"state": "ann", "params": {"a": 1}, "consumer": "reader", "key": "k", "path": "/_states?of=shelf"}
    assert own.questions == [same | {"action": "setup"}, same | {"action": "teardown"}]


@pytest.mark.parametrize(("status", "seconds", "said"), [(500, 0, "answered 500 (oh no)"), (200, 5, "no whole answer")])
def test_a_url_that_fails(
    provider: Running, asked: tuple[type[Asked], str], status: int, seconds: float, said: str
) -> None:
    own, url = asked
    own.status, own.seconds, own.answer = status, seconds, b"oh no"
    begun = time.monotonic()
    plan = Plan(states=ByUrl(url), limits=Limits(state=0.5))
    (outcome,) = run([subject(made(me("ann")))], provider.url, plan)
    found = problems(outcome)
    assert [code for _, code, _ in found] == ["state-failed", "state-failed"]
    assert said in found[0][2]
    assert [each["action"] for each in own.questions] == ["setup", "teardown"]
    assert time.monotonic() - begun < 20


def test_a_url_where_nobody_is(provider: Running) -> None:
    with pytest.raises(CouldNotTest, match="provider states cannot be set: the connection was refused"):
        run([subject(made(me("ann")))], provider.url, Plan(states=ByUrl(NOTHING)))


def command(tmp_path: Path, body: str) -> ByCommand:
    (path := tmp_path / "command.py").write_text("import json, sys, os, time\nasked = json.load(sys.stdin)\n" + body)
    return ByCommand((sys.executable, str(path)))


def test_states_by_a_command(provider: Running, tmp_path: Path) -> None:
    body = (
        f"open({str(tmp_path / 'noted')!r}, 'a').write(json.dumps(asked) + chr(10))\nprint(json.dumps({{'id': 'b1'}}))"
    )
    wants = me({"name": "ann", "params": {"a": [1]}})
    wants["request"]["generators"] = {"path": {"type": "ProviderState", "expression": "/books/${id}/cover"}}
    wants["response"] = {"status": 200}
    (outcome,) = run([subject(made(wants))], provider.url, Plan(states=command(tmp_path, body)))
    assert problems(outcome) == []
    asked = [json.loads(line) for line in (tmp_path / "noted").read_text().splitlines()]
    same = {"state": "ann", "params": {"a": [1]}, "consumer": "reader"}
    assert asked == [same | {"action": "setup"}, same | {"action": "teardown"}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit('no disk')", "exit code 1 (no disk)"),
        ("if asked['action'] == 'setup': print('[1]')", "printed no JSON object"),
        ("if asked['action'] == 'setup': time.sleep(60)", "longer than 1.5 seconds"),
    ],
)
def test_a_command_that_fails(provider: Running, tmp_path: Path, body: str, said: str) -> None:
    plan = Plan(states=command(tmp_path, body), limits=Limits(state=1.5))
    (outcome,) = run([subject(made(me("ann")))], provider.url, plan)
    _, code, message = problems(outcome)[0]
    assert (code, said in message) == ("state-failed", True), message
    assert outcome.requests == 0


def test_a_command_that_is_none(provider: Running) -> None:
    with pytest.raises(UsageError, match="cannot be started"):
        run([subject(made(me("ann")))], provider.url, Plan(states=ByCommand(("/nowhere/states",))))


def test_a_filter_changes_requests(provider: Running, tmp_path: Path) -> None:
    (path := tmp_path / "ours.py").write_text(
        "from tests.live.shelf import TOKEN\n"
        "def filter_request(request):\n"
        "    assert request.body == b'' and request.method == 'GET'\n"
        "    request.path = request.path.replace('/old', '')\n"
        "    request.set_header('Authorization', TOKEN)\n"
        "    return request\n"
    )
    (outcome,) = run([subject(made(get("/old/me", {"name": "ann"})))], provider.url, Plan(request_filter=str(path)))
    assert problems(outcome) == []


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ("raise ValueError('no token')", CouldNotTest, "request filter failed: ValueError: no token"),
        ("return 5", CouldNotTest, "returned int, not the request"),
        ("import time; time.sleep(60)", CouldNotTest, "took longer than 1 seconds"),
        ("import os; os._exit(4)", CouldNotTest, "exit code 4"),
        (None, UsageError, "has no function 'filter_request'"),
    ],
)
def test_a_filter_that_fails(
    provider: Running, tmp_path: Path, body: str | None, error: type[SignetError], said: str
) -> None:
    (path := tmp_path / "ours.py").write_text(f"def filter_request(request):\n    {body}\n" if body else "x = 1\n")
    plan = Plan(request_filter=str(path), limits=Limits(state=1))
    with pytest.raises(error, match=said):
        run([subject(made(me()))], provider.url, plan)
