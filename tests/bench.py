"""``make bench``: what Deploy Guard costs beside what it stands on, both sides in one run, as ratios in docs/.

Every figure is the median of several runs of both sides, taken in turns. Read the ratios: milliseconds are of whatever
machine ran it. What must hold on every machine is counted in the tests, not timed here.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.registry import documents, git, layout, read
from signet.registry.facts.draft import Draft
from signet.registry.facts.publishing import ContractItem, publish_contract
from tests.domain import Team, pact_bytes

REPORT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
RUNS = 9
LIBRARIES = "import typer, pydantic, pygit2, yaml"


def median_of(*sides: Callable[[], object]) -> list[float]:
    """The median seconds of each side, run in turns."""
    taken: list[list[float]] = [[] for _ in sides]
    for _ in range(RUNS):
        for side, times in zip(sides, taken, strict=True):
            before = time.perf_counter()
            side()
            times.append(time.perf_counter() - before)
    return [statistics.median(times) for times in taken]


def registry(path: Path, services: int) -> Team:
    """So many consumers of one provider, all live, in two commits."""
    from signet.core.formats import pact, text

    team = Team.founds(path)
    team.live("catalog", "1", "/items")
    team.spec("catalog", "2", "/items")
    team.tested("catalog", "2")
    draft = Draft(team.state)
    contract = pact.contract(text.read(pact_bytes("any", "catalog", "/items"), "p.json"))
    for number in range(services - 1):
        name = f"consumer{number}"
        publish_contract(draft, ContractItem(contract, "1", "main", name))
        placed = documents.edited(None, lambda mapping: mapping.update(deployed=[documents.quoted("1")]))
        draft.edits[layout.path("placement", "production", name)] = placed
    commit = git.commit(team.repo, team.head, draft.edits, "many\n")
    assert git.publish(team.repo, team.head, commit).status == "accepted"
    return team


def process(*arguments: str) -> Callable[[], object]:
    """A side that is a whole process."""

    def run() -> object:
        return subprocess.run([sys.executable, *arguments], capture_output=True, check=True)

    return run


def in_process(team: Team) -> Callable[[], object]:
    """A side that opens the registry, reads its state and decides."""

    def run() -> object:
        state = read.state_at(git.open_repository(team.location), team.head)
        decision = decide(state, [Candidate("catalog", "2")], "production")
        assert decision.verdict == "yes"
        return decision

    return run


def cat_file(team: Team) -> Callable[[], object]:
    """The same files read by git itself: one ``git cat-file --batch`` of every live placement and manifest."""
    names = [one.name.removesuffix(".yaml") for one in git.entries(team.repo, team.head, "environments/production")]
    paths = [layout.path("placement", "production", name) for name in names]
    paths += [layout.path("manifest", name, "1") for name in names]
    asked = "".join(f"HEAD:{path}\n" for path in paths).encode()

    def run() -> object:
        command = ["git", "--git-dir", team.location, "cat-file", "--batch"]
        return subprocess.run(command, input=asked, capture_output=True, check=True)

    return run


def main() -> None:
    """Measure, print, and write the report."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for services in (20, 300):
            team = registry(Path(folder) / f"{services}.git", services)
            asked = ["deploy-guard", "--name", "catalog", "--version", "2", "--environment", "production", "--json"]
            whole, libraries, empty = median_of(
                process("-m", "signet", *asked, "--registry", team.location, "--ignore-config"),
                process("-c", LIBRARIES),
                process("-c", "pass"),
            )
            inside, by_git = median_of(in_process(team), cat_file(team))
            lines += [
                f"| guard as a process, {services} live services | its libraries imported, nothing done "
                f"| {whole / libraries:.2f} | {whole * 1000:.0f} / {libraries * 1000:.0f} |",
                f"| guard as a process, {services} live services | an empty Python process "
                f"| {whole / empty:.1f} | {whole * 1000:.0f} / {empty * 1000:.0f} |",
                f"| guard in process, {services} live services | the same files by `git cat-file --batch` "
                f"| {inside / by_git:.1f} | {inside * 1000:.1f} / {by_git * 1000:.1f} |",
            ]
    text = "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench` (`tests/bench.py`). Both sides of a row ran in turns; a row is the median",
            f"of {RUNS}. Read the ratio: the milliseconds are of whatever machine ran this last.",
            "",
            "| what | beside | ratio | ms |",
            "|---|---|---|---|",
            *lines,
            "",
        ]
    )
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
