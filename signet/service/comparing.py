"""Comparisons made ready before anybody asks, by a process of its own that gives way to whoever answers questions.

It is told of each new commit, reads the registry by itself, and compares what meets there: the versions that are live
or head their main branch, and each version that the commit brought with those it would meet. What it finds is kept in
the cache, where questions find it; a question that comes earlier compares for itself, and the answer is the same. It
changes nothing else, and dies with the service, however that dies.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from signet.errors import SignetError
from signet.registry.opening import Access

if TYPE_CHECKING:
    from signet.registry.read import RegistryState
    from signet.service.snapshots import Snapshot

_LOG = logging.getLogger(__name__)
WAIT = 5.0
"""So many seconds a new commit waits to be served until its comparisons are ready."""
NICE = 15
_VERSIONS = frozenset({"manifest", "spec-test", "replay"})


class Comparing:
    """Makes the comparisons of each new snapshot ready; to be given to a shelf as its ``warm``.

    A call returns when they are, or after ``wait`` seconds, and for the first snapshot at once; it never fails.
    """

    def __init__(self, location: str, access: Access, wait: float = WAIT) -> None:
        self._registry = (location, access)
        self._wait = wait
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def __call__(self, found: Snapshot, before: Snapshot | None) -> None:
        """Have the comparisons of a snapshot made."""
        try:
            if self._process is None or not self._process.is_alive():
                self._start()
            if not self._is_ready(found.commit, self._wait if before is not None else 0.0):
                _LOG.info("The comparisons of %s go on while it is served.", found.commit)
        except (OSError, EOFError, ValueError) as error:
            _LOG.warning("The comparisons of %s are made when somebody asks: %s", found.commit, type(error).__name__)
            self.stop()

    def stop(self) -> None:
        """End the process."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join(1)
        self._line = self._process = None

    def _start(self) -> None:
        self.stop()
        spawn = multiprocessing.get_context("spawn")
        self._line, far = spawn.Pipe()
        self._process = spawn.Process(target=_compare, args=(far, *self._registry), daemon=True, name="signet-compare")
        self._process.start()
        far.close()  # so that the end of either process is the end of the line

    def _is_ready(self, commit: str, wait: float) -> bool:
        assert self._line is not None  # noqa: S101 - it was started
        self._line.send(commit)
        ends = time.monotonic() + wait
        while self._line.poll(max(0.0, ends - time.monotonic())):
            if self._line.recv() == commit:
                return True
        return False


def _compare(line: Connection, location: str, access: Access) -> None:
    """The process: takes commits from the line, and says of each that it is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: it is for the service, which ends this one
    with suppress(OSError):
        os.nice(NICE)
    wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(line, wanted), daemon=True).start()
    last: RegistryState | None = None
    while True:
        commits = [wanted.get()]
        with suppress(queue.Empty):
            while True:
                commits.append(wanted.get_nowait())
        with suppress(SignetError):
            last = _ready(location, access, commits[-1], last)
        with suppress(OSError):
            for commit in commits:
                line.send(commit)


def _listen(line: Connection, wanted: queue.SimpleQueue[str]) -> None:
    """Ends the process at once when the other end of the line is gone, be it by a kill."""
    try:
        while True:
            wanted.put(line.recv())
    except (EOFError, OSError):
        os._exit(0)


def _ready(location: str, access: Access, commit: str, before: RegistryState | None) -> RegistryState:
    """The state at a commit, with the comparisons of all that meet there, and of what is new in it."""
    from signet.registry.events import changed
    from signet.registry.opening import following, open_for_writing
    from signet.registry.read import state_at

    repo = open_for_writing(location, access)
    state = state_at(repo, commit) if before is None else following(before, repo, commit)
    for wanted in dict.fromkeys(_meeting(state)):
        with suppress(SignetError):
            state.comparison(*wanted)
    if before is not None and before.commit is not None:
        _try(state, changed(repo, before.commit, commit))
    return state


def _meeting(state: RegistryState) -> Iterator[tuple[str, str, str, str]]:
    """The contracts and specs of all versions that meet in some environment or on main branches."""
    from signet.core.integrations import documents, meetings

    for place in (None, *sorted(state.environments())):
        try:
            for one in meetings(state, place):
                yield from _documents(documents(state, one))
        except SignetError:
            continue  # who is there cannot be read: a question says so


def _try(state: RegistryState, facts: Iterable[tuple[str, ...]]) -> None:
    """Ask Deploy Guard of each version that something new is known of, in each place: it compares all that it needs."""
    from signet.core.guard import decide
    from signet.core.model.decision import Candidate

    for service, version in dict.fromkeys((one[1], one[2]) for one in facts if one[0] in _VERSIONS):
        for place in (None, *sorted(state.environments())):
            with suppress(SignetError):
                decide(state, [Candidate(service, version)], place)


def _documents(needs: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str, str, str]]:
    """Consumer, provider, contract and spec, from what a meeting compares."""
    found = {one[0]: one for one in needs}
    if found.keys() == {"spec", "contract"}:
        _, consumer, provider, contract = found["contract"]
        yield consumer, provider, contract, found["spec"][2]
