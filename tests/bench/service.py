"""The index service: its first index, one push in a small registry and a large one, from a push to its answer, and
reads in a flood.

Pushes go to copies: the grown registries stay as they are.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.registry import git
from signet.registry.opening import PLAIN
from signet.service.comparing import Comparing
from signet.service.following import Follower
from signet.service.index import Database, Index, url_in
from signet.service.shelf import Shelf
from tests.bench.grown import Grown
from tests.bench.measure import Processes, Row, in_turns
from tests.domain import Team
from tests.growth import Shape, grown
from tests.growth.story import pipeline, service_name
from tests.service import flood, flooded
from tests.service.served import serving
from tests.service.test_hooks import SECRET

SMALL, LARGE = "30x50", "300x50"
RUNS = 15
SIGNET_2023 = 13.6
"""Seconds for which Signet 2023 gave a wrong answer after a publish."""


@dataclass
class Pushing:
    """A copy of a grown registry, to which pipelines go on pushing."""

    whole: Grown
    path: Path
    pushed: int = 0

    @classmethod
    def of(cls, whole: Grown, folder: Path) -> Pushing:
        """The copy, in a folder."""
        path = folder / f"pushed-{whole.shape}.git"
        shutil.copytree(whole.path, path)
        return cls(whole, path)

    def push(self) -> tuple[str, str, str]:
        """One more pipeline, of one service after the other: a version that nobody knew; it says which, and where."""
        shape = self.whole.shape
        number, round_number = self.pushed % shape.services, shape.versions + self.pushed // shape.services
        self.pushed += 1
        one = pipeline(shape, number, round_number)
        repo = git.open_repository(str(self.path))
        head = git.head(repo)
        commit = git.commit(repo, head, dict(grown._files(one, set())), f"publish: {one.version}\n")
        assert git.publish(repo, head, commit).status == "accepted"
        return commit, service_name(number), one.version


def rows(processes: Processes, folder: Path) -> Iterator[Row]:
    """All of it."""
    small, large = (Grown.at(folder, Shape.named(shape)) for shape in (SMALL, LARGE))
    yield _first(large, folder)
    yield from _pushes(Pushing.of(large, folder), Pushing.of(small, folder), processes, folder)
    yield from _floods(folder)


def _first(large: Grown, folder: Path) -> Row:
    """The first index, beside git, which lists what each commit changed."""
    kept = folder / f"index-{large.shape}"
    kept.mkdir()
    index = Index(Database(url_in(kept)), lambda: git.open_repository(str(large.path)))
    head = git.head(git.open_repository(str(large.path)))
    assert head is not None
    began = time.perf_counter()
    commits = index.bring_to(head)
    ours = time.perf_counter() - began
    index.close()
    listed = ["git", "--git-dir", str(large.path), "log", "--first-parent", "-m", "--raw", "-r", "--format=%H"]
    began = time.perf_counter()
    subprocess.run(listed, capture_output=True, check=True)
    theirs = time.perf_counter() - began
    note = f"{commits:,} commits, {ours / commits * 1000:.2g} ms each"
    return Row(f"first index, {LARGE}", "`git log --raw` of the same", ours, theirs, "s", note)


def _pushes(large: Pushing, small: Pushing, processes: Processes, folder: Path) -> Iterator[Row]:
    """One push: indexed, served, and the answer about the version that it published."""
    with _following(large, folder) as much, _following(small, folder) as little:
        both = [(pushing, shelf) for pushing, shelf in ((large, much), (small, little))]
        taken: list[list[tuple[float, float]]] = [[], []]
        for _ in range(RUNS + 1):
            for (pushing, shelf), times in zip(both, taken, strict=True):
                times.append(_indexed_and_served(pushing, shelf))
        for position, what in enumerate(("index of one push", "one push, from the look to being served")):
            ours, theirs = (statistics.median(one[position] for one in times[1:]) for times in taken)
            yield Row(f"{what}, {LARGE}", f"the same, {SMALL}", ours, theirs)
        yield _right_answer(large, much, processes)


@contextmanager
def _following(pushing: Pushing, folder: Path) -> Iterator[Shelf]:
    """A shelf over a copy, with the process that compares."""
    kept = folder / f"index-{pushing.whole.shape}"
    kept.mkdir(exist_ok=True)  # the large one has its first index there
    comparing = Comparing(str(pushing.path), PLAIN)
    with closing(Shelf(str(pushing.path), PLAIN, database=url_in(kept), warm=comparing)) as shelf:
        try:
            yield shelf
        finally:
            comparing.stop()


def _indexed_and_served(pushing: Pushing, shelf: Shelf) -> tuple[float, float]:
    """Seconds that the index takes for a push, and those of a whole look at another one."""
    commit, _, _ = pushing.push()
    repo = git.open_repository(shelf.location)
    began = time.perf_counter()
    shelf.index.bring_to(commit, repo)
    indexed = time.perf_counter()
    shelf.refresh()
    pushing.push()
    looked = time.perf_counter()
    shelf.refresh()
    return indexed - began, time.perf_counter() - looked


def _right_answer(pushing: Pushing, shelf: Shelf, processes: Processes) -> Row:
    """From the end of a push, with a webhook as its hint, to the right answer about what it published."""
    follower = Follower(shelf, poll=3600)
    follower.start()
    taken = []
    for _ in range(RUNS):
        commit, service, version = pushing.push()
        began = time.perf_counter()
        follower.nudge()
        while shelf.newest().commit != commit:
            time.sleep(0.001)
        decide(shelf.newest().state, [Candidate(service, version)], "production")
        taken.append(time.perf_counter() - began)
    follower.stop()
    asked = ["deploy-guard", "-n", service, "-v", version, "-e", "production", "--dry-run", "--ignore-config"]
    (theirs,) = in_turns(RUNS // 3, processes.signet(*asked, "--registry", str(pushing.path)))
    ours = statistics.median(taken)
    note = f"Signet 2023 was wrong for {SIGNET_2023} s"
    return Row(f"from a push to the right answer, {LARGE}", "guard as a process", ours, theirs, note=note)


def _floods(folder: Path) -> Iterator[Row]:
    """Reads while the service is flooded, beside reads while it is not."""
    team = Team.founds(folder / "flooded.git")
    for number in range(5):
        team.live(f"catalog{number}", "1", "/items")
        team.contract("cart", str(number), f"catalog{number}", "/items")
    with serving(folder / "flooded", team.location, "--poll", "3600", SIGNET_HOOK_GITHUB_SECRET=SECRET) as service:
        service.has_all_parts()
        for kind in flood.FLOODS:
            before = service.megabytes
            rounds = sorted(flooded.rounds(service, kind, 3), key=lambda one: one.ratio)
            idle, under = rounds[1].p99
            aim = "aim 2, each asked for the first time" if kind.startswith("other-") else "aim 2"
            note = f"{aim}; memory {before:.0f} MB before, {service.megabytes:.0f} MB after"
            what = f"p99 of reads, {flooded.CONNECTIONS} connections send {kind}"
            yield Row(what, "p99 of reads, idle", under, idle, note=note)
