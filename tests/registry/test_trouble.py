"""Each way in which a remote says no or nothing: the same error, sentence and remedy by both transports."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from signet.errors import RegistryUnreachable, UsageError
from signet.registry import git
from signet.registry.git.transport import trouble
from signet.registry.serve import served
from tests.registry.people import person
from tests.registry.test_git_remote import attempt, hook
from tests.registry.unwell import unwell

TABLE = {
    "401": ("it wants a login", "Set SIGNET_TOKEN"),
    "403": ("access is refused", "write access"),
    "404": ("no such repository, or it is hidden", "private repository"),
    "407": ("the proxy wants a login", "https_proxy"),
    "429": ("asked too often", "Wait"),
    "500": ("the server has a fault", "status page"),
    "503": ("the server has a fault", "status page"),
    "redirect": ("redirects to another address", "Name the new address"),
    "html": ("no git server", "a page or a login form"),
    "nonsense": ("no git server", "Check the address"),
    "no http": ("no git server", "Check the address"),
    "truncated": ("the connection broke off", "Try again"),
    "dropped": ("the connection broke off", "Try again"),
    "silent": ("no answer in time", "Try again"),
}
REFUSED = {
    "GH006: Protected branch update failed for refs/heads/main.": "pull request",
    "GitLab: You are not allowed to push code to protected branches on this project.": "pull request",
    "This repository was archived so it is read-only.": "unarchive",
    "Your push would exceed the storage limit of this repository": "Make room",
    "remote: Permission to shop/registry.git denied to robot.": "write access",
    "You have exceeded a secondary rate limit": "Wait",
    "only on Tuesdays": "its rule",
}


@pytest.mark.parametrize("how", TABLE)
def test_a_server_that_is_unwell(how: str, transport: str, tmp_path: Path) -> None:
    began = time.monotonic()
    with unwell(how) as (url, requests), pytest.raises(RegistryUnreachable) as error:
        git.open_repository(url, timeout=1.5)
    sentence, remedy = TABLE[how]
    assert requests, "it was asked"
    assert sentence in error.value.message and remedy in error.value.remedy
    assert error.value.message.startswith(f"The registry at {url} cannot be reached: ")
    assert "\n" not in str(error.value) and "\x1b" not in str(error.value) and "secret" not in str(error.value)
    assert time.monotonic() - began < 20
    assert [one for one in (tmp_path / "cache" / "git").iterdir() if one.is_dir()] == []


def test_a_token_that_is_not_accepted(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_TOKEN", "canary-1")
    with unwell("401") as (url, requests), pytest.raises(RegistryUnreachable, match="token is not accepted") as error:
        git.open_repository(url)
    assert b"Authorization: Basic " in requests[0]
    assert "still valid" in error.value.remedy and "canary-1" not in str(error.value)


def test_a_redirect_gets_no_token(transport: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_TOKEN", "canary-1")
    with unwell("403") as (elsewhere, asked), unwell("redirect") as (url, _):
        del elsewhere
        with pytest.raises(RegistryUnreachable, match="not followed"):
            git.open_repository(url)
    assert asked == []


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("http://127.0.0.1:1/r.git", "nothing answers there"),
        ("https://no-such-host.invalid/r.git", "its name is not known here"),
    ],
)
def test_nobody_is_there(location: str, sentence: str, transport: str) -> None:
    with pytest.raises(RegistryUnreachable, match=sentence) as error:
        git.open_repository(location, timeout=10)
    assert "the network" in error.value.remedy


def test_a_cut_answer_on_an_established_registry_is_not_rewritten_history(transport: str, tmp_path: Path) -> None:
    """A login page where a registry was: neither an empty registry nor a branch that is gone."""
    with unwell("html") as (url, _):
        for branch in (None, "main"):
            with pytest.raises(RegistryUnreachable, match="no git server"):
                git.open_repository(url, branch=branch)


def test_a_repository_of_another_format(transport: str, tmp_path: Path) -> None:
    person(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main", "theirs")
    person(tmp_path / "theirs", "commit", "-q", "--allow-empty", "-m", "x")
    person(tmp_path, "clone", "-q", "--bare", "theirs", "other.git")
    with served(tmp_path / "other.git") as url, pytest.raises(RegistryUnreachable, match="SHA-256") as error:
        git.open_repository(url)
    assert "signet init" in error.value.remedy


@pytest.mark.parametrize("words", REFUSED)
def test_a_server_that_refuses_the_push(words: str, transport: str, remote: str, bare: Path) -> None:
    hook(bare, "pre-receive", f"cat <<'END' >&2\n{words}\nEND\nexit 1")
    repository = git.open_repository(remote)
    push, head, _ = attempt(repository)
    assert push.status == "refused"
    assert words.removeprefix("remote: ") in push.reason and "pre-receive hook declined" in push.reason
    assert REFUSED[words] in push.remedy
    assert push.said == (words,) or transport == "git"
    assert git.head(repository) == head == git.head(git.open_repository(str(bare)))


@pytest.mark.parametrize("status", ["401", "403"])
def test_reading_is_allowed_and_pushing_is_not(status: str, transport: str, remote: str) -> None:
    repository = git.open_repository(remote)
    with unwell(status) as (closed, _):
        push = _pushing_to(repository, closed)
    assert push.status == "refused"
    assert TABLE[status][0] in push.reason and push.remedy


@pytest.mark.parametrize("how", ["429", "500", "dropped", "silent"])
def test_a_push_without_a_verdict_is_no_refusal(how: str, transport: str, remote: str) -> None:
    repository = git.open_repository(remote, timeout=1.5)
    with unwell(how) as (closed, _), pytest.raises(RegistryUnreachable, match="did not go through") as error:
        _pushing_to(repository, closed)
    assert TABLE[how][0] in error.value.message and TABLE[how][1] in error.value.remedy


def _pushing_to(repository: git.Repository, elsewhere: str) -> git.Push:
    """Publish with pushes alone going elsewhere, as with a server that guards them specially."""
    speaker = repository.transport
    where, config = repository.url, repository.git_dir / "config"

    class Elsewhere:
        def __getattr__(self, name: str) -> object:
            return getattr(speaker, name)

        def push(self, *args: str | None) -> git.Push:
            text = config.read_text()
            repository.url = elsewhere
            config.write_text(text.replace(where, elsewhere))
            try:
                return speaker.push(repository, *args[1:])  # type: ignore[arg-type]
            finally:
                repository.url = where
                config.write_text(text)

    repository._transport = Elsewhere()  # type: ignore[assignment]
    return attempt(repository)[0]


def test_what_is_not_in_the_table_is_shown_as_it_came() -> None:
    error = trouble.unreachable("x", "fatal: the moon is full", "the moon is full")
    assert str(error) == "The registry at x cannot be reached: the moon is full. " + error.remedy


def test_a_cache_without_room_is_not_the_networks_fault() -> None:
    said = "fatal: write error: No space left on device"
    assert "SIGNET_CACHE" in trouble.unreachable("x", said, said).remedy


def test_no_transport_of_that_name(remote: str) -> None:
    with pytest.raises(UsageError, match="is no transport") as error:
        git.open_repository(remote, transport="pigeon")
    assert "auto, git, dulwich" in error.value.remedy


def test_without_git_the_other_one_is_chosen(monkeypatch: pytest.MonkeyPatch, remote: str, tmp_path: Path) -> None:
    assert git.open_repository(remote).transport.name == "git"
    assert git.open_repository(remote, transport="dulwich").transport.name == "dulwich"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.open_repository(remote, offline=True).transport.name == "dulwich"
    with pytest.raises(UsageError, match="git program was not found"):
        git.open_repository(remote, transport="git")
    assert os.environ["PATH"] == str(tmp_path)
