"""``signet run``: real providers, real tests, real registries; and no process left, whatever happens."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
import yaml

from tests.cli.conftest import Desk, Outcome, everything_in
from tests.live.conftest import Room, gone, processes, room  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process table is read from /proc")

CONSUMER = ("--consumer", "cart", "--consumer-version", "2.1.0", "--provider", "catalog", "-e", "production")
PROVIDER = ("--provider", "catalog", "--provider-version", "2.0.0", "-e", "production")
FETCH = """ASKED = b"GET /"
import os, socket, sys, urllib.parse
place = urllib.parse.urlsplit(os.environ["SIGNET_PROVIDER_URL"])
with socket.create_connection((place.hostname, place.port)) as line:
    line.sendall(ASKED + b" HTTP/1.0\\r\\n\\r\\n")
    answer = line.recv(100)
    assert b" 200 " in answer or b"exit" in ASKED
"""


def python(code: str, *words: str) -> str:
    """A command that runs this code with these words behind it."""
    return shlex.join([sys.executable, "-I", "-S", "-c", code, *words])


class Stall:
    """A desk, and a provider that can be started there."""

    def __init__(self, desk: Desk, room: Room) -> None:  # noqa: F811
        self.desk, self.room = desk, room

    def run(self, *words: str, mode: str = "plain", more: str = "", tests: str | None = None) -> Outcome:
        """``signet run`` with a provider in that mode, and tests that fetch something."""
        start = f"{self.room.command(mode)} {more}"
        given = ("--start", start, "--wait-for", "/", "--stop-after", "1", "--tests", tests or python(FETCH))
        return self.desk.signet("run", *words, *given)

    def guard(self) -> str:
        """What Deploy Guard says to the cart in production."""
        asked = self.desk.signet("deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "production", "--json")
        return str(asked.answer["verdict"])

    def files(self) -> dict[str, bytes]:
        """The whole registry."""
        return everything_in(self.desk.folder / "registry")

    def record(self, version: str, consumer: str = "cart") -> dict[str, Any]:
        """The only result of replays for a provider version and consumer."""
        folder = f"main:services/catalog/verifications/{version}"
        listed = self.git("ls-tree", "--name-only", folder).split()
        (name,) = [one for one in listed if one.startswith(f"{consumer}-")]
        return dict(json.loads(self.git("show", f"{folder}/{name}")))

    def git(self, *words: str) -> str:
        """What git says about the registry."""
        folder = str(self.desk.folder / "registry")
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True, text=True).stdout

    def publish(self, consumer: str, version: str, *paths: str, live: bool = True, **artifacts: str) -> None:
        """A consumer version with a contract of its own."""
        self.desk.pact(f"{consumer}.json", *paths, consumer=consumer)
        given = [word for kind, place in artifacts.items() for word in ("--artifact", f"{kind}={place}")]
        self.desk.does("publish", "-v", version, "-b", "main", f"{consumer}.json", *given)
        if live:
            instance = ("--instance", f"i{version}")
            self.desk.does("update-deployment", "-n", consumer, "-v", version, "-e", "production", *instance)


@pytest.fixture
def stall(shop: Desk, room: Room) -> Stall:  # noqa: F811
    """The shop: catalog 1.0.0 is live in production, cart 2.1.0 is new."""
    return Stall(shop, room)


# --- the two triggers


def test_a_new_consumer_at_the_productive_provider(stall: Stall) -> None:
    outcome = stall.run(*CONSUMER, "--tool", "our tests", "--url", "https://ci.example.com/7")
    assert outcome.code == 0, outcome
    assert outcome.out.splitlines()[0] == "passed: cart 2.1.0 with catalog 1.0.0: exit code 0"
    assert "verify: catalog 1.0.0 passed (tests of cart) [" in outcome.out
    record = stall.record("1.0.0")
    assert (record["result"], record["tool"], record["url"]) == ("passed", "our tests", "https://ci.example.com/7")
    assert record["details"] == {"consumer_version": "2.1.0", "exit_code": 0}
    assert "branches" not in stall.git("log", "-1", "--name-only", "--format=")
    again = stall.run(*CONSUMER, "--tool", "our tests", "--url", "https://ci.example.com/7")
    assert "nothing to change" in again.out


def test_a_failure_blocks_and_a_later_pass_clears(stall: Stall) -> None:
    assert stall.guard() == "yes"
    failed = stall.run(*CONSUMER, tests=python("import sys; print('a price is missing'); sys.exit(3)"))
    assert failed.code == 1
    assert "failed: cart 2.1.0 with catalog 1.0.0: exit code 3" in failed.out
    assert "  | a price is missing" in failed.err
    assert stall.guard() == "no"
    assert stall.run(*CONSUMER).code == 0
    assert stall.guard() == "yes"
    subjects = stall.git("log", "-2", "--format=%s").splitlines()
    assert [one.split()[3] for one in subjects] == ["passed", "failed"]


def test_a_new_provider_meets_every_productive_consumer_in_one_commit(stall: Stall) -> None:
    stall.publish("cart", "2.1.0", "/items", tests="cart-tests")
    stall.publish("web", "1.0.0", "/prices", tests="web tests; touch x")
    stall.publish("web", "9.0.0", "/items", "/prices", live=False, tests="not live")
    before = len(stall.git("log", "--format=%s").splitlines())
    refuses_web = "import sys; print(sys.argv); sys.exit('web' in sys.argv[1])"
    tests = python(refuses_web) + " {tests} {consumer} {version} {provider_version} {url}"
    outcome = stall.run(*PROVIDER, "--branch", "topic", "--json", tests=tests)
    assert outcome.code == 1
    answer = outcome.answer
    assert (answer["schema"], answer["trigger"], answer["verdict"]) == ("signet.run/1", "provider", "failed")
    rows = [(one["consumer"], one["consumer_version"], one["result"], one["exit_code"]) for one in answer["trials"]]
    assert rows == [("cart", "2.1.0", "passed", 0), ("web", "1.0.0", "failed", 1)]
    assert answer["trials"][1]["tests"][-5:-1] == ["web tests; touch x", "web", "1.0.0", "2.0.0"]
    assert "'web tests; touch x', 'web', '1.0.0', '2.0.0', 'http://127.0.0.1:" in outcome.err
    assert len(stall.git("log", "--format=%s").splitlines()) == before + 1
    assert stall.record("2.0.0")["result"] == "passed"
    assert stall.record("2.0.0", "web")["result"] == "failed"
    manifest = json.loads(stall.git("show", "main:services/catalog/versions/2.0.0.json"))
    assert manifest["branches"] == ["topic"]
    only = stall.run(*PROVIDER, "--consumer", "cart", tests=tests)
    assert (only.code, "web" in only.out) == (0, False)


def test_without_an_environment_the_heads_of_main_branches_are_productive(stall: Stall) -> None:
    stall.publish("web", "9.0.0", "/items", live=False)
    outcome = stall.run("--provider", "catalog", "--provider-version", "2.0.0", "--consumer", "web")
    assert (outcome.code, "web 9.0.0 with catalog 2.0.0" in outcome.out) == (0, True)


def test_both_versions_named_meet_wherever_they_are_live(stall: Stall) -> None:
    outcome = stall.run("--consumer", "cart", "--consumer-version", "2.1.0", *PROVIDER[:4], "-b", "main")
    assert (outcome.code, "cart 2.1.0 with catalog 2.0.0" in outcome.out) == (0, True)
    assert "branches" not in stall.git("log", "-1", "--name-only", "--format=")


def test_one_program_is_no_evidence_for_two(stall: Stall) -> None:
    stall.publish("cart", "2.1.0", "/items")
    stall.publish("web", "1.0.0", "/prices")
    stall.desk.does("register-version", "-n", "catalog", "-v", "1.1.0")
    stall.desk.does("update-deployment", "-n", "catalog", "-v", "1.1.0", "-e", "production", "--instance", "b")
    before = stall.files()
    two = stall.run(*PROVIDER)
    assert (two.code, "The same tests would be run for cart 2.1.0" in two.err) == (2, True)
    started = stall.run(*CONSUMER)
    assert (started.code, "tested as catalog 1.0.0 and 1.1.0" in started.err) == (2, True)
    running = stall.desk.signet("run", *CONSUMER, "--provider-url", "http://127.0.0.1:1", "--tests", "true")
    assert running.code == 2
    assert stall.files() == before
    assert stall.run(*CONSUMER, more="{version}").code == 0
    assert {stall.record("1.0.0")["result"], stall.record("1.1.0")["result"]} == {"passed"}


def test_equal_contracts_are_one_run_and_one_fact(stall: Stall) -> None:
    stall.publish("cart", "2.1.0", "/items")
    stall.publish("cart", "2.2.0", "/items", live=False)
    stall.desk.does("record-release", "-n", "cart", "-v", "2.2.0", "-e", "production")
    answer = stall.run(*PROVIDER, "--json").answer
    assert [one["consumer_versions"] for one in answer["trials"]] == [["2.1.0", "2.2.0"]]
    each = python("import sys; sys.exit(sys.argv[1] == '2.1.0')", "{version}")
    answer = stall.run(*PROVIDER, "--json", tests=each).answer
    assert [one["result"] for one in answer["trials"]] == ["failed", "passed"]
    assert stall.record("2.0.0")["result"] == "failed"  # of one version is enough
    assert stall.record("2.0.0")["details"] == {"consumer_version": "2.1.0", "exit_code": 1}


def test_nothing_to_run(stall: Stall) -> None:
    before = stall.files()
    outcome = stall.run(*PROVIDER, "--json")
    assert (outcome.code, outcome.answer["verdict"], outcome.answer["trials"]) == (0, "nothing-to-run", [])
    assert "nothing to run: no version of a consumer with a contract with catalog is productive" in outcome.err
    none = stall.run(*CONSUMER[:-1], "staging")
    assert (none.code, "no version of catalog is productive (in staging)" in none.err) == (0, True)
    assert stall.files() == before


def test_nothing_is_recorded_if_that_is_asked_and_nothing_run_in_a_dry_run(stall: Stall) -> None:
    before = stall.files()
    assert stall.run(*CONSUMER, "--no-record").code == 0
    marker = stall.desk.folder / "marker"
    writes = python(f"open({str(marker)!r}, 'w')", "{url}", "{consumer_version}")
    shown = stall.run(*CONSUMER, "--dry-run", tests=writes)
    assert shown.code == 0
    assert "would run: cart 2.1.0 with catalog 1.0.0" in shown.out and "'{url}' 2.1.0" in shown.out
    assert stall.run(*CONSUMER, "--dry-run", "--json", tests=writes).answer["verdict"] == "not-run"
    assert not marker.exists()
    assert stall.files() == before


# --- what cannot be tested


@pytest.mark.parametrize(
    ("mode", "tests", "words", "told"),
    [
        ("exits", "true", (), "ended with exit code 3 before it was healthy"),
        ("error", "true", ("--within", "0.3"), "was not healthy within 0.3 s"),
        ("plain", "there-is-no-such-program {url}", (), "The tests did not start"),
        ("plain", "sh -c nothing-of-that-name", (), "exit code 127: a program of it was not found"),
        ("plain", "sh -c 'kill -9 $$'", (), "signal SIGKILL"),
        ("plain", "sleep 600", ("--time-limit", "0.5"), "took more than 0.5 seconds"),
        ("plain", "sleep 600", ("--tests-in", "nowhere"), "the folder 'nowhere'"),
    ],
)
def test_what_could_not_be_tested_is_not_recorded(
    stall: Stall, mode: str, tests: str, words: tuple[str, ...], told: str
) -> None:
    before = stall.files()
    began = time.monotonic()
    outcome = stall.run(*CONSUMER, *words, mode=mode, tests=tests)
    assert outcome.code == 4, outcome
    assert outcome.out.startswith("could not test: cart 2.1.0 with catalog 1.0.0: ") and told in outcome.out
    assert stall.files() == before
    assert processes(stall.room.token) == []
    assert time.monotonic() - began < 60


def test_a_provider_that_ends_on_the_way_ends_the_tests(stall: Stall) -> None:
    asks = FETCH.replace("GET /", "GET /exit")
    crashes, sleeps = python(asks + "sys.exit(1)"), python(asks + "import time; time.sleep(600)")
    before = stall.files()
    for tests in (crashes, sleeps):
        outcome = stall.run(*CONSUMER, tests=tests)
        assert (outcome.code, "The provider ended on the way, with exit code 7" in outcome.out) == (4, True), outcome
        assert processes(stall.room.token) == []
    assert stall.files() == before


def test_what_was_decided_is_recorded_beside_what_could_not_be_tested(stall: Stall) -> None:
    stall.publish("cart", "2.1.0", "/items", tests="0")
    stall.publish("web", "1.0.0", "/prices", tests="127")
    code = python("import sys; sys.exit(int(sys.argv[1]))", "{tests}")
    outcome = stall.run(*PROVIDER, "--json", tests=code)
    assert (outcome.code, outcome.answer["verdict"]) == (4, "could-not-test")
    assert outcome.answer["receipt"]["subject"] == "verify: catalog 2.0.0 passed (tests of cart)"
    stall.publish("mail", "1.0.0", "/items")
    missing = stall.run(*PROVIDER, "--consumer", "mail", tests=code)
    assert (missing.code, "mail 1.0.0 has no artifact tests" in missing.out) == (4, True)


@pytest.mark.parametrize("mode", ["deaf-child", "daemon", "forgetful"])
def test_what_tests_and_providers_leave_behind_is_ended(stall: Stall, mode: str) -> None:
    leaves = python(
        "import subprocess, sys; subprocess.Popen(['sleep', '600'], start_new_session=True); print('left it')"
    )
    assert stall.run(*CONSUMER, mode=mode, tests=leaves).code == 0
    assert processes(stall.room.token) == []


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, signal.SIGKILL, pytest.param(signal.SIGINT, marks=SLOW), pytest.param(signal.SIGHUP, marks=SLOW)],
)
@pytest.mark.parametrize("moment", ["tests", "resolve"])
def test_a_killed_run_leaves_nothing(stall: Stall, number: signal.Signals, moment: str) -> None:
    before = stall.files()
    begun = stall.desk.folder / "begun"
    waits = python(f"import subprocess, time; open({str(begun)!r}, 'w'); subprocess.run(['sleep', '600'])")
    given = ["--start", stall.room.command("daemon"), "--wait-for", "/", "--stop-after", "1", "--url-file", "url"]
    if moment == "resolve":
        given += ["--resolve-command", waits, "--resolve-within", "600"]
    words = [sys.executable, "-m", "signet", "run", *CONSUMER, *given, "--tests", waits]
    with subprocess.Popen(words, cwd=stall.desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 60
        while not begun.exists() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == (-9 if number == signal.SIGKILL else 130)
    assert gone(stall.room.token, 20 if number == signal.SIGKILL else 0)
    assert not (stall.desk.folder / "url").exists()
    assert stall.files() == before


# --- who is told what


def test_programs_get_the_address_and_no_secret(stall: Stall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_TOKEN", "canary-token")
    monkeypatch.setenv("PRODUCTION_KEY", "k1")
    told = python("import json, os; json.dump(dict(os.environ), open('seen.json', 'w'))")
    given = ("--variable", "API_KEY=${PRODUCTION_KEY}", "--variable", "EMPTY=", "--url-file", "url")
    assert stall.run(*CONSUMER, *given, mode="tells", tests=told).code == 0
    seen = json.loads((stall.desk.folder / "seen.json").read_text())
    assert seen["SIGNET_PROVIDER_URL"].startswith("http://127.0.0.1:")
    assert (seen["API_KEY"], seen["EMPTY"]) == ("k1", "")
    assert "canary-token" not in seen.values()
    assert not (stall.desk.folder / "url").exists()
    logs = stall.run(*CONSUMER, "--logs", "kept", mode="tells", tests=told + " {port}")
    assert logs.code == 0
    assert "SIGNET_TOKEN" not in (stall.desk.folder / "kept" / "001-cart-catalog" / "provider.log").read_text()
    assert (stall.desk.folder / "kept" / "001-cart-catalog" / "tests.log").read_text() == ""
    for wrong in ("x", "1=2", "SIGNET_TOKEN=1", "A=${THERE_IS_NONE}", "A=${SIGNET_TOKEN}"):
        refused = stall.run(*CONSUMER, "--variable", wrong)
        assert (refused.code, "canary" in refused.err) == (2, False)


def test_a_provider_that_runs_already(stall: Stall, room: Room) -> None:  # noqa: F811
    there = python("import os; assert open('url').read().strip() == os.environ['SIGNET_PROVIDER_URL']")
    with room.started("plain", url_file=None) as running:
        words = ("run", *CONSUMER, "--provider-url", f"{running.url}/base", "--url-file", "url", "--tests", there)
        outcome = stall.desk.does(*words)
    assert outcome.out.startswith("passed: cart 2.1.0 with catalog 1.0.0")
    assert not (stall.desk.folder / "url").exists()
    before = stall.files()
    gone_ = stall.desk.signet(*words)
    assert (gone_.code, "nothing listens there" in gone_.out) == (4, True)
    assert stall.files() == before


def test_what_tests_print_is_harmless(stall: Stall) -> None:
    prints = python(r"print('\x1b[2J\n::error::x\n##[set]\n' + 'y' * 5000 + '\n' * 99, end='z'); raise SystemExit(1)")
    outcome = stall.run(*CONSUMER, tests=prints)
    assert outcome.code == 1
    assert "\x1b" not in outcome.err and "##[" not in outcome.err and "\n::" not in outcome.err
    assert len(outcome.err) < 2000


def test_a_profile_switches_where_and_how(stall: Stall) -> None:
    """The environment chooses its profile: URLs, credentials and what states are set by."""
    start = stall.room.command("plain")
    says = python("import os, sys; sys.exit(os.environ['STATES'] != 'production-states')")
    text = {
        "run": {"consumer": "cart", "consumer-version": "2.1.0", "provider": "catalog", "tests": says},
        "profiles": {
            "production": {"run": {"start": start, "wait-for": "/", "variable": ["STATES=production-states"]}},
            "staging": {"run": {"provider-url": "http://127.0.0.1:1", "variable": ["STATES=other"]}},
        },
    }
    (stall.desk.folder / ".signetrc.yaml").write_text(yaml.safe_dump(text))
    assert stall.desk.does("run", "-e", "production").out.startswith("passed: cart 2.1.0 with catalog 1.0.0")
    stall.desk.does("update-deployment", "-n", "catalog", "-v", "1.0.0", "-e", "staging")
    assert stall.desk.signet("run", "-e", "staging").code == 4
    other = stall.desk.signet("run", "-e", "production", "--variable", "STATES=x")
    assert other.code == 1


# --- hostile artifacts


@pytest.mark.parametrize("value", ["-x", "--rootdir=/", "{url}", "a\x1b[2K"])
def test_a_hostile_artifact_is_refused_before_anything_is_run(stall: Stall, value: str) -> None:
    stall.publish("cart", "2.1.0", "/items")
    path = "services/cart/versions/2.1.0.json"
    from signet.registry import git

    repo = git.open_repository(str(stall.desk.folder / "registry"))
    head = git.head(repo)
    manifest = json.loads(stall.git("show", f"main:{path}")) | {"artifacts": {"tests": value, "image": "-unused"}}
    new = git.commit(repo, head, {path: json.dumps(manifest).encode()}, "x")
    assert git.publish(repo, head, new).status == "accepted"
    before = stall.files()
    marker = stall.desk.folder / "marker"
    writes = python(f"open({str(marker)!r}, 'w')")
    outcome = stall.run(*PROVIDER, "--json", tests=f"{writes} {{tests}}")
    assert (outcome.code, [one["pointer"] for one in outcome.answer["faults"]]) == (3, ["/artifacts/tests"])
    assert "\x1b" not in outcome.err
    assert not marker.exists() and stall.files() == before
    assert stall.run(*PROVIDER, tests=writes).code == 0  # what is not used is no matter


@pytest.mark.parametrize(
    "artifact", ["$(touch pwned)", "x; touch pwned", "`touch pwned`", "a b 'c", "\\", "%s%n", "@file", "*"]
)
def test_an_artifact_is_one_argument(stall: Stall, artifact: str) -> None:
    stall.publish("cart", "2.1.0", "/items", tests=artifact)
    equal = python(f"import sys; assert sys.argv[1:] == [{artifact!r}, 'with=' + {artifact!r}], sys.argv")
    outcome = stall.run(*PROVIDER, tests=equal + " {tests} with={tests}")
    assert outcome.code == 0, outcome
    assert not (stall.desk.folder / "pwned").exists()


@pytest.mark.parametrize(
    ("option", "template"),
    [
        ("--tests", "{tests}"),
        ("--tests", "sh -c {tests}"),
        ("--tests", "sh -c 'pytest {tests}'"),
        ("--start", "{image}"),
    ],
)
def test_a_template_that_would_let_it_be_more_is_refused(stall: Stall, option: str, template: str) -> None:
    given = {"--start": "x {port}", "--tests": "true"} | {option: template}
    outcome = stall.desk.signet("run", *CONSUMER, *(word for pair in given.items() for word in pair))
    assert (outcome.code, f"may not stand there in {option}" in outcome.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--consumer cart --provider catalog", "which version is new"),
        ("--consumer-version 1 --provider catalog", "without it"),
        ("--consumer cart --consumer-version 2.1.0", "--provider is missing"),
        ("--consumer cart --consumer-version 9 --provider catalog", "Unknown cart version '9'"),
        ("--consumer cart --consumer-version 2.1.0 --provider mail", "has no contract with mail"),
        ("--provider catalogue --provider-version 1", "did you mean 'catalog'?"),
        ("--provider catalog --provider-version 1 --consumer crt", "did you mean 'cart'?"),
        ("--provider catalog --provider-version 1 -e prodution", "did you mean 'production'?"),
        ("--provider catalog --provider-version 1 --provider-url http://127.0.0.1:1", "two providers"),
        ("--provider catalog --provider-version 1 --resolve-url x --resolve-command y", "two answers"),
        (
            "--provider catalog --provider-version 1 --consumer cart --consumer-version 2.1.0 --resolve-command y",
            "left",
        ),
        ("--provider catalog --provider-version 1 --tests 'a", "cannot be split"),
        ("--provider catalog --provider-version 1 --time-limit nan", "--time-limit is"),
        ("--provider catalog --provider-version 1 --provider-url ftp://x", "two providers"),
    ],
)
def test_wrong_use(stall: Stall, words: str, told: str) -> None:
    given = words.replace("'a", "a'").split()
    start = ("--start", "x {port}", *(() if "--tests" in given else ("--tests", "true")))
    before = stall.files()
    outcome = stall.desk.signet("run", *given, *start)
    assert (outcome.code, told in outcome.err) == (2, True), outcome
    assert stall.files() == before
