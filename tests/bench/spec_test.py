"""The spec test beside ``st run`` alone: the same spec, service, seed and settings, in turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from signet.live.spec_test import Plan, run, settings
from signet.live.spec_test.target import target
from tests.bench.measure import Processes, Row
from tests.live.library import application
from tests.live.running import running

PLAN = Plan(examples=10)
AIM = 1.5
"""Seconds that may come on top."""


TURNS = 5


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """One row: what Signet adds to a run of schemathesis, start and end included; each run has a new service."""
    spec = application().openapi()
    document, config = folder / "spec.json", folder / "schemathesis.toml"
    document.write_text(json.dumps(spec, sort_keys=True))
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(config), "run", str(document)]
    variables = processes.environment | {"PYTHONHASHSEED": "0"}

    def alone(url: str) -> float:
        config.write_text(settings.toml(PLAN, target(url, spec, {}), (), folder / "events.ndjson"))
        return taken(lambda: subprocess.run(command, capture_output=True, check=False, env=variables, cwd=folder))

    def with_signet(url: str) -> float:
        return taken(lambda: run(spec, url, PLAN, cache=folder))

    times: dict[Callable[[str], float], list[float]] = {with_signet: [], alone: []}
    for turn in range(TURNS + 1):
        for side, measured in times.items():
            with running("library") as url:
                seconds = side(url)
            if turn:
                measured.append(seconds)
    ours, theirs = (statistics.median(measured) for measured in times.values())
    note = f"{ours - theirs:+.2f} s; the aim is {AIM} s or less"
    yield Row("spec test of a service with 7 operations", "`st run` alone", ours, theirs, note=note)


def taken(side: Callable[[], object]) -> float:
    """The seconds that something takes."""
    before = time.perf_counter()
    side()
    return time.perf_counter() - before
