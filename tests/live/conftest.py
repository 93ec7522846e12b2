"""Programs that are providers, and a look at the process table that shares no code with what is tested."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from signet.live.provider import Provider, started

PROGRAM = Path(__file__).with_name("program.py")
TOKEN = "TOKEN_OF_THE_TEST"


def processes(token: str) -> list[str]:
    """All processes that have the token among their arguments or variables, as ``pid arguments``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            arguments = (entry / "cmdline").read_bytes()
            if token.encode() in arguments or token.encode() in (entry / "environ").read_bytes():
                found.append(f"{entry.name} {arguments.decode(errors='replace')}")
    return found


def gone(token: str, seconds: float = 0.0) -> bool:
    """Is no process left, now or within some seconds?"""
    until = time.monotonic() + seconds
    while processes(token):
        if time.monotonic() >= until:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Room:
    """A folder, and the providers that are started in it; ``token`` marks all their processes."""

    folder: Path
    token: str

    @property
    def log(self) -> Path:
        """The log of the provider."""
        return self.folder / "provider.log"

    @property
    def url_file(self) -> Path:
        """The file with its URL."""
        return self.folder / "provider.url"

    def command(self, mode: str, *words: str) -> str:
        """The command that starts the program in that mode."""
        return shlex.join([sys.executable, "-I", "-S", str(PROGRAM), mode, "{port}", self.token, *words])

    def started(self, mode: str, *words: str, **options: Any) -> AbstractContextManager[Provider]:
        """The program, as a provider that is waited for."""
        given = {"folder": self.folder, "log": self.log, "wait_for": "/", "within": 20.0, "stop_after": 0.5}
        return started(self.command(mode, *words), **{**given, "url_file": self.url_file, **options})


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """A room in which, after the test, no process is left and no file with a URL."""
    token = uuid.uuid4().hex
    monkeypatch.setenv(TOKEN, token)
    place = Room(tmp_path, token)
    yield place
    left = processes(token)
    for line in left:
        with suppress(OSError):
            os.kill(int(line.split()[0]), signal.SIGKILL)
    assert left == []
    assert not place.url_file.exists()
