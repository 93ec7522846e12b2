"""A service on a PostgreSQL that is not as it should be does not start, says what is wrong, and says no password."""

# ruff: noqa: F811, S608 - fixtures are imported by name, and SQL is put together of names of ours

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from signet.service.index import tables
from signet.service.webhooks.store import CURSORS
from tests.cli.conftest import Desk, desk  # noqa: F401
from tests.domain import Team
from tests.service.postgres import Server, postgres, server  # noqa: F401
from tests.service.served import serving

pytestmark = pytest.mark.slow
PASSWORD = "canary-of-the-password"


@pytest.fixture
def guarded(server: Server, postgres: str) -> Iterator[str]:
    """A database whose user must show a password, and may make no table."""
    rules = server.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{before}")
    plain = postgres.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"create role guarded login password '{PASSWORD}'".encode())
        connection.execute("revoke create on schema public from public")
        connection.execute("select pg_reload_conf()")
        yield plain.replace("//signet@", f"//guarded:{PASSWORD}@")
        connection.execute("drop owned by guarded")
        connection.execute("drop role guarded")
    rules.write_text(before)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry.git")


def refused(desk: Desk, team: Team, code: int, says: str) -> None:
    kept = str(desk.folder / "kept")
    outcome = desk.signet("serve", "--registry", team.location, "--port", "0", "--folder", kept)
    assert outcome.code == code and says in outcome.err, outcome
    assert "canary" not in outcome.err and "Traceback" not in outcome.err


@pytest.mark.parametrize("variable", ["SIGNET_DATABASE_URL", "SIGNET_STORE_URL"])
def test_with_a_wrong_password_or_without_the_right_to_make_tables(
    desk: Desk, team: Team, guarded: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    for url in (guarded.replace(PASSWORD, "canary-of-another"), guarded):
        monkeypatch.setenv(variable, url)
        refused(desk, team, 4, "index" if variable == "SIGNET_DATABASE_URL" else "store")


def test_of_a_newer_signet(
    desk: Desk,
    team: Team,
    postgres: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "service", team.location, SIGNET_DATABASE_URL=postgres) as service:
        assert service.ends() == 0
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"update {tables.about.name} set format = format + 1".encode())
    monkeypatch.setenv("SIGNET_DATABASE_URL", postgres)
    refused(desk, team, 2, "Use a newer Signet")


@pytest.mark.parametrize("table", [tables.about.name, CURSORS.name])
def test_where_somebody_else_has_a_table_of_that_name(
    desk: Desk,
    team: Team,
    postgres: str,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
) -> None:
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"create table {table} (customer text)".encode())
        monkeypatch.setenv("SIGNET_DATABASE_URL", postgres)
        outcome = desk.signet(
            "serve", "--registry", team.location, "--port", "0", "--folder", str(desk.folder / "kept")
        )
        assert outcome.code in (2, 4) and "Traceback" not in outcome.err, outcome
        columns = connection.execute(
            "select column_name from information_schema.columns where table_name = %s", [table]
        )
        assert columns.fetchall() == [("customer",)]
