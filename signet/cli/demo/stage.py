"""Where the demo happens: a temporary folder with the shop in it, and a way to run what is shown.

A line is shown as it would be typed, and exactly that line is run (without a shell). It does not know the story.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from signet.cli import render
from signet.errors import SignetError, UsageError

INHERITED = ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
"""What the commands get from the user's environment: where programs are, and nothing that changes what they do."""

PROGRAMS = {"signet": [sys.executable, "-m", "signet"], "python": [sys.executable], "git": ["git"]}
TIMEOUT = 180


class Stage:
    """A folder, the variables of the commands that run in it, and the commands' only way to run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        home = folder / "home"
        home.mkdir()
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self.variables = {
            **inherited,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_DATA_HOME": str(home / "data"),
            "SIGNET_CACHE": str(home / "cache" / "signet"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_PAGER": "cat",
            "GIT_AUTHOR_NAME": "Demo pipeline",
            "GIT_AUTHOR_EMAIL": "demo@shop.example",
            "GIT_COMMITTER_NAME": "Demo pipeline",
            "GIT_COMMITTER_EMAIL": "demo@shop.example",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "PYTHONUTF8": "1",
            "PACT_DO_NOT_TRACK": "true",
        }

    def run(self, line: str, expected: int = 0) -> str:
        """Show a line as typed, run it, show what it prints, and return that; SignetError on another exit code."""
        render.say()
        render.say(f"$ {line}", colour="bold")
        render.flush()
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self.variables[name] = value
            return ""
        own: dict[str, str] = {}
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            own[name] = value
        printed, code = self._run([*PROGRAMS[words[0]], *words[1:]], own)
        for text in printed.splitlines():
            render.say(f"  {text}" if text else "")
        if code:
            render.say(f"  (exit code {code})")
        if code != expected:
            raise SignetError(
                f"The demo stopped: '{line}' ended with exit code {code}, and {expected} was expected",
                "Please report it, with everything that is printed above.",
                code="demo-stopped",
            )
        return printed

    def _run(self, command: list[str], own: dict[str, str]) -> tuple[str, int]:
        process = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.variables, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
            check=False,
        )
        return process.stdout.decode("utf-8", "replace"), process.returncode

    def keep_clone(self, clone: str, folder: Path) -> None:
        """Move a clone out of the stage, without the address of a server that is gone."""
        self._run(["git", "-C", clone, "remote", "remove", "origin"], {})
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.folder / clone, folder)


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage with the shop on it, which is gone when the block ends."""
    if shutil.which("git") is None:
        raise UsageError("The demo needs the program git, and there is none.", "Install git 2.38 or newer.")
    with tempfile.TemporaryDirectory(prefix="signet-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        shutil.copytree(shop(), folder / "shop", ignore=shutil.ignore_patterns("__pycache__", "run"))
        yield Stage(folder)


def shop() -> Path:
    """Where the shop's sources are: in the package when installed from a wheel, with the examples in a checkout."""
    installed = Path(__file__).with_name("shop")
    return installed if installed.is_dir() else Path(__file__).parents[3] / "docs" / "examples" / "shop"


def can_write_contracts() -> bool:
    """Are the libraries here with which the consumers' tests write their contracts?"""
    return all(find_spec(name) is not None for name in ("pact", "httpx"))
