"""Remotes by ssh, https and file: the git program's own transports, with a stand-in only for the other machine."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from signet.errors import RegistryUnreachable
from signet.registry import git, serve
from tests.domain import Team


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


def test_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


@contextmanager
def behind_tls(url: str, certificate: Path, key: Path) -> Iterator[str]:
    """The same server behind TLS, at https://localhost:PORT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    port = urlsplit(url).port

    def pipe(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            if isinstance(target, ssl.SSLSocket):
                target.unwrap()  # TLS says goodbye, or the client takes the end for an attack
            else:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def serve_one(plain: socket.socket) -> None:
        try:
            outer = context.wrap_socket(plain, server_side=True)
        except OSError:
            return
        inner = socket.create_connection(("127.0.0.1", port))
        back = threading.Thread(target=pipe, args=(inner, outer), daemon=True)
        back.start()
        pipe(outer, inner)
        back.join(5)
        outer.close()
        inner.close()

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve_one, args=(plain,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"https://localhost:{listener.getsockname()[1]}"
    finally:
        listener.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    here = Team.founds(tmp_path / "srv" / "registry.git")
    with serve.served(tmp_path / "srv") as plain, behind_tls(plain, certificate, key) as url:
        with pytest.raises(RegistryUnreachable, match="certificate"):
            git.open_repository(f"{url}/registry.git")
        monkeypatch.setenv("GIT_SSL_CAINFO", str(certificate))
        assert journey(Team(f"{url}/registry.git")) == "yes"
    assert here.state.manifest("cart", "1") is not None
