"""Starting up stays light: what each command may not import, by name (a clock would be flaky)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.cli.conftest import Desk
from tests.domain import pact_bytes

LIBRARIES = {
    "pygit2",
    "dulwich",
    "yaml",
    "ruamel",
    "jsonschema_rs",
    "fastapi",
    "httpx",
    "openapi_schema_validator",
    "hypothesis",
    "schemathesis",
    "tenacity",
    "rich",
}


def _imported(*args: str, deep: bool = False) -> tuple[int, set[str]]:
    """The exit code, and the top-level modules that a process imported; ``deep``: all modules."""
    command = [sys.executable, "-X", "importtime", "-m", "signet", *args]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    names = re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s*(\S+)$", answer.stderr, re.MULTILINE)
    assert "signet" in {name.partition(".")[0] for name in names}
    return answer.returncode, set(names) if deep else {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("args", [["--help"], ["--version"], []])
def test_the_program_alone_imports_no_heavy_library(desk: Desk, args: list[str]) -> None:
    code, imported = _imported(*args)
    assert code == (0 if args else 2)
    assert not imported & (LIBRARIES | ({"pydantic"} if args else set()))


def test_help_of_a_command_imports_no_heavy_library(desk: Desk) -> None:
    code, imported = _imported("deploy-guard", "--help")
    assert code == 0
    assert not imported & LIBRARIES


def test_a_comparison_of_files_imports_only_what_it_needs(desk: Desk) -> None:
    spec, contract = desk.spec("openapi.json", "/items"), desk.pact("pact.json", "/items")
    code, imported = _imported("compare", "--spec", spec, "--contract", contract)
    assert code == 0
    assert not imported & (LIBRARIES | {"pydantic"})  # what fits is told without an engine


def test_deploy_guard_imports_only_what_it_needs(shop: Desk) -> None:
    code, imported = _imported("deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "staging")
    assert code == 1
    assert not imported & (LIBRARIES - {"pygit2", "yaml"})  # nothing was compared: not even jsonschema_rs
    code, imported = _imported("deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "production")
    assert code == 0
    assert not imported & (LIBRARIES - {"pygit2", "yaml", "jsonschema_rs"})


def test_deploy_guard_asked_twice_imports_nothing_that_compares(shop: Desk) -> None:
    pattern = {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "pattern": "^a"}}
    operation = {"parameters": [pattern], "responses": {"200": {"description": "ok"}}}
    spec = {"openapi": "3.0.3", "info": {"title": "catalog", "version": "1"}, "paths": {"/items": {"get": operation}}}
    (shop.folder / "patterned.json").write_text(json.dumps(spec))
    shop.does("publish", "-n", "catalog", "-v", "1.1.0", "-p", "patterned.json")
    shop.does("record-verification", "-n", "catalog", "-v", "1.1.0", "--passed")
    contract = json.loads(pact_bytes("cart", "catalog", "/items"))
    contract["interactions"][0]["request"]["query"] = "q=apple"
    (shop.folder / "asking.json").write_text(json.dumps(contract))
    shop.does("publish", "-v", "2.2.0", "asking.json")
    shutil.rmtree(os.environ["SIGNET_CACHE"], ignore_errors=True)
    told = []
    for _ in range(2):
        command = ["deploy-guard", "-n", "cart", "-v", "2.2.0", "-e", "production", "--with", "catalog@1.1.0"]
        code, imported = _imported(*command, deep=True)
        assert code == 0
        told.append(imported & {"jsonschema_rs", "signet.core.compare"})
    assert told == [{"jsonschema_rs", "signet.core.compare"}, set()]
