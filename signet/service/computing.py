"""Answers that have to be computed, computed by a process of its own: whoever reads does not share the interpreter.

The service asks it what is not at hand (``signet.service.kept``): each question goes with the commit and the standing
that it is asked at, so that the answer is the one that the service would give. It reads the registry's clone and the
index, writes neither, and dies with the service, however that dies. Where it is not there yet, or died, or finds more
than it can do, the service computes for itself, and the answer is the same.

Both ends speak frames: the lengths of head and body as two 32-bit numbers, a head, a body. The head of a question is
pickled, as what is between processes of one program; that of an answer is JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import pickle
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any

import uvloop
from fastapi import FastAPI, Request, Response
from pydantic import TypeAdapter

from signet import lasting
from signet.registry.opening import Access
from signet.service.aside import step_aside
from signet.service.kept import Kept
from signet.service.snapshots import Held, Snapshot, Standing
from signet.service.turns import WORKED

if TYPE_CHECKING:
    from signet.service.metrics import Gauge

_LOG = logging.getLogger(__name__)
NICE = 5
PATIENCE = 30.0
"""Seconds after which an answer is not waited for any more, and the process is begun anew."""
AGAIN = 5.0
"""Seconds until one that ended is begun again."""
HANGS_ON = frozenset({b"accept", b"cookie", b"host", b"if-none-match"})
"""The headers of a request that an answer may follow from; tokens are none of them."""
BUG = 500
"""An answer with this status is computed again by the service, which logs what is wrong."""
KEPT = 1 << 20
"""So many bytes of answers the process keeps: of older commits, as the service keeps those of the newest."""
_LENGTHS = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Place:
    """What the service stands at."""

    commit: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Question:
    """A request for something, or for nothing but to stand at a place; texts are Latin-1, as in ASGI."""

    number: int
    place: Place
    path: str = ""
    raw_path: str = ""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to the question with this number; its body follows. Status 0: there is none."""

    number: int
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()


_TOLD = TypeAdapter(Told)


def _frame(head: bytes, body: bytes = b"") -> bytes:
    return _LENGTHS.pack(len(head), len(body)) + head + body


async def _next(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of the next frame; EOFError at the end of the line."""
    head, body = _LENGTHS.unpack(await reader.readexactly(_LENGTHS.size))
    return await reader.readexactly(head), await reader.readexactly(body)


@dataclass(eq=False)
class _Line:
    """The service's end of the line to one process; used in the event loop."""

    writer: asyncio.StreamWriter
    waiting: dict[int, asyncio.Future[Response | None]] = field(default_factory=dict)
    is_ready: bool = False

    def say(self, question: Question) -> None:
        """Send a question. Where the process is gone it is lost, and answered with None when that is noticed."""
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.write(_frame(pickle.dumps(question)))

    def hear(self, told: Told, body: bytes) -> None:
        """Take what the process says."""
        if not told.number:
            self.is_ready = True
            return
        waiting = self.waiting.get(told.number)
        if waiting is not None and not waiting.done():
            found = None
            if told.status not in (0, BUG):
                found = Response(body, told.status)
                found.raw_headers = [(key.encode("latin-1"), text.encode("latin-1")) for key, text in told.headers]
            waiting.set_result(found)

    def end(self) -> None:
        """Nothing comes any more."""
        for waiting in self.waiting.values():
            if not waiting.done():
                waiting.set_result(None)
        self.writer.close()


class Computing:
    """Has questions answered by the process; ``start`` begins it, and it is begun again when it dies.

    ``database`` is the URL of the index. ``ask`` is for the event loop, everything else for any other thread.
    """

    def __init__(self, shelf: Held, database: str) -> None:
        self._shelf = shelf
        self._needs = shelf.location, replace(shelf.access, accept_rewrite=""), database
        self._numbers = count(1)
        self._process: SpawnProcess | None = None
        self._line: _Line | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_over = False
        self.computed = {"process": 0, "service": 0}

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin the process; returns at once. Until it is ready nobody is answered by it."""
        self._loop = loop
        try:
            near = self._begun()
        except OSError as error:
            _LOG.warning("The process that computes answers could not be started: %s", error)
            loop.call_soon_threadsafe(self._begin_again)
            return
        asyncio.run_coroutine_threadsafe(self._listen(near), loop)

    def stop(self) -> None:
        """End the process."""
        self._is_over = True
        if self._process is not None:
            self._process.kill()
            self._process.join(1)

    def told(self, _: Snapshot) -> None:
        """There is a new newest snapshot: have the process read it before somebody asks."""
        if self._loop is not None and not self._is_over:
            self._loop.call_soon_threadsafe(self._tell)

    async def ask(self, request: Request) -> Response | None:
        """The answer to a request for an answer about the registry; None where the service has to find it itself."""
        began = time.perf_counter()
        found = await self._asked(request)
        WORKED.set(time.perf_counter() - began)
        self.computed["service" if found is None else "process"] += 1
        return found

    def gauges(self) -> Iterator[Gauge]:
        """Is the process there, and how many answers were computed, and by whom."""
        line = self._line
        yield (
            "signet_computing",
            "1 while the process that computes answers is there.",
            {},
            bool(line and line.is_ready),
        )
        for who, number in self.computed.items():
            yield "signet_computed", "Answers that were not at hand, by who computed them.", {"by": who}, number

    async def _asked(self, request: Request) -> Response | None:
        line = self._line
        if line is None or not line.is_ready:
            return None
        scope = request.scope
        question = Question(
            next(self._numbers),
            self._place(),
            scope["path"],
            (scope.get("raw_path") or b"").decode("latin-1"),
            scope["query_string"].decode("latin-1"),
            tuple((key.decode("latin-1"), text.decode("latin-1")) for key, text in scope["headers"] if key in HANGS_ON),
        )
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._sent(line, question)
        except TimeoutError:
            _LOG.warning("The process that computes answers is begun anew: it gave none for %d s.", PATIENCE)
            if line is self._line and self._process is not None:
                self._process.kill()
            return None

    async def _sent(self, line: _Line, question: Question) -> Response | None:
        waiting: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        line.waiting[question.number] = waiting
        try:
            line.say(question)
            return await waiting
        finally:
            del line.waiting[question.number]

    def _place(self) -> Place:
        return Place(self._shelf.newest().commit, self._shelf.standing())

    def _tell(self) -> None:
        if self._line is not None:
            self._line.say(Question(0, self._place()))

    def _begun(self) -> socket.socket:
        """Our end of the line to a new process."""
        spawn = multiprocessing.get_context("spawn")
        near, far = socket.socketpair()
        with far:  # so that the end of either process is the end of the line
            process = spawn.Process(target=compute, args=(far, *self._needs), daemon=True, name="signet-compute")
            process.start()
            self._process = process
        return near

    async def _listen(self, near: socket.socket) -> None:
        """Take what the process says until it ends, and have it begun again."""
        line = None
        with contextlib.suppress(EOFError, OSError, ValueError):
            reader, writer = await asyncio.open_connection(sock=near)
            line = self._line = _Line(writer)
            self._tell()
            while True:
                head, body = await _next(reader)
                line.hear(_TOLD.validate_json(head), body)
        self._line = None
        if self._process is not None:
            self._process.kill()
        if line is not None:
            line.end()
        if not self._is_over:
            _LOG.warning("The process that computes answers ended; the service computes for itself until it is back.")
            self._begin_again()

    def _begin_again(self) -> None:
        assert self._loop is not None  # noqa: S101 - it was started
        self._loop.call_later(AGAIN, self._loop.run_in_executor, None, self._restart)

    def _restart(self) -> None:
        if self._process is not None:
            self._process.join(1)
        if not self._is_over and self._loop is not None:
            self.start(self._loop)


def computing_of(app: FastAPI) -> Computing | None:
    """What computes for an application, where it has somebody."""
    found: Computing | None = getattr(app.state, "computing", None)
    return found


def compute(far: socket.socket, location: str, access: Access, database: str) -> None:
    """The process: answers what it is asked until the line ends."""
    step_aside(NICE)
    logging.disable()  # what fails here fails again in the service, which tells it
    lasting.collect()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_answer_all(far, location, access, database))


async def _answer_all(far: socket.socket, location: str, access: Access, database: str) -> None:
    from signet.service.app import answering
    from signet.service.index import Database, Index

    held = Held(location, access, Index(Database(database, is_ready=True)))
    app, place = answering(held, Kept(KEPT)), None
    reader, writer = await asyncio.open_connection(sock=far)
    under_way: set[asyncio.Task[None]] = set()
    gc.freeze()  # what was imported stays: the collector need not walk it again and again
    while True:
        try:
            question: Question = pickle.loads((await _next(reader))[0])  # noqa: S301 - the service says it
        except (EOFError, OSError):
            os._exit(0)  # who still computes does so for nobody
        if question.place != place:
            place = await _held(held, question.place)
        task = asyncio.create_task(_answer(app if place is not None else None, question, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)


async def _held(held: Held, wanted: Place) -> Place | None:
    """Stand at a place; None where that cannot be."""
    try:
        await asyncio.to_thread(held.hold, wanted.commit, wanted.standing)
    except Exception:  # noqa: BLE001 - whatever it is, the service meets it, too, and tells it
        return None
    return wanted


async def _answer(app: FastAPI | None, question: Question, writer: asyncio.StreamWriter) -> None:
    """Say the answer to one question, or that there is none."""
    told, body = Told(question.number), b""
    if app is not None and question.number:
        with contextlib.suppress(Exception):  # the service computes it again, and tells
            told, body = await _answered(app, question)
    with contextlib.suppress(OSError):
        writer.write(_frame(_TOLD.dump_json(told), body))


async def _answered(app: FastAPI, question: Question) -> tuple[Told, bytes]:
    """What an application answers, as ASGI has it."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": question.path,
        "raw_path": question.raw_path.encode("latin-1"),
        "query_string": question.query.encode("latin-1"),
        "root_path": "",
        "headers": [(key.encode("latin-1"), text.encode("latin-1")) for key, text in question.headers],
    }
    await app(scope, receive, send)
    head, *rest = sent
    headers = tuple((key.decode("latin-1"), text.decode("latin-1")) for key, text in head["headers"])
    return Told(question.number, head["status"], headers), b"".join(each.get("body", b"") for each in rest)
