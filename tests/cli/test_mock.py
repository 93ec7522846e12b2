"""``signet mock`` as a user meets it: specs from files and from a registry, until somebody stops it."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from signet.core.model.fixture import Answered, Asked, Body, Fixture, Source
from signet.registry import documents, fixtures, layout
from tests.cli.conftest import Desk

ITEMS = Path(__file__).parents[1] / "live" / "mock_items.json"
FILE = "mock.url"


@dataclass
class Mock:
    """A mock that runs: where, and what it left when it has ended."""

    url: str
    process: subprocess.Popen[str]
    out: str = ""
    err: str = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"{self.url}{path}", headers=headers)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.out, self.err = self.process.communicate(timeout=30)
        return self.process.returncode


@contextmanager
def mocking(desk: Desk, *words: str) -> Iterator[Mock]:
    """The command as a process, once its URL is in its file."""
    command = [sys.executable, "-m", "signet", "mock", *words, "--url-file", FILE]
    process = subprocess.Popen(command, cwd=desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    file, end = desk.folder / FILE, time.monotonic() + 60
    try:
        while not file.exists():
            assert process.poll() is None and time.monotonic() < end, process.communicate()
            time.sleep(0.02)
        yield Mock(file.read_text().strip(), process)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_file_is_answered_for_until_it_is_stopped(desk: Desk, number: int) -> None:
    with mocking(desk, str(ITEMS)) as mock:
        assert mock.get("/items/7").json() == {"id": 7, "name": "pot"}
        assert mock.stop(number) == 0
    assert mock.out == f"{mock.url}\n"
    assert f"mock_items at {mock.url}, 8 operations" in mock.err
    assert list(desk.folder.iterdir()) == []


def test_services_of_a_registry_stand_side_by_side(shop: Desk) -> None:
    shop.spec("catalog-2.json", "/offers")
    shop.does("publish", "-n", "catalog", "-v", "2.0.0", "-b", "main", "-p", "catalog-2.json")
    with mocking(shop, "catalog@1.0.0", "next=catalog@2.0.0", f"items={ITEMS}", "--json") as mock:
        statuses = {
            path: mock.get(path).status_code
            for path in (
                "/catalog/items",
                "/catalog/offers",
                "/next/offers",
                "/next/items",
                "/items/items/7",
                "/items/7",
            )
        }
        assert mock.stop() == 0
    told = json.loads(mock.out)
    assert list(statuses.values()) == [200, 404, 200, 404, 200, 404]
    assert (told["schema"], told["url"]) == ("signet.mock/1", mock.url)
    assert [(each["name"], each["url"]) for each in told["services"]] == [
        (name, f"{mock.url}/{name}") for name in ("catalog", "next", "items")
    ]


def test_approved_fixtures_of_the_registry_come_first(shop: Desk) -> None:
    shop.does("publish", "-n", "stock", "-v", "1.0.0", "-b", "main", "-p", str(ITEMS))
    fixture = Fixture(
        *("stock", "GET /items/{id}", "tea", Asked("GET", "/items/9")),
        Answered(200, {}, Body("application/json", {"id": 9, "name": "tea"})),
        Source.PROVIDER,
    )
    of_production = replace(fixture, name="shop", environments=frozenset(["production"]))
    work = shop.folder / "work"
    subprocess.run(["git", "clone", "-q", "registry", work], check=True, cwd=shop.folder)
    for each in (fixture, of_production):
        path = work / layout.path("fixture", each.service, each.operation, each.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(documents.to_json(fixtures.document(each)))
    for words in (["add", "."], ["commit", "-qm", "fixtures"], ["push", "-q"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words], check=True, cwd=work)
    origins = []
    for more in ((), ("-e", "production")):
        with mocking(shop, "stock@1.0.0", *more) as mock:
            answer = mock.get("/items/9")
            origins.append(answer.headers["x-signet-answer"])
            assert answer.json() == {"id": 9, "name": "tea"}
            mock.stop()
    assert origins == ["fixture tea", "fixture shop"]


def test_names_that_the_registry_does_not_know(shop: Desk) -> None:
    assert (shop.signet("mock", "catalgo").code, shop.signet("mock", "catalog@9").code) == (2, 2)
    assert "catalog" in shop.signet("mock", "catalgo").err
    assert shop.signet("mock", "cart").code == 4  # it has no spec


def test_trouble_is_asked_for_by_options(desk: Desk) -> None:
    with mocking(desk, str(ITEMS), "--latency", "150ms", "--fault", "503:0.5", "--seed", "3") as mock:
        began = time.monotonic()
        first = [mock.get(f"/items/{number}").status_code for number in range(12)]
        assert time.monotonic() - began > 12 * 0.15
        mock.stop()
    with mocking(desk, str(ITEMS), "--fault", "503:0.5", "--seed", "3") as mock:
        assert [mock.get(f"/items/{number}").status_code for number in range(12)] == first
        mock.stop()
    assert set(first) == {200, 503}


def test_a_port_that_is_taken_is_an_error(desk: Desk) -> None:
    with mocking(desk, str(ITEMS)) as mock:
        port = mock.url.rpartition(":")[2]
        second = desk.signet("mock", str(ITEMS), "--port", port)
        assert (second.code, f"Port {port} cannot be listened on" in second.err) == (2, True)


# --- with a command --------------------------------------------------------------------------------------------------

ASK = """
import http.client, os, sys, urllib.parse
code, variable, *wanted = sys.argv[1:]
url = urllib.parse.urlsplit(os.environ[variable])
for each in wanted:
    path, _, status = each.partition("=")
    client = http.client.HTTPConnection(url.netloc)
    client.request("GET", url.path + path, headers={"X-Signet-State": "stocked"})
    if client.getresponse().status != int(status or 200):
        sys.exit(99)
sys.exit(int(code))
"""


def asking(*wanted: str, code: int = 0, variable: str = "SIGNET_PROVIDER_URL") -> list[str]:
    """A test run that asks for these paths (``PATH=STATUS``, 200 unless it says so), and ends with this code."""
    return ["--", sys.executable, "-c", ASK, str(code), variable, *wanted]


def test_a_command_runs_at_the_mock_and_its_exit_code_is_kept(desk: Desk) -> None:
    assert desk.does("mock", str(ITEMS), *asking("/items/7", "/nowhere=404")).out == ""
    assert desk.signet("mock", str(ITEMS), *asking("/items/7", code=7)).code == 7
    assert desk.signet("mock", str(ITEMS), *asking("/nowhere")).code == 99
    assert desk.signet("mock", str(ITEMS), "--", "no-such-program").code == 2
    assert list(desk.folder.iterdir()) == []


def test_with_json_stdout_is_one_document(desk: Desk) -> None:
    told = desk.does("mock", str(ITEMS), "--json", "--", sys.executable, "-c", "print('of the tests')").answer
    assert told["schema"] == "signet.mock/1"


def test_each_service_has_its_variable(desk: Desk) -> None:
    words = ("mock", f"a={ITEMS}", f"b={ITEMS}", "--variable", "API", "--variable", "B_URL=b")
    desk.does(*words, *asking("/items/7", variable="B_URL"))
    desk.does(*words, *asking("/a/items/7", variable="API"))


def test_a_command_that_is_interrupted_takes_the_mock_with_it(desk: Desk) -> None:
    words = ("--", sys.executable, "-c", "import time; time.sleep(60)")
    command = [sys.executable, "-m", "signet", "mock", str(ITEMS), "--url-file", FILE, *words]
    process = subprocess.Popen(command, cwd=desk.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not (desk.folder / FILE).exists() and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(desk.folder.iterdir()) == []


# --- with a recording ------------------------------------------------------------------------------------------------

RECORD = ("--record", "pacts/cart.json", "--name", "cart")


def test_what_was_asked_becomes_a_contract_that_fits(desk: Desk) -> None:
    words = ("mock", f"stock={ITEMS}", *RECORD, *asking("/items/7", "/v1/items/8", "/items/latest"))
    assert desk.does(*words).out == "pacts/cart.json: 3 interactions of 3 exchanges\n"
    written = (desk.folder / "pacts/cart.json").read_bytes()
    contract = json.loads(written)
    assert (contract["consumer"], contract["provider"]) == ({"name": "cart"}, {"name": "stock"})
    assert {item["providerStates"][0]["name"] for item in contract["interactions"]} == {"stocked"}
    assert b"x-signet" not in written.lower()
    desk.does("compare", "--spec", str(ITEMS), "--contract", "pacts/cart.json")
    assert desk.does(*words).out.endswith("3 exchanges, as before\n")


def test_wrong_requests_and_faults_are_not_recorded_unless_asked(desk: Desk) -> None:
    asked = asking("/items/7", "/items/seven=400", "/nowhere=404")
    done = desk.does("mock", f"stock={ITEMS}", *RECORD, *asked)
    assert "1 interaction of 1 exchange" in done.out
    assert "a request that was refused (GET /items/{id}: request.path.incompatible)" in done.err
    assert "a request that was refused (no operation of the spec: request.path.unknown)" in done.err
    done = desk.does("mock", f"stock={ITEMS}", *RECORD, "--record-refused", *asked)
    assert "3 interactions of 3 exchanges" in done.out
    faulty = desk.signet(
        "mock", f"stock={ITEMS}", "--record", "none.json", "--name", "cart", "--fault", "503", *asking("/items/7=503")
    )
    assert (faulty.code, "a fault that was asked for" in faulty.err) == (4, True)
    assert not (desk.folder / "none.json").exists()


def test_what_is_said_to_the_mock_alone_is_in_no_contract(desk: Desk) -> None:
    with mocking(desk, f"stock={ITEMS}", *RECORD) as mock:
        assert mock.get("/items/7", Prefer="code=404").status_code == 404
        assert mock.get("/items/7", Prefer="handling=lenient").status_code == 200
        with httpx.Client(trust_env=False) as client:
            assert client.options(f"{mock.url}/items/7").status_code == 204
            assert client.head(f"{mock.url}/items/7").status_code == 200
        assert mock.stop() == 0
    contract = (desk.folder / "pacts/cart.json").read_text()
    assert len(json.loads(contract)["interactions"]) == 2
    assert ("code=404" in contract, "handling=lenient" in contract) == (False, True)


def test_each_service_has_its_contract(desk: Desk) -> None:
    (desk.folder / "pacts").mkdir()
    words = ("mock", f"a={ITEMS}", f"b={ITEMS}", "--record", "pacts", "--name", "cart", "--json")
    done = desk.does(*words, *asking("/a/items/7", "/b/items/8"))
    assert [each["path"] for each in done.answer["contracts"]] == ["pacts/cart-a.json", "pacts/cart-b.json"]
    paths = {
        name: [
            item["request"]["path"]
            for item in json.loads((desk.folder / f"pacts/cart-{name}.json").read_text())["interactions"]
        ]
        for name in ("a", "b")
    }
    assert paths == {"a": ["/items/7"], "b": ["/items/8"]}


def test_tests_that_fail_write_no_contract(desk: Desk) -> None:
    failed = desk.signet("mock", f"stock={ITEMS}", *RECORD, *asking("/items/7", code=3))
    assert (failed.code, "no contract is written of 1 exchange" in failed.err) == (3, True)
    assert not (desk.folder / "pacts").exists()
    assert desk.signet("mock", f"stock={ITEMS}", *RECORD, "--write-failed", *asking("/items/7", code=3)).code == 3
    assert (desk.folder / "pacts/cart.json").exists()


@pytest.mark.parametrize(("more", "statuses"), [((), [200]), (("--record-refused",), [200, 400, 404])])
def test_a_proxy_before_a_mock_records_what_a_provider_would_answer(
    desk: Desk, more: tuple[str, ...], statuses: list[int]
) -> None:
    """What the mock refuses is no provider's answer, and a contract that expects it would ask the provider for it."""
    proxy = [sys.executable, "-m", "signet", "proxy", "--name", "cart", "--provider-name", "stock", "--path", "p.json"]
    words = shlex.join([*proxy, *more, *asking("/items/7", "/items/seven=400", "/nowhere=404")])
    desk.does("mock", str(ITEMS), "--", "sh", "-c", f'SIGNET_TARGET_URL="$SIGNET_PROVIDER_URL" exec {words}')
    contract = json.loads((desk.folder / "p.json").read_text())
    assert sorted(one["response"]["status"] for one in contract["interactions"]) == statuses
