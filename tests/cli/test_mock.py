"""``signet mock`` as a user meets it: specs from files and from a registry, until somebody stops it."""

from __future__ import annotations

import json
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
    with mocking(desk, str(ITEMS), "--latency", "300ms", "--fault", "503:0.5", "--seed", "3") as mock:
        began = time.monotonic()
        first = [mock.get(f"/items/{number}").status_code for number in range(12)]
        assert time.monotonic() - began > 12 * 0.3
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
