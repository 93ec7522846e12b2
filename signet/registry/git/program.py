"""Running the git program: argument lists, a clean environment, exit codes, and one clean line of what it said.

Nothing here knows what a registry is. What a caller inherited (a hook's ``GIT_DIR``, a test's ``GIT_INDEX_FILE``,
aliases, hooks, pruning ...) does not reach git; what people set up to get in (ssh, credential helpers,
``GIT_ASKPASS``, proxies, certificates) does. Settings and the token travel as ``GIT_CONFIG_COUNT`` entries of the
environment, never as arguments, so that no process list shows them.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from signet.errors import UsageError

Setting = tuple[str, str]

_INHERITED = re.compile(
    r"GIT_(?:(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)|ASKPASS|SSH(?:_COMMAND|_VARIANT)?|SSL_\w+|PROXY_SSL_\w+"
    r"|HTTP_PROXY_AUTHMETHOD|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM))\Z"
)
_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_DEFAULT_REF_FORMAT": "files",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "",
}
_ALWAYS: tuple[Setting, ...] = (
    ("safe.bareRepository", "explicit"),
    ("gc.auto", "0"),  # gc runs in mirror.py only, under the lock of the mirror
    ("maintenance.auto", "false"),
    ("core.fsmonitor", "false"),
    ("core.alternateRefsCommand", "true"),  # the program that says nothing; the user's would run for each push
    ("protocol.version", "2"),
    ("color.ui", "false"),
)
_AS_CLIENT: tuple[Setting, ...] = (
    ("core.hooksPath", os.devnull),
    ("core.quotePath", "false"),
    ("core.bigFileThreshold", "512m"),  # below a user's own threshold git's check takes small files for too large
    ("log.mailmap", "false"),
    ("http.followRedirects", "false"),
    ("transfer.fsckObjects", "true"),
    ("transfer.bundleURI", "false"),
    ("fetch.fsckObjects", "true"),
    ("fetch.prune", "false"),
    ("fetch.pruneTags", "false"),
    ("fetch.recurseSubmodules", "no"),
    ("fetch.writeCommitGraph", "false"),
    ("push.followTags", "false"),
    ("push.gpgSign", "false"),
    ("push.recurseSubmodules", "no"),
    ("push.pushOption", ""),
    ("submodule.recurse", "false"),
)
_RUNNING: set[subprocess.Popen[bytes]] = set()
"""The programs that somebody waits for."""
_NOISE = re.compile(r"(?:hint|warning): |To \S+$|(?:Counting|Compressing|Writing|Receiving|Resolving|Updating) |Done$")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a git process left: its exit code (None: it ran out of time), its output, and what it said."""

    code: int | None
    output: bytes
    said: str

    @property
    def ok(self) -> bool:
        """True if the process ended with exit code 0."""
        return self.code == 0

    @property
    def line(self) -> str:
        """The first telling line of what git said, clean and short."""
        if self.code is None:
            return "no answer in time"
        lines = [line.strip() for line in re.split(r"[\r\n]+", self.said)]
        telling = [line for line in lines if line and not _NOISE.match(line)]
        said = telling[0] if telling else f"git ended with exit code {self.code}"
        return one_line(re.sub(r"\A(?:(?:fatal|error|remote|ERROR): )+", "", said))


def run(
    arguments: Sequence[str],
    *,
    git_dir: Path | None = None,
    work_tree: Path | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    settings: Iterable[Setting] = (),
    protocols: str = "https:ssh:file",
    variables: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Answer:
    """Run git and wait for it; never raises for what git answers.

    ``protocols`` is git's list of transports that may be used, ``variables`` go into its environment. After
    ``timeout`` seconds git and its children are ended.
    """
    place = [f"--git-dir={git_dir}"] if git_dir else []
    place += [f"--work-tree={work_tree}"] if work_tree else []
    environment = clean_environment([*_AS_CLIENT, *settings])
    environment |= {"GIT_ALLOW_PROTOCOL": protocols, **(variables or {})}
    process = start([*place, *arguments], environment, cwd=cwd)
    _RUNNING.add(process)
    try:
        output, said = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        return Answer(None, b"", "")
    except BaseException:
        _end(process)  # an interrupt must not leave a push running
        raise
    finally:
        _RUNNING.discard(process)
    return Answer(process.returncode, output, redacted(said.decode("utf-8", "replace")))


def end_running() -> None:
    """End the git programs that threads of this process wait for; to each thread it is as if git had failed."""
    for process in tuple(_RUNNING):
        if process.returncode is None:
            _kill(process)


def start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    cwd: Path | None = None,
    stdin: IO[bytes] | int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start git with a pipe for its output, in a session of its own (so that git's children can be ended with it)."""
    try:
        return subprocess.Popen(
            ["git", *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise UsageError("The git program was not found.", "Install git 2.38 or newer.") from error


def clean_environment(settings: Iterable[Setting] = ()) -> dict[str, str]:
    """The environment for a git process: nothing of git's own but who and how to get in, and these settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if (not name.startswith("GIT_") or _INHERITED.match(name)) and name != "SIGNET_TOKEN"
    }
    all_settings = [*_ALWAYS, *settings]
    kept |= _FIXED | {"GIT_CONFIG_COUNT": str(len(all_settings))}
    for number, (key, value) in enumerate(all_settings):
        kept[f"GIT_CONFIG_KEY_{number}"] = key
        kept[f"GIT_CONFIG_VALUE_{number}"] = value
    return kept


def token_settings(url: str) -> list[Setting]:
    """The header with ``$SIGNET_TOKEN`` for the origin of an http(s) URL; nothing without a token."""
    header, parts = authorization(url), urlsplit(url)
    return [(f"http.{parts.scheme}://{parts.netloc}/.extraHeader", f"Authorization: {header}")] if header else []


def authorization(url: str) -> str:
    """What proves to the origin of an http(s) URL who we are, from ``$SIGNET_TOKEN``; "" without a token.

    Basic with the token as password is what GitHub, GitLab and Gitea all take; the name does not matter to them.
    """
    token = os.environ.get("SIGNET_TOKEN", "")
    if not token or urlsplit(url).scheme not in ("https", "http"):
        return ""
    if not token.isprintable() or not token.isascii():
        raise UsageError(
            "SIGNET_TOKEN holds characters that no token has.", "Set it to the token alone, without a newline."
        )
    return f"Basic {_basic(token)}"


def redacted(text: str) -> str:
    """The text without the token, as it is or as the header carries it."""
    token = os.environ.get("SIGNET_TOKEN", "")
    for secret in (token, _basic(token)) if token else ():
        text = text.replace(secret, "***")
    return text


def one_line(text: str, limit: int = 300) -> str:
    """Text of others as one line: control and format characters become visible, long text is cut."""
    text = " ".join(redacted(text).split())
    clean = "".join(
        character if unicodedata.category(character)[0] != "C" else f"\\u{ord(character):04x}" for character in text
    )
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def path() -> str:
    """Where the git program is; "" if there is none."""
    return shutil.which("git") or ""


def version() -> tuple[int, ...]:
    """The version of the git program, such as (2, 39, 5); () if there is none."""
    if not path():
        return ()
    found = re.search(rb"(\d+)\.(\d+)(?:\.(\d+))?", run(["version"]).output)
    return tuple(int(part) for part in found.groups() if part) if found else (0,)


def _basic(token: str) -> str:
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _end(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.communicate()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With its children, which are of its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
