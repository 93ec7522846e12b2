"""No control character and no command of a CI runner gets out of any command, wherever the data comes from.

(safety.md T41, T42.) The registry here is written by hand, by somebody who means harm.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from signet.cli import app
from signet.registry import git
from tests.cli.conftest import Desk, Outcome
from tests.cli.test_render import ANYTHING, HOSTILE, is_harmless
from tests.domain import pact_bytes

QUIET = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
WICKED = "x\n::error::pwn\r\x1b[2K\x1b[1A[ok] \x9b31m \u202e \x7f ##[error] \x1b]52;c;eA==\x07"


def _assert_harmless(outcome: Outcome, command: object) -> None:
    for line in (*outcome.out.split("\n"), *outcome.err.split("\n")):
        assert is_harmless(line), (command, line)
    assert "\r" not in outcome.out + outcome.err
    assert outcome.code in (0, 1, 2, 3, 4), (command, outcome)


def _clean(text: str) -> str:
    """What an argument or a message of git can hold: no NUL, no lone surrogate."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


GIVEN = {"--name": "cart", "--version": "2.1.0", "--environment": "production"}
ENDING = {"serve": "--log-format=none"}
"""What has a command refuse that would else go on until it is stopped."""


@pytest.mark.parametrize("name", [name for name in app.available() if name not in ("demo", "init", *app.ALIASES)])
def test_whatever_is_typed(shop: Desk, name: str) -> None:
    params = app.command(name).params
    takes = {one for param in params for one in param.opts}
    for param in params:
        option = next((one for one in param.opts if one.startswith("--")), None)
        if option is None or param.is_flag or option in ("--registry", "--wait", "--timeout"):
            continue
        known = [f"{key}={value}" for key, value in GIVEN.items() if key in takes and key != option]
        known += [one for one in (ENDING.get(name, ""),) if one and not one.startswith(f"{option}=")]
        for text in (WICKED, "\udcff", ""):
            _assert_harmless(shop.signet(name, *known, f"{option}={text}"), (name, option))


@QUIET
@given(text=ANYTHING | HOSTILE)
def test_whatever_is_asked_for(shop: Desk, text: str) -> None:
    for command in (
        ["deploy-guard", "-n", text, "-v", text, "-e", text],
        ["status", text],
        [text],
        ["log", "--at", text],
    ):
        _assert_harmless(shop.signet(*command), command)
        _assert_harmless(shop.signet(*command, "--json"), command)


@pytest.mark.parametrize("location", [WICKED, f"https://x/{WICKED}", f"./{WICKED}"])
def test_whatever_is_named_as_a_registry(desk: Desk, location: str) -> None:
    for command in (["status", "--registry", location], ["init", location], ["doctor", "-r", location, "--json"]):
        _assert_harmless(desk.signet(*command), command)


def _written_by_hand(desk: Desk, edits: dict[str, bytes], message: str) -> None:
    repo = git.open_repository(str(desk.folder / "registry"))
    head = git.head(repo)
    assert git.publish(repo, head, git.commit(repo, head, edits, message)).status == "accepted"


QUESTIONS = [
    ["status"],
    ["log", "--limit", "2"],
    ["owed"],
    ["deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "production", "--explain"],
    ["deploy-guard", "-n", "catalog", "-v", "1.0.0", "-e", "staging"],
    ["compare", "--spec", "catalog@1.0.0", "--contract", "cart@2.1.0"],
    ["compare", "--spec", "catalog", "--contract", "wicked.json"],
    ["publish", "-v", "7", "wicked.json"],
    ["update-deployment", "-n", "cart", "-v", "2.1.0", "-e", "production", "--guard"],
    ["register-version", "-n", "cart", "-v", "8"],
    ["doctor"],
]


@QUIET
@given(text=ANYTHING | HOSTILE)
def test_whatever_the_registry_says(shop: Desk, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    clean = _clean(text)
    monkeypatch.setenv("GIT_AUTHOR_NAME", clean.replace("\n", " ") or "x")
    quoted = json.dumps(clean)
    spec = {"openapi": "3.0.3", "info": {"title": clean, "version": clean}, "paths": {f"/{clean}": {}, "/items": {}}}
    edits = {
        "environments/production.yaml": f"display_name: {quoted}\nproduction: true\n".encode(),
        "services/cart/service.yaml": f"owners: [{quoted}]\nrepository: {quoted}\n".encode(),
        "services/catalog/openapi.yaml": json.dumps(spec).encode(),
    }
    _written_by_hand(shop, edits, clean + "\n\nSignet-Event: " + clean)
    pact = json.loads(pact_bytes("cart", "catalog", "/items", f"/nowhere/{clean}"))
    pact["interactions"][1]["description"] = text
    (shop.folder / "wicked.json").write_text(json.dumps(pact))
    for question in QUESTIONS:
        _assert_harmless(shop.signet(*question), question)
        _assert_harmless(shop.signet(*question, "--json"), question)


def test_a_broken_file_is_named_harmlessly(shop: Desk) -> None:
    _written_by_hand(shop, {"services/cart/service.yaml": f"{json.dumps(WICKED)}: 1\n".encode()}, "x")
    outcome = shop.signet("status")
    assert outcome.code == 3
    _assert_harmless(outcome, "status")


def test_a_configuration_file_is_untrusted_too(desk: Desk) -> None:
    (desk.folder / ".signetrc.yaml").write_text(f"{json.dumps(WICKED)}: {json.dumps(WICKED)}\n", encoding="utf-8")
    outcome = desk.signet("status", "--json")
    assert outcome.code == 2
    _assert_harmless(outcome, "status")


def test_a_path_that_is_not_text_is_shown(desk: Desk) -> None:
    outcome = desk.signet("publish", "-v", "1", "a\udcffb.json")
    assert outcome.code == 2
    assert "a\\udcffb.json" in outcome.err
    assert Path("a").exists() is False
