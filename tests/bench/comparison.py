"""Comparison beside openapi-pact-comparator, which npm installs for the purpose: whole processes, in process, memory.

Specs and contracts are generated (``promises``) and given to both sides as the same files. Seconds are of CPU, of all
threads of a process: the machine may have other work.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import promises
from tests.bench.measure import Processes, Row

PACKAGE = "@pactflow/openapi-pact-comparator@2.3.1"
COUNTS = (1, 20, 200)
ROUNDS = 12
RUNS = 3
_WARM = """
import json, sys, time
from signet.core.compare import compare, prepare
from signet.core.formats import openapi, pact, text

spec, *contracts = sys.argv[1:]
prepared = None
for path in contracts:
    contract = text.read(open(path, "rb").read(), path)
    if prepared is None:
        document = text.read(open(spec, "rb").read(), spec)
    before = time.process_time()
    if prepared is None:
        prepared = prepare(openapi.spec(document))
    assert not compare(pact.contract(contract), prepared).findings
    print((time.process_time() - before))
"""
_THEIRS = """
const { Comparator } = require(process.argv[2]);
const fs = require("fs");
(async () => {
  const [spec, ...contracts] = process.argv.slice(3).map((path) => JSON.parse(fs.readFileSync(path)));
  let comparator;
  for (const contract of contracts) {
    const before = process.cpuUsage();
    comparator ??= new Comparator({ oas: spec });
    for await (const found of comparator.compare(contract)) throw new Error(JSON.stringify(found));
    const used = process.cpuUsage(before);
    console.log((used.user + used.system) / 1e6);
  }
})();
"""
_PEAK = "import subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3);" + (
    "import resource; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


class Comparator:
    """The other side, installed into a folder by the ordinary client."""

    def __init__(self, folder: Path) -> None:
        own = folder / "node_modules" / "@pactflow" / "openapi-pact-comparator" / "dist"
        self.library, self.program = own / "index.cjs", own / "cli.cjs"

    @classmethod
    def installed(cls, folder: Path) -> Comparator | None:
        """The package in a folder; None, and why, where npm cannot install it."""
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            print("comparison: left out, there is no npm", file=sys.stderr)
            return None
        done = subprocess.run(
            [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", PACKAGE],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"comparison: left out, npm said {done.stderr.strip()[-300:]}", file=sys.stderr)
            return None
        return cls(folder)

    def warm(self, spec: Path, contracts: list[Path]) -> list[str]:
        """The command that compares contract after contract in one process and prints the seconds."""
        script = spec.parent / "theirs.cjs"
        script.write_text(_THEIRS, encoding="utf-8")
        return ["node", str(script), str(self.library), str(spec), *map(str, contracts)]

    def whole(self, spec: Path, contract: Path) -> list[str]:
        """The command line."""
        return ["node", str(self.program), "--oas", str(spec), str(contract)]


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """Whole processes, the first comparison and the later ones in process, and peak memory."""
    theirs = Comparator.installed(folder / "npm")
    if theirs is None:
        return
    for size in promises.SIZES:
        spec = _written(folder / f"{size}.json", promises.spec(size))
        for count in COUNTS:
            contracts = [
                _written(folder / f"{size}-{count}-{turn}.json", promises.contract(size, count, turn))
                for turn in range(ROUNDS)
            ]
            what = f"{size} spec ({promises.SIZES[size][0]:,} operations), {count} interactions"
            yield from _timed(processes, theirs, what, spec, contracts)


def _timed(processes: Processes, theirs: Comparator, what: str, spec: Path, contracts: list[Path]) -> Iterator[Row]:
    ours = [sys.executable, "-m", "signet", "compare", "--spec", str(spec), "--contract", str(contracts[0])]
    pair = (ours, theirs.whole(spec, contracts[0]))
    used = _in_turns([_cpu(processes, command) for command in pair])
    yield Row(f"{what}: whole process, CPU", "its command line", *used)
    warm = ([sys.executable, "-c", _WARM, str(spec), *map(str, contracts)], theirs.warm(spec, contracts))
    taken = [[_seconds(processes, command) for command in warm] for _ in range(RUNS)]
    first = [statistics.median(run[side][0] for run in taken) for side in (0, 1)]
    later = [statistics.median(statistics.median(run[side][2:]) for run in taken) for side in (0, 1)]
    yield Row(f"{what}: first in process, from parsed documents, CPU", "its library", *first)
    yield Row(f"{what}: warm, another contract each round, CPU", "its library", *later)
    yield Row(f"{what}: peak memory", "its command line", *[_peak(processes, each) for each in pair], unit="MB")


def _written(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def _in_turns(sides: list[Callable[[], float]]) -> list[float]:
    """The median of what each side says, in turns after one turn that does not count."""
    taken = [[side() for side in sides] for _ in range(RUNS + 1)][1:]
    return [statistics.median(turn[side] for turn in taken) for side in range(len(sides))]


def _cpu(processes: Processes, command: list[str]) -> Callable[[], float]:
    """A side that says how many seconds of CPU its process took."""
    run = processes.command(command)

    def measured() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return measured


def _seconds(processes: Processes, command: list[str]) -> list[float]:
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=processes.environment)
    return [float(line) for line in done.stdout.splitlines()]


def _peak(processes: Processes, command: list[str]) -> float:
    """The peak memory of a process in MB; it is started by a small one, whose memory would count."""
    small = [sys.executable, "-S", "-c", _PEAK, *command]
    done = subprocess.run(small, capture_output=True, text=True, check=True, env=processes.environment)
    return int(done.stdout) / (1024 if sys.platform != "darwin" else 1024 * 1024)
