"""What a user, a hook, a configuration or a server may try with git: nothing runs, nothing leaks, nothing changes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from signet.errors import RegistryUnreachable, UsageError
from signet.registry import git
from signet.registry.git import address, program
from tests.registry.people import add, everything, person, read, seeded

TOKEN = "canary-4f1d9c"


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


class TestLocations:
    @pytest.mark.parametrize(
        "location",
        [
            "",
            "ext::sh -c touch% canary",
            "fd::7",
            "--upload-pack=touch canary",
            "-x",
            "git://example.org/r.git",
            "ftp://example.org/r.git",
            "javascript://x/y",
            "https://user@example.org/r.git",
            "https://user:secret@example.org/r.git",
            "https://:secret@example.org/r.git",
            "https://example.org/r.git?token=secret",
            "https://example.org/r.git#secret",
            "https:///r.git",
            "https://example.org",
            "https://example.org:x/r.git",
            "https://-oProxyCommand=x/r.git",
            "ssh://-oProxyCommand=touch/r.git",
            "ssh://git:secret@example.org/r.git",
            "ssh://-l@example.org/r.git",
            "file://host/r.git",
            "-oProxyCommand=touch:r.git",
            "git@-oProxyCommand=touch:r.git",
            "git@example.org:--upload-pack=x",
            "http://example.org/r.git",
            "http://127.0.0.1.example.org/r.git",
            "http://2130706433/r.git",
            "/srv/r.git\n--upload-pack=x",
            "https://example.org/r\x1b[2K.git",
        ],
    )
    def test_what_is_neither_url_nor_path_runs_nothing(
        self, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        executable(tmp_path / "bin" / "git", f"touch {tmp_path}/ran")
        monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin:/usr/bin")
        monkeypatch.chdir(tmp_path)

        with pytest.raises(UsageError) as refused:
            git.open_repository(location)
        assert "secret" not in str(refused.value)
        assert not (tmp_path / "ran").exists()
        assert not (tmp_path / "canary").exists()

    @pytest.mark.parametrize(
        ("location", "protocols"),
        [
            ("https://example.org/shop/registry.git", "https:ssh:file"),
            ("https://example.org:8443/r", "https:ssh:file"),
            ("ssh://git@example.org:22/r.git", "https:ssh:file"),
            ("git@example.org:shop/registry.git", "https:ssh:file"),
            ("example.org:r.git", "https:ssh:file"),
            ("file:///srv/r.git", "https:ssh:file"),
            ("http://localhost:8080/r.git", "https:ssh:file:http"),
            ("http://[::1]:8080/r.git", "https:ssh:file:http"),
        ],
    )
    def test_a_url_is_a_url(self, location: str, protocols: str) -> None:
        assert address.parse(location) == address.Address(location, protocols)
        assert git.is_url(location)

    @pytest.mark.parametrize("location", ["registry", "./registry.git", "../x/y:z", "/srv/r.git", "~/registry", "c:x"])
    def test_a_path_is_a_path(self, location: str) -> None:
        assert address.parse(location).path is not None
        assert not git.is_url(location)

    def test_plain_http_elsewhere_has_to_be_allowed(self) -> None:
        assert address.parse("http://example.org/r.git", allow_http=True).protocols == "https:ssh:file:http"

    @pytest.mark.parametrize("branch", ["--upload-pack=touch canary", "-x", "a..b", "a b", "HEAD", "", "x.lock", "a~1"])
    def test_a_branch_that_is_no_name_is_refused(self, bare: Path, remote: str, branch: str, tmp_path: Path) -> None:
        for location in (str(bare), remote):
            with pytest.raises(UsageError, match="not a name for a branch"):
                git.open_repository(location, branch=branch)
        with pytest.raises(UsageError, match="not a name for a branch"):
            git.create(tmp_path / "new", bare=True, branch=branch)

    def test_the_transport_list_beats_a_configuration_that_allows_more(self, home: Path, tmp_path: Path) -> None:
        config = home / ".gitconfig"
        canary = tmp_path / "canary"
        config.write_text(
            f'[protocol "ext"]\n\tallow = always\n[url "ext::touch {canary} "]\n\tinsteadOf = https://x.invalid/\n'
        )
        try:
            with pytest.raises(RegistryUnreachable, match="not allowed"):
                git.open_repository("https://x.invalid/r.git")
        finally:
            config.unlink()
        assert not canary.exists()


def hook_environment(service: Path) -> dict[str, str]:
    """The variables that git, or a user of its plumbing, sets for what is run in a service's repository."""
    return {
        "GIT_DIR": f"{service}/.git",
        "GIT_WORK_TREE": f"{service}",
        "GIT_INDEX_FILE": f"{service}/.git/index",
        "GIT_OBJECT_DIRECTORY": f"{service}/.git/objects",
        "GIT_COMMON_DIR": f"{service}/.git",
        "GIT_NAMESPACE": "odd",
        "GIT_PREFIX": "src/",
        "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "url.ext::x.insteadOf",
        "GIT_CONFIG_VALUE_0": "http://",
        "GIT_SHALLOW_FILE": f"{service}/shallow",
        "GIT_ALLOW_PROTOCOL": "ext",
        "GIT_QUARANTINE_PATH": f"{service}",
        "GIT_TRACE": f"{service.parent}/trace",
    }


class TestInherited:
    @pytest.mark.parametrize("kind", ["bare", "worktree", "remote"])
    def test_a_hooks_environment_changes_nothing(
        self, kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        location = str(request.getfixturevalue(kind))
        service = tmp_path / "service"
        seeded(service, {"src/app.py": b"x"}, bare=False)
        for name, value in hook_environment(service).items():
            monkeypatch.setenv(name, value)
        before = everything(service)
        repository = git.open_repository(location)
        add(repository, {"a": b"a", "README.md": None}, "x")
        git.refresh(repository)

        assert read(repository, "a") == b"a"
        assert everything(service) == before
        assert not (tmp_path / "trace").exists()

    def test_from_a_real_pre_commit_hook_the_services_commit_is_whole(
        self, bare: Path, worktree: Path, remote: str, tmp_path: Path
    ) -> None:
        service = tmp_path / "service"
        seeded(service, {"src/app.py": b"x"}, bare=False)
        root = Path(__file__).resolve().parents[2]
        writes = [f"{sys.executable} -m tests.registry.writer {where} {n} 1" for n, where in enumerate((bare, remote))]
        writes.append(f"{sys.executable} -m tests.registry.writer {worktree} 2 1")
        executable(service / ".git" / "hooks" / "pre-commit", f"set -e\ncd {root}\n" + "\n".join(writes))
        (service / "src" / "app.py").write_text("changed")
        person(service, "commit", "-qam", "changed")

        assert person(service, "ls-tree", "-r", "--name-only", "HEAD") == "src/app.py"
        assert person(service, "status", "--porcelain") == ""
        assert person(service, "fsck", "--strict") == ""
        assert read(git.open_repository(str(bare)), "written/1/0") == b"x\n"
        assert read(git.open_repository(str(worktree)), "written/2/0") == b"x\n"


class TestConfiguration:
    @pytest.fixture
    def hostile(self, home: Path, tmp_path: Path) -> Iterator[Path]:
        """A global configuration that changes whatever it can; what it runs leaves a file ``ran``."""
        ran = tmp_path / "ran"
        for hook in ("pre-push", "reference-transaction", "post-index-change", "pre-commit", "post-checkout"):
            executable(tmp_path / "hooks" / hook, f"echo $0 $PWD >> {ran}; ps -o args= -p $PPID >> {ran}; exit 1")
        executable(
            tmp_path / "template" / "hooks" / "reference-transaction",
            f"echo $0 $PWD >> {ran}; ps -o args= -p $PPID >> {ran}; exit 1",
        )
        program_ = executable(tmp_path / "program", f"echo $0 $PWD >> {ran}; ps -o args= -p $PPID >> {ran}; exit 1")
        (home / ".gitconfig").write_text(
            f"""
[core]
    hooksPath = {tmp_path}/hooks
    fsmonitor = {program_}
    alternateRefsCommand = {program_}
    quotePath = true
    logAllRefUpdates = always
[init]
    templateDir = {tmp_path}/template
    defaultBranch = odd
    defaultObjectFormat = sha256
    defaultRefFormat = reftable
[alias]
    fetch = !{program_}
    push = !{program_}
[fetch]
    prune = true
    pruneTags = true
    fsckObjects = false
    recurseSubmodules = true
    writeCommitGraph = true
[push]
    followTags = true
    gpgSign = true
    pushOption = odd
    recurseSubmodules = only
    default = nothing
[commit]
    gpgSign = true
[gpg]
    program = {program_}
[gc]
    auto = 1
    pruneExpire = now
[maintenance]
    auto = true
[protocol]
    version = 0
[status]
    showUntrackedFiles = all
    relativePaths = true
[color]
    ui = always
[submodule]
    recurse = true
[remote "origin"]
    url = /nowhere
    uploadpack = {program_}
    pushurl = /nowhere
[url "ext::{program_} "]
    insteadOf = ext
"""
        )
        yield ran
        (home / ".gitconfig").unlink()

    def test_nothing_of_it_runs_or_matters(self, hostile: Path, tmp_path: Path, remote: str, bare: Path) -> None:
        git.create(tmp_path / "new.git", bare=True)
        assert not (tmp_path / "new.git" / "hooks").exists()
        git.create(tmp_path / "clone", bare=False)
        assert git.open_repository(str(tmp_path / "clone")).branch == "main"
        locations = [
            (str(tmp_path / "new.git"), None),
            (str(tmp_path / "clone"), None),
            (remote, False),
            (remote, True),
        ]
        for number, (location, partial) in enumerate(locations):
            repository = git.open_repository(location, partial=partial, cache=tmp_path / str(number))
            add(repository, {f"päth {number}": b"x"}, "x")
            add(repository, {f"päth {number}": b"y"}, "y")
            git.refresh(repository)
            assert read(repository, f"päth {number}") == b"y"
            assert len(list(git.log(repository, git.head(repository) or "", path=f"päth {number}"))) == 2
        assert not hostile.exists(), hostile.read_text()
        assert len(git.resolve(git.open_repository(str(bare)), "HEAD")) == 40


class TestToken:
    @pytest.fixture
    def spied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A git on the PATH that writes down its arguments; the token is set."""
        real, log = shutil.which("git"), tmp_path / "arguments"
        executable(tmp_path / "bin" / "git", f'printf "%s\\n" "$@" >> {log}\nexec {real} "$@"')
        monkeypatch.setenv("PATH", f"{tmp_path}/bin:/bin:/usr/bin")
        monkeypatch.setenv("SIGNET_TOKEN", TOKEN)
        return log

    def test_the_token_is_never_an_argument_or_in_a_file(self, spied: Path, remote: str, tmp_path: Path) -> None:
        repository = git.open_repository(remote)
        add(repository, {"a": b"a"}, "x")
        git.refresh(repository)

        arguments = spied.read_text()
        assert "fetch" in arguments and "push" in arguments
        for secret in (TOKEN, program._basic(TOKEN)):
            assert secret not in arguments
            assert secret not in repr(repository)
            assert not any(secret.encode() in one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())

    def test_the_server_gets_it_and_the_error_does_not(self, spied: Path) -> None:
        seen: list[str | None] = []

        class Refuses(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.headers["Authorization"])
                self.send_error(403, f"no {TOKEN} here")

            def log_message(self, *arguments: object) -> None:  # type: ignore[override]
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            with pytest.raises(RegistryUnreachable) as refused:
                git.open_repository(f"http://127.0.0.1:{server.server_port}/r.git")
        finally:
            server.shutdown()
            server.server_close()
        assert seen and set(seen) == {f"Basic {program._basic(TOKEN)}"}
        assert TOKEN not in str(refused.value) and program._basic(TOKEN) not in str(refused.value)

    def test_a_server_that_says_the_token_is_not_repeated(self, spied: Path, bare: Path, remote: str) -> None:
        executable(bare / "hooks" / "pre-receive", f"echo 'your {TOKEN} is bad' >&2; exit 1")
        repository = git.open_repository(remote)
        head = git.head(repository)
        push = git.publish(repository, head, git.commit(repository, head, {"a": b""}, "x"))

        assert push.status == "refused"
        assert "your *** is bad" in push.reason

    def test_it_is_for_the_origin_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SIGNET_TOKEN", TOKEN)
        [(key, _)] = program.token_settings("https://example.org:8443/shop/r.git")
        assert key == "http.https://example.org:8443/.extraHeader"
        assert program.token_settings("ssh://git@example.org/r.git") == []
        assert program.token_settings("") == []
        assert TOKEN not in "".join(program.clean_environment().values())

    def test_a_token_with_a_newline_is_refused_and_not_shown(
        self, monkeypatch: pytest.MonkeyPatch, remote: str
    ) -> None:
        monkeypatch.setenv("SIGNET_TOKEN", f"{TOKEN}\nX: y")
        with pytest.raises(UsageError, match="SIGNET_TOKEN") as refused:
            git.open_repository(remote)
        assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("fatal: no such thing\n", "no such thing"),
        ("hint: try\nwarning: x\nerror: \x1b[31mred\u202e\x9b\n", "\\u001b[31mred\\u202e\\u009b"),
        ("Counting objects: 1\rremote: error: GH006: no\r\n", "GH006: no"),
        ("", "git ended with exit code 1"),
        ("fatal: " + "x" * 500, "x" * 297 + "..."),
    ],
)
def test_what_git_says_becomes_one_clean_line(said: str, shown: str) -> None:
    assert program.Answer(1, b"", said).line == shown
