"""Questions over real HTTP, beside a FastAPI route that returns the same bytes from memory; and how many a second.

200 services with five providers each, and one provider that 199 of them call. Every question is another one, so that
nothing is answered from what the one before left; both sides are asked in turns, over one connection that stays open,
of one process that serves both with uvloop and httptools.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import Processes, Row
from tests.domain import Team, pact_bytes, spec_bytes

SERVICES, PROVIDERS = 200, 5
ASKED, PARALLEL = 2_000, 8
SIGNET_2023 = {"guard": 7.0, "hub": 37.0}
"""Milliseconds that Signet 2023 took for the same questions."""


def name(number: int) -> str:
    """The name of a service; number 0 is the hub."""
    return f"service-{number:03}"


def registry(path: Path) -> Team:
    """200 services, live in production in version 1, each with contracts with the hub and four others."""
    from signet.core.formats import openapi, pact, text
    from signet.registry import record

    team = Team.founds(path)
    items: list[record.SpecItem | record.ContractItem] = []
    for number in range(SERVICES):
        data = spec_bytes(name(number), "/items", f"/{name(number)}")
        items.append(record.SpecItem(openapi.spec(text.read(data, "openapi.json")), data, name(number), "1"))
        others = [0, *((number * 7 + step * 31) % (SERVICES - 1) + 1 for step in range(1, PROVIDERS))]
        for provider in {other for other in others if other != number} if number else ():
            data = pact_bytes(name(number), name(provider), "/items", f"/{name(provider)}")
            items.append(record.ContractItem(pact.contract(text.read(data, "pact.json")), "1"))
    record.publish(team.repo, items)
    for number in range(SERVICES):
        team.tested(name(number), "1")
        team.deploy(name(number), "1")
    return team


SERVER = """
import asyncio, contextlib, sys
from pathlib import Path
import uvicorn, uvloop
from fastapi import FastAPI, Response
from signet.registry.opening import PLAIN
from signet.service.app import application
from signet.service.settings import Settings
from signet.service.shelf import Shelf
from tests.bench.asking import warm

shelf = Shelf(sys.argv[1], PLAIN)
app = application(Settings(sys.argv[1], Path()), shelf)
same = FastAPI(openapi_url=None)
known = warm(shelf)

@same.get("/same")
async def returned(service: str, version: str, environment: str) -> Response:
    return Response(known[service], media_type="application/json")


def served(app):
    return uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False, http="httptools"))

async def main():
    both = [served(app), served(same)]
    for one in both:
        one.capture_signals = contextlib.nullcontext
    serving = [asyncio.create_task(one.serve()) for one in both]
    while not all(one.started for one in both):
        await asyncio.sleep(0.01)
    print(*(one.servers[0].sockets[0].getsockname()[1] for one in both), flush=True)
    await asyncio.gather(*serving)

uvloop.run(main())
"""


def warm(shelf: object) -> dict[str, bytes]:
    """The answers of all services, for the route that only returns them; comparisons are made on the way."""
    from signet.core.model.decision import Candidate
    from signet.service.answers.judging import guard
    from signet.service.api.routes import encoded
    from signet.service.shelf import Shelf

    assert isinstance(shelf, Shelf)
    asked = shelf.newest()
    return {one: encoded(guard(asked, [Candidate(one, "1")], "production")) for one in asked.state.services()}


@dataclass
class Asker:
    """A connection that stays open."""

    port: int

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, path: str) -> bytes:
        """The body of an answer."""
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return body

    def timed(self, path: str) -> float:
        """Seconds until the answer is here."""
        began = time.perf_counter()
        self.ask(path)
        return time.perf_counter() - began


def guard_path(service: str) -> str:
    """The question of Deploy Guard about a service."""
    return f"/api/v1/guard?service={service}&version=1&environment=production"


def same_path(service: str) -> str:
    """The question to the route that only returns the answer."""
    return f"/same?service={service}&version=1&environment=production"


@contextmanager
def serving(path: Path) -> Iterator[tuple[int, int]]:
    """A process that serves both; gives our port and theirs."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ours, theirs = process.stdout.readline().split()
        yield int(ours), int(theirs)
    finally:
        process.terminate()
        process.wait(20)


def beside(us: Asker, them: Asker, services: list[str]) -> tuple[float, float]:
    """Medians of ours and theirs over these services, in turns; both sides must give the same bytes."""
    assert us.ask(guard_path(services[0])) == them.ask(same_path(services[0]))
    ours, theirs = [], []
    for service in services:
        ours.append(us.timed(guard_path(service)))
        theirs.append(them.timed(same_path(service)))
    return statistics.median(ours), statistics.median(theirs)


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """Deploy Guard, and what many askers get in a second."""
    team = registry(folder / "asked.git")
    with serving(Path(team.location)) as (port, other):
        us, them = Asker(port), Asker(other)
        for what, key, services in (
            (f"guard over HTTP, {SERVICES} services x {PROVIDERS} providers", "guard", _ordinary()),
            (f"guard of the hub over HTTP, {SERVICES - 1} consumers", "hub", [name(0)] * 60),
        ):
            ours, theirs = beside(us, them, services)
            size = len(us.ask(guard_path(services[0])))
            note = f"{size:,} bytes; aim 4.0; Signet 2023 took {SIGNET_2023[key]:g} ms"
            yield Row(what, "a FastAPI route that returns the same bytes", ours, theirs, note=note)
        yield _throughput(port, other)


def _ordinary() -> list[str]:
    return [name(number) for number in range(1, SERVICES)]


def _throughput(ours: int, theirs: int) -> Row:
    """Seconds for a question in a stream of them from several askers, beside the route that returns bytes."""
    taken = []
    for path, port in ((guard_path, ours), (same_path, theirs)):
        paths = [path(name(1 + number % (SERVICES - 1))) for number in range(ASKED)]
        askers = [Asker(port) for _ in range(PARALLEL)]

        def stream(asker: Asker, part: list[str]) -> None:
            for one in part:
                asker.ask(one)

        began = time.perf_counter()
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(stream, askers, [paths[at::PARALLEL] for at in range(PARALLEL)]))
        taken.append((time.perf_counter() - began) / ASKED)
    note = f"{1 / taken[0]:,.0f} questions a second, by {PARALLEL} askers"
    return Row("a question of guard in a stream", "a FastAPI route that returns the same bytes", *taken, note=note)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for row in rows(Processes(Path(folder)), Path(folder)):
            print(row.line(), json.dumps({"ratio": row.ours / row.theirs}))
