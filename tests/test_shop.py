"""The shop: what its README tells is typed, on real processes, and what it starts always ends.

``python -m tests.test_shop`` types it and writes what it prints into the README anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from signet.live.provider.reach import free_port
from tests import tutorial

SHOP = tutorial.ROOT / "docs" / "examples" / "shop"
SERVICES = ("item", "inventory", "catalog", "cart", "accounting")
VARYING = (
    (re.compile(r"(?<=127\.0\.0\.1:)\d+"), "<port>"),
    (re.compile(r"\b\d+(?= requests?\b| succeeded\b)"), "<number>"),
    (re.compile(r"\b\d+\.\d s\b"), "<time>"),
    (re.compile(r"(?<=by schemathesis )[\d.]+|(?<=by pact-python )[\d.]+"), "<version>"),
    (re.compile(r"(?<=\S) {2,}"), "  "),
)
"""What is another on another day: ports, times; with other versions of the tools, also how many requests they make."""


def normal(output: str) -> str:
    """An output with ids, dates, and what varies made equal."""
    text = tutorial.normal(output)
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return text


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """A copy of the shop's folder; whatever a test starts there is gone in the end."""
    copy = tmp_path / "shop"
    shutil.copytree(SHOP, copy, ignore=shutil.ignore_patterns("run", "__pycache__"))
    yield copy
    _make(copy, "down")
    assert _left(copy) == []


def _make(shop: Path, *targets: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(shop.parent), "LC_ALL": "C.UTF-8", "NO_COLOR": "1", **variables}
    command = ["make", *targets]
    return subprocess.run(command, cwd=shop, env=environment, capture_output=True, text=True, check=False, timeout=300)


def _left(shop: Path) -> list[str]:
    """The command lines of all processes that work in a folder."""
    found = []
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            try:
                if (one / "cwd").resolve() == shop.resolve():
                    found.append((one / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
    return found


def _version(shop: Path, service: str) -> object:
    url = (shop / "run" / f"{service}.url").read_text().strip()
    return httpx.get(f"{url}/health").json()["version"]


def test_every_state_of_every_contract_can_be_set_by_functions_and_is_torn_down(shop: Path) -> None:
    asked = {
        (pact["provider"]["name"], state["name"], json.dumps(state["params"], sort_keys=True))
        for pact in (json.loads(path.read_bytes()) for path in (shop / "documents").glob("*-*.json"))
        for interaction in pact.get("interactions", ())
        for state in interaction["providerStates"]
    }
    assert len({provider for provider, _, _ in asked}) == 4
    script = "\n".join(
        [
            "import importlib, json, sys",
            "for provider, name, params in json.loads(sys.argv[1]):",
            "    module = importlib.import_module(f'{provider}.states')",
            "    def rows():",
            "        with module.database.open() as db:",
            "            return list(db.iterdump())",
            "    module.database.reset()",
            "    fresh = rows()",
            "    module.states[name](json.loads(params), action='setup')",
            "    changed = rows()",
            "    module.states[name](json.loads(params), action='teardown')",
            "    assert rows() == fresh, name",
            "    print(name, changed != fresh)",
        ]
    )
    command = [sys.executable, "-c", script, json.dumps(sorted(asked))]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" True\n") >= 5, "states that change nothing prove nothing"


@pytest.mark.slow
def test_states_are_set_by_url_only_where_somebody_has_asked_for_it(shop: Path) -> None:
    assert _make(shop, "up").returncode == 0
    inventory = (shop / "run" / "inventory.url").read_text().strip()
    change = {"state": "so many of an item are left", "params": {"item_id": "tea-1", "available": 7}}
    before = httpx.get(f"{inventory}/stock/tea-1").json()
    answer = httpx.post(f"{inventory}/_signet/states", json={**change, "action": "setup", "consumer": "cart"})
    assert (answer.status_code, answer.json()) == (200, {})
    assert httpx.get(f"{inventory}/stock/tea-1").json()["available"] == 7
    assert httpx.post(f"{inventory}/_signet/states", json={**change, "action": "teardown"}).status_code == 200
    assert httpx.get(f"{inventory}/stock/tea-1").json() == before
    assert httpx.post(f"{inventory}/_signet/states", json={"state": "it rains"}).status_code == 404
    assert "/_signet/states" not in httpx.get(f"{inventory}/openapi.json").text
    serve = [sys.executable, "serve.py", "inventory", "--with-parent"]
    with subprocess.Popen(serve, cwd=shop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as alone:
        assert alone.stdin is not None
        assert alone.stdout is not None
        url = alone.stdout.readline().strip()
        assert httpx.post(f"{url}/_signet/states", json=change).status_code == 404
        alone.stdin.close()


PAIRS = [
    ("cart", "1.0.0", "CatalogTest", "catalog", "1.0.0"),
    ("cart", "1.0.0", "InventoryTest", "inventory", "1.0.0"),
    ("cart", "1.1.0", "ItemTest", "item", "1.1.0"),
    ("catalog", "1.0.0", "ItemTest", "item", "1.0.0"),
    ("inventory", "1.0.0", "ItemTest", "item", "1.0.0"),
    ("accounting", "1.0.0", "CartTest", "cart", "1.0.0"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("consumer", "consumer_version", "test", "provider", "provider_version"), PAIRS)
def test_the_consumer_tests_run_through_the_proxy_and_what_it_writes_holds(
    shop: Path, consumer: str, consumer_version: str, test: str, provider: str, provider_version: str
) -> None:
    port = free_port()
    versions = {f"{consumer.upper()}_VERSION": consumer_version, f"{provider.upper()}_VERSION": provider_version}
    variables = {**os.environ, **versions, "STAND_IN_PORT": str(port), "PACT_DIR": "pacts", "PACT_DO_NOT_TRACK": "true"}

    def signet(*words: str) -> str:
        command = [sys.executable, "-m", "signet", *words]
        done = subprocess.run(command, cwd=shop, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    tests = ["--", sys.executable, "-m", "unittest", f"{consumer}.test_contracts.{test}"]
    pair = ["--name", consumer, "--provider-name", provider, "--variable", f"{provider.upper()}_URL"]
    for path in ("one.json", "two.json"):
        signet("proxy", "--target", f"http://127.0.0.1:{port}", *pair, "--path", path, *tests)
    assert (shop / "one.json").read_bytes() == (shop / "two.json").read_bytes()
    recorded = json.loads((shop / "one.json").read_bytes())["interactions"]
    written = json.loads((shop / "pacts" / f"{consumer}-{provider}.json").read_bytes())["interactions"]
    assert _essence(recorded) == _essence(written)

    signet("compare", "--spec", f"documents/{provider}-{provider_version}.openapi.json", "--contract", "one.json")
    serve = [sys.executable, "serve.py", provider, "--with-parent"]
    stated = {**variables, "SHOP_STATES": "on"}
    with subprocess.Popen(
        serve, cwd=shop, env=stated, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as alone:
        assert alone.stdin is not None
        assert alone.stdout is not None
        url = alone.stdout.readline().strip()
        replay = ["--contract", "one.json", "--provider-url", url, "--states-url", "/_signet/states", "--no-record"]
        told = signet("test", "--name", provider, "--only", "replays", *replay)
        alone.stdin.close()
    assert f"{len(recorded)} request" in told, told


def _essence(interactions: list[dict[str, Any]]) -> list[str]:
    """What a recorded contract and one that was written by hand have in common: requests, states and statuses."""
    return sorted(
        json.dumps(
            [
                *(one["request"]["method"], one["request"]["path"], one["request"].get("query")),
                *(one["request"].get("body", {}).get("content"), one["providerStates"], one["response"]["status"]),
            ],
            sort_keys=True,
        )
        for one in interactions
    )


@pytest.mark.slow
def test_the_readme_goes_from_nothing_to_a_blocked_and_then_an_allowed_deployment(shop: Path) -> None:
    told = tutorial.steps((shop / "README.md").read_text(encoding="utf-8"))
    printed = tutorial.play(told, shop, Path(sys.executable).parent / "signet", seconds=600)
    for step, output in zip(told, printed, strict=True):
        assert normal(output) == normal(step.output), f"$ {step.command}"
    asked = [at for at, step in enumerate(told) if step.command.startswith("signet deploy-guard")]
    assert [told[at].command for at in asked] == [told[asked[0]].command] * 2, "the same question twice"
    assert [printed[at + 1] for at in asked] == ["1\n", "0\n"], "first no, then yes"
    states = [step for step in told if step.command == "signet status"]
    assert states[0].output.count("not verified yet") == 5
    assert "not verified yet" not in states[1].output
    assert states[1].output.count("  verified  ") == 5
    assert _left(shop) == []


@pytest.mark.slow
def test_up_twice_starts_nothing_twice_and_another_version_replaces_one_service(shop: Path) -> None:
    assert _make(shop, "up").returncode == 0
    pids = {service: (shop / "run" / f"{service}.pid").read_text() for service in SERVICES}
    assert len(_left(shop)) == 5
    again = _make(shop, "up", CART_VERSION="1.1.0")
    assert again.stdout.count(" was up at ") == 4
    assert _version(shop, "cart") == "1.1.0"
    assert len(_left(shop)) == 5
    changed = {service for service in SERVICES if (shop / "run" / f"{service}.pid").read_text() != pids[service]}
    assert changed == {"cart"}
    refused = _make(shop, "publish-cart")
    assert refused.returncode != 0
    assert "cart 1.1.0 runs, and cart 1.0.0 is asked for" in refused.stderr
    too_early = _make(shop, "publish-cart", CART_VERSION="1.1.0")
    assert too_early.returncode != 0
    assert "make create-cart" in too_early.stderr


@pytest.mark.slow
def test_down_ends_all_whatever_happened_and_hits_no_stranger(shop: Path) -> None:
    assert _make(shop, "up").returncode == 0
    deaf = int((shop / "run" / "item.pid").read_text())
    os.kill(deaf, signal.SIGSTOP)
    killed = int((shop / "run" / "cart.pid").read_text())
    os.kill(killed, signal.SIGKILL)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        end = time.monotonic() + 10
        with (shop / "run" / "cart.pid").open("r+") as file:
            while time.monotonic() < end:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(0.05)
            file.write(str(stranger.pid))
        down = _make(shop, "down")
        assert (down.returncode, down.stdout.count("stopped"), down.stdout.count("was down")) == (0, 4, 1)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert _left(shop) == []
    assert _make(shop, "down").stdout.count("was down") == 5


def main() -> None:
    """Write what the commands of the shop's README print into it anew."""
    tutorial.renew(SHOP / "README.md", SHOP)


if __name__ == "__main__":
    main()
