"""Where the value of an option comes from: flag, variable, ``.signetrc.yaml``, default."""

from __future__ import annotations

import pytest

from signet.cli import app, config
from tests.cli.conftest import Desk


def _write(desk: Desk, text: str) -> None:
    (desk.folder / ".signetrc.yaml").write_text(text, encoding="utf-8")


def _said(desk: Desk, *args: str) -> str:
    """The subject of what a run recorded."""
    return str(desk.does(*args, "--json").answer["subject"])


def test_a_flag_goes_before_a_variable_before_the_file_before_the_default(
    shop: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(shop, "register-version: {name: of-the-file, version: '1.10', branch: trunk}\n")
    assert _said(shop, "register-version") == "register: of-the-file 1.10"
    monkeypatch.setenv("SIGNET_NAME", "of-the-variable")
    assert _said(shop, "register-version") == "register: of-the-variable 1.10"
    assert _said(shop, "register-version", "--name", "of-the-flag") == "register: of-the-flag 1.10"
    monkeypatch.delenv("SIGNET_NAME")
    ignored = shop.signet("register-version", "-i", "-v", "1.10")
    assert (ignored.code, "--name is missing" in ignored.err) == (2, True)


def test_the_registry_stands_at_the_top_for_every_command(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIGNET_REGISTRY")
    assert shop.signet("status").code == 2
    _write(shop, "registry: registry\n")
    shop.does("status")
    shop.does("owed")


def test_a_profile_goes_before_the_rest_and_an_environment_chooses_its_own(
    shop: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
        deploy-guard: {name: cart, version: 2.1.0, environment: staging}
        profiles:
          production: {deploy-guard: {dry-run: true}}
          strict: {deploy-guard: {environment: production, ignore: [catalog]}}
        """
    _write(shop, text)
    assert shop.signet("deploy-guard").code == 1  # staging: nothing is live there
    assert shop.signet("deploy-guard", "--environment", "production").code == 0
    monkeypatch.setenv("SIGNET_ENVIRONMENT", "production")
    assert shop.signet("deploy-guard", "--name", "cart").code == 0
    monkeypatch.delenv("SIGNET_ENVIRONMENT")
    assert "nothing-to-check" in shop.does("deploy-guard", "--profile", "strict").out
    monkeypatch.setenv("SIGNET_PROFILE", "strict")
    assert "nothing-to-check" in shop.does("deploy-guard").out
    unknown = shop.signet("deploy-guard", "--profile", "strct")
    assert (unknown.code, "did you mean 'strict'?" in unknown.err) == (2, True)


def test_an_alias_reads_the_section_of_its_command(shop: Desk) -> None:
    _write(shop, "update-deployment: {name: cart, version: 2.1.0, environment: production, guard: false}\n")
    assert _said(shop, "record-release") == "release: cart 2.1.0 to production"
    assert _said(shop, "record-deployment") == "deploy: cart 2.1.0 to production"


def test_every_fault_of_the_file_is_said_at_once_with_its_line(desk: Desk) -> None:
    _write(
        desk,
        "registri: x\n"
        "publish:\n"
        "  pth: a\n"
        "  name: [a]\n"
        "  path: [a, {b: c}]\n"
        "deploy-guard: {wait: soon, dry-run: maybe, json: 1}\n"
        "update-deployment: {delete: true}\n"
        "delete-integration: {yes: true}\n"
        "can-i-deploy: {name: x}\n"
        "owed: 3\n"
        "profiles:\n"
        "  a: 1\n"
        "  b: {publish: {verison: 1}}\n",
    )
    outcome = desk.signet("status", "--json")
    assert outcome.code == 2
    found = {(fault["pointer"], fault["line"]) for fault in outcome.answer["faults"]}
    assert found == {
        ("/registri", 1),
        ("/publish/pth", 3),
        ("/publish/name", 4),
        ("/publish/path", 5),
        ("/deploy-guard/wait", 6),
        ("/deploy-guard/dry-run", 6),
        ("/deploy-guard/json", 6),
        ("/update-deployment/delete", 7),
        ("/delete-integration/yes", 8),
        ("/can-i-deploy", 9),
        ("/owed", 10),
        ("/profiles/a", 12),
        ("/profiles/b/publish/verison", 13),
    }
    assert "did you mean 'registry'?" in outcome.err
    assert "did you mean 'path'?" in outcome.err
    assert outcome.answer["code"] == "configuration-refused"


@pytest.mark.parametrize("text", ["a: [", "- a", "a: 1\na: 2\n", "\x00"])
def test_a_file_that_is_no_mapping_is_wrong_use(desk: Desk, text: str) -> None:
    _write(desk, text)
    outcome = desk.signet("status")
    assert outcome.code == 2
    assert ".signetrc.yaml" in outcome.err


def test_an_empty_file_says_nothing(shop: Desk) -> None:
    _write(shop, "# nothing yet\n")
    shop.does("status")


def test_help_is_shown_whatever_the_file_says(desk: Desk) -> None:
    _write(desk, "a: [")
    assert desk.does("publish", "--help").out.startswith("Usage: signet publish")


def test_what_a_command_does_is_in_neither_the_file_nor_a_variable() -> None:
    switches = {"delete", "release", "end_support", "passed", "yes", "matrix", "no_record", "replay", "replay_all"}
    found = set()
    for name in app.available():
        for param in app.command(name).params:
            if param.name in switches:
                found.add(param.name)
                assert param.envvar is None
    assert found == switches


def test_every_other_option_has_the_variable_of_its_name() -> None:
    for name in app.available():
        for param in app.command(name).params:
            long = next((option[2:] for option in param.opts if option.startswith("--")), "")
            if param.envvar is not None:
                assert param.envvar == "SIGNET_" + long.upper().replace("-", "_")
            else:
                actions = {"delete", "release", "end-support", "yes", "matrix", "no-record", "dry-run", "replay"}
                assert long in actions | {"replay-all", "before", "", "passed", "junit", "exit-code"}, (name, long)


def test_a_list_and_a_number_arrive_as_what_they_are() -> None:
    options = app.configurable("deploy-guard")
    assert options is not None
    assert {key: options[key] for key in ("ignore", "wait", "dry-run", "name", "target")} == {
        "ignore": "list",
        "wait": "number",
        "dry-run": "switch",
        "name": "text",
        "target": "text",
    }
    assert (app.configurable("log") or {})["limit"] == "whole"
    assert app.configurable("no-such-command") is None
    assert config.FILE == ".signetrc.yaml"
