"""The mock beside Prism, which npm installs for the purpose: requests a second, percentiles, memory, start-up.

Both sides serve the same file, one after the other, to the same client (``load``). The paths have a thousand ids, so
that no side can remember a request; both validate what they get.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.measure import Processes, Row
from tests.published import GITHUB

PRISM = "@stoplight/prism-cli@5.14.2"
"""GitHub's whole document."""
IDS = 1_000
ROUNDS = 3
SECONDS = 4.0
KB = 1_024
_WAIT = 60.0

ITEM = {
    "type": "object",
    "required": ["id", "name", "price"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "price": {"type": "number", "minimum": 0},
        "state": {"type": "string", "enum": ["open", "sold"]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
    },
}
EXAMPLE = {"id": 7, "name": "tea pot", "price": 12.5, "state": "open", "tags": ["kitchen", "blue"]}
CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}, "example": EXAMPLE}}
SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Items", "version": "1"},
    "paths": {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {"responses": {"200": {"description": "one", "content": CONTENT}}},
        },
        "/items": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
                },
                "responses": {"201": {"description": "made", "content": CONTENT}},
            }
        },
    },
    "components": {"schemas": {"Item": ITEM}},
}


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """GET with a path parameter, POST with a body, memory after both, and the time to the first answer."""
    npm = shutil.which("npm")
    if npm is None:
        print("mock: left out, there is no npm", file=sys.stderr)
        return
    place = folder / "prism"
    asked = [npm, "install", "--prefix", str(place), "--no-audit", "--no-fund", PRISM, GITHUB]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"mock: left out, npm said {done.stderr.strip()[-300:]}", file=sys.stderr)
        return
    installed = place / "node_modules"
    yield from compared(processes, folder, installed / ".bin" / "prism")
    document = installed / "@octokit" / "openapi" / "generated" / "api.github.com.json"
    sides = _sides(document, installed / ".bin" / "prism")
    started: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, command in sides.items():
            with _served(processes, command, "/") as (_, _, seconds):
                started[side].append(seconds)
    ours, theirs = (statistics.median(each) for each in started.values())
    yield Row("start to the first answer, GitHub's whole document", "Prism", ours, theirs)


def compared(processes: Processes, folder: Path, prism: Path) -> Iterator[Row]:
    """The rows, with Prism's program."""
    spec = folder / "items.json"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    kinds = {
        "GET": (_written(folder / "get.json", _gets()), "200"),
        "POST": (_written(folder / "post.json", _posts()), "201"),
    }
    sides = _sides(spec, prism)
    taken: dict[str, dict[str, list[float]]] = {side: {} for side in sides}
    for _ in range(ROUNDS):
        for side, command in sides.items():
            for what, value in _once(processes, command, kinds).items():
                taken[side].setdefault(what, []).append(value)
    ours, theirs = ({what: statistics.median(each) for what, each in taken[side].items()} for side in sides)
    for kind, named in (("GET", "GET with a typed path parameter"), ("POST", "POST with a validated body")):
        yield Row(
            f"{named}: time for a request, 8 connections", "Prism", 1 / ours[f"{kind} rps"], 1 / theirs[f"{kind} rps"]
        )
        yield Row(f"{named}: 99th percentile", "Prism", ours[f"{kind} p99"] / 1e3, theirs[f"{kind} p99"] / 1e3)
    yield Row("memory after that", "Prism", ours["memory"], theirs["memory"], unit="MB")
    yield Row("start to the first answer", "Prism", ours["start"], theirs["start"])


def _sides(spec: Path, prism: Path) -> dict[str, list[str]]:
    """The command of each side, but for its port."""
    return {
        "ours": [sys.executable, "-m", "signet", "mock", str(spec), "--port"],
        "prism": [str(prism), "mock", "--verboseLevel", "fatal", str(spec), "-p"],
    }


def _gets() -> list[str]:
    return [f"GET /items/{number} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n" for number in range(1, IDS)]


def _posts() -> list[str]:
    bodies = [json.dumps({**EXAMPLE, "id": number, "name": f"item {number}"}) for number in range(1, IDS)]
    head = "POST /items HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
    return [f"{head}Content-Length: {len(body)}\r\n\r\n{body}" for body in bodies]


def _written(path: Path, requests: list[str]) -> Path:
    path.write_text(json.dumps(requests), encoding="utf-8")
    return path


def _once(processes: Processes, command: list[str], kinds: dict[str, tuple[Path, str]]) -> dict[str, float]:
    """One server, measured from its start to its memory at the end."""
    found: dict[str, float] = {}
    with _served(processes, command) as (port, pid, started):
        found["start"] = started
        for kind, (requests, status) in kinds.items():
            asked = [sys.executable, "-m", "tests.bench.load", str(port), str(requests), "--status", status]
            asked += ["--seconds", str(SECONDS)]
            done = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
            found |= {f"{kind} {what}": value for what, value in json.loads(done.stdout).items()}
        found["memory"] = _memory(pid)
    return found


@contextmanager
def _served(processes: Processes, command: list[str], path: str = "/items/1") -> Iterator[tuple[int, int, float]]:
    """A server from its start to its end: its port, its process, and the seconds until it answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, str(port)], env=processes.environment, start_new_session=True, **silent)  # type: ignore[call-overload]
    try:
        while not _answers(port, path):
            if process.poll() is not None or time.perf_counter() - began > _WAIT:
                raise SystemExit(f"it did not start: {' '.join(command)}")
            time.sleep(0.005)
        yield port, process.pid, time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_WAIT) as stream:
            stream.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n".encode())
            return stream.recv(12).endswith(b"200")
    except OSError:
        return False


def _memory(pid: int) -> float:
    """What a process and those that it started hold at its end, in MB (their resident sets)."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if str(pid) in (said["Pid"].strip(), said["PPid"].strip()):
            total += float(said.get("VmRSS", "0 kB").split()[0]) / KB
    return total
