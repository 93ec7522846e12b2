"""The workflows of a new registry: correct by the rules of their makers, with few rights, and deaf to hostile data.

The comment's script runs as its runner would run it, against a GitHub of our own on loopback; who opened the pull
request may have forged all that it reads. What it posts is rendered, and nothing in it may come to life.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from signet.registry import template

BIN = Path(sys.executable).parent
HEAD = "ab" * 20
MARK = "<!-- signet check -->"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of a new registry."""
    folder = tmp_path_factory.mktemp("registry")
    for path, data in template.files("shop", "main").items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def workflow(written: Path, name: str) -> Any:
    return yaml.safe_load((written / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))


# --- what they are ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tool",
    [
        ("actionlint",),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
        ("zizmor", "--offline", "--no-progress"),
    ],
    ids=lambda tool: tool[0],
)
def test_linters_find_nothing(written: Path, tool: tuple[str, ...]) -> None:
    files = sorted(map(str, (written / ".github" / "workflows").glob("*.yml")))
    assert len(files) == 3
    command = [str(BIN / tool[0]), *tool[1:], *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_one_exception_has_its_reason(written: Path) -> None:
    lines = [
        line
        for path in sorted(written.rglob("*"))
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
        if "zizmor:" in line
    ]
    assert len(lines) == 1
    assert "ignore[dangerous-triggers] nothing is checked out" in lines[0]


@pytest.mark.parametrize("name", ["check", "comment", "owed"])
def test_rights_are_few_and_nothing_is_cancelled(written: Path, name: str) -> None:
    read = workflow(written, name)
    assert "pull_request_target" not in read[True]
    assert read["permissions"] == ({} if name == "comment" else {"contents": "read"})
    assert "concurrency" not in read
    for job in read["jobs"].values():
        assert "concurrency" not in job
        assert "timeout-minutes" in job
        wanted = {"actions": "read", "pull-requests": "write"} if name == "comment" else None
        assert job.get("permissions") == wanted
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "no expression in a script"
            assert "secrets." not in str(step)
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
                assert name != "comment"


def test_the_check_runs_for_requests_in_the_queue_and_on_what_was_merged(written: Path) -> None:
    read = workflow(written, "check")
    assert set(read[True]) == {"pull_request", "merge_group", "push"}
    (checkout,) = [one for one in read["jobs"]["check"]["steps"] if "checkout" in one.get("uses", "")]
    assert checkout["with"]["fetch-depth"] == 0
    uploads = [one for one in read["jobs"]["check"]["steps"] if "upload-artifact" in one.get("uses", "")]
    assert [one["with"]["path"] for one in uploads] == ["comment.json"]


def test_the_comment_takes_no_program_but_its_own(written: Path) -> None:
    (step,) = workflow(written, "comment")["jobs"]["comment"]["steps"]
    assert "uses" not in step
    program = [str(BIN / "ruff"), "check", "--isolated", "--select", "E9,F,B", "-"]
    done = subprocess.run(program, input=step["run"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


# --- what the comment does -------------------------------------------------------------------------------------------


@dataclass
class Forge:
    """What GitHub holds, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    claimed_size: int | None = None
    head: str = HEAD
    repository: str = "shop/registry"
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    leaked: bool = False
    url: str = ""

    def packed(self) -> bytes:
        """The artefact as it is downloaded."""
        if "raw" in self.files:
            return self.files["raw"]
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.files.items():
                archive.writestr(name, data)
        return held.getvalue()

    def answer(self, method: str, path: str, body: Any) -> Any:
        """The JSON value of an answer; None where there is nothing."""
        self.asked.append((method, path))
        root = "/repos/shop/registry"
        if path == f"{root}/actions/runs/77/artifacts?name=signet-comment":
            size = self.claimed_size if self.claimed_size is not None else len(self.packed())
            return {"artifacts": [{"id": 5, "size_in_bytes": size}] if self.files else []}
        if path.startswith(f"{root}/pulls/"):
            return {"head": {"sha": self.head}, "base": {"repo": {"full_name": self.repository}}}
        if method == "GET" and path.startswith(f"{root}/issues/12/comments?"):
            page = int(path.rpartition("=")[2])
            return self.comments[100 * (page - 1) : 100 * page]
        if method == "POST" and path == f"{root}/issues/12/comments":
            self.comments.append({"id": 900, "user": {"login": "github-actions[bot]"}, "body": body["body"]})
            return {}
        if method == "PATCH" and path.startswith(f"{root}/issues/comments/"):
            (one,) = [one for one in self.comments if one["id"] == int(path.rpartition("/")[2])]
            one["body"] = body["body"]
            return {}
        return None


@pytest.fixture
def forge() -> Iterator[Forge]:
    held = Forge()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/store":
                held.leaked = held.leaked or "Authorization" in self.headers
                return self._send(200, held.packed())
            assert self.headers["Authorization"] == "Bearer secret"
            if self.path.endswith("/actions/artifacts/5/zip"):
                self.send_response(302)
                self.send_header("Location", f"{held.url}/store")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            length = int(self.headers.get("Content-Length") or 0)
            said = held.answer(self.command, self.path, json.loads(self.rfile.read(length)) if length else None)
            return self._send(404 if said is None else 200, json.dumps(said).encode())

        do_POST = do_PATCH = do_GET  # noqa: N815 - so http.server calls them

        def _send(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    yield held
    server.shutdown()
    server.server_close()


def comments(written: Path, forge: Forge) -> subprocess.CompletedProcess[str]:
    """Run the job of the comment."""
    (step,) = workflow(written, "comment")["jobs"]["comment"]["steps"]
    assert step["shell"] == "python"
    assert set(step["env"]) == {"TOKEN", "RUN", "HEAD"}
    variables = {
        "TOKEN": "secret",
        "RUN": "77",
        "HEAD": HEAD,
        "PATH": os.environ["PATH"],
        "GITHUB_API_URL": forge.url,
        "GITHUB_SERVER_URL": "https://git.example.com",
        "GITHUB_REPOSITORY": "shop/registry",
        "NO_PROXY": "127.0.0.1",
    }
    program = [sys.executable, "-I", "-c", step["run"]]
    return subprocess.run(program, env=variables, capture_output=True, text=True, check=False, timeout=60)


def said(page: Any, **changes: Any) -> dict[str, bytes]:
    """The artefact as the check leaves it."""
    document = {"schema": "signet.comment/1", "number": 12, "exit-code": 1, "page": page} | changes
    return {"comment.json": json.dumps(document).encode()}


def shown(body: str) -> tuple[str, str]:
    """The text of the one code block of a comment, and its HTML without it."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(body)
    (fence,) = [one for one in tokens if one.type == "fence"]
    kinds = [one.type for one in tokens if one.type != "fence"]
    assert kinds == [
        *("html_block", "heading_open", "inline", "heading_close"),
        *("paragraph_open", "inline", "paragraph_close"),
    ]
    assert tokens[0].content.strip() == MARK
    return fence.content, "".join(one.content for one in tokens if one.type == "inline")


def test_the_page_is_one_comment_that_is_kept_up_to_date(written: Path, forge: Forge) -> None:
    forge.comments = [
        {"id": number, "user": {"login": "ann"}, "body": f"{MARK} hello" if number % 2 else None}
        for number in range(1, 121)
    ]
    forge.files = said("production: no\n")
    done = comments(written, forge)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(forge.comments) == 121
    text, rest = shown(forge.comments[-1]["body"])
    assert text == "production: no\n\n"
    page = "https://git.example.com/shop/registry/actions/runs/77"
    assert rest == f"signet check: no[The page of the check]({page}) has the details."
    forge.files = said("production: yes\n", **{"exit-code": 0})
    assert comments(written, forge).returncode == 0
    assert len(forge.comments) == 121
    assert shown(forge.comments[-1]["body"])[0] == "production: yes\n\n"
    assert "signet check: yes" in forge.comments[-1]["body"]
    assert not forge.leaked, "the token goes to GitHub, and not to where its artefacts lie"


HOSTILE = [
    "<img src=//evil.example/x> <script>alert(1)</script> @org/all #1 ![x](//evil.example/y)",
    "```\n# out\n@team <b>\n```",
    "~~~~\n````text\n``````\n@team",
    "a|b\n|-|-|\n|<img src=x>|",
    "<!-- signet check -->\n</details>",
    "\n\n    @team\n\n---\n[x]: //evil.example",
]


@pytest.mark.parametrize("page", HOSTILE)
def test_a_hostile_page_stays_text(written: Path, forge: Forge, page: str) -> None:
    forge.files = said(page)
    assert comments(written, forge).returncode == 0
    text, rest = shown(forge.comments[-1]["body"])
    assert text == f"{page}\n"
    assert "evil" not in rest and "@" not in rest


def test_what_would_hide_is_shown(written: Path, forge: Forge) -> None:
    forge.files = said("a\rb\u202ec\u200bd\x1b[2Ke\ud800f\u2028g\x00")
    assert comments(written, forge).returncode == 0
    assert shown(forge.comments[-1]["body"])[0] == "a\ufffdb\ufffdc\ufffdd\ufffd[2Ke\ufffdf\ufffdg\ufffd\n"


REFUSED: dict[str, dict[str, bytes]] = {
    "a number in a text": said("x", number="12"),
    "a number with a path": said("x", number="12/../13"),
    "true": said("x", number=True),
    "minus one": said("x", number=-1),
    "a fraction": said("x", number=12.0),
    "too large a number": said("x", number=2**40),
    "another schema": said("x", schema="signet.comment/2"),
    "one more key": said("x", more=1),
    "a page that is none": said(["x"]),
    "a page of 2 MB": said("x" * 2_000_000),
    "a page of 70,000": said("x" * 70_000),
    "only backticks": said("`" * 59_000),
    "a word for the code": said("x", **{"exit-code": "no"}),
    "no JSON": {"comment.json": b"{"},
    "deep JSON": {"comment.json": b"[" * 100_000},
    "no UTF-8": {"comment.json": b"\xff\xfe"},
    "a list": {"comment.json": b"[]"},
    "two files": {**said("x"), "more.json": b"{}"},
    "another name": {"../comment.json": said("x")["comment.json"]},
    "no archive": {"raw": b"PK nothing of the kind"},
    "a large archive": {"raw": os.urandom(500_000)},
    "a large answer": said("x", number=int("9" * 4000)),
}


ALIKE = {"true", "minus one", "a fraction", "one more key", "a page of 70,000", "a list", "no UTF-8", "a large answer"}
"""Each is refused by what refuses another of them, too: for the slow tests."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in ALIKE else ()) for name in REFUSED]
)
def test_another_document_is_refused_and_nothing_is_written(written: Path, forge: Forge, name: str) -> None:
    forge.files = REFUSED[name]
    for claimed in (None, 100):
        forge.claimed_size = claimed
        done = comments(written, forge)
        assert (done.returncode, done.stdout) == (1, ""), name
        assert len(done.stderr.splitlines()) == 1, "one sentence of ours, and no data"
        assert done.stderr.isascii() and "Traceback" not in done.stderr
    assert not forge.comments
    assert {method for method, _ in forge.asked} == {"GET"}


def test_a_number_of_another_request_gets_no_comment(written: Path, forge: Forge) -> None:
    forge.files = said("x")
    forge.head = "cd" * 20
    done = comments(written, forge)
    assert done.returncode == 0
    assert "not the one that was checked" in done.stdout
    forge.head, forge.repository = HEAD, "other/registry"
    assert comments(written, forge).returncode == 0
    assert not forge.comments


def test_without_a_document_or_a_request_it_ends_with_a_sentence(written: Path, forge: Forge) -> None:
    done = comments(written, forge)
    assert (done.returncode, done.stdout) == (0, "The check left nothing to say.\n")
    forge.files = said("x", number=13)
    forge.head = HEAD
    done = comments(written, forge)
    assert (done.returncode, done.stderr) == (1, "GitHub answered 404; nothing was written.\n")
