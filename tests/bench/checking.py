"""``signet check`` of a large change in a registry of 300 services with 50 versions each, beside its aim."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from signet.core.whatif import whatif
from signet.registry import git
from signet.registry.check import check, published
from tests.bench.grown import NOWHERE, Grown
from tests.bench.measure import Processes, Row, in_turns
from tests.growth import Shape

AIM = 10.0
"""Seconds for a change of 500 files."""
SHAPE = "300x50"
PIPELINES = 120
"""How many runs of pipelines change 500 files."""
RUNS = 3


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """A change of 500 files as a process, with nothing kept; and git listing the same files."""
    grown = Grown.at(folder, Shape.named(SHAPE))
    repository = git.open_repository(str(grown.path), cache=NOWHERE)
    base, head = (git.resolve(repository, one) for one in (f"HEAD~{PIPELINES}", "HEAD"))
    found = check(repository, base, head)
    outlook = whatif(found.before, found.after, published(found))
    arguments = ["check", "--registry", str(grown.path), "--base", base, "--format", "sarif", "--ignore-config"]
    listed = ["git", "--git-dir", str(grown.path), "diff", "--name-only", base, head]
    ours, theirs = in_turns(
        RUNS,
        processes.python("-m", "signet", *arguments, SIGNET_CACHE=str(NOWHERE)),
        lambda: subprocess.run(listed, capture_output=True, check=True),
    )
    what = f"check of {found.changed} changed files, {SHAPE}"
    note = f"{outlook.judged} of {outlook.pairs} pairs judged, {found.faults} faults"
    yield Row(what, "its aim", ours, AIM, note=note)
    yield Row(what, "`git diff --name-only` of the same", ours, theirs)
