"""A forge on loopback that keeps what it is told: git over HTTP with real bare repositories, and its API beside it.

What each forge answers is in ``dialects``. Every exchange with the API is kept, so that a test can hold it against the
document that the forge publishes.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from signet.registry.serve import Handler, served

REPOSITORY = "team/registry"
TOKEN = "canary-token-of-the-forge"
Answer = tuple[int, dict[str, str], Any]


@dataclass
class Pull:
    """A pull request as the forge keeps it."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    fork: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A question to the API."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def anything(asked: Asked) -> bool:
    """Any question."""
    return True


def opens(asked: Asked) -> bool:
    """A question that opens a request."""
    return asked.method == "POST" and asked.path.endswith(("/pulls", "/merge_requests", "/pullrequests"))


def labels(asked: Asked) -> bool:
    """A question about labels."""
    return asked.path.endswith("/labels") or "add_labels" in (asked.body or {})


class Forge:
    """The state of one forge; a dialect says how it is told."""

    prefix = ""
    login = "Bearer"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.name, self.id = REPOSITORY, 17
        self.moved: set[str] = set()
        self.pulls: list[Pull] = []
        self.labels: dict[str, int] = {}
        self.may_write = True
        self.hidden = 0
        """How many more times the open requests are not listed yet."""
        self.troubles: list[tuple[Callable[[Asked], bool], Answer | str]] = []
        """Answers in the place of the right one, each once; a text: what is asked is done, and the answer gets lost."""
        self.exchanges: list[tuple[Asked, Answer]] = []

    @property
    def bare(self) -> Path:
        """The real repository."""
        return self.folder / f"{self.name}.git"

    def rename(self, name: str) -> None:
        """The repository has another name from now on; its old one leads to it."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        old = self.bare
        self.moved.add(self.name)
        self.name = name
        old.rename(self.bare)
        old.symlink_to(self.bare)

    def has(self, branch: str) -> bool:
        """Is there such a branch?"""
        asked = ["git", "-C", str(self.bare), "rev-parse", "--verify", "-q", f"refs/heads/{branch}"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0

    def differs(self, branch: str, base: str) -> bool:
        """Has a branch commits that another one has not?"""
        asked = ["git", "-C", str(self.bare), "rev-list", "--count", f"{base}..{branch}"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() != "0"

    def listed(self) -> list[Pull]:
        """The open requests, as far as they are listed by now."""
        self.hidden, hidden = max(self.hidden - 1, 0), self.hidden > 0
        return [] if hidden else [one for one in self.pulls if one.state == "open"]

    def opened(self, branch: str, base: str, title: str, body: str, **extra: Any) -> Pull:
        """A new request."""
        self.pulls.append(Pull(len(self.pulls) + 1, branch, base, title, body, extra=extra))
        return self.pulls[-1]

    def of(self, branch: str, base: str) -> Pull | None:
        """The open request of a branch."""
        found = (
            one for one in self.pulls if (one.branch, one.base, one.state, one.fork) == (branch, base, "open", False)
        )
        return next(found, None)

    def answered(self, asked: Asked) -> Answer | None:
        """What the forge says; None: nothing, the connection ends."""
        trouble = next((one for one in self.troubles if one[0](asked)), None)
        if trouble is not None:
            self.troubles.remove(trouble)
            if not isinstance(trouble[1], str):
                return trouble[1]
        given = asked.headers.get("authorization", "")
        if given != f"{self.login} {TOKEN}":
            return self.error(401, f"Bad credentials: {given}")
        answer = self.answer(asked)
        return None if trouble is not None else answer

    def answer(self, asked: Asked) -> Answer:
        """What a dialect answers to somebody who is logged in."""
        raise NotImplementedError

    def error(self, status: int, message: str) -> Answer:
        """A refusal in the words of a dialect."""
        raise NotImplementedError


class _Handler(Handler):
    forge: Forge

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        if not parts.path.startswith(f"{self.forge.prefix}/"):
            super()._answer()
            return
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = parts.path.removeprefix(self.forge.prefix)
        asked = Asked(self.command, path, dict(parse_qsl(parts.query)), headers, json.loads(content or b"null"))
        answer = self.forge.answered(asked)
        self.close_connection = True
        if answer is None:
            return
        self.forge.exchanges.append((asked, answer))
        status, more, value = answer
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        told = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Connection": "close"}
        for name, text in {**told, **more}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def do_PATCH(self) -> None:  # noqa: N802 - the name is the library's
        """Answer with what the forge says."""
        self._answer()

    def do_PUT(self) -> None:  # noqa: N802
        """Answer with what the forge says."""
        self._answer()


@contextmanager
def running(forge: Forge) -> Iterator[str]:
    """The forge as it runs; yields the address of the registry to clone."""
    handler = type("ForgeHandler", (_Handler,), {"forge": forge})
    with served(forge.folder, handler) as url:
        forge.url = url
        yield f"{url}/{forge.name}.git"
