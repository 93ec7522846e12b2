"""Whatever dies on the way: the command is run again, by nobody but the pipeline, and there is exactly one record.

(safety.md T63 to T66.) Processes are real, and so are the kills, the dropped connections and the full disks.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest

from signet.registry import faults, git, read, serve
from tests.domain import Team, spec_bytes
from tests.registry.people import person

ROOT = Path(__file__).parents[2]
PUBLISH = ("publish", "--name", "catalog", "--version", "2.0.0", "--branch", "main", "--path", "catalog.json")
SUBJECT = "publish: catalog 2.0.0"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare registry with some facts in it."""
    path = tmp_path_factory.mktemp("kept") / "registry.git"
    team = Team.founds(path)
    team.live("catalog", "1.0.0", "/items")
    team.contract("cart", "1", "catalog", "/items")
    return path


class Place:
    """A registry of one kind, a working directory, and Signet as a process in it."""

    def __init__(self, folder: Path, kind: str, bare: Path, location: str) -> None:
        self.folder, self.kind, self.bare, self.location = folder, kind, bare, location
        self.transport = "dulwich" if kind.endswith("without git") else "git"
        (folder / "catalog.json").write_bytes(spec_bytes("catalog", "/items", "/prices"))
        self.before = self.commits()

    @property
    def repository(self) -> Path:
        """Where the branch is that counts."""
        return self.folder / "clone" if self.kind.startswith("worktree") else self.bare

    def commits(self) -> list[str]:
        return person(self.repository, "log", "--format=%s", "main").splitlines()

    def signet(self, *arguments: str, through: tuple[str, ...] = ("signet",), **more: object) -> Run:
        variables = os.environ | {"SIGNET_REGISTRY": self.location, "SIGNET_TRANSPORT": self.transport}
        variables |= {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", *through, *arguments],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **more,  # type: ignore[call-overload]
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def killed_at(self, point: str, nth: int = 1) -> None:
        """Run the command and have it killed there; that it was there is asserted."""
        mark = self.folder / "mark"
        run = self.signet(*PUBLISH, through=("tests.registry.killed", point, str(nth), str(mark), "--"))
        assert run.code == -signal.SIGKILL, run
        assert mark.read_text() == point
        assert run.out == ""

    def again(self) -> Run:
        """Run the command again; it succeeds, and everything is as if nothing had happened on the way."""
        run = self.signet(*PUBLISH)
        assert run.code == 0, run
        self.holds_exactly_one_record()
        return run

    def holds_exactly_one_record(self) -> None:
        assert [one for one in self.commits() if one.startswith(SUBJECT)] == self.commits()[:1]
        assert self.commits()[1:] == self.before
        assert person(self.repository, "fsck", "--strict", "--no-dangling") == ""
        assert person(self.repository, "for-each-ref", "--format=%(refname)", "refs/heads") == "refs/heads/main"
        state = read.state_at(git.open_repository(str(self.repository)), person(self.repository, "rev-parse", "main"))
        manifest = state.manifest("catalog", "2.0.0")
        assert manifest is not None and manifest.spec
        if self.kind.startswith("worktree"):
            assert person(self.repository, "status", "--porcelain") == ""
            assert sorted(path.name for path in (self.repository / ".git").glob("signet*")) == []


class Run:
    """What a process left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"

    def is_one_clear_line(self) -> bool:
        """An error as people should get it: what, why, what to do; no traceback."""
        lines = self.err.splitlines()
        return self.out == "" and len(lines) == 1 and lines[0].startswith("signet: ") and lines[0].endswith(".")


@pytest.fixture
def places(tmp_path: Path, kept: Path) -> Iterator[Places]:
    with ExitStack() as stack:
        yield Places(tmp_path, kept, stack)


class Places:
    """Makes places of each kind."""

    def __init__(self, folder: Path, kept: Path, stack: ExitStack) -> None:
        self.folder, self.kept, self.stack = folder, kept, stack

    def of(self, kind: str, handler: type[serve.Handler] | None = None) -> Place:
        bare = self.folder / "registry.git"
        shutil.copytree(self.kept, bare)
        location = str(bare)
        if kind.startswith("worktree"):
            person(self.folder, "clone", "-q", str(bare), "clone")
            location = str(self.folder / "clone")
        elif kind.startswith("remote"):
            location = self.stack.enter_context(serve.served(bare, handler))
        return Place(self.folder, kind, bare, location)


EVERYWHERE = [("read", 1), ("object", 1), ("object", 2), ("object", 5), ("committed", 1), ("accepted", 1)]
EVERYWHERE += [("published", 1), ("output", 1)]
KINDS = ["bare", "worktree", "worktree without git", "remote", "remote without git"]
KILLS = [(kind, *point) for kind in KINDS for point in EVERYWHERE]
KILLS += [(kind, "moving", 1) for kind in ("bare", "worktree without git")]
KILLS += [(kind, point, 1) for kind in KINDS if kind.startswith("worktree") for point in ("noted", "brought")]
QUICK = {("bare", "read", 1), ("bare", "object", 2), ("bare", "published", 1), ("bare", "output", 1)}
QUICK |= {("worktree", "noted", 1), ("worktree", "brought", 1), ("worktree without git", "moving", 1)}
QUICK |= {("remote", "accepted", 1), ("remote without git", "committed", 1), ("remote without git", "accepted", 1)}
"""Each point once at least, and each kind of registry; all the others are tried by the slow tests."""


class TestKilled:
    @pytest.mark.parametrize(
        ("kind", "point", "nth"),
        [pytest.param(*one, marks=() if one in QUICK else pytest.mark.slow) for one in KILLS],
    )
    def test_and_run_again(self, places: Places, kind: str, point: str, nth: int) -> None:
        place = places.of(kind)
        place.killed_at(point, nth)
        assert len(place.commits()) - len(place.before) == (point in ("accepted", "published", "output"))
        assert place.signet("status").code == 0, "questions are answered in between"
        place.again()

    @pytest.mark.parametrize("kind", ["remote", pytest.param("remote without git", marks=pytest.mark.slow)])
    def test_while_the_cache_is_made_and_made_again(self, places: Places, kind: str) -> None:
        """What was seen of the remote is not forgotten on the way: rewritten history is still noticed."""
        place = places.of(kind)
        place.killed_at("copied")
        assert place.signet("status").code == 0
        [cache] = (Path(os.environ["SIGNET_CACHE"]) / "git").glob("*.git")
        _loses_all_objects(cache)
        place.killed_at("aside")
        assert not cache.exists()
        kept = person(place.bare, "rev-parse", "main")
        rewritten = person(place.bare, "commit-tree", "-m", "another", "main^{tree}")
        person(place.bare, "update-ref", "refs/heads/main", rewritten)
        noticed = place.signet("status")
        assert (noticed.code, noticed.is_one_clear_line()) == (6, True), noticed
        assert "was rewritten" in noticed.err
        person(place.bare, "update-ref", "refs/heads/main", kept)
        place.again()

    @pytest.mark.parametrize("kind", ["bare", pytest.param("remote", marks=pytest.mark.slow)])
    def test_while_the_result_of_a_comparison_is_kept(self, places: Places, kind: str) -> None:
        place = places.of(kind)
        question = ("deploy-guard", "--name", "cart", "--version", "1", "--environment", "production")
        mark = place.folder / "mark"
        killed = place.signet(*question, through=("tests.registry.killed", "remembered", "1", str(mark), "--"))
        assert (killed.code, killed.out, mark.read_text()) == (-signal.SIGKILL, "", "remembered")
        left = [path for path in (Path(os.environ["SIGNET_CACHE"]) / "comparisons").rglob("*") if path.is_file()]
        assert len(left) == 1, "what was written stands beside its place"
        first, second = place.signet(*question), place.signet(*question)
        assert first.code == second.code == 0, first
        assert first.out == second.out
        assert place.commits() == place.before

    def test_every_fault_point_is_hit(self) -> None:
        elsewhere = {"copied", "aside", "remembered"}
        assert {point for _kind, point, _nth in QUICK} | elsewhere == set(faults.POINTS)
        assert set(KILLS) >= QUICK and {kind for kind, _point, _nth in QUICK} == set(KINDS)

    def test_a_lock_of_the_branch_that_died_with_it_goes(self, places: Places) -> None:
        place = places.of("bare")
        place.killed_at("moving")
        (place.bare / "refs" / "heads" / "main.lock").write_text("1" * 40 + "\n")
        place.again()
        assert not (place.bare / "signet-moving").exists()

    def test_a_lock_that_was_there_before_is_somebody_elses(self, places: Places) -> None:
        place = places.of("bare")
        place.killed_at("moving")
        lock, noted = place.bare / "refs" / "heads" / "main.lock", (place.bare / "signet-moving").stat().st_mtime
        lock.touch()
        os.utime(lock, (noted - 30, noted - 30))
        refused = place.signet(*PUBLISH)
        assert (refused.code, refused.is_one_clear_line()) == (4, True), refused
        assert "main.lock" in refused.err
        assert lock.exists()
        lock.unlink()
        place.again()

    @pytest.mark.slow
    def test_twice_in_the_same_place_and_then_in_another(self, places: Places) -> None:
        place = places.of("worktree")
        for point in ("brought", "brought", "noted", "object"):
            place.killed_at(point)
        place.again()

    def test_what_a_person_did_in_between_stays(self, places: Places) -> None:
        place = places.of("worktree")
        place.killed_at("brought")
        clone = place.repository
        (clone / "services" / "catalog" / "versions" / "2.0.0.json").write_text("mine\n")
        (clone / "notes.txt").write_text("mine, too\n")
        refused = place.signet(*PUBLISH)
        assert refused.code == 2
        assert "2.0.0.json" in refused.err
        assert (clone / "services" / "catalog" / "versions" / "2.0.0.json").read_text() == "mine\n"

        (clone / "services" / "catalog" / "versions" / "2.0.0.json").unlink()
        assert place.signet(*PUBLISH).code == 0
        assert (clone / "notes.txt").read_text() == "mine, too\n"

    def test_a_lock_of_the_index_that_died_with_it_goes(self, places: Places) -> None:
        place = places.of("worktree")
        place.killed_at("brought")
        lock = place.repository / ".git" / "index.lock"
        lock.touch()
        noted = (place.repository / ".git" / "signet-publishing").stat().st_mtime
        for path in (lock, place.repository / ".git" / "signet-publishing"):
            os.utime(path, (noted - 30, noted - 30))
        place.again()


class Drops(serve.Handler):
    """A server that does what it is asked, and whose answer to a push gets lost."""

    times = 1

    def relay(self, request: dict[str, str], body: IO[bytes]) -> None:
        if request["REQUEST_METHOD"] != "POST" or not request["PATH_INFO"].endswith("git-receive-pack"):
            super().relay(request, body)
            return
        if type(self).times:
            type(self).times -= 1
            with git.http_backend(self.server.root, request, body) as process:
                process.communicate()
            self.close_connection = True
            return
        super().relay(request, body)


class TestReplyLost:
    @pytest.mark.parametrize("kind", ["remote", "remote without git"])
    def test_the_server_accepted_and_nobody_was_told(self, places: Places, kind: str) -> None:
        class Once(Drops):
            pass

        place = places.of(kind, Once)
        run = place.signet(*PUBLISH)
        assert Once.times == 0
        assert run.code == 0, run
        assert SUBJECT in run.out
        place.holds_exactly_one_record()
        assert place.again().out.startswith("nothing to change")

    @pytest.mark.parametrize("kind", ["remote", "remote without git"])
    def test_and_then_the_server_is_gone(self, places: Places, kind: str) -> None:
        class Dies(Drops):
            dead = False

            def relay(self, request: dict[str, str], body: IO[bytes]) -> None:
                if type(self).dead:
                    self.close_connection = True
                    return
                type(self).dead = request["PATH_INFO"].endswith("git-receive-pack") and "POST" in request.values()
                super().relay(request, body)

        place = places.of(kind, Dies)
        run = place.signet(*PUBLISH)
        assert run.code == 4, run
        assert run.is_one_clear_line(), run
        Dies.dead = False
        assert place.again().out.startswith("nothing to change")


def limited(size: int) -> None:
    """In the child: no file may get larger than this; writing more fails, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


SIZES = [0, *(pytest.param(size, marks=pytest.mark.slow) for size in (60, 150, 400, 2000))]


class TestFullDisk:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("kind", ["bare", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS[1:])])
    def test_no_file_can_be_written_beyond_a_size(self, places: Places, kind: str, size: int) -> None:
        place = places.of(kind)
        run = place.signet(*PUBLISH, preexec_fn=lambda: limited(size))
        assert run.code == 0 or (run.code == 4 and run.is_one_clear_line()), run
        assert place.signet("status").code == 0
        place.again()

    @pytest.mark.slow
    @pytest.mark.parametrize("free", [0, 8, 16, 24, 32, 40, 48, 64, 128])
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_disk_of_the_repository_or_the_cache_is_full(
        self, tmp_path: Path, kept: Path, disk: Path, kind: str, free: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """``free`` is in blocks of 1 KiB."""
        monkeypatch.setenv("SIGNET_CACHE", str(disk / "cache"))
        with ExitStack() as stack:
            place = Places(tmp_path if kind.startswith("remote") else disk, kept, stack).of(kind)
            assert place.signet("status").code == 0, "the cache is there"
            filler = disk / "filler"
            _fill(filler, free)
            run = place.signet(*PUBLISH)
            assert run.code == 0 or (run.code == 4 and run.is_one_clear_line()), run
            filler.unlink()
            place.again()


def _fill(filler: Path, free: int) -> None:
    """Leave so many KiB of the disk."""
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1 << 10, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
        file.truncate(max(0, file.tell() - free * 1024))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; mounting one needs rights that not every machine gives."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(path)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def _packed(repository: Path) -> None:
    person(repository, "repack", "-adq")


def _truncates_the_pack(repository: Path) -> None:
    _packed(repository)
    [pack] = (repository / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    os.truncate(pack, pack.stat().st_size - 60)


def _damages_the_pack_in_the_middle(repository: Path) -> None:
    _packed(repository)
    [pack] = (repository / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    content = bytearray(pack.read_bytes())
    for at in range(100, len(content) - 40, 37):
        content[at] ^= 0xFF
    pack.write_bytes(content)


def _empties_the_index_of_the_pack(repository: Path) -> None:
    _packed(repository)
    [index] = (repository / "objects" / "pack").glob("*.idx")
    index.chmod(0o644)
    index.write_bytes(b"")


def _zeroes_the_branch(repository: Path) -> None:
    (repository / "refs" / "heads" / "main").parent.mkdir(parents=True, exist_ok=True)
    (repository / "refs" / "heads" / "main").write_bytes(b"\0" * 41)


def _empties_the_branch(repository: Path) -> None:
    (repository / "refs" / "heads" / "main").write_bytes(b"")


def _names_a_commit_that_is_not_there(repository: Path) -> None:
    (repository / "refs" / "heads" / "main").write_text("1" * 40 + "\n")


def _leaves_locks(repository: Path) -> None:
    for name in ("HEAD.lock", "config.lock", "shallow.lock", "packed-refs.lock", "refs/heads/main.lock", "index.lock"):
        (repository / name).touch()
        os.utime(repository / name, (1, 1))


def _breaks_the_configuration(repository: Path) -> None:
    (repository / "config").write_bytes(b"[core\n\0\xff = ")


def _loses_all_objects(repository: Path) -> None:
    shutil.rmtree(repository / "objects")


def _loses_its_head(repository: Path) -> None:
    (repository / "HEAD").unlink()


DAMAGES = [
    _truncates_the_pack,
    _damages_the_pack_in_the_middle,
    _empties_the_index_of_the_pack,
    _zeroes_the_branch,
    _empties_the_branch,
    _names_a_commit_that_is_not_there,
    _leaves_locks,
    _breaks_the_configuration,
    _loses_all_objects,
    _loses_its_head,
]
GUARD = ("deploy-guard", "--name", "cart", "--version", "1", "--environment", "production")


class TestDamaged:
    @pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["remote", "remote without git"])
    def test_the_cache(self, places: Places, kind: str, damage: Callable[[Path], None]) -> None:
        """It is made again from the remote, by the next command, whether that asks or records."""
        place = places.of(kind)
        answer = place.signet(*GUARD)
        assert answer.code == 0, answer
        for command in (GUARD, PUBLISH):
            [cache] = (Path(os.environ["SIGNET_CACHE"]) / "git").glob("*.git")
            damage(cache)
            run = place.signet(*command)
            assert run.code == 0, run
            assert command != GUARD or run.out == answer.out
        place.holds_exactly_one_record()

    @pytest.mark.parametrize(
        "damage",
        [*DAMAGES[::2], *(pytest.param(one, marks=pytest.mark.slow) for one in DAMAGES[1::2])],
        ids=lambda damage: damage.__name__.strip("_"),
    )
    @pytest.mark.parametrize("kind", ["bare", pytest.param("worktree", marks=pytest.mark.slow)])
    def test_the_registry_itself(self, places: Places, kind: str, damage: Callable[[Path], None]) -> None:
        """Nobody but its owner can mend that: one clear line, and never another answer."""
        place = places.of(kind)
        answer = place.signet(*GUARD)
        git_dir = place.repository / ".git" if kind == "worktree" else place.repository
        damage(git_dir)
        asked, recorded = place.signet(*GUARD), place.signet(*PUBLISH)
        assert (asked.code, asked.out) == (answer.code, answer.out) or asked.is_one_clear_line(), asked
        assert asked.code in (0, 2, 4), asked
        assert recorded.code == 0 or recorded.is_one_clear_line(), recorded
        assert recorded.code in (0, 2, 4), recorded

    @pytest.mark.slow
    def test_ten_guards_and_two_writers_in_one_cache(self, places: Places) -> None:
        """(safety.md T67.)"""
        place = places.of("remote")
        (place.folder / "other.json").write_bytes(spec_bytes("other", "/x"))
        other = ("publish", "--name", "other", "--version", "1", "--branch", "main", "--path", "other.json")
        with ThreadPoolExecutor(12) as pool:
            runs = list(pool.map(lambda command: place.signet(*command), [PUBLISH, other] + [GUARD] * 10))
        assert [run.code for run in runs] == [0] * 12, runs
        assert len({run.out.partition("registry at")[0] for run in runs[2:]}) == 1
        assert len(place.commits()) == len(place.before) + 2

    def test_a_process_that_dies_with_the_lock_of_the_cache_holds_nobody_up(self, places: Places) -> None:
        place = places.of("remote")
        place.killed_at("accepted")
        [lock] = (Path(os.environ["SIGNET_CACHE"]) / "git").glob("*.lock")
        assert lock.exists()
        place.again()
