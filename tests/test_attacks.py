"""Attacks: each row of ``tests/attacks`` against a real registry and the real command line; and what rows must be.

What holds for every run, and is therefore in no row: a documented exit code that is no bug of ours, no traceback, no
control character, no program of an attacker has run, and whoever asks or is refused has changed nothing, byte for byte.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signet.cli import app, boundary
from signet.registry.serve import served
from tests import attack_registry as registry
from tests import attack_rows as attacks
from tests.attack_program import MEGABYTES, Program, Ran
from tests.attack_rows import Case
from tests.cli.test_render import is_harmless

ROOT = Path(__file__).parents[1]
PROMISED = {
    *("T01", "T03", "T08", "T11", "T15", "T18", "T19", "T21", "T22", "T23", "T24", "T25", "T26", "T27", "T28", "T29"),
    *(f"T{number}" for number in (*range(30, 40), *range(41, 45), *range(45, 70), 71)),
}
CASES = attacks.cases()
SECONDS = 10.0
ANNOTATION = re.compile(r"::error title=signet(?: [a-z-]+)?%3A [a-z-]+::")
"""The one command of a runner that a job is given, if it asks for it: its words are ours."""
FIXED = {"SOURCE_DATE_EPOCH": "1700000000", "PYTHONUTF8": "1"}


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    """The command line, ready to fork."""
    found = Program()
    yield found
    found.end()


@pytest.fixture(scope="session")
def base(program: Program, tmp_path_factory: pytest.TempPathFactory) -> registry.Base:
    """The true registry that every attack starts from."""
    folder = tmp_path_factory.mktemp("attacked")
    return registry.found(program, folder, _environment(folder))


@pytest.fixture(scope="session")
def clean_journeys() -> dict[tuple[str, bool], Journey]:
    """By kind of registry, the journey as it goes where nobody attacks."""
    return {}


Journey = tuple[list[str], str]


def _environment(folder: Path) -> dict[str, str]:
    (folder / "home").mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "SIGNET_CACHE": str(folder / "cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        **FIXED,
    }


class Scene:
    """One case set up in a folder: registry, working directory, home; and the command line there."""

    def __init__(
        self, case: Case, base: registry.Base, program: Program, folder: Path, servers: contextlib.ExitStack
    ) -> None:
        self.servers = servers
        self.case, self.base, self.program, self.folder = case, base, program, folder
        self.canary = folder / "canary"
        quiet = _environment(folder)
        self.names: dict[str, Any] = {
            "here": str(folder),
            "canary": str(self.canary),
            "desk": str(folder / "desk"),
            "touch": str(folder / "touch"),
        }
        _script(folder / "touch", f'printf "%s\\n" "$0 $*" >> {self.canary}; exit 1')
        self.bare = registry.copied(base, folder)
        self._furnish()
        self.environment = {**quiet, "SIGNET_REGISTRY": "../registry.git"}
        for line in self.said("first", []):
            ran = program.run(shlex.split(line), folder / "desk", self.environment)
            assert ran.code == 0, (line, ran)
        self.base = base = registry.standing_in(self.bare, base.folder) if case.get("first") else base
        self.names |= base.names
        if case.get("seen"):
            seen = program.run(["status"], folder / "desk", {**quiet, "SIGNET_REGISTRY": f"file://{self.bare}"})
            assert seen.code == 0, seen
        self._forge()
        if case.registry == "http":
            self.location = servers.enter_context(served(self.bare))
        else:
            self.location = registry.served_as(case.registry, self.bare)
        self.names |= {"location": self.location, "server": self.location.rpartition("/")[0]}
        for path, data in (self.said("config") or {}).items():
            if isinstance(data, dict) and "script" in data:
                _script(self._git_dir() / path, data["script"])
                continue
            with (self._git_dir() / path).open("ab") as file:
                file.write(attacks.content(data, base.files))
        self.environment = {**quiet, "SIGNET_REGISTRY": self.location}
        self.environment |= self.said("environment") or {}

    def said(self, key: str, default: Any = None) -> Any:
        """What the row says, with the names of this scene in it."""
        return attacks.substituted(self.case.get(key, default), self.names)

    def _git_dir(self) -> Path:
        return self.folder / "clone" / ".git" if self.case.registry == "worktree" else self.bare

    def _forge(self) -> None:
        put, odd, commits = self.said("put") or {}, self.said("odd") or [], self.said("commits")
        if put or odd or commits or self.case.get("head"):
            forger = registry.Forger(self.bare, self.base.files, self.base.listed)
            parent = self.base.names["commit"]
            if self.case.get("before"):
                for path, value in self.said("before").items():
                    forger.put(path, value)
                parent = forger.commit(forger.odd([]), {}, parent)
            for path, value in put.items():
                forger.put(path, value)
            tree = forger.odd(odd)
            for about in commits or [{}]:
                parent = forger.commit(tree, about, parent)
            self.names["forged"] = parent
            head = self.said("head")
            if head:
                parent = forger.object(head["kind"], attacks.content(self.said("head")["content"], self.base.files))
            forger.move(parent)

    def _furnish(self) -> None:
        desk = self.folder / "desk"
        for name, data in (self.said("files") or {}).items():
            path = desk / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(data, dict) and "link" in data:
                path.symlink_to(data["link"])
            elif isinstance(data, dict) and "script" in data:
                _script(path, data["script"])
            else:
                path.write_bytes(attacks.content(data, self.base.files))
        if self.case.get("gitconfig"):
            (self.folder / "home" / ".gitconfig").write_text(self.said("gitconfig"))
        if self.case.get("service"):
            _service(desk)

    def signet(self, arguments: list[str], **more: Any) -> Ran:
        limits = self.case.get("limits", {})
        return self.program.run(
            arguments,
            self.folder / "desk",
            self.environment,
            megabytes=limits.get("address-space", MEGABYTES),
            fresh=bool(self.case.get("fresh")),
            **more,
        )

    def standing(self, *, desk_only: bool = False) -> dict[str, str]:
        """Everything that a question, or a refusal, must leave as it is."""
        places = ["desk", "home"] if desk_only else ["desk", "home", "registry.git", "clone"]
        return {
            f"{place}/{name}": what
            for place in places
            if (self.folder / place).exists()
            for name, what in registry.standing(self.folder / place).items()
        }

    def asked(self, run: Any) -> tuple[list[str], dict[str, Any]]:
        """The arguments of one run, and what is expected of it."""
        expected, run = dict(self.said("expect", {})), attacks.substituted(run, self.names)
        if isinstance(run, dict):
            expected |= {key: value for key, value in run.items() if key != "ask"}
            run = run["ask"]
        arguments = run if isinstance(run, list) else attacks.table("questions.yaml")[run]
        arguments = [str(one) for one in attacks.substituted(arguments, self.names)]
        return arguments + (["--json"] if expected.get("form", "json") == "json" else []), expected

    def check(self, arguments: list[str], ran: Ran, before: dict[str, str], *, wrote: bool = False) -> None:
        """What holds for every run."""
        shown = (self.case.id, arguments, ran.code, ran.text[:2000])
        assert ran.code in boundary.EXIT_CODES and ran.code != boundary.BUG, shown
        assert "Traceback" not in ran.text and "bug of ours" not in ran.text, shown
        encoding = self.environment.get("PYTHONIOENCODING", "utf-8")
        for line in ran.out.decode(encoding).split("\n") + ran.err.decode(encoding).split("\n"):
            ours = ANNOTATION.match(line) if "SIGNET_JOB" in self.environment else None
            assert is_harmless(line[ours.end() :] if ours else line), (shown, line)
        if "--json" in arguments and ran.out:
            assert ran.answer["schema"].startswith("signet."), shown
        assert not self.canary.exists(), (shown, self.canary.read_text())
        after = self.standing(desk_only=wrote and ran.code == 0)
        left = {key: value for key, value in before.items() if key in after or not (wrote and ran.code == 0)}
        changed = {key for key in left.keys() | after.keys() if left.get(key) != after.get(key)}
        assert not changed, (shown, sorted(changed))
        limits = self.case.get("limits", {})
        assert ran.seconds <= limits.get("seconds", SECONDS), (shown, ran.seconds)
        assert ran.megabytes <= limits.get("megabytes", 200), (shown, ran.megabytes)


@pytest.mark.parametrize(
    "case",
    [pytest.param(one, marks=pytest.mark.slow if one.is_slow else (), id=one.id) for one in CASES],
)
def test_attack(
    case: Case,
    base: registry.Base,
    program: Program,
    clean_journeys: dict[tuple[str, bool], Journey],
    tmp_path: Path,
) -> None:
    with contextlib.ExitStack() as servers:
        _attack(Scene(case, base, program, tmp_path, servers), clean_journeys)


def _attack(scene: Scene, clean_journeys: dict[tuple[str, bool], Journey]) -> None:
    case = scene.case
    if case.get("journey"):
        _journey(scene, clean_journeys)
    elif case.get("hook"):
        _from_hook(scene)
    elif case.get("every-option"):
        _every_option(scene)
    for run in case.get("run", ()) if not case.get("hook") else ():
        arguments, expected = scene.asked(run)
        before = scene.standing()
        ran = scene.signet(arguments)
        scene.check(arguments, ran, before, wrote=bool(expected.get("changes")))
        if expected.get("published"):
            assert tree_changed(scene), (case.id, ran)
        _compare(scene, arguments, ran, expected)


def _compare(scene: Scene, arguments: list[str], ran: Ran, expected: dict[str, Any]) -> None:
    shown = (scene.case.id, arguments, ran.code, ran.text[:3000])
    wanted = expected.get("exit", 0)
    assert ran.code in (wanted if isinstance(wanted, list) else [wanted]), shown
    if expected.get("code"):
        assert ran.answer["code"] == expected["code"], shown
    for fragment in _listed(expected.get("says")):
        assert fragment in ran.text, (fragment, shown)
    for fragment in _listed(expected.get("never")):
        assert fragment not in ran.text, (fragment, shown)
    if "verdict" in expected:
        assert ran.answer["verdict"] == expected["verdict"], shown
    if "reasons" in expected:
        assert sorted({one["code"] for one in ran.answer["reasons"]}) == sorted(expected["reasons"]), shown
    if "blobs" in expected:
        assert ran.blobs == expected["blobs"], (ran.blobs, shown)
    for path, data in expected.get("tree", {}).items():
        held = registry._git(scene.bare, "cat-file", "blob", f"main:{path}")
        for fragment in _listed(data):
            assert attacks.content(fragment, {}) in held, (path, held)
    for path, pattern in expected.get("made", {}).items():
        place = scene.folder / path
        made = place.read_bytes().decode() if place.exists() else None
        assert made is None if pattern is None else re.fullmatch(pattern, made or ""), (path, made, shown)
    if "out" in expected:
        assert re.fullmatch(expected["out"], ran.out.decode()), shown


def tree_changed(scene: Scene) -> bool:
    """Is the registry's tree another one than that which every case starts from?"""
    return registry.tree_of(scene.bare) != registry.tree_of(scene.base.registry)


def _journey(scene: Scene, clean: dict[tuple[str, bool], Journey]) -> None:
    """The whole journey under attack says and leaves what it says and leaves where nobody attacks."""
    key = scene.case.registry, bool(scene.case.get("service"))
    if key not in clean:
        calm = Case("calm", {"service": scene.case.get("service")}, scene.case.registry)
        folder = scene.folder / "calm"
        folder.mkdir()
        clean[key] = _travelled(Scene(calm, scene.base, scene.program, folder, scene.servers))
    said, tree = _travelled(scene)
    expected_said, expected_tree = clean[key]
    if scene.case.is_twin:
        assert (said, tree) != (expected_said, expected_tree), "the comparison notices nothing"
        return
    assert said == expected_said
    assert tree == expected_tree


def _travelled(scene: Scene) -> Journey:
    said = []
    for line in attacks.table("journey.yaml"):
        for form in ([], ["--json"]):
            arguments = [*shlex.split(line), *form]
            before = scene.standing()
            ran = scene.signet(arguments)
            scene.check(arguments, ran, before, wrote=True)
            said.append(f"{line} {' '.join(form)}-> {ran.code}\n{_normal(ran.text, scene.folder)}")
    return said, registry.tree_of(scene.bare if scene.case.registry != "worktree" else scene.folder / "clone")


def _normal(text: str, folder: Path) -> str:
    text = re.sub(r"http://127\.0\.0\.1:\d+", "<server>", text.replace(str(folder), "<here>"))
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "<operation>", text)
    text = re.sub(r"(?<=\"id\": \")[0-9a-f]{64}", "<event>", text)  # it follows from the commit
    return re.sub(r"\b[0-9a-f]{10}(?:[0-9a-f]{30})?\b", "<commit>", text)


def _from_hook(scene: Scene) -> None:
    """The runs, from a real hook of a service's repository: its commit is whole, and the answers are right."""
    desk, runs = scene.folder / "desk", []
    exports = [f"export {key}={shlex.quote(value)}" for key, value in scene.environment.items()]
    lines = ["unset SIGNET_REGISTRY", *exports]
    for number, run in enumerate(scene.case.row["run"]):
        arguments, expected = scene.asked(run)
        at = scene.folder / f"run{number}"
        command = shlex.join([sys.executable, "-m", "signet", *arguments])
        lines.append(f"PYTHONPATH={ROOT} {command} > {at}.out 2> {at}.err < /dev/null; echo $? > {at}.code")
        runs.append((arguments, expected, at))
    hook = scene.case.row["hook"]
    _script(desk / ".git" / "hooks" / hook, "\n".join(lines))
    (desk / "app.py").write_text("changed\n")
    _person(desk, "commit", "-q", "-m", "changed", "app.py" if hook == "pre-commit" else "-a")
    assert registry._git(desk, "ls-tree", "--name-only", "HEAD").decode().split() == ["app.py", "staged.py"][:2]
    assert _person(desk, "fsck", "--strict") == ""
    assert _person(desk, "status", "--porcelain", "--untracked-files=no") == ""
    for arguments, expected, at in runs:
        read = [at.with_suffix(ending) for ending in (".code", ".out", ".err")]
        ran = Ran(int(read[0].read_text()), read[1].read_bytes(), read[2].read_bytes(), 0, 0)
        _compare(scene, arguments, ran, expected)
    assert not scene.canary.exists()


def _every_option(scene: Scene) -> None:
    """Every option of every command, given each of these values: nothing appears, and nothing runs."""
    given = {"--name": "cart", "--version": "2.1.0", "--environment": "production", "--hook": "github"}
    for name in app.available():
        if name in (*app.ALIASES, "demo", "init"):
            continue
        params = app.command(name).params
        takes = {one for param in params for one in param.opts}
        for param in params:
            option = next((one for one in param.opts if one.startswith("--")), None)
            if option is None or param.is_flag or option in ("--wait", "--timeout"):
                continue
            known = [f"{key}={value}" for key, value in given.items() if key in takes and key != option]
            for value in scene.said("every-option"):
                arguments = [name, *known, f"{option}={value}", "--json"]
                before = scene.standing()
                ran = scene.signet(arguments)
                scene.check(arguments, ran, before, wrote=True)
                expected = scene.said("expect", {}).get("of", {}).get(f"{name} {option}")
                expected = expected or scene.said("expect", {}).get("of", {}).get(option)
                if expected is not None:
                    assert ran.code in _listed(expected), (scene.case.id, arguments, ran)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _service(desk: Path) -> None:
    """A service's own repository: one commit, a staged change, and what git has not been told of."""
    _person(desk, "init", "-q", "-b", "main", "--template=")
    for name, text in (("app.py", "x\n"), ("staged.py", "y\n")):
        (desk / name).write_text(text)
    _person(desk, "add", "app.py", "staged.py")
    _person(desk, "commit", "-q", "-m", "first")
    _person(desk, "remote", "add", "origin", "https://git.example.com/shop/cart.git")


def _person(where: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{part}": f"ada{at}" for role in ("AUTHOR", "COMMITTER") for part, at in _PARTS}
    dates = {f"GIT_{role}_DATE": "1700000000 +0000" for role in ("AUTHOR", "COMMITTER")}
    done = subprocess.run(
        ["git", *arguments], cwd=where, env={**registry._clean(), **who, **dates}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


_PARTS = (("NAME", ""), ("EMAIL", "@example.org"))


class TestTheTable:
    def test_every_promised_threat_has_a_row(self) -> None:
        assert {row["id"].partition("-")[0] for row in attacks.rows()} == PROMISED

    def test_every_row_is_well_formed(self) -> None:
        named = [row["id"] for row in attacks.rows()]
        assert sorted(set(named)) == sorted(named)
        for row in attacks.rows():
            assert set(row) <= attacks.KEYS, row["id"]
            assert len(row["threat"]) > 20, row["id"]
            for run in row.get("run", ()):
                assert isinstance(run, (str, list)) or set(run) <= attacks.EXPECTED, (row["id"], run)

    def test_every_row_runs_and_can_fail(self) -> None:
        """A row runs something, or names the test that proves it; and its harmless twin comes out differently."""
        for row in attacks.rows():
            if "proved-by" in row:
                continue
            assert any(key in row for key in ("run", "journey", "every-option")), row["id"]
            assert "twin" in row, row["id"]
            if "run" in row:
                assert row["twin"].keys() & {"expect", "run"}, f"the twin of {row['id']} expects the same"
        ran = {case.id.partition("/")[0].split("-")[0] for case in CASES}
        assert {row["id"].split("-")[0] for row in attacks.rows() if "proved-by" not in row} == ran

    def test_every_test_that_is_named_is_collected(self) -> None:
        named = sorted({name for row in attacks.rows() for name in _listed(row.get("proved-by"))})
        assert [name for name in named if not attacks.is_a_test(name)] == []

    @pytest.mark.parametrize(
        "name",
        [
            "tests/test_no_such_file.py::test_attack",
            "tests/attack_rows.py::cases",
            "tests/test_attacks.py::test_no_such_test",
            "tests/test_attacks.py::tree_changed",
            "tests/test_attacks.py::test_every_row_is_well_formed",
            "tests/test_attacks.py::TestTheTable",
            "tests/test_attacks.py::TestTheTable::test_attack",
            "tests/test_attacks.py::Scene::check",
        ],
    )
    def test_what_is_no_test_proves_nothing(self, name: str) -> None:
        assert attacks.is_a_test("tests/test_attacks.py::test_attack")
        assert attacks.is_a_test("tests/test_attacks.py::TestTheTable::test_every_row_is_well_formed")
        assert not attacks.is_a_test(name)

    def test_the_journey_has_every_command(self) -> None:
        """But for those that start programs, and answer with ports and times: they have attacks of their own."""
        travelled = {line.split()[0] for line in attacks.table("journey.yaml")}
        assert travelled == set(app.available()) - {
            "deliveries",
            "demo",
            "mock",
            "proxy",
            "serve",
            "start-provider",
            "stop-provider",
            "test",
        }
