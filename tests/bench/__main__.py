"""``python -m tests.bench``: measure everything, print it, and write the report.

``python -m tests.bench 20x10`` measures registries of these shapes only, and prints without writing; ``--keep FOLDER``
grows them there, or takes those that are there already. ``python -m tests.bench comparison`` measures the comparison
only, and writes its section of the report; ``tests`` does so with the spec test, ``mock`` with the mock, ``recording``
with recording, ``check`` with the check of a large change, ``service`` with the index service,
and ``asking`` with questions to it over HTTP.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from tests.bench import asking, checking, comparison, mock, questions, recording, remote, service, spec_test
from tests.bench.grown import Grown
from tests.bench.measure import Processes, Row
from tests.growth import Shape

REPORT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
SHAPES = ("20x10", "300x50", "1000x200")
COMPARISON = "Comparison"
TESTS = "Tests of providers"
RECORDING = "Recording"
MOCK = "Mock"
CHECK = "Check of a change"
SERVICE = "Index service"
ASKING = "Questions over HTTP"
ALONE = {
    "comparison": (COMPARISON, comparison.rows),
    "tests": (TESTS, spec_test.rows),
    "recording": (RECORDING, recording.rows),
    "mock": (MOCK, mock.rows),
    "check": (CHECK, checking.rows),
    "service": (SERVICE, service.rows),
    "asking": (ASKING, asking.rows),
}
"""What can be measured apart from registries."""
WRITTEN_TO = "300x50"
"""Facts are recorded in the middle one."""

HEAD = """# Benchmarks

Written by `make bench` (`tests/bench/`). Registries of 20 services with 10 versions each, 300 with 50, and 1,000 with
200 are grown first (`tests/growth/`); every service is live in three environments. Both sides of a row ran in turns, in
one run; a figure is the median. Read the ratio, which comes first: the rest is of whatever machine ran this last.
Python found its bytecode compiled, as after an installation.

"""
AIMS = """
## Aims

Guard as a process aims at 40 ms more than its libraries, and a cold guard in CI at 1.5 times a bare clone; where a row
above misses its aim, this is why:

- With few live services what counts is start-up: our own modules, building pydantic's schemas, and reading the
  specs and contracts that are compared.
- With many, what counts is reading. Every live service costs two small files (what is live, and that version's
  manifest) and two directories, all of them checked; the second directory has an entry for every version, so git must
  unpack it whole. How many files and directories are read does not grow with the versions: that is a test
  (`tests/growth/test_counts.py`).
- The hub is compared with every consumer; equal contracts are compared once, but each is read and hashed. Asked again,
  guard finds the results in the cache and reads none of them (the rows "asked again"; all others keep nothing).
- A cold guard is a guard and a clone, and what it needs comes in three more fetches; while the clone is small, starting
  Python alone takes longer than it. The grown repositories are as `git fast-import` leaves them: where a server has
  not packed 1,000 services with 200 versions, both sides wait for it.
- Comparison in process aims at being no slower than the other library; the whole command aims at no more CPU than the
  other for small and medium specs, and at a fifth for the huge one with 200 interactions. With a huge spec and few
  interactions most of it is reading: all of the spec is read and checked, where the other reads on demand.

The check of a change of 500 files aims at 10 seconds: what it takes is reading and comparing the pairs that changed.

The mock aims at half of Prism's time for a request, a lower 99th percentile, and half of its memory.
"""
TABLE = "| ratio | what | beside | both |\n|---|---|---|---|\n"


def sections(processes: Processes, folder: Path, kept: Path, shapes: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Every row, with the heading that it stands under."""
    registries = []
    for shape in shapes:
        _told(f"growing {shape}")
        registries.append(Grown.at(kept, Shape.named(shape)))
    for grown in registries:
        for row in (*questions.whole(processes, grown), *questions.inside(grown)):
            yield "Deploy Guard, by path", row
    for grown in registries:
        for row in remote.cold_guard(processes, grown, folder):
            yield "Deploy Guard in CI, with an empty cache", row
    for grown in registries:
        for row in questions.environments(grown):
            yield "Environment files", row
    for grown in registries:
        for row in questions.history(grown):
            yield "History", row
    for grown in registries:
        for row in remote.commit(grown):
            yield "Writing", row
    written = next((one for one in registries if str(one.shape) == WRITTEN_TO), registries[0])
    for row in chain(remote.publish(written, folder), remote.writers(written, folder)):
        yield "Writing", row
    if shapes == SHAPES:
        for heading, measured in ALONE.values():
            for row in measured(processes, folder):
                yield heading, row


def main() -> None:
    """Measure, print, and write the report where all shapes were measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("shapes", nargs="*", default=SHAPES)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if len(arguments.shapes) == 1 and arguments.shapes[0] in ALONE:
        _only(*ALONE[arguments.shapes[0]])
        return
    shapes = tuple(arguments.shapes)
    began = time.perf_counter()
    lines: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        for heading, row in sections(processes, Path(folder), arguments.keep or Path(folder), shapes):
            lines.setdefault(heading, []).append(row.line())
            _told(f"{time.perf_counter() - began:4.0f} s {row.line()}")
    text = (
        HEAD
        + machine()
        + "".join(f"\n## {name}\n\n{TABLE}" + "\n".join(rows) + "\n" for name, rows in lines.items())
        + AIMS
    )
    print(text)
    if shapes == SHAPES:
        REPORT.write_text(text, encoding="utf-8")


def _only(heading: str, measured: Callable[[Processes, Path], Iterator[Row]]) -> None:
    """Measure one thing and put its section in the place of the one that is there."""
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Path(folder))
        rows = []
        for row in measured(processes, Path(folder)):
            rows.append(row.line())
            _told(rows[-1])
    if not rows:
        return
    section = f"\n## {heading}\n\n{TABLE}" + "\n".join(rows) + "\n"
    written = REPORT.read_text("utf-8")
    before, _, rest = written.partition(f"\n## {heading}\n")
    after = rest.partition("\n## ")[2]
    if not rest:
        before, _, after = written.partition("\n## Aims\n")
        after = f"Aims\n{after}"
    REPORT.write_text(f"{before}{section}" + (f"\n## {after}" if after else ""), encoding="utf-8")


def machine() -> str:
    """What it ran with."""
    git = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    names = ("typer", "pydantic", "pygit2", "PyYAML", "ruamel.yaml", "jsonschema-rs", "schemathesis")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, git {git}, {libraries}.\n"


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
