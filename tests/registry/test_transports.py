"""Remotes by ssh, https, proxies and file, by both transports, with a stand-in only for the other machine."""

from __future__ import annotations

import select
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from signet.errors import RegistryUnreachable, UsageError
from signet.registry import git, serve
from tests.domain import Team
from tests.registry.relay import relaying
from tests.registry.test_git_remote import attempt


def journey(team: Team) -> str:
    """Publish, verify, deploy and ask, all through the remote; the verdict."""
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    repo = team.repo
    git.refresh(repo)
    return Team(team.location).guard("cart", "1").verdict


def test_file(tmp_path: Path) -> None:
    here = Team.founds(tmp_path / "registry.git")
    assert journey(Team(f"file://{tmp_path}/registry.git")) == "yes"
    assert here.state.manifest("cart", "1") is not None


def test_ssh(transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own ssh is called; here it is a program that runs the command on this machine instead."""
    here = Team.founds(tmp_path / "registry.git")
    shim, calls = tmp_path / "ssh", tmp_path / "calls"
    shim.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nfor command; do :; done\neval "exec $command"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(shim))
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    assert journey(Team(f"ssh://git@forge.invalid:2222{tmp_path}/registry.git")) == "yes"
    assert journey(Team(f"git@forge.invalid:{tmp_path}/registry.git")) == "yes"
    assert here.state.manifest("cart", "1") is not None
    called = calls.read_text()
    assert "-p 2222 git@forge.invalid git-receive-pack" in called and "git@forge.invalid git-upload-pack" in called


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("git@forge.invalid: Permission denied (publickey).", "ssh was not let in"),
        ("Host key verification failed.", "ssh key is not known or has changed"),
        ("ssh: Could not resolve hostname forge.invalid: Name or service not known", "its name is not known here"),
        ("ERROR: Repository not found.", "no such repository"),
        ("fatal: '/x' does not appear to be a git repository", "no such repository"),
    ],
)
def test_ssh_that_gets_nowhere(
    said: str, sentence: str, transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "ssh"
    shim.write_text(f'#!/bin/sh\necho "{said}" >&2\nexit 255\n')
    shim.chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(shim))
    with pytest.raises(RegistryUnreachable, match=sentence) as refused:
        git.open_repository("git@forge.invalid:r.git")
    assert refused.value.remedy and "\n" not in str(refused.value)


def test_ssh_that_never_answers(transport: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = tmp_path / "ended"
    shim = tmp_path / "ssh"
    shim.write_text(f"#!/bin/sh\nsleep 30\ntouch {ended}\n")
    shim.chmod(0o755)
    monkeypatch.setenv("GIT_SSH", str(shim))
    began = time.monotonic()
    with pytest.raises(RegistryUnreachable, match="no answer in time"):
        git.open_repository("git@forge.invalid:r.git", timeout=1)
    assert time.monotonic() - began < 20
    assert not ended.exists()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GIT_SSH", "/nowhere/ssh", "no ssh program"),
        ("GIT_SSH_COMMAND", "ssh 'x", "cannot be split"),
        ("GIT_SSH_VARIANT", "plink", "no ssh but OpenSSH"),
    ],
)
def test_an_ssh_that_dulwich_cannot_use(variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match=said) as refused:
        git.open_repository("git@forge.invalid:r.git", transport="dulwich")
    assert refused.value.remedy


@contextmanager
def behind_tls(url: str, certificate: Path, key: Path) -> Iterator[str]:
    """The same server behind TLS, at https://localhost:PORT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    port = urlsplit(url).port

    def serve_one(plain: socket.socket) -> None:
        """One thread for both directions: TLS in Python is not for two."""
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as outer:
            with socket.create_connection(("127.0.0.1", port)) as inner:
                while True:
                    ready = [outer] if outer.pending() else select.select([outer, inner], [], [], 60)[0]
                    if outer in ready:
                        if not (data := outer.recv(65536)):
                            return
                        inner.sendall(data)
                    elif inner in ready:
                        if not (data := inner.recv(65536)):
                            break
                        outer.sendall(data)
                    else:
                        return
            outer.unwrap()  # TLS says goodbye, or the client takes the end for an attack

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve_one, args=(listener.accept()[0],), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody, who would then take what the next one gets
        accepting.join()
        listener.close()


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for localhost that nobody knows, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_https(transport: str, tmp_path: Path, certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    here = Team.founds(tmp_path / "srv" / "registry.git")
    with serve.served(tmp_path / "srv") as plain, behind_tls(plain, *certified) as url:
        with pytest.raises(RegistryUnreachable, match="certificate") as refused:
            git.open_repository(f"{url}/registry.git")
        assert "GIT_SSL_CAINFO" in refused.value.remedy
        monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
        if transport == "dulwich":
            with pytest.raises(RegistryUnreachable, match="certificate"):
                git.open_repository(f"{url}/registry.git")
        monkeypatch.delenv("GIT_SSL_NO_VERIFY")
        monkeypatch.setenv("GIT_SSL_CAINFO", str(certified[0]))
        assert journey(Team(f"{url}/registry.git")) == "yes"
    assert here.state.manifest("cart", "1") is not None


def test_https_with_the_authority_in_the_users_configuration(
    transport: str, tmp_path: Path, certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    Team.founds(tmp_path / "srv" / "registry.git")
    config = tmp_path / "config"
    config.write_text(f"[http]\n\tsslCAInfo = {certified[0]}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    with serve.served(tmp_path / "srv") as plain, behind_tls(plain, *certified) as url:
        assert git.head(git.open_repository(f"{url}/registry.git"))


def test_https_through_a_proxy_that_wants_a_login(
    transport: str, tmp_path: Path, certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The login is for the proxy, the token for the registry, and neither is shown."""
    Team.founds(tmp_path / "srv" / "registry.git")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(certified[0]))
    monkeypatch.setenv("SIGNET_TOKEN", "canary-token")
    with serve.served(tmp_path / "srv") as plain, behind_tls(plain, *certified) as url, relaying(plain) as proxy:
        proxy.login = "me:canary-proxy"
        where = urlsplit(proxy.url).netloc
        monkeypatch.setenv("https_proxy", f"http://me:canary-wrong@{where}")
        with pytest.raises(RegistryUnreachable, match="proxy wants a login") as refused:
            git.open_repository(f"{url}/registry.git")
        assert "canary" not in str(refused.value) + refused.value.remedy
        monkeypatch.setenv("https_proxy", f"http://me:canary-proxy@{where}")
        repository = git.open_repository(f"{url}/registry.git")
        assert git.head(repository)
        assert {one for one in proxy.passed if one.startswith("CONNECT")} == set(proxy.passed)
        seen = len(proxy.passed)
        monkeypatch.setenv("no_proxy", "localhost")
        git.refresh(repository)
        assert len(proxy.passed) == seen
    written = [one.read_bytes() for one in (tmp_path / "cache").rglob("*") if one.is_file()]
    assert not any(b"canary" in one for one in written) and "canary" not in repr(repository)


def test_http_through_a_proxy(transport: str, remote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_TOKEN", "canary-token")
    with relaying(remote) as proxy:
        proxy.login = "me:pass word@1"
        where = urlsplit(proxy.url).netloc
        monkeypatch.setenv("http_proxy", f"http://me:pass%20word%401@{where}")
        repository = git.open_repository(remote)
        assert attempt(repository)[0].status == "accepted"
        assert {one.partition("?")[0] for one in proxy.passed} >= {"GET refs", "POST git-receive-pack"}
        assert all("Proxy-Authorization" in one and "Authorization" in one for one in proxy.headers[-1:])


def test_a_proxy_of_another_kind(transport: str, remote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://me:canary@127.0.0.1:1")
    error, said = (RegistryUnreachable, "nothing answers") if transport == "git" else (UsageError, "The proxy is none")
    with pytest.raises(error, match=said) as refused:
        git.open_repository(remote)
    assert "canary" not in str(refused.value)
