"""Deploy Guard as a whole process and in process, its memory, the environment files, and history: all by path."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import yaml
from ruamel.yaml import YAML

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.registry import git, layout, read
from tests.bench.grown import NOWHERE, Grown
from tests.bench.measure import LIBRARIES, Processes, Row, Side, in_turns
from tests.growth.story import service_name, version_name

WHOLE_RUNS, INSIDE_RUNS = 7, 5


def whole(processes: Processes, grown: Grown) -> Iterator[Row]:
    """Guard as a process beside its libraries imported, and the peak memory of both; results are kept for "again"."""
    live = f"{grown.shape.services} live services"
    ordinary, hub = (
        ["-m", "signet", *grown.question(service), "--registry", str(grown.path)]
        for service in (grown.ordinary, grown.hub)
    )
    ours, hubs, again, hubs_again, theirs, empty = in_turns(
        WHOLE_RUNS,
        processes.python(*ordinary, SIGNET_CACHE=os.devnull),
        processes.python(*hub, SIGNET_CACHE=os.devnull),
        processes.python(*ordinary),
        processes.python(*hub),
        processes.python("-c", LIBRARIES),
        processes.python("-c", "pass"),
    )
    libraries = "its libraries imported, nothing done"
    yield Row(f"guard as a process, {live}", libraries, ours, theirs, note=f"{(ours - theirs) * 1000:+.0f} ms, aim +40")
    what = f"guard of the hub that all call, {live}"
    yield Row(what, libraries, hubs, theirs, note=f"{(hubs - theirs) * 1000:+.0f} ms")
    yield Row(f"guard as a process, {live}", "an empty Python process", ours, empty)
    yield Row(f"guard asked again, {live}", "the same with no results kept", again, ours)
    yield Row(f"guard of the hub asked again, {live}", "the same with no results kept", hubs_again, hubs)
    alone = processes.peak("-c", LIBRARIES)
    yield Row(f"peak memory of guard, {live}", "of its libraries", processes.peak(*ordinary), alone, "MB")
    yield Row(f"peak memory of the hub's guard, {live}", "of its libraries", processes.peak(*hub), alone, "MB")


def inside(grown: Grown) -> Iterator[Row]:
    """Guard in process beside git reading the same files."""
    for name, service in (("guard in process", grown.ordinary), ("guard of the hub in process", grown.hub)):
        state = grown.state()
        candidate = Candidate(service, grown.newest)
        before = time.perf_counter()
        decide(state, [candidate], "production")
        first = time.perf_counter() - before
        reads = state.repo.reads
        ours, theirs = in_turns(INSIDE_RUNS, _asked(grown, candidate), _by_git(grown, _paths(grown, candidate)))
        note = f"{reads['blob']} files and {reads['tree']} directories read; {first * 1000:.0f} ms the first time"
        what = f"{name}, {grown.shape.services} live services"
        yield Row(what, "the same files by `git cat-file --batch`", ours, theirs, note=note)


def _asked(grown: Grown, candidate: Candidate) -> Side:
    return lambda: decide(grown.state(), [candidate], "production")


def _paths(grown: Grown, candidate: Candidate) -> list[str]:
    """The files that the question reads."""
    found: list[str] = []

    class Listening(read.RegistryState):
        def bytes_at(self, path: str) -> bytes | None:
            data = super().bytes_at(path)
            if data is not None:
                found.append(path)
            return data

    repository = git.open_repository(str(grown.path), cache=NOWHERE)
    decide(Listening(repository, git.head(repository)), [candidate], "production")
    return found


def _by_git(grown: Grown, paths: list[str]) -> Side:
    command = ["git", "--git-dir", str(grown.path), "cat-file", "--batch"]
    asked = "".join(f"HEAD:{path}\n" for path in paths).encode()
    return lambda: subprocess.run(command, input=asked, capture_output=True, check=True)


def environments(grown: Grown) -> Iterator[Row]:
    """The environment files: the first read and the second, beside what parses the same bytes."""
    state = grown.state()
    texts = []
    for name in sorted(state.services()):
        data = state.bytes_at(layout.path("placement", "production", name))
        assert data is not None
        texts.append(data.decode())
    known = grown.state()
    known.placements("production")
    first, second, safe_load, ruamel = in_turns(
        INSIDE_RUNS,
        lambda: grown.state().placements("production"),
        lambda: known.placements("production"),
        lambda: [yaml.safe_load(text) for text in texts],
        lambda: [YAML().load(text) for text in texts],
    )
    what = f"of {len(texts)} environment files, checked"
    yield Row(f"first read {what}", "`yaml.safe_load` of the same texts", first, safe_load)
    yield Row(f"first read {what}", "ruamel.yaml of the same texts", first, ruamel)
    yield Row(f"second read {what}", "`yaml.safe_load` of the same texts", second, safe_load)


def history(grown: Grown) -> Iterator[Row]:
    """The last change of one path, near and far back, beside ``git log -1``."""
    near = layout.path("placement", "production", service_name(7))
    far = layout.path("manifest", service_name(7), version_name(0))
    for words, path in (("recent", near), ("oldest", far)):
        command = ["git", "--git-dir", str(grown.path), "log", "-1", "--format=%H", "HEAD", "--", path]
        ours, theirs = in_turns(3, _last_change(grown, path), lambda command=command: _output(command))
        what = f"last change of a path, the {words} one of {grown.shape}"
        yield Row(what, "`git log -1 -- PATH`", ours, theirs)


def _last_change(grown: Grown, path: str) -> Side:
    def run() -> object:
        repository = git.open_repository(str(grown.path))
        return next(git.log(repository, git.head(repository) or "", path=path))

    return run


def _output(command: list[str]) -> bytes:
    return subprocess.run(command, capture_output=True, check=True).stdout
