"""The command line as a user meets it: arguments in a working directory; exit code, stdout and stderr out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from signet.cli import boundary, checkout
from signet.cli.ci_systems import variables
from tests.domain import pact_bytes, spec_bytes

REGENERATE = os.environ.get("SIGNET_REGENERATE") == "1"
"""Write expected texts anew instead of comparing with them (then read the difference before committing it)."""


@dataclass(frozen=True)
class Outcome:
    """What a run left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Desk:
    """A person's working directory, and the command line in it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def signet(self, *args: str) -> Outcome:
        """Run ``signet`` with these arguments."""
        checkout.described.cache_clear()
        self.capture.readouterr()
        code = boundary.run(args)
        out, err = self.capture.readouterr()
        return Outcome(code, out, err)

    def does(self, *args: str) -> Outcome:
        """Run ``signet``; it must succeed."""
        outcome = self.signet(*args)
        assert outcome.code == 0, outcome
        return outcome

    def spec(self, name: str, *paths: str) -> str:
        """A spec file with these paths."""
        (self.folder / name).write_bytes(spec_bytes("catalog", *paths))
        return name

    def pact(self, name: str, *paths: str, consumer: str = "cart", provider: str = "catalog") -> str:
        """A Pact file that gets these paths."""
        (self.folder / name).write_bytes(pact_bytes(consumer, provider, *paths))
        return name


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """A working directory with nothing in it, on no CI."""
    for name in (*variables(), "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Desk(folder, capsys)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the registry of ``shop`` is kept after the first test that needs it has made it."""
    return tmp_path_factory.mktemp("shelf") / "desk"


@pytest.fixture
def shop(desk: Desk, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A registry beside the working directory: catalog 1.0.0 is live in production, and cart 2.1.0 is published."""
    monkeypatch.setenv("SIGNET_REGISTRY", "registry")
    if shelf.exists():
        shutil.copytree(shelf, desk.folder, dirs_exist_ok=True)
        return desk
    desk.does("init", "registry", "--bare", "--registry-name", "shop")
    desk.spec("catalog.json", "/items", "/prices")
    desk.does("publish", "-n", "catalog", "-v", "1.0.0", "-b", "main", "-p", "catalog.json")
    desk.does("record-verification", "-n", "catalog", "-v", "1.0.0", "--passed")
    desk.does("update-deployment", "-n", "catalog", "-v", "1.0.0", "-e", "production")
    desk.pact("cart-catalog.json", "/items")
    desk.does("publish", "-v", "2.1.0", "-b", "main", "cart-catalog.json")
    shutil.copytree(desk.folder, shelf)
    return desk


def everything_in(repository: Path) -> dict[str, bytes]:
    """Each file of a repository's directory but for loose objects that nothing refers to: what a refusal must keep."""
    reachable = subprocess.run(
        ["git", "-C", str(repository), "rev-list", "--objects", "--all"], capture_output=True, check=True
    ).stdout
    kept = {"reachable": reachable}
    for root, _folders, names in os.walk(repository):
        for name in names:
            path = Path(root) / name
            if "objects" not in path.relative_to(repository).parts:
                kept[str(path.relative_to(repository))] = path.read_bytes()
    return kept
