"""Mocks within a program, and as a fixture of pytest: a provider by its spec, as long as the block or the session."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from signet.errors import SignetError, UsageError
from signet.testing import mocking, recording
from tests.testing.test_pytest_plugin import PLUGIN

pytest_plugins = "pytester"

ITEMS = Path(__file__).parents[1] / "live" / "mock_items.json"
SESSION = """
import urllib.request
import pytest

@pytest.fixture
def items(signet_mock):
    return signet_mock(SPEC)

@pytest.mark.parametrize("number", [1, 2])
def test_reads(items, signet_mock, number):
    with urllib.request.urlopen(f"{items.url}/items/{number}") as answer:
        assert answer.headers["X-Signet-Answer"] == "example pot"
    assert items.refused == []
    assert signet_mock(SPEC) is items
    assert signet_mock(SPEC, seed=1) is not items

def test_of_no_spec(signet_mock):
    signet_mock("no-such-file.yaml")
"""


def test_a_provider_is_there_while_the_block_runs() -> None:
    with mocking(ITEMS) as items, httpx.Client(base_url=items.url, trust_env=False) as client:
        assert client.get("/items/7").json() == {"id": 7, "name": "pot"}
        assert items.refused == []
        assert client.get("/items/seven?secret=canary").status_code == 400
        assert client.get("/canary").status_code == 404
        assert client.get("/wrong").status_code == 200
        url = items.url
    assert items.refused == ["GET /items/{id}: 400 request.path.incompatible", "no operation: 404 request.path.unknown"]
    assert [note[:26] for note in items.notes] == ["provider: The example at /"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/items/7", trust_env=False)


def test_a_document_will_do_and_trouble_can_be_asked_for() -> None:
    document = json.loads(ITEMS.read_text("utf-8"))
    with mocking(document, faults=["503"]) as items:
        assert httpx.get(f"{items.url}/items/7", trust_env=False).status_code == 503
    assert items.refused == []


def test_what_is_no_spec_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: 1\n")
    for spec in (tmp_path / "x.yaml", tmp_path, tmp_path / "none", {"a": 1}, {"openapi": object()}):
        with pytest.raises(SignetError), mocking(spec):
            pass
    for more in ({"latency": "fast"}, {"faults": ["200"]}):
        with pytest.raises(UsageError), mocking(ITEMS, **more):  # type: ignore[arg-type]
            pass


def test_a_mock_can_be_recorded(tmp_path: Path) -> None:
    with mocking(ITEMS) as items, recording(items.url, consumer="cart", provider="stock", path=tmp_path) as recorded:
        httpx.get(f"{recorded.url}/items/7", trust_env=False)
    contract = json.loads((tmp_path / "cart-stock.json").read_bytes())
    assert [each["description"] for each in contract["interactions"]] == ["GET /items/7 answers 200"]


def test_pytest_has_a_fixture(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p {PLUGIN}")
    pytester.makepyfile(test_items=SESSION.replace("SPEC", repr(str(ITEMS))))
    done = pytester.runpytest_subprocess()
    done.assert_outcomes(passed=2, failed=1)
    done.stdout.fnmatch_lines(["*no-such-file.yaml cannot be read: No such file or directory.*"])
