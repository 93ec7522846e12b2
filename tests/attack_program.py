"""The command line as a process of its own, many times a second: one parent that has imported it, a fork for each run.

Each run has its own working directory, environment and output files, an address space and a CPU time that end, and what
it used is measured. Where the start of the interpreter matters too (``fresh``), it is the program as it is installed.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = 60
MEGABYTES = 1024


@dataclass(frozen=True)
class Ran:
    """What a run left. ``megabytes`` is the peak above that of a run that does nothing; -1 where it is not known."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    megabytes: float
    blobs: int = -1

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return (self.out + b"\n" + self.err).decode("utf-8", "backslashreplace")

    @property
    def answer(self) -> Any:
        """The JSON document on stdout, read as strictly as JSON is defined."""

        def refused(word: str) -> None:
            raise AssertionError(f"{word} is not JSON")

        return json.loads(self.out.decode("utf-8"), parse_constant=refused)


class Program:
    """The parent process; ``run`` is a command line in a fork of it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attack_program"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        megabytes: int = MEGABYTES,
        fresh: bool = False,
    ) -> Ran:
        """Run ``signet`` with these arguments in ``folder``, with this environment and nothing else of it."""
        out, err = folder.parent / "stdout", folder.parent / "stderr"
        if fresh:
            return self._fresh(arguments, folder, environment)
        asked = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "out": str(out),
            "err": str(err),
            "megabytes": megabytes,
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return Ran(told["code"], out.read_bytes(), err.read_bytes(), told["seconds"], told["megabytes"], told["blobs"])

    def _fresh(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Ran:
        began = time.monotonic()
        given = [argument.encode("utf-8", "surrogateescape") for argument in arguments]
        done = subprocess.run(
            [sys.executable, "-m", "signet", *given],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr, time.monotonic() - began, -1)

    def end(self) -> None:
        """End the parent."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(SECONDS)


def _main() -> None:
    import gc

    from signet.cli import app
    from signet.core import compare, guard  # noqa: F401 - imported here, so that no fork has to
    from signet.registry import documents, git, opening, read, record  # noqa: F401

    for name in app.available():
        app.command(name)
    for module in ("pygit2", "yaml", "jsonschema_rs", "ruamel.yaml", "dulwich.refs", "platformdirs"):
        __import__(module)
    for model in documents.Record.__subclasses__():
        model.model_rebuild(force=True)
    app.program()
    gc.disable()  # a collection in the fork would copy the parent's memory
    gc.freeze()
    idle = _forked({"arguments": ["--version"], "folder": "/", "environment": {}, "out": os.devnull, "err": os.devnull})
    for line in sys.stdin:
        told = _forked(json.loads(line))
        told["megabytes"] = max(0.0, told["megabytes"] - idle["megabytes"])
        print(json.dumps(told), flush=True)


def _forked(asked: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 99
        try:
            code = _child(asked, writing)
        finally:
            os._exit(code)
    os.close(writing)
    told = os.read(reading, 100)
    os.close(reading)
    _, status, used = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
        "blobs": int(told or b"-1"),
    }


def _child(asked: dict[str, Any], told: int) -> int:
    from signet.cli import boundary
    from signet.registry import git

    opened: list[Any] = []
    really = git.open_repository

    def remembered(*arguments: Any, **more: Any) -> Any:
        opened.append(really(*arguments, **more))
        return opened[-1]

    git.open_repository = remembered
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    allowed = _address_space() + asked.get("megabytes", MEGABYTES) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    null = os.open(os.devnull, os.O_RDONLY)
    for number, path in ((1, asked["out"]), (2, asked["err"])):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(null, 0)
    code = boundary.run(asked["arguments"])
    os.write(told, str(sum(one.reads["blob"] for one in opened)).encode())
    return code


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    _main()
