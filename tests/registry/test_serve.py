"""The loopback server: what git needs of a smart-HTTP remote, and its end."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from signet.registry import serve
from signet.registry.serve import served
from tests.registry.people import person, seeded


def ask(url: str, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_a_directory_serves_all_its_repositories(tmp_path: Path) -> None:
    for name in ("one.git", "two.git"):
        seeded(tmp_path / "all" / name, {"name": name.encode()})
    with served(tmp_path / "all") as url:
        for name in ("one.git", "two.git"):
            person(tmp_path, "clone", "-q", f"{url}/{name}", name)
            assert (tmp_path / name / "name").read_text() == name


@pytest.mark.parametrize(
    "path", ["/other.git/HEAD", "/registry.git/../other.git/HEAD", "/registry.git/%2e%2e/other.git/HEAD", "/"]
)
def test_one_repository_is_all_that_is_served(bare: Path, tmp_path: Path, path: str) -> None:
    seeded(tmp_path / "other.git", {"a": b"a"})
    with served(bare) as url:
        assert ask(url, "GET", "/registry.git/HEAD")[0] == 200
        assert ask(url, "GET", path)[0] == 404


def test_a_large_push_comes_in_chunks(worktree: Path, remote: str, bare: Path) -> None:
    (worktree / "big").write_bytes(bytes(range(256)) * 4000)
    person(worktree, "add", "big")
    person(worktree, "commit", "-qm", "big")
    person(worktree, "-c", "http.postBuffer=65536", "-c", "core.compression=0", "push", "-q", remote, "main")

    assert person(bare, "cat-file", "-s", "main:big") == str(256 * 4000)


@pytest.mark.parametrize("how", ["plain", "gzip", "chunked", "expect"])
def test_every_kind_of_body_arrives(remote: str, bare: Path, how: str) -> None:
    head = person(bare, "rev-parse", "main")
    want = f"want {head}\n".encode()
    lines = [b"command=fetch\n", None, b"no-progress\n", b"done\n", want]
    body = b"".join(b"0001" if one is None else b"%04x%s" % (len(one) + 4, one) for one in lines) + b"0000"
    headers = {"Content_Type": "application/x-git-upload-pack-request", "Git_Protocol": "version=2"}
    if how == "gzip":
        body, headers = gzip.compress(body), headers | {"Content_Encoding": "gzip"}
    if how == "chunked":
        headers |= {"Transfer_Encoding": "chunked"}
        body = b"5\r\n" + body[:5] + b"\r\n" + b"%x;ignored=1\r\n" % (len(body) - 5) + body[5:] + b"\r\n0\r\n\r\n"
    if how == "expect":
        headers |= {"Expect": "100-continue"}
    status, answer = ask(remote, "POST", "/registry.git/git-upload-pack", body, **headers)

    assert status == 200
    assert b"packfile" in answer and b"PACK" in answer


def test_it_stops_by_itself(bare: Path) -> None:
    before = threading.active_count()
    with served(bare) as url:
        assert ask(url, "GET", "/registry.git/HEAD")[0] == 200
    with pytest.raises(OSError):
        ask(url, "GET", "/registry.git/HEAD")
    assert threading.active_count() <= before + 1, "at most the connection that was just answered"


def test_who_is_gone_before_he_is_heard_is_not_waited_for() -> None:
    with serve._Server(("127.0.0.1", 0), serve.Handler) as server:
        server._handle_request_noblock()  # as after a call that is taken back
        with socket.create_connection(server.server_address[:2], timeout=5):
            heard, _ = server.get_request()
            assert heard.gettimeout() is None
            heard.close()
