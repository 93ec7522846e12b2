"""``docs/reference.md`` is complete: every command, option, variable, reason, finding, error and exit code is in it.

``SIGNET_REGENERATE=1 pytest tests/cli/test_reference.py`` brings the parts up to date that come from tables.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import signet
from signet import errors
from signet.cli import app, config
from tests.cli.conftest import REGENERATE
from tests.cli.reference import REFERENCE, filled


@pytest.fixture(scope="module")
def reference() -> str:
    text = REFERENCE.read_text(encoding="utf-8")
    if REGENERATE:
        text = filled(text)
        REFERENCE.write_text(text, encoding="utf-8")
    return text


def test_the_parts_that_come_from_tables_are_up_to_date(reference: str) -> None:
    assert filled(reference) == reference, "run this test with SIGNET_REGENERATE=1"


def test_every_command_and_option_is_named(reference: str) -> None:
    for name in app.available():
        section = re.search(rf"^### signet {re.escape(name)}$(.*?)(?=^#|\Z)", reference, re.MULTILINE | re.DOTALL)
        assert section, name
        for param in app.command(name).params:
            for option in (*param.opts, *param.secondary_opts):
                if option.startswith("-") and name != "can-i-deploy":
                    where = reference if param.name in ("profile", "ignore_config") else section[1]
                    assert f"`{option}`" in where, (name, option)


def test_every_code_of_an_error_is_explained(reference: str) -> None:
    package = Path(signet.__file__).parent
    given = {"unknown-service", "unknown-version", "unknown-environment", config.ConfigurationRefused.code}
    for path in package.rglob("*.py"):
        given |= set(re.findall(r'\bcode="([a-z-]+)"', path.read_text(encoding="utf-8")))
    given |= {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}
    for code in given - {"error"}:
        assert f"`{code}`" in reference, code


def test_every_variable_that_the_program_reads_is_named(reference: str) -> None:
    package = Path(signet.__file__).parent
    read: set[str] = set()
    for path in package.rglob("*.py"):
        read |= set(re.findall(r"\"(SIGNET_[A-Z_]+)\"", path.read_text(encoding="utf-8")))
    for variable in read:
        assert variable in reference, variable


def test_a_variable_means_the_same_for_every_command() -> None:
    """A job sets its variables once: what one command takes for a file, no other may take for a revision."""
    meanings: dict[str, dict[str, str]] = {}
    for name in app.COMMANDS:
        for option in app.command(name).params:
            for variable in [option.envvar] if isinstance(option.envvar, str) else option.envvar or ():
                kind = re.split(r"[|=\[]", option.metavar or "")[0]
                meanings.setdefault(variable, {})[name] = kind
    assert {one: said for one, said in meanings.items() if len(set(said.values())) > 1} == {}


def test_every_schema_of_an_answer_is_named(reference: str) -> None:
    package = Path(signet.__file__).parent
    schemas: set[str] = set()
    for path in package.rglob("*.py"):
        schemas |= set(re.findall(r"\"(signet\.[a-z]+/1)\"", path.read_text(encoding="utf-8")))
    assert len(schemas) >= 7
    for schema in schemas:
        assert f"`{schema}`" in reference, schema


def test_the_list_of_commands_says_what_their_help_says() -> None:
    for name in app.available():
        if name not in app.ALIASES:
            assert app.COMMANDS[name][1] == app.command(name).help.split("\n", 1)[0]
