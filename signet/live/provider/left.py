"""A provider that one command leaves running and another one ends; what must be known between them is a small file.

The file lies beside the one with the URL (``provider.url.state``), readable for its user only. It is not trusted: it
must be a plain file of our own, and a process is told to end only if it still is the one that was started (the start of
the machine and of the process, and a mark in its variables that no other process has). It holds no secret.
"""

from __future__ import annotations

import json
import re
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from signet.errors import CouldNotTest, UsageError
from signet.live.provider import files, tree
from signet.live.provider.line import GRACE
from signet.live.provider.running import Provider
from signet.live.provider.start import reasonable

FORMAT = 1
WHAT = "The state"

_MARK = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a provider that was left running. ``ended`` says how, where its guardian saw it end."""

    mark: str
    guardian: int
    identity: str
    pid: int
    url: str
    log: str
    stop_after: float
    format: int = FORMAT
    ended: str = ""

    @property
    def is_guarded(self) -> bool:
        """Is its guardian there, and still the same process?"""
        return tree.identity(self.guardian) == self.identity != "" and tree.has_mark(self.guardian, self.mark)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was found when a provider was to end. ``state`` is None where none was left running."""

    state: State | None
    ran: bool

    @property
    def ended(self) -> str:
        """How it had ended before, where that is known."""
        return self.state.ended if self.state is not None and not self.ran else ""


def state_file(url_file: Path) -> Path:
    """Where the state of a provider is kept whose URL is in ``url_file``."""
    if not url_file.name:
        raise UsageError(f"{url_file} is no name of a file.", "Name a file with --url-file.")
    return url_file.with_name(f"{url_file.name}.state")


def refuse_second(url_file: Path) -> None:
    """UsageError if a provider runs already whose URL is in that file; what an ended one left is removed."""
    path = state_file(url_file)
    files.may_be_written(path, WHAT)
    known = _known(path)
    if known is not None and (known.is_guarded or tree.marked(known.mark)):
        raise UsageError(
            f"A provider runs already for {url_file}, at {known.url}.",
            f"End it first: signet stop-provider --url-file {url_file}",
        )
    files.removed(path)


def leave(provider: Provider, url_file: Path, stop_after: float, lifetime: float) -> Path:
    """Let a provider run on, at most ``lifetime`` seconds, for ``stop`` to end it; returns the state file."""
    path = state_file(url_file)
    guardian = provider.line.process.pid
    state = State(
        mark=provider.line.mark,
        guardian=guardian,
        identity=tree.identity(guardian),
        pid=provider.pid,
        url=provider.url,
        log=str(provider.log.absolute()),
        stop_after=stop_after,
    )
    files.written(path, json.dumps(asdict(state)).encode(), WHAT)
    try:
        provider.freed(lifetime, path)
    except BaseException:
        files.removed(path)
        raise
    return path


def stop(url_file: Path) -> Stopped:
    """End the provider whose URL is in that file, with all that it started, and remove both files.

    That it has ended already, or never ran, is no error. CouldNotTest if something of it cannot be ended.
    """
    path = state_file(url_file)
    state = _known(path)
    if state is None:
        return Stopped(None, False)
    ran = _told(state)
    ran = bool(tree.marked(state.mark)) or ran  # its guardian may be gone, and something of it still be there
    left = tree.swept(state.mark)
    if left:
        told = ", ".join(map(str, sorted(left)))
        raise CouldNotTest(f"Processes of the provider could not be ended: {told}.", "End them yourself.")
    state = _known(path) or state  # by now its guardian has noted how it ended
    files.removed(url_file, f"{state.url}\n".encode())
    files.removed(path)
    return Stopped(state, ran)


def _told(state: State) -> bool:
    """Tell the guardian to end, and wait until it has; False if there is none."""
    if not tree.told(state.guardian, signal.SIGTERM, lambda: state.is_guarded):
        return False
    until = time.monotonic() + state.stop_after + GRACE
    while state.is_guarded and time.monotonic() < until:
        time.sleep(0.02)
    return True


def _known(path: Path) -> State | None:
    held = files.content(path, WHAT)
    if held is None:
        return None
    with suppress(ValueError, TypeError, UsageError):
        state = State(**json.loads(held))
        right = all(type(getattr(state, one.name)).__name__ == one.type for one in fields(State))
        if right and state.format == FORMAT and _MARK.fullmatch(state.mark) and state.guardian > 1:
            reasonable("stop_after", state.stop_after)
            return state
    raise UsageError(
        f"The state {path} is none that this version of Signet wrote.",
        "If no provider runs any more, remove the file.",
    )
