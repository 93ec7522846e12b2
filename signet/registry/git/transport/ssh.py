"""ssh for the transport by dulwich: the user's own ssh program, with an argument list and without a shell.

``GIT_SSH_COMMAND`` (split into words, not run by a shell) and ``GIT_SSH`` name another program; it must understand
OpenSSH's options. Nothing is asked on a terminal: the key comes from the agent or has no passphrase.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import IO
from urllib.parse import unquote, urlsplit

from dulwich.client import TraditionalGitClient
from dulwich.protocol import Protocol

from signet.errors import UsageError
from signet.registry.git.transport.limits import MOST_PACKED, Clock, bounded

_SCP = re.compile(r"(?:(?P<user>[^/@:]+)@)?(?P<host>\[[^\]]+\]|[^/:@]+):(?P<path>.+)", re.DOTALL)


class Ssh(TraditionalGitClient):
    """dulwich's client on the pipes of an ssh process; the address was checked by ``signet.registry.git.address``."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(thin_packs=False, quiet=True)
        self._clock = clock
        self._program = _program()
        self._where, self.path = _target(url)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the client
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def heard(self) -> str:
        """What ssh and the programs at the other end said."""
        with suppress(OSError, ValueError):
            return os.pread(self._errors.fileno(), 16_384, 0).decode("utf-8", "replace")
        return ""

    def break_off(self) -> None:
        """End the process; whoever reads from it gets an end of file."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process, if it did not end by itself."""
        if self._process is not None:
            self._end(self._process)
        self._errors.close()

    @staticmethod
    def _warn_filter_objects() -> None:
        """A server without filters sends everything: nothing that a user needs to hear of."""

    def _connect(
        self, cmd: bytes, path: str | bytes, protocol_version: int | None = None
    ) -> tuple[Protocol, Callable[[], bool], IO[bytes] | None]:
        name = path.decode() if isinstance(path, bytes) else path
        quoted = "'" + name.replace("'", "'\\''") + "'"
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") and key != "SIGNET_TOKEN"}
        options = []
        if cmd == b"upload-pack":
            kept["GIT_PROTOCOL"] = "version=2"
            options = ["-o", "SendEnv=GIT_PROTOCOL"]
        process = self._process = subprocess.Popen(
            [*self._program, "-x", *options, *self._where, f"git-{cmd.decode()} {quoted}"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=kept,
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - they are pipes
        reading, writing = process.stdout, process.stdin

        def read(size: int) -> bytes:
            blocks = b""
            while len(blocks) < size and (block := reading.read(size - len(blocks))):
                blocks += block
            return blocks

        def write(data: bytes) -> int:
            view = memoryview(data)
            while view:
                view = view[writing.write(view) :]
            return len(data)

        def can_read() -> bool:
            return bool(select.select([reading], [], [], 0)[0])

        bounded_read = bounded(read, MOST_PACKED, self._clock)
        return Protocol(bounded_read, write, lambda: self._end(process)), can_read, None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        self.break_off()
        process.wait()


def _program() -> list[str]:
    if os.environ.get("GIT_SSH_VARIANT", "").lower() not in ("", "auto", "ssh"):
        raise UsageError(
            "The transport dulwich knows no ssh but OpenSSH.", "Unset GIT_SSH_VARIANT, install git, or use https://."
        )
    try:
        words = shlex.split(os.environ.get("GIT_SSH_COMMAND", "")) or [os.environ.get("GIT_SSH") or "ssh"]
    except ValueError as error:
        raise UsageError("GIT_SSH_COMMAND cannot be split into words.", "Close its quotes.") from error
    if shutil.which(words[0]) is None:
        raise UsageError("There is no ssh program.", "Install an ssh client, or use https:// with SIGNET_TOKEN.")
    return words


def _target(url: str) -> tuple[list[str], str]:
    """The arguments that name the other machine, and the path there."""
    if url.startswith("ssh://"):
        parts = urlsplit(url)
        host, user, path = parts.hostname or "", parts.username, unquote(parts.path)
        port = ["-p", str(parts.port)] if parts.port else []
        return [*port, f"{user}@{host}" if user else host], path[1:] if path.startswith("/~") else path
    found = _SCP.fullmatch(url)
    assert found is not None  # noqa: S101 - such an address is a path otherwise
    host = found["host"].strip("[]")
    return [f"{found['user']}@{host}" if found["user"] else host], found["path"]
