"""``signet test``: a real provider, a real registry, real credentials; and whatever goes wrong, no false record."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from signet.registry.git import open_repository
from tests.cli import catalog
from tests.cli.conftest import Desk, Outcome, everything_in
from tests.live.conftest import gone, processes
from tests.live.running import CACHE

PROGRAM = Path(catalog.__file__)
GUARD = ("deploy-guard", "-e", "production", "--json")
FEW = ("--phase", "coverage", "--examples", "1")


class Shop(Desk):
    """A desk with a registry: cart 1.0.0 is live and relies on catalog, of which 1.0.0 is live; 2.0.0 is new."""

    token = ""

    def starts(self, mode: str = "") -> tuple[str, ...]:
        """The options that start a catalog."""
        command = shlex.join([sys.executable, str(PROGRAM)]) + f" {{port}} '{mode}' {self.token}"
        return ("--start", command, "--wait-for", "/health", "--stop-after", "1")

    def tests(self, *more: str, version: str = "2.0.0", mode: str = "", only: str = "replays") -> Outcome:
        """Test a version of the catalog; only its replays, as they are quicker, unless it is said otherwise."""
        which = ("--only", only) if only else ()
        return self.signet("test", "-n", "catalog", "-v", version, "-b", "main", *self.starts(mode), *which, *more)

    def file(self, name: str, value: Any) -> str:
        (self.folder / name).write_text(json.dumps(value))
        return name

    def publishes_cart(self, version: str, branch: str = "main", **more: Any) -> None:
        self.does(
            "publish", "-v", version, "-b", branch, self.file(f"cart-{version}.json", catalog.pact("cart", **more))
        )

    def log(self) -> list[str]:
        """The subjects of the registry's commits, newest first."""
        return [one["subject"] for one in self.does("log", "--json").answer["commits"]]

    def verdict(self, version: str = "2.0.0") -> tuple[str, list[str]]:
        answer = self.signet(*GUARD, "-n", "catalog", "-v", version).answer
        return answer["verdict"], sorted(reason["code"] for reason in answer["reasons"])

    def record(self, version: str, name: str) -> dict[str, Any]:
        """A file of the registry under the results of a version."""
        listing = [
            "git",
            "-C",
            "registry",
            "ls-tree",
            "-r",
            "--name-only",
            "HEAD",
            f"services/catalog/verifications/{version}/",
        ]
        paths = subprocess.run(listing, cwd=self.folder, capture_output=True, text=True, check=True).stdout.split()
        (path,) = [one for one in paths if one.rpartition("/")[2].startswith(name)]
        shown = subprocess.run(
            ["git", "-C", "registry", "show", f"HEAD:{path}"], cwd=self.folder, capture_output=True, check=True
        )
        found: dict[str, Any] = json.loads(shown.stdout)
        return found


@pytest.fixture
def shop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("SIGNET_REGISTRY", "registry")
    place = Shop(desk.folder, desk.capture)
    place.token = f"shop-{uuid.uuid4().hex}"
    temporary = desk.folder.parent / place.token
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))  # all that is started has it, and can be found by the token
    monkeypatch.setattr(tempfile, "tempdir", None)
    place.does("init", "registry", "--bare", "--registry-name", "shop")
    spec = place.file("catalog.json", catalog.SPEC)
    place.does("publish", "-n", "catalog", "-v", "1.0.0", "-b", "main", "-p", spec)
    place.does("update-deployment", "-n", "catalog", "-v", "1.0.0", "-e", "production")
    place.publishes_cart("1.0.0")
    place.does("update-deployment", "-n", "cart", "-v", "1.0.0", "-e", "production")
    place.does("publish", "-n", "catalog", "-v", "2.0.0", "-b", "main", "-p", spec)
    yield place
    assert processes(place.token) == []
    assert [one for one in temporary.iterdir() if not any(one.rglob("provider.log"))] == [], (
        "only logs of failures stay"
    )


def test_what_passed_is_recorded_and_the_guard_says_yes(shop: Shop) -> None:
    assert shop.verdict() == ("unknown", ["provider-unverified"])
    outcome = shop.tests("--json")
    assert outcome.code == 0, outcome
    answer = outcome.answer
    assert (answer["schema"], answer["service"], answer["version"], answer["passed"]) == (
        "signet.test/1",
        "catalog",
        "2.0.0",
        True,
    )
    (replay,) = answer["outcomes"]
    assert (replay["kind"], replay["passed"], replay["requests"], replay["informs"]) == ("replay", True, 1, False)
    assert answer["receipt"]["subject"] == "verify: catalog 2.0.0 passed (contract of cart)"
    record = shop.record("2.0.0", "cart-")
    assert record["result"] == "passed"
    assert record["tool"].startswith("pact-python ")
    assert record["details"] == {"interactions": 1, "skipped": 0, "failed": 0}
    assert shop.verdict() == ("yes", ["compatible"])


@pytest.mark.slow
def test_both_tests_are_made_and_recorded_in_one_commit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_CACHE", str(CACHE))
    before = len(shop.log())
    outcome = shop.tests("--seed", "7", *FEW, only="")
    assert outcome.code == 0, outcome
    assert len(shop.log()) == before + 1
    assert shop.log()[0] == "verify: catalog 2.0.0 passed (spec; contract of cart)"
    record = shop.record("2.0.0", "spec.json")
    assert record["details"]["seed"] == 7
    assert record["details"]["operations"] == 2
    assert record["details"]["cases"] > 2
    first, *_ = outcome.out.splitlines()
    assert first.startswith("passed: spec of catalog, ")
    assert "(seed 7)" in first
    assert f"{record['details']['cases']} requests by schemathesis" in first
    assert first.endswith(" s"), "the duration is told"
    assert outcome.err == "", "progress is for terminals"


@pytest.mark.slow
def test_a_broken_promise_is_a_failure_that_is_recorded_and_a_later_pass_clears_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signet 2023 exits with 0 and forgets it."""
    monkeypatch.setenv("SIGNET_CACHE", str(CACHE))
    outcome = shop.tests(*FEW, mode="price", only="spec")
    assert outcome.code == 1
    assert "[body-misfit]" in outcome.out
    assert "  curl -X GET http://127.0.0.1:" in outcome.out
    assert shop.record("2.0.0", "spec.json")["result"] == "failed"
    assert shop.verdict() == ("no", ["provider-failed-verification"])
    assert shop.tests(*FEW, only="spec").code == 0
    assert shop.verdict() == ("yes", ["compatible"])
    assert shop.log()[:2] == ["verify: catalog 2.0.0 passed (spec)", "verify: catalog 2.0.0 failed (spec)"]


def test_a_failed_replay_blocks_and_a_later_pass_clears_it(shop: Shop) -> None:
    failed = shop.tests(mode="price")
    assert failed.code == 1
    assert "failed: the item /items/1: " in failed.out
    assert "[body-mismatch]" in failed.out
    assert shop.verdict() == ("no", ["replay-failed"])
    assert shop.tests().code == 0
    assert shop.verdict() == ("yes", ["compatible"])
    assert shop.log()[:2] == [
        "verify: catalog 2.0.0 passed (contract of cart)",
        "verify: catalog 2.0.0 failed (contract of cart)",
    ]


def test_equal_contracts_need_no_second_run_and_another_provider_version_does(shop: Shop) -> None:
    assert shop.tests().code == 0
    shop.publishes_cart("1.1.0")
    again = shop.tests("--json")
    assert again.code == 0
    assert again.answer["outcomes"] == []
    assert again.answer["receipt"] is None
    (kept,) = again.answer["kept"]
    assert (kept["consumer_versions"], kept["known"]) == (["1.0.0", "1.1.0"], "passed")
    said = "contract of cart 1.0.0, 1.1.0: the same content has passed at catalog 2.0.0 before"
    assert again.answer["notes"] == [said]
    text = shop.tests()
    assert (text.out, text.err) == ("passed: nothing was to be tested again at catalog 2.0.0\n", f"{said}\n")
    assert len(shop.tests("--again", "--json").answer["outcomes"]) == 1
    shop.publishes_cart("1.2.0", path="/items/1", price=7)
    assert [one["subject"] for one in shop.tests("--json").answer["outcomes"]] == ["contract of cart 1.2.0"]
    shop.does("publish", "-n", "catalog", "-v", "3.0.0", "-b", "main", "-p", "catalog.json")
    subjects = [one["subject"] for one in shop.tests("--json", version="3.0.0").answer["outcomes"]]
    assert subjects == ["contract of cart 1.0.0, 1.1.0", "contract of cart 1.2.0"] or len(subjects) == 2


def test_contracts_of_development_branches_inform(shop: Shop) -> None:
    shop.publishes_cart("1.1.0-new", branch="feature/gone", path="/items/gone")
    informed = shop.tests("--json", "--junit", "report.xml")
    assert informed.code == 0
    told = {one["subject"]: one for one in informed.answer["outcomes"]}
    wrong = told["contract of cart 1.1.0-new"]
    assert (wrong["informs"], wrong["passed"]) == (True, True)
    assert wrong["rows"][0]["advice"][0]["code"] == "status-mismatch"
    suites = ET.fromstring((shop.folder / "report.xml").read_text())  # noqa: S314 - written here
    assert suites.get("failures") == "0"
    assert shop.log()[0] == "verify: catalog 2.0.0 failed (contract of cart), passed (contract of cart)"
    asked = shop.tests("--again", "--development")
    assert asked.code == 1
    text = shop.tests("--again")
    assert text.code == 0
    assert "advice: contract of cart 1.1.0-new, which only informs, 1 request by pact-python" in text.out


def test_only_one_consumer_and_one_that_is_none(shop: Shop) -> None:
    shop.does("publish", "-v", "1", "-b", "main", shop.file("web.json", catalog.pact("web")))
    assert [one["subject"] for one in shop.tests("--json", "--consumer", "web").answer["outcomes"]] == [
        "contract of web 1"
    ]
    refused = shop.tests("--consumer", "wob")
    assert (refused.code, refused.err) == (
        2,
        "signet: wob has no contract with catalog. Its consumers are: cart, web.\n",
    )


STATES = """
import json, urllib.request, os

def sold(params, action):
    body = json.dumps({"state": "it is sold", "params": params, "action": action}).encode()
    print("selling", params["id"])
    urllib.request.urlopen(urllib.request.Request(open("provider.url").read().strip() + "/states", body)).close()

states = {"it is sold": sold}
"""


@pytest.mark.parametrize("way", ["url", "functions", "command"])
def test_provider_states_are_set_in_three_ways(shop: Shop, way: str) -> None:
    shop.publishes_cart("1.5.0", state="it is sold", path="/items/7")
    (shop.folder / "states.py").write_text(STATES)
    (shop.folder / "command.py").write_text(
        "import sys, json, states\nq = json.load(sys.stdin)\nstates.sold(q['params'], q['action'])\n"
        "print('{}', file=sys.stderr)\n".replace("states.sold", "sys.stdout = sys.stderr; states.sold")
    )
    given = {
        "url": ("--states-url", "/states"),
        "functions": ("--states", "states.py", "--url-file", "provider.url"),
        "command": ("--states-command", f"{sys.executable} command.py", "--url-file", "provider.url"),
    }[way]
    outcome = shop.tests(*given, "--json")
    assert outcome.code == 0, outcome
    assert all(one["passed"] for one in outcome.answer["outcomes"])
    assert len(outcome.answer["outcomes"]) == 2
    assert ("states: selling 7" in outcome.err) == (way == "functions")


def test_without_a_way_to_set_states_contracts_are_left_out_and_it_is_said(shop: Shop) -> None:
    shop.publishes_cart("1.5.0", state="it is sold", path="/items/7")
    outcome = shop.tests("--json")
    assert outcome.code == 0
    assert outcome.answer["notes"] == [
        "contract of cart 1.5.0: not replayed, as nothing sets its provider states (see --states)"
    ]
    refused = shop.tests("--contract", "cart-1.5.0.json")
    assert (refused.code, "needs provider states, and nothing sets them" in refused.err) == (2, True)
    unset = shop.tests("--contract", "cart-1.5.0.json", "--stateless")
    assert unset.code == 1
    assert "its provider states were not set" in unset.out
    shop.does("delete-integration", "--consumer", "cart", "--provider", "catalog", "--yes")
    shop.does("publish", "-v", "9", "-b", "main", "cart-1.5.0.json")
    nothing = shop.tests()
    assert nothing.code == 4
    assert "There is nothing to test: contract of cart 9: not replayed" in nothing.err


@pytest.mark.slow
def test_a_state_for_the_spec_test_and_the_spec_as_it_was_tested(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agreed spec changes while the test runs: what was tested is what is recorded."""
    monkeypatch.setenv("SIGNET_CACHE", str(CACHE))
    shop.does("register-version", "-n", "catalog", "-v", "4.0.0", "-b", "main")
    shop.does("publish", "-n", "catalog", "-p", "catalog.json")
    changed = json.loads(json.dumps(catalog.SPEC))
    changed["paths"]["/prices"] = changed["paths"]["/items"]
    shop.file("changed.json", changed)
    (shop.folder / "change.py").write_text(
        "import json, subprocess, sys\nq = json.load(sys.stdin)\nassert q['state'] == 'fresh', q\n"
        "if q['action'] == 'setup':\n"
        f"    subprocess.run([{sys.executable!r}, '-m', 'signet', 'publish', '-n', 'catalog', '-p', 'changed.json'],"
        " check=True, stdout=sys.stderr)\n"
    )
    command = ("--states-command", f"{sys.executable} change.py", "--spec-state", "fresh")
    outcome = shop.tests(*command, *FEW, version="4.0.0", only="spec")
    assert outcome.code == 0, outcome
    from signet.core.formats import openapi, text

    tested = openapi.spec(text.read(json.dumps(catalog.SPEC).encode(), "a.json")).digest
    assert shop.record("4.0.0", "spec.json")["spec"] == tested
    assert shop.log()[1] != "verify: catalog 4.0.0 passed (spec)", "the other spec was agreed meanwhile"
    unknown = shop.tests(*command[:3], "nobody knows it", *FEW, version="4.0.0", only="spec")
    assert unknown.code == 4
    assert "The provider could not be put into its state" in unknown.err


@contextmanager
def unchanged(shop: Shop) -> Iterator[None]:
    before = everything_in(shop.folder / "registry")
    yield
    assert everything_in(shop.folder / "registry") == before


@pytest.mark.parametrize(
    ("mode", "more", "said"),
    [
        pytest.param("hang", ("--answer-limit", "0.5"), "stopped answering", marks=pytest.mark.slow),
        ("die", (), "The provider"),
        ("sick", ("--within", "1"), "healthy"),
        pytest.param("flood-and-die", (), "The provider", marks=pytest.mark.slow),
        ("children-and-die", (), "The provider"),
    ],
)
def test_a_provider_that_cannot_be_tested(shop: Shop, mode: str, more: tuple[str, ...], said: str) -> None:
    began = time.monotonic()
    with unchanged(shop):
        outcome = shop.tests(*more, mode=mode)
    assert outcome.code == 4, outcome
    assert said in outcome.err.splitlines()[0]
    assert outcome.out == ""
    assert time.monotonic() - began < 60
    assert gone(shop.token, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "more"), [("hang", ("--answer-limit", "0.5")), ("die", ())])
def test_a_provider_that_fails_in_the_spec_test(
    shop: Shop, mode: str, more: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNET_CACHE", str(CACHE))
    with unchanged(shop):
        outcome = shop.tests(*FEW, *more, mode=mode, only="spec")
    assert outcome.code == 4, outcome
    assert gone(shop.token, 1)


@pytest.mark.parametrize("mode", [pytest.param("flood", marks=pytest.mark.slow), "children"])
def test_a_provider_that_is_a_nuisance_is_tested_all_the_same(shop: Shop, mode: str) -> None:
    assert shop.tests("--provider-log", "kept.log", mode=mode).code == 0
    assert gone(shop.token, 1)
    assert (shop.folder / "kept.log").stat().st_size < 4 * 1024 * 1024


@pytest.mark.slow
def test_one_that_dies_only_later_has_passed_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The spec test was fine; then the provider died, and nobody knows why: the whole run is no evidence."""
    monkeypatch.setenv("SIGNET_CACHE", str(CACHE))
    shop.publishes_cart("1.5.0", state="it is sold", path="/items/7")
    with unchanged(shop):
        outcome = shop.tests(*FEW, "--states-url", "/states", mode="die-later", only="")
    assert outcome.code == 4, outcome
    assert outcome.out == ""
    assert gone(shop.token, 1)


@pytest.mark.parametrize(
    "way", [*(pytest.param(one, marks=pytest.mark.slow) for one in ("url", "functions")), "command"]
)
def test_a_state_that_is_never_set_ends_in_time(shop: Shop, way: str) -> None:
    shop.publishes_cart("1.5.0", state="it is sold", path="/items/7")
    (shop.folder / "states.py").write_text(
        "import time\ndef sold(params): time.sleep(600)\nstates = {'it is sold': sold}\n"
    )
    given = {
        "url": ("--states-url", "/states"),
        "functions": ("--states", "states.py"),
        "command": ("--states-command", f"{sys.executable} -c 'import time; time.sleep(600)' {shop.token}"),
    }[way]
    began = time.monotonic()
    outcome = shop.tests(*given, "--state-limit", "1", mode="deaf")
    assert outcome.code == 1, outcome
    assert "[state-failed]" in outcome.out
    assert time.monotonic() - began < 30
    assert gone(shop.token, 1)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("only", ["spec", "replays"])
def test_whatever_ends_the_command_ends_all_that_it_started(shop: Shop, number: signal.Signals, only: str) -> None:
    words = [sys.executable, "-m", "signet", "test", "-n", "catalog", "-v", "2.0.0", "--only", only]
    with unchanged(shop):
        with subprocess.Popen(
            [*words, *shop.starts("hang"), "--answer-limit", "60"], stderr=subprocess.PIPE
        ) as running:
            program = "schemathesis" if only == "spec" else "verifier"
            end = time.monotonic() + 30
            while not any(program in one for one in processes(shop.token)) and time.monotonic() < end:
                time.sleep(0.05)
            assert any(program in one for one in processes(shop.token)), processes(shop.token)
            time.sleep(1)
            running.send_signal(number)
            running.communicate(timeout=30)
        assert running.returncode == (-9 if number == signal.SIGKILL else 130)
    assert gone(shop.token, 10), processes(shop.token)
    if number == signal.SIGKILL:  # what nobody could tidy up
        shutil.rmtree(shop.folder.parent / shop.token)
        (shop.folder.parent / shop.token).mkdir()


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
def test_an_interrupt_ends_the_provider_and_records_nothing(shop: Shop, number: signal.Signals) -> None:
    words = [sys.executable, "-m", "signet", "test", "-n", "catalog", "-v", "2.0.0", "--only", "replays"]
    with unchanged(shop):
        with subprocess.Popen([*words, *shop.starts("hang")], stderr=subprocess.PIPE, text=True) as running:
            end = time.monotonic() + 30
            while not any("verifier" in one for one in processes(shop.token)) and time.monotonic() < end:
                time.sleep(0.05)
            running.send_signal(number)
            _, said = running.communicate(timeout=30)
        assert running.returncode == 130, said
        assert "Traceback" not in said
    assert gone(shop.token, 5)


def test_what_cannot_be_replayed_over_http_is_never_a_pass(shop: Shop) -> None:
    message = {"type": "Asynchronous/Messages", "description": "an item is sold", "contents": {"content": {"id": "1"}}}
    both = catalog.pact("mail")
    both["interactions"][0] = {"type": "Synchronous/HTTP", **both["interactions"][0]}
    both["interactions"][0]["response"] = {"status": 200}
    both["metadata"]["pactSpecification"]["version"] = "4.0"
    both["interactions"].append(message)
    shop.does("publish", "-v", "1", "-b", "main", shop.file("mail.json", both))
    with unchanged(shop):
        outcome = shop.tests("--consumer", "mail")
    assert outcome.code == 0, outcome
    assert "contract of mail 1: not recorded, as not all of it can be replayed over HTTP" in outcome.err
    alone = {**both, "consumer": {"name": "post"}, "interactions": [message]}
    shop.does("publish", "-v", "1", "-b", "main", shop.file("post.json", alone))
    with unchanged(shop):
        nothing = shop.tests("--consumer", "post")
    assert nothing.code == 4
    assert "Nothing could be sent" in nothing.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--provider-url", "http://127.0.0.1:1", "--start", "x"), "are two providers"),
        ((), "No provider is named"),
        (("--provider-url", "ftp://127.0.0.1:1"), "is no URL of http or https"),
        (("--start", "x", "--only", "both"), "--only takes"),
        (("--start", "x", "--states", "a", "--states-url", "b"), "exclude each other"),
        (("--start", "x", "-H", "no header"), "without a name"),
        (("--start", "x", "-H", "A: ${NOT_SET_ANYWHERE}"), "refers to NOT_SET_ANYWHERE"),
        (("--start", "x", "-H", "A: 1", "-H", "a: 2"), "given twice"),
        (("--start", "x", "--junit", "no/such/folder.xml"), "cannot be written"),
        (("--start", "x", "--phase", "luck"), "There is no phase 'luck'"),
        (("--start", "x", "--contract", "cart-1.0.0.json", "-n", "other"), "is with catalog, and other is tested"),
        (("--start", "x", "-n", "catalgo"), "did you mean 'catalog'"),
        (("--provider-url", "http://me:secret-word@127.0.0.1:1", "-H", "authorization: x"), "both have credentials"),
    ],
)
def test_wrong_use_is_refused_before_anything_starts(shop: Shop, args: tuple[str, ...], said: str) -> None:
    with unchanged(shop):
        outcome = shop.signet("test", "-n", "catalog", "-v", "2.0.0", *args)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert "secret-word" not in outcome.err


@pytest.mark.slow
def test_profiles_and_variables_switch_address_credentials_and_states(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATALOG_TOKEN", "token-of-staging")
    shop.publishes_cart("1.5.0", state="it is sold", path="/items/7")
    (shop.folder / ".signetrc.yaml").write_text(
        "test: {name: catalog, only: replays, version: 2.0.0}\n"
        "profiles:\n"
        "  staging:\n"
        "    test:\n"
        "      header: ['Authorization: Bearer ${CATALOG_TOKEN}']\n"
        "      states-url: /states\n"
        "      exclude: ['GET /items', oneItem]\n"
    )
    plain = shop.signet("test", *shop.starts("private"))
    assert plain.code == 1, "nobody gives the token"
    assert "not replayed" in plain.err
    staged = shop.signet("test", *shop.starts("private"), "--profile", "staging")
    assert staged.code == 0, staged
    assert "contract of cart 1.5.0" in staged.out
    monkeypatch.setenv("SIGNET_HEADER", "X-One: 1\nAuthorization: Bearer wrong words\n")
    assert shop.signet("test", *shop.starts("private"), "--again").code == 1
    monkeypatch.setenv("SIGNET_HEADER", "X-One: 1\nAuthorization: Bearer token-of-staging\n")
    assert shop.signet("test", *shop.starts("private"), "--again").code == 0


CANARIES = {"TOKEN": "canary-9f3b2c71d0", "BASIC": "Canary%2Fpass4711", "COOKIE": "session=canary-cookie-5512"}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["", "echo", "private", "price", "hang", "sick"])
def test_credentials_appear_nowhere(shop: Shop, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in records, reports, logs, errors, the cache, nor in the arguments of any process."""
    cache = shop.folder.parent / "cache-of-canaries"
    monkeypatch.setenv("SIGNET_CACHE", str(cache))
    monkeypatch.setenv("CATALOG_TOKEN", CANARIES["TOKEN"])
    monkeypatch.setenv("THE_COOKIE", CANARIES["COOKIE"])
    headers = ("-H", "Authorization: Bearer ${CATALOG_TOKEN}", "-H", "Cookie: ${THE_COOKIE}")
    if mode == "price":  # in the URL as well, by a variable
        headers = ("-H", "Cookie: ${THE_COOKIE}")
    seen: list[str] = []
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(seen, stop))
    watching.start()
    try:
        outcome = shop.tests(
            *headers, *FEW, "--junit", "r.xml", "--markdown", "r.md", "--provider-log", "kept.log", "--within", "2",
            "--answer-limit", "1", mode=mode, only="",
        )  # fmt: skip
    finally:
        stop.set()
        watching.join()
    assert outcome.code == {"": 0, "private": 0, "price": 1, "echo": 1}.get(mode, 4), outcome
    assert any("schemathesis" in one or "catalog.py" in one for one in seen), "the process list was read"
    written = [path.read_bytes() for path in sorted(cache.rglob("*")) if path.is_file()]
    for path in sorted(shop.folder.rglob("*")):
        if path.is_file() and "registry" not in path.parts:
            written.append(path.read_bytes())
    everything = [outcome.out.encode(), outcome.err.encode(), *written, *map(str.encode, seen), _objects(shop)]
    for canary in ("canary-9f3b2c71d0", "canary-cookie-5512"):
        assert not any(canary.encode() in one for one in everything)
    if mode in ("", "echo", "price"):
        assert b"***" in (shop.folder / "kept.log").read_bytes(), "the provider did log it"


@pytest.mark.slow
def test_credentials_of_the_address_appear_nowhere(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """``SIGNET_PROVIDER_URL`` with a login: a record, a report and an error know the address without it."""
    monkeypatch.setenv("SIGNET_CACHE", str(CACHE))
    outcome = shop.does("start-provider", *shop.starts("echo"), "--url-file", "provider.url")
    url = outcome.out.strip()
    try:
        for target in (url, "http://127.0.0.1:1"):
            monkeypatch.setenv("SIGNET_PROVIDER_URL", target.replace("://", "://robot:canary-4711-word@"))
            tested = shop.signet("test", "-n", "catalog", "-v", "2.0.0", *FEW, "--markdown", "r.md")
            assert tested.code == (1 if target == url else 4), tested
            told = tested.out.encode() + tested.err.encode() + (shop.folder / "r.md").read_bytes() + _objects(shop)
            assert b"canary-4711-word" not in told
            assert b"cm9ib3Q6Y2FuYXJ5LTQ3MTEtd29yZA" not in told
            assert b"127.0.0.1" in told
    finally:
        shop.does("stop-provider", "--url-file", "provider.url")


def _watch(seen: list[str], stop: threading.Event) -> None:
    while not stop.is_set():
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue
        seen[:] = list(dict.fromkeys(seen))
        time.sleep(0.02)


def _objects(shop: Shop) -> bytes:
    """The contents of all objects of the registry."""
    command = ["git", "-C", str(shop.folder / "registry"), "cat-file", "--batch-all-objects", "--batch"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_reports_are_written_and_nothing_is_recorded_without_a_registry(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SIGNET_REGISTRY", raising=False)
    (desk.folder / "cart.json").write_text(json.dumps(catalog.pact("cart")))
    place = Shop(desk.folder, desk.capture)
    place.token = f"shop-{uuid.uuid4().hex}"
    more = ("--contract", "cart.json", "--only", "replays", "--no-record")
    outcome = place.signet("test", *place.starts("price"), *more, "--junit", "r.xml", "--markdown", "r.md", "--json")
    assert outcome.code == 1
    assert (outcome.answer["service"], outcome.answer["version"], outcome.answer["receipt"]) == (None, None, None)
    suites = ET.fromstring((desk.folder / "r.xml").read_text())  # noqa: S314 - written here
    assert (suites.get("tests"), suites.get("failures")) == ("1", "1")
    assert (desk.folder / "r.md").read_text().startswith("## signet test\n")
    assert sorted(path.name for path in desk.folder.iterdir()) == ["cart.json", "r.md", "r.xml"]
    assert gone(place.token, 1)


def test_what_a_contract_says_stays_text(shop: Shop) -> None:
    """Names of interactions are untrusted: no terminal, CI runner or page takes them for more than text (T39, T41)."""
    wicked = catalog.pact("cart")
    wicked["interactions"][0]["description"] = "\x1b[2J\n::error::owned <script>alert(1)</script> ##[command]"
    outcome = shop.tests(
        "--contract", shop.file("wicked.json", wicked), "--markdown", "r.md", "--junit", "r.xml", mode="price"
    )
    assert outcome.code == 1
    for text in (outcome.out, (shop.folder / "r.md").read_text(), (shop.folder / "r.xml").read_text()):
        assert "\x1b" not in text
        assert "<script>" not in text or text == outcome.out
        assert "##[" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_the_terminal_gets_progress_and_a_pipe_does_not(shop: Shop) -> None:
    words = [
        sys.executable,
        "-m",
        "signet",
        "test",
        "-n",
        "catalog",
        "-v",
        "2.0.0",
        "--only",
        "replays",
        *shop.starts(),
    ]
    import pty

    leader, follower = pty.openpty()
    with subprocess.Popen(
        words, stderr=follower, stdout=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"}
    ) as one:
        os.close(follower)
        said = b""
        while True:
            try:
                more = os.read(leader, 65536)
            except OSError:
                break
            if not more:
                break
            said += more
        assert one.wait(60) == 0
    os.close(leader)
    assert b"contract of cart 1.0.0: 1 of 1: the item /items/1: passed" in said
    assert said.rstrip().endswith(b"\r\x1b[K".rstrip()), "the line is wiped"


def test_the_registry_is_the_only_place_that_is_written(shop: Shop) -> None:
    before = sorted(path.name for path in shop.folder.iterdir())
    assert shop.tests().code == 0
    assert sorted(path.name for path in shop.folder.iterdir()) == before
    assert open_repository(str(shop.folder / "registry"))
