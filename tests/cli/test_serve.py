"""``signet serve``: it says where it is, ends in good order, and does not begin where something is missing."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from signet.service.running import alone
from tests.cli.conftest import Desk, Outcome
from tests.domain import Team
from tests.service import pushes
from tests.service.served import serving, started
from tests.service.test_hooks import SECRET, genuine

LONG = "long-enough-for-a-secret"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry.git")


def test_it_says_where_it_is_and_ends_in_good_order(team: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "service", team.location, "--json") as service:
        assert f'"url": "{service.url}"' in service.log.read_text()
        assert httpx.get(f"{service.url}/readyz").json() == {"status": "ready"}
        assert stat.S_IMODE((tmp_path / "service" / "kept").stat().st_mode) == 0o700
        assert service.ends() == 0
        assert not service.url_file.exists()
        with pytest.raises(httpx.ConnectError):
            httpx.get(service.url)


@pytest.mark.slow
def test_what_is_on_its_way_is_answered_before_the_end(team: Team, tmp_path: Path) -> None:
    """And nobody new is."""
    body = pushes.github()
    head = "".join(f"{name}: {value}\r\n" for name, value in genuine("github", body))
    with serving(tmp_path / "service", team.location, SIGNET_HOOK_GITHUB_SECRET=SECRET) as service:
        with socket.create_connection(("127.0.0.1", service.port)) as caller:
            start = f"POST /hooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n{head}\r\n"
            caller.sendall(start.encode() + body[:10])
            httpx.get(f"{service.url}/healthz")
            service.process.send_signal(signal.SIGTERM)
            _until_nobody_listens(service.port)
            caller.sendall(body[10:])
            assert caller.recv(1000).startswith(b"HTTP/1.1 202 Accepted")
        assert service.process.wait(20) == 0


def _until_nobody_listens(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            return


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(team: Team, tmp_path: Path) -> None:
    with serving(tmp_path / "service", team.location) as service:
        with socket.create_connection(("127.0.0.1", service.port)) as caller:
            caller.sendall(b"POST /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n")
            caller.recv(10)
            caller.sendall(b"x" * 10 + b"POST /hooks/plain HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n")
            httpx.get(f"{service.url}/healthz")
            service.process.send_signal(signal.SIGTERM)
            _until_nobody_listens(service.port)
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(5) == 128 + signal.SIGTERM
        assert not service.url_file.exists()


@pytest.mark.slow
def test_a_kill_leaves_nothing_that_hinders_the_next_start(team: Team, tmp_path: Path) -> None:
    for number in range(3):
        service = started(tmp_path / "service", team.location, "--poll", "0.2")
        team.spec("catalog", str(number), "/items")
        service.waits_for(team.head)
        assert service.ends(signal.SIGKILL) == -signal.SIGKILL
    with serving(tmp_path / "service", team.location) as service:
        assert service.commit() == team.head


@pytest.mark.slow
def test_a_webhook_has_it_look_and_who_listens_is_told_until_the_end(team: Team, tmp_path: Path) -> None:
    """It polls once an hour here; and the token of the registry is taken from a file, and goes nowhere."""
    token = tmp_path / "token"
    token.write_text("canary-of-the-registry\n")
    token.chmod(0o600)
    variables = {"SIGNET_HOOK_GITHUB_SECRET": SECRET, "SIGNET_TOKEN_FILE": str(token)}
    with serving(tmp_path / "service", team.location, "--poll", "3600", **variables) as service:
        with httpx.stream("GET", f"{service.url}/live", timeout=30) as live:
            told = live.iter_lines()
            team.spec("catalog", "1", "/items")
            assert service.commit() != team.head
            body = pushes.github()
            answer = httpx.post(f"{service.url}/hooks/github", headers=dict(genuine("github", body)), content=body)
            assert answer.json() == {"status": "accepted"}
            service.waits_for(team.head)
            assert next(line for line in told if team.head in line)
            service.process.send_signal(signal.SIGTERM)
            list(told)
        assert service.process.wait(10) == 0
        assert "canary" not in service.log.read_text()


class TestRefused:
    """Each with a message that says what helps, the exit code of its kind, and no secret."""

    @pytest.fixture
    def serve(self, desk: Desk, team: Team, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
        monkeypatch.setenv("SIGNET_REGISTRY", team.location)
        monkeypatch.setenv("SIGNET_LISTEN_PORT", "0")
        monkeypatch.setenv("SIGNET_FOLDER", str(desk.folder / "kept"))
        yield desk

    def refused(self, desk: Desk, code: int, says: str, *arguments: str) -> None:
        outcome: Outcome = desk.signet("serve", *arguments)
        assert outcome.code == code, outcome
        assert says in outcome.err and outcome.out == "", outcome
        assert "canary" not in outcome.err and "Traceback" not in outcome.err

    def test_without_a_registry(self, serve: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.refused(serve, 2, "There is no Git repository at", "--registry", str(tmp_path / "nowhere"))
        monkeypatch.delenv("SIGNET_REGISTRY")
        self.refused(serve, 2, "No registry is named.")

    def test_at_a_registry_that_cannot_be_reached_or_holds_nothing(self, serve: Desk, tmp_path: Path) -> None:
        self.refused(serve, 4, "cannot be reached", "--registry", "http://127.0.0.1:9/registry.git")
        os.system(f"git init -q --bare {tmp_path / 'empty.git'}")  # noqa: S605 - a path of this test
        self.refused(serve, 2, "has no commit yet", "--registry", str(tmp_path / "empty.git"))

    @pytest.mark.parametrize("variable", ["SIGNET_DATABASE_URL", "SIGNET_STORE_URL"])
    @pytest.mark.parametrize("scheme", ["postgresql", "postgres", "mysql", "not a url", "oracle+nothing"])
    def test_with_a_database_that_is_none_or_not_there(
        self, serve: Desk, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
    ) -> None:
        monkeypatch.setenv(variable, f"{scheme}://signet:canary@127.0.0.1:9/signet")
        code = 4 if scheme == "postgresql" else 2
        self.refused(serve, code, "database" if variable == "SIGNET_DATABASE_URL" else "store")

    def test_with_a_database_of_something_else(
        self, serve: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        with sqlite3.connect(tmp_path / "theirs.sqlite") as database:
            database.execute("create table customers (name text)")
        database.close()
        before = (tmp_path / "theirs.sqlite").read_bytes()
        monkeypatch.setenv("SIGNET_DATABASE_URL", f"sqlite:///{tmp_path / 'theirs.sqlite'}")
        self.refused(serve, 2, "a database of something else")
        assert (tmp_path / "theirs.sqlite").read_bytes() == before

    @pytest.mark.parametrize("hook", ["GITLAB", "PLAIN"])
    def test_with_a_signing_token_that_signs_nothing(
        self, serve: Desk, monkeypatch: pytest.MonkeyPatch, hook: str
    ) -> None:
        monkeypatch.setenv(f"SIGNET_HOOK_{hook}_SECRET", "whsec_canary-of-the-secret")
        self.refused(serve, 2, f"SIGNET_HOOK_{hook}_SECRET begins with whsec_, and what follows is no base64")

    @pytest.mark.parametrize("name", ["SIGNET_READ_TOKEN", "SIGNET_HOOK_GITHUB_SECRET", "SIGNET_HOOK_PLAIN_SECRET"])
    def test_with_a_secret_that_is_none(
        self, serve: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
    ) -> None:
        for text, says in (
            ("", "is empty"),
            (" \n ", "is empty"),
            ("canary", "shorter than 16"),
            ("canary of the secret", "characters that no secret has"),
        ):
            monkeypatch.setenv(name, text)
            self.refused(serve, 2, f"{name} {says}" if says == "is empty" else says)
        monkeypatch.delenv(name)
        file = tmp_path / "secret"
        monkeypatch.setenv(f"{name}_FILE", str(file))
        self.refused(serve, 2, "No such file")
        file.write_text("canary-canary-canary\n")
        file.chmod(0o644)
        self.refused(serve, 2, "can be read by everybody")
        file.chmod(0o640)
        file.write_text("")
        self.refused(serve, 2, f"{name} is empty")
        monkeypatch.setenv(name, LONG)
        self.refused(serve, 2, "are both set")

    def test_without_the_secret_of_a_hook_that_must_be_there(self, serve: Desk) -> None:
        self.refused(serve, 2, "SIGNET_HOOK_GITLAB_SECRET_FILE", "--hook", "gitlab")

    def test_at_a_port_or_in_a_folder_that_is_taken(self, serve: Desk) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            self.refused(serve, 2, "cannot be listened on", "--port", str(other.getsockname()[1]))
        with alone(serve.folder / "kept"):
            self.refused(serve, 2, "Another service works in the folder")
        (serve.folder / "file").write_text("")
        self.refused(serve, 2, "cannot be written", "--folder", str(serve.folder / "file"))

    def test_with_hosts_or_networks_for_webhooks_that_are_none(self, serve: Desk) -> None:
        self.refused(serve, 2, "is no host", "--webhook-host", "http://a/b")
        self.refused(serve, 2, "is no network", "--webhook-network", "everything")

    @pytest.mark.parametrize("said", ["nan", "inf", "-1", "0", "1e300"])
    def test_with_times_and_tries_that_make_no_sense(
        self, serve: Desk, said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for option in ("--poll", "--webhook-wait", "--webhook-longest-wait", "--webhook-patience"):
            self.refused(serve, 2, f"{option} {said.replace('1e300', '1e+300')} is out of range", f"{option}={said}")
        monkeypatch.setenv("SIGNET_WEBHOOK_TRIES", said)
        self.refused(serve, 2, "--webhook-tries")

    def test_with_an_end_that_comes_before_the_first_wait(self, serve: Desk) -> None:
        self.refused(serve, 2, "given up after 4 s, before the first wait", "--webhook-patience", "4")
        self.refused(serve, 2, "The longest wait of 4 s is shorter than the first", "--webhook-longest-wait", "4")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104 - what is tried
def test_what_everybody_reaches_needs_a_token(
    desk: Desk, team: Team, host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Or somebody who says that it does not."""
    outcome = desk.signet("serve", "--registry", team.location, "--host", host, "--port", "0")
    assert outcome.code == 2 and "SIGNET_READ_TOKEN" in outcome.err and "--open" in outcome.err
    if host == "::":
        return
    with serving(tmp_path / "service", team.location, "--host", host, SIGNET_READ_TOKEN=LONG) as service:
        url = f"http://127.0.0.1:{service.port}"
        assert httpx.get(f"{url}/api/v1/services").status_code == 401
        assert httpx.get(f"{url}/api/v1/services", headers={"authorization": f"Bearer {LONG}"}).status_code == 200
        assert LONG not in service.log.read_text()
        assert LONG.encode() not in Path(f"/proc/{service.process.pid}/cmdline").read_bytes()


def test_without_its_extra_it_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from signet.cli.commands import serve

    monkeypatch.setattr(serve, "NEEDED", ("fastapi", "no_such_module"))
    outcome = desk.signet("serve", "--registry", "registry")
    assert outcome.code == 2 and "pip install 'signet-registry[serve]'" in outcome.err
