"""A throw-away PostgreSQL server on loopback: one for a test session, a database of its own for each test.

PostgreSQL is a Debian package (``make .venv/.ready-parts``); where it is absent, tests are skipped and say so. It
refuses to run as root, so root starts it as another user, in a folder that belongs to that user. It is stopped, and its
folder removed, when the session ends.

Name the fixtures in a test module: ``from tests.service.postgres import postgres, server  # noqa: F401``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

_USERS = ("postgres", "nobody")
"""As whom root starts it: the first who is there."""
_SETTINGS = ("fsync=off", "max_connections=60", "shared_buffers=16MB", "timezone=UTC", "unix_socket_directories=")
_NUMBERS = count(1)


@dataclass(frozen=True)
class Server:
    """A running server; ``url`` names one of its databases as ``SIGNET_DATABASE_URL`` does."""

    programs: Path
    folder: Path
    port: int
    user: str | None

    def url(self, database: str = "postgres") -> str:
        """The URL of a database of this server."""
        return f"postgresql+psycopg://signet@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        name = f"signet_{next(_NUMBERS)}"
        plain = self.url().replace("+psycopg", "")
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return self.url(name)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = " ".join(f"-c {one}" for one in (*_SETTINGS, "listen_addresses=127.0.0.1", f"port={self.port}"))
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "--silent", "-D", str(self.folder / "data"), "-l", log, "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop it: "fast" ends what is open, "immediate" is as a crash."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "-m", mode, "-D", str(self.folder / "data"))

    def make(self) -> None:
        """Lay out its files."""
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "signet", "-A", "trust", "-E", "UTF8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(
            command,
            user=self.user,
            group=self.user and pwd.getpwnam(self.user).pw_gid,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


def programs() -> Path | None:
    """The folder with PostgreSQL's programs, the newest where there are several; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).parent if named else None


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server for the session."""
    where = programs()
    if where is None:
        pytest.skip("PostgreSQL is not installed: make .venv/.ready-parts")
    user = next((one for one in _USERS if _is_there(one)), None) if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="signet-postgres-", dir="/tmp"))
    made = Server(where, folder, _free_port(), user)
    try:
        if user is not None:
            shutil.chown(folder, user)
        made.make()
        made.start()
        yield made
        made.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(server: Server) -> str:
    """The URL of an empty database."""
    return server.new_database()


def _is_there(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
