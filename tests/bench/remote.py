"""What goes over HTTP: guard in CI with an empty cache, one commit, one publish, and many writers at once."""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from signet.registry import documents, git, layout, record, serve
from tests.bench.grown import Grown
from tests.bench.measure import Processes, Row, in_turns
from tests.growth.contents import contract
from tests.growth.story import service_name

RUNS = 5
CLONE = ["git", "clone", "--quiet", "--bare", "--depth=1", "--filter=blob:none"]
WRITERS = {2: 6, 8: 3, 32: 2}
"""How many writers, and how many facts each of them records."""


def cold_guard(processes: Processes, grown: Grown, folder: Path) -> Iterator[Row]:
    """Guard in CI, with nothing in its cache, beside a bare clone without blobs from the same server."""
    places = (str(folder / f"cold-{grown.shape}-{number}") for number in itertools.count())
    with serve.served(grown.path) as url:

        def guard() -> None:
            asked = [*grown.question(grown.ordinary), "--registry", url]
            processes.signet(*asked, CI="true", SIGNET_CACHE=next(places))()

        def clone() -> None:
            processes.command([*CLONE, url, next(places)])()

        ours, theirs = in_turns(RUNS, guard, clone)
    what = f"cold guard in CI over HTTP, {grown.shape.services} live services"
    yield Row(what, "`git clone --bare --depth 1 --filter=blob:none` alone", ours, theirs, note="aim 1.5")


def commit(grown: Grown) -> Iterator[Row]:
    """A commit of five files in process, beside ``git fast-import`` of the same commit."""
    repository = git.open_repository(str(grown.path))
    head = git.head(repository)
    assert head is not None
    numbers = itertools.count()

    def five() -> dict[str, bytes | None]:
        number = next(numbers)
        names = [service_name(one) for one in range(5)]
        version = f"9.{number}.0"
        return {
            layout.path("manifest", name, version): documents.to_json(
                documents.ManifestFile(service=name, version=version, branches=["main"])
            )
            for name in names
        }

    def by_git() -> None:
        _imported(grown.path, head, five())

    ours, theirs = in_turns(9, lambda: git.commit(repository, head, five(), "five files\n"), by_git)
    yield Row(f"a commit of five files to {grown.shape}", "`git fast-import` of the same", ours, theirs)


def _imported(repository: Path, parent: str, files: dict[str, bytes | None], ref: str = "refs/bench/five") -> str:
    """The commit that git's own import makes of some files on a parent."""
    stream = b"commit %b\nmark :1\ncommitter B <b@example.com> %d +0000\ndata 2\nx\nfrom %b\n" % (
        ref.encode(),
        int(time.time()),
        parent.encode(),
    )
    for path, data in files.items():
        assert data is not None
        stream += b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data)
    stream += b"\nget-mark :1\n"
    command = ["git", "--git-dir", str(repository), "fast-import", "--quiet", "--force", "--cat-blob-fd=1"]
    return subprocess.run(command, input=stream, capture_output=True, check=True).stdout.decode().strip()


def publish(grown: Grown, folder: Path) -> Iterator[Row]:
    """A contract published over HTTP, mirror and all warm, beside a bare push of one commit."""
    served = _copy(grown, folder / "published.git")
    os.environ["SIGNET_CACHE"] = str(folder / "publishing")
    numbers = itertools.count()
    with serve.served(served) as url:
        repository = git.open_repository(url, partial=True)
        clone = folder / "pushing.git"
        subprocess.run([*CLONE, url, str(clone)], check=True)

        def ours() -> object:
            item = record.ContractItem(contract(1, 0, 0, False), f"9.{next(numbers)}.0", "main")
            return record.publish(repository, [item])

        ready: list[str] = []

        def prepare() -> None:
            subprocess.run(["git", "--git-dir", str(clone), "fetch", "--quiet", url, "+main:main"], check=True)
            files: dict[str, bytes | None] = {f"services/bench/versions/{next(numbers)}.json": b"{}\n"}
            ready.append(_imported(clone, "refs/heads/main^0", files))

        def push() -> object:
            command = ["git", "--git-dir", str(clone), "push", "--quiet", url, f"{ready.pop()}:refs/heads/main"]
            return subprocess.run(command, check=True, capture_output=True)

        mine, pushed, _ = in_turns_with(RUNS, ours, push, before=prepare)
    yield Row(f"publish of a contract over HTTP to {grown.shape}", "a bare `git push` of one commit", mine, pushed)


def in_turns_with(runs: int, ours: Callable[[], object], theirs: Callable[[], object], *, before: Callable[[], object]):
    """As ``in_turns``, with something before each run of theirs that does not count; its seconds come last."""
    taken: tuple[list[float], list[float], list[float]] = ([], [], [])
    for turn in range(runs + 1):
        for side, times in zip((ours, before, theirs), (taken[0], taken[2], taken[1]), strict=True):
            began = time.perf_counter()
            side()
            if turn:
                times.append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]


def writers(grown: Grown, folder: Path) -> Iterator[Row]:
    """So many processes that record facts at once, beside as many that loop over fetch, commit and push."""
    for count, facts in WRITERS.items():
        figures = {}
        for kind in ("signet", "git"):
            served = _copy(grown, folder / f"{kind}{count}.git")
            with serve.served(served) as url:
                figures[kind] = _written(folder, kind, url, count, facts)
            shutil.rmtree(served)
        (ours, mine), (theirs, other) = figures["signet"], figures["git"]
        note = f"p50 / p95 {_percentiles(mine)} s beside {_percentiles(other)} s"
        what = f"{count} writers over HTTP, commits a second"
        yield Row(what, "a loop of fetch, commit and push by git alone", ours, theirs, "a second", note)


def _percentiles(taken: list[float]) -> str:
    ordered = sorted(taken)
    return " / ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * part))]:.2f}" for part in (0.5, 0.95))


def _written(folder: Path, kind: str, url: str, count: int, facts: int) -> tuple[float, list[float]]:
    """Commits a second of all writers together, and the seconds of each fact."""
    processes = []
    for number in range(count):
        place = folder / f"{kind}-{count}-{number}"
        command = [sys.executable, "-m", "tests.bench.writer", kind, url, str(place), str(number), str(facts)]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        pipes["env"] = {**os.environ, "CI": "true"}
        processes.append(subprocess.Popen(command, **pipes))
    for process in processes:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("a writer did not get ready")
    began = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in processes]
    seconds = time.perf_counter() - began
    taken = [float(word) for answer in answers for word in answer.split()]
    if len(taken) != count * facts:
        raise RuntimeError(f"{len(taken)} of {count * facts} facts were recorded")
    return len(taken) / seconds, taken


def _copy(grown: Grown, place: Path) -> Path:
    """A repository of its own with the same objects (linked, as nothing changes them)."""
    subprocess.run(["git", "clone", "--quiet", "--bare", "--local", str(grown.path), str(place)], check=True)
    return place
