"""Comparisons made ready before anybody asks, by a process of its own that steps aside for whoever answers questions.

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
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from signet.core.model.decision import Candidate
from signet.errors import SignetError
from signet.registry.opening import Access
from signet.service.aside import step_aside

if TYPE_CHECKING:
    from signet.registry.read import RegistryState
    from signet.service.snapshots import Snapshot

_LOG = logging.getLogger(__name__)
WAIT = 5.0
"""So many seconds a new commit waits to be served until its comparisons are ready."""
NICE = 15
_ABOUT_ALL = frozenset({"agreed-spec", "service", "environment"})
"""What is said there may concern everybody who meets."""


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
    step_aside(NICE)
    wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(line, wanted), daemon=True).start()
    last: RegistryState | None = None
    while True:
        commits = [wanted.get()]
        with suppress(queue.Empty):
            while True:
                commits.append(wanted.get_nowait())
        first = commits[:1] if last is None else []  # what came after it is new
        for commit in dict.fromkeys((*first, commits[-1])):
            with suppress(SignetError):
                last = _ready(location, access, commit, last)
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
    from signet.core.guard import decide
    from signet.registry.events import changed
    from signet.registry.opening import following, open_for_writing
    from signet.registry.read import state_at

    repo = open_for_writing(location, access)
    state = state_at(repo, commit) if before is None else following(before, repo, commit)
    facts = None if before is None or before.commit is None else changed(repo, before.commit, commit)
    if facts is None or any(one[0] in _ABOUT_ALL for one in facts):
        for wanted in dict.fromkeys(_meeting(state)):
            with suppress(SignetError):
                state.comparison(*wanted)
    for candidate, place in dict.fromkeys(_new(state, facts or ())):
        with suppress(SignetError):
            decide(state, [candidate], place)  # it compares all that it needs
    return state


def _new(state: RegistryState, facts: Iterable[tuple[str, ...]]) -> Iterator[tuple[Candidate, str | None]]:
    """The versions that something new is known of, with each place; and who is new in one place, with that."""
    for one in facts:
        with suppress(SignetError):
            match one:
                case ("manifest" | "spec-test" | "replay", service, version, *_):
                    for place in (None, *sorted(state.environments())):
                        yield Candidate(service, version), place
                case ("placement", place, service):
                    for version in state.placement(place, service).versions:
                        yield Candidate(service, version), place
                case ("head", service, _):
                    head = state.main_head(service)
                    if head is not None:
                        yield Candidate(service, head), None


def _meeting(state: RegistryState) -> Iterator[tuple[str, str, str, str]]:
    """The contracts and specs of all versions that meet in some environment or on main branches."""
    from signet.core.integrations import documents, meetings

    for place in (None, *sorted(state.environments())):
        try:
            for one in meetings(state, place):
                yield from _documents(documents(state, one))
        except SignetError:
            continue  # who is there cannot be read: a question says so


def _documents(needs: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, str, str, str]]:
    """Consumer, provider, contract and spec, from what a meeting compares."""
    found = {one[0]: one for one in needs}
    if found.keys() == {"spec", "contract"}:
        _, consumer, provider, contract = found["contract"]
        yield consumer, provider, contract, found["spec"][2]
