"""The pytest plugin in sessions of its own, which are processes; no plugin but it is loaded there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.live.providers import everything

pytest_plugins = "pytester"

PLUGIN = "signet.testing.pytest_plugin"
SESSION = """
import json, os, urllib.request
import pytest

@pytest.fixture(scope="session")
def catalog(signet_recorder):
    return signet_recorder(os.environ["PROVIDER"], consumer="cart", provider="catalog")

def ask(catalog, path):
    with urllib.request.urlopen(catalog.url + path) as answer:
        return json.load(answer)

@pytest.mark.parametrize("number", [1, 2])
def test_reads(catalog, number):
    with catalog.state("an item is offered", number=number):
        assert ask(catalog, f"/items/{number}")["id"] == number
"""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.Pytester]:
    """A folder with tests of a consumer, and the provider that they ask."""
    pytester.makepyfile(test_cart=SESSION)
    with everything() as url:
        monkeypatch.setenv("PROVIDER", url)
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("PYTEST_ADDOPTS", f"-p {PLUGIN}")
        yield pytester


def contract(session: pytest.Pytester) -> Path:
    return session.path / "pacts" / "cart-catalog.json"


def test_the_contract_is_written_when_all_tests_have_passed(session: pytest.Pytester) -> None:
    done = session.runpytest_subprocess()
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["signet: pacts/cart-catalog.json: 2 interactions of 2 exchanges"])
    told = [item["providerStates"] for item in json.loads(contract(session).read_bytes())["interactions"]]
    assert told == [[{"name": "an item is offered", "params": {"number": number}}] for number in (1, 2)]
    before = contract(session).read_bytes()
    done = session.runpytest_subprocess()
    done.stdout.fnmatch_lines(["signet: pacts/cart-catalog.json: 2 interactions of 2 exchanges, as before"])
    assert contract(session).read_bytes() == before


@pytest.mark.parametrize("more", ["def test_other():\n    assert False\n", "def test_other(nothing):\n    pass\n"])
def test_none_is_written_when_any_test_has_not(session: pytest.Pytester, more: str) -> None:
    session.makepyfile(test_other=more)
    done = session.runpytest_subprocess()
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines(["signet: no contract is written, since the tests did not pass"])
    assert not contract(session).exists()


def test_a_session_that_asked_nothing_fails_and_says_why(session: pytest.Pytester) -> None:
    session.makepyfile(test_cart=SESSION.replace('assert ask(catalog, f"/items/{number}")["id"] == number', "pass"))
    done = session.runpytest_subprocess()
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines(["signet: pacts/cart-catalog.json: Nothing was recorded*"])


@pytest.mark.slow
def test_what_cannot_be_meant_is_said_without_a_traceback(session: pytest.Pytester) -> None:
    session.makepyfile(test_cart=SESSION.replace('consumer="cart"', 'consumer="../cart"'))
    done = session.runpytest_subprocess()
    done.assert_outcomes(errors=2)
    assert "Traceback" not in done.stdout.str() and "signet/testing" not in done.stdout.str()


@pytest.mark.slow
def test_workers_are_told_to_use_the_command(session: pytest.Pytester) -> None:
    done = session.runpytest_subprocess("-p", "xdist.plugin", "-n", "2")
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines(["*Record them all: signet proxy*"])
    assert not contract(session).exists()


def test_pytest_finds_it_where_signet_is_installed() -> None:
    assert [one.value for one in entry_points(group="pytest11", name="signet")] == [PLUGIN]


def test_a_session_that_does_not_use_it_imports_nothing_for_it(session: pytest.Pytester) -> None:
    session.makepyfile(test_cart="import sys\n\ndef test_nothing():\n    print(*sorted(sys.modules))\n")
    done = session.runpytest_subprocess("-s")
    done.assert_outcomes(passed=1)
    imported = set(done.stdout.str().split())
    assert {name for name in imported if name.partition(".")[0] == "signet"} == {
        "signet", "signet.errors", "signet.testing", "signet.testing.mock", "signet.testing.record", PLUGIN,
    }  # fmt: skip
    assert not {name.partition(".")[0] for name in imported} & {"h11", "pydantic", "pygit2", "jsonschema_rs", "typer"}
