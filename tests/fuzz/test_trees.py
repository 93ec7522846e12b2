"""Any tree of mutated files gives a decision or a listed error, and what is broken never makes a *yes*.

The properties, for a registry in which one to a few entries were changed:

- Every question ends in an answer or in a SignetError, in few reads.
- A question that looks at none of the changed places answers as before.
- *Spoiled* is an entry that can state no fact any more: contents that no reader takes, a mode of no regular file,
  a file for a directory and the reverse. An answer that was not *yes* is not *yes* with a spoiled entry; it is the
  same, or an error. (Removing a fact, or stating another one, may change any answer.)
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.guard import decide
from signet.core.model.decision import Candidate, Decision
from signet.core.owed import owed
from signet.errors import SignetError
from signet.registry import git, history, opening, read, record
from signet.registry.read import RegistryState
from tests.domain import Team
from tests.fuzz import effort, strategies
from tests.fuzz.strategies import SYNTAX

TREE, FILE, PROGRAM, LINK, MODULE = 0o40000, 0o100644, 0o100755, 0o120000, 0o160000


@dataclass
class World:
    """A registry that is valid, its files, and its answers."""

    team: Team
    repo: git.Repository
    head: str
    files: dict[str, bytes]
    answers: dict[tuple[Any, ...], tuple[Any, frozenset[str]]] = field(default_factory=dict)

    @property
    def questions(self) -> list[tuple[Any, ...]]:
        """All questions that are asked, as (kind, names ...)."""
        found: list[tuple[Any, ...]] = [("owed", None), ("status",), ("log", "cart", None), ("log", None, "production")]
        for service, versions in VERSIONS.items():
            found.append(("owed", service))
            found += [("guard", service, one, where) for one in versions for where in ("production", "staging", None)]
        return [*found, ("blame", "cart", "2.0"), ("compare", "cart", "1.0", "catalog")]

    def before(self, question: tuple[Any, ...]) -> tuple[Any, frozenset[str]]:
        """The answer on the valid tree, and every path that was looked at for it."""
        if question not in self.answers:
            self.answers[question] = asked(self.repo, self.head, question)
        return self.answers[question]


VERSIONS = {
    "catalog": ("1.0", "2.0", "3.0"),
    "cart": ("1.0", "2.0"),
    "web": ("1",),
    "stock": ("1", "2"),
    "desk": ("1",),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Five services and one of somebody else's, two environments, with answers of every kind."""
    team = Team.founds(tmp_path_factory.mktemp("trees") / "registry.git")
    team.spec("catalog", None, "/items", "/prices")
    team.live("catalog", "1.0", "/items", "/prices")
    team.spec("catalog", "2.0", "/items")
    team.tested("catalog", "2.0")
    team.spec("catalog", "3.0", "/items", "/prices", branch="main")
    team.tested("catalog", "3.0", passed=False)
    team.contract("cart", "1.0", "catalog", "/prices")
    team.contract("cart", "1.0", "stock", "/stock")
    team.contract("cart", "2.0", "catalog", "/items", "/absent")
    team.contract("web", "1", "catalog", "/items")
    team.contract("web", "1", "pay", "/charge", pact_version="4.0")
    record.register_service(team.repo, "pay", external=True, aliases=["Pay Inc"])
    team.spec("pay", None, "/charge")
    record.register_version(team.repo, "stock", "1", branch="main")
    record.register_version(team.repo, "stock", "2", branch="main")
    for version, passed in (("1", True), ("2", False)):
        record.record_replay(team.repo, "stock", version, passed=passed, consumer="cart", consumer_version="1.0")
    team.contract("desk", "1", "stock", "/desks")
    team.deploy("stock", "1")
    team.deploy("cart", "1.0")
    team.deploy("cart", "1.0", instance="eu")
    record.release(team.repo, "web", "1", "production")
    team.deploy("catalog", "2.0", "staging")
    team.deploy("web", "1", "staging")
    repo, head = team.repo, team.head
    return World(team, repo, head, dict(walked(repo, objects_root(repo, head))))


def objects_root(repo: git.Repository, commit: str) -> str:
    return str(repo.objects[commit].tree.id)


def walked(repo: git.Repository, tree: str, prefix: str = "") -> list[tuple[str, bytes]]:
    """Path and content of every file."""
    found = []
    for one in repo.objects[tree]:
        if one.type_str == "tree":
            found += walked(repo, str(one.id), f"{prefix}{one.name}/")
        else:
            found.append((prefix + one.name, bytes(one.data)))
    return found


# --- asking


class Watched(RegistryState):
    """A state that knows where it was looked."""

    def __init__(self, repo: git.Repository, commit: str | None) -> None:
        super().__init__(repo, commit)
        self.looked: set[str] = set()

    def entry(self, path: str) -> git.Entry | None:
        self.looked.add(path)
        return super().entry(path)

    def listing(self, path: str) -> tuple[git.Entry, ...]:
        self.looked.add(path + "/")
        return super().listing(path)


@dataclass(frozen=True)
class Refusal:
    """A question that ended in an error of ours."""

    kind: str
    text: str


def asked(repo: git.Repository, commit: str, question: tuple[Any, ...]) -> tuple[Any, frozenset[str]]:
    """The answer, or the error, and where it was looked."""
    state = Watched(repo, commit)
    try:
        read.state_at(repo, commit)
        state.entry("signet.yaml")
        answer = ANSWERS[question[0]](state, *question[1:])
    except SignetError as error:
        answer = Refusal(type(error).__name__, str(error))
    return answer, frozenset(state.looked)


def _status(state: Watched) -> Any:
    return [
        *((one, state.environment(one), sorted(state.placements(one).items())) for one in sorted(state.environments())),
        *(
            (one, state.service(one), state.main_head(one), state.agreed_spec(one), sorted(state.versions(one)))
            for one in sorted(state.services())
        ),
    ]


def _log(state: Watched, service: str | None, environment: str | None) -> Any:
    state.looked.add("/")
    return [one.commit for one in opening.log(state, service=service, environment=environment)][1:]


def _blame(state: Watched, service: str, version: str) -> Any:
    decision = decide(state, [Candidate(service, version)], "production")
    found = [history.blame(state.repo, state.commit or "", one) for why in decision.reasons for one in why.evidence]
    return [one and one.as_json() for one in found]


def _compare(state: Watched, consumer: str, version: str, provider: str) -> Any:
    manifest = state.manifest(consumer, version)
    spec = state.agreed_spec(provider)
    return manifest and spec and state.comparison(consumer, provider, manifest.contracts.get(provider, ""), spec)


ANSWERS: dict[str, Callable[..., Any]] = {
    "guard": lambda state, service, version, where: decide(state, [Candidate(service, version)], where),
    "owed": lambda state, provider: owed(state, provider=provider),
    "status": _status,
    "log": _log,
    "blame": _blame,
    "compare": _compare,
}


# --- changing a tree


@dataclass(frozen=True)
class Change:
    """What stands at ``path`` now. ``data`` None removes; for a tree it is the name of a file inside."""

    path: bytes
    mode: int
    data: bytes | None
    spoils: bool = False

    def __repr__(self) -> str:
        return f"Change({self.path!r}, {self.mode:o}, {self.data!r:.300}, {self.spoils})"


def changed(world: World, changes: list[Change]) -> str:
    """The commit with these changes on the head of the valid registry."""
    store = world.repo.objects
    tree = objects_root(world.repo, world.head)
    for one in changes:
        tree = _planted(store, tree, one.path.split(b"/"), one)
    who = "author Ada <ada@x> 1700000000 +0000\ncommitter Ada <ada@x> 1700000000 +0000\n"
    return str(store.odb.write(1, f"tree {tree}\nparent {world.head}\n{who}\nchanged\n".encode()))


def _planted(store: Any, tree: str | None, names: list[bytes], change: Change) -> str:
    """By bytes, since git itself refuses some of what others may have stored."""
    found: dict[bytes, tuple[int, bytes]] = {}
    content = store.odb.read(tree)[1] if tree else b""
    while content:
        head, _, rest = content.partition(b"\0")
        mode, _, name = head.partition(b" ")
        found[name] = (int(mode, 8), rest[:20])
        content = rest[20:]
    name = names[0]
    if len(names) > 1:
        below = found.get(name)
        inner = below[1].hex() if below is not None and below[0] == TREE else None
        found[name] = (TREE, bytes.fromhex(_planted(store, inner, names[1:], change)))
    elif change.data is None:
        found.pop(name, None)
    elif change.mode == TREE:
        inside = Change(change.data, FILE, b"x")
        found[name] = (TREE, bytes.fromhex(_planted(store, None, [change.data or b"x"], inside)))
    elif change.mode == MODULE:
        found[name] = (MODULE, b"\x11" * 20)
    else:
        found[name] = (change.mode, bytes.fromhex(str(store.create_blob(change.data))))
    ordered = sorted(found.items(), key=lambda one: one[0] + (b"/" if one[1][0] == TREE else b""))
    return str(store.odb.write(2, b"".join(b"%o %s\0%s" % (mode, name, id_) for name, (mode, id_) in ordered)))


BROKEN = (
    b"\xff\xfe",
    b"{",
    b"- 1\n",
    b"'",
    b"kind: nonsense\nx: 1\n",
    b"a: &a [*a]\n",
    b"[" * 300,
    b'{"a":1,"a":1}',
    b'{"a":NaN}',
)
"""Contents that no reader of any file of the registry takes."""
STRANGERS = (
    b"environments/production/cart.yml",
    b"environments/production/\xff.yaml",
    b"environments/production/sub/cart.yaml",
    b"environments/PRODUCTION.yaml",
    b"environments/production/Cart.yaml",
    b"environments/x.yml",
    b"services/Cart/versions/1.0.json",
    b"services/cart/versions/\xc3\x28.json",
    b"services/cart/comparisons/x.json",
    b"services/cart/versions/2.0.json.sig",
    b"services/catalog/verifications/1.0/spec.json.bak",
    b"services/\xe2\x80\xae/service.yaml",
    b"services/con/service.yaml",
    b"waivers/all.yaml",
    b"README.md",
    b".mailmap",
    b".gitattributes",
    b"services/cart/contracts/catalog/0000.json",
    b"services/catalog/verifications/9.9/spec.json",
    b"services/a b/versions/1.json",
    b"environments/\n::error::.yaml",
)


def changes(files: dict[str, bytes]) -> st.SearchStrategy[Change]:
    """One changed entry of a tree that holds these files."""
    paths = st.sampled_from(sorted(files)).map(str.encode)
    folders = sorted({path.rpartition("/")[0] for path in files if "/" in path} | {"services", "environments"})
    entries = paths | st.sampled_from(folders).map(str.encode)
    scraps = st.sampled_from(BROKEN) | st.binary(max_size=20) | strategies.values.map(strategies.as_json)
    other = paths.flatmap(
        lambda path: strategies.documents(files[path.decode()]).map(lambda data: Change(path, FILE, data))
    )
    swapped = st.tuples(paths, paths).map(lambda two: Change(two[0], FILE, files[two[1].decode()]))
    return st.one_of(
        st.builds(Change, paths, st.just(FILE), st.sampled_from(BROKEN), st.just(True)),
        st.builds(Change, paths, st.sampled_from([PROGRAM, LINK, MODULE]), st.just(b"signet.yaml"), st.just(True)),
        st.builds(Change, paths, st.just(TREE), st.sampled_from([b"x", b"service.yaml", b"\xff"]), st.just(True)),
        st.builds(
            Change,
            st.sampled_from(folders).map(str.encode),
            st.sampled_from([FILE, LINK, MODULE]),
            scraps,
            st.just(True),
        ),
        st.builds(
            Change, st.sampled_from(STRANGERS), st.sampled_from([FILE, FILE, LINK, TREE, MODULE]), scraps.filter(bool)
        ),
        st.builds(Change, entries, st.just(FILE), st.none()),
        other,
        swapped,
    )


def is_yes(answer: Any) -> bool:
    return isinstance(answer, Decision) and answer.verdict == "yes"


def concerned(change: Change, looked: frozenset[str]) -> bool:
    """Was the place looked at, or a directory that would list it, or anything below it?"""
    path = change.path.decode("utf-8", "surrogateescape")
    above = path.rpartition("/")[0]
    while True:
        if path in looked or f"{path}/" in looked or f"{above}/" in looked or "/" in looked:
            return True
        if any(one.startswith(f"{path}/") for one in looked):
            return True
        if not above:
            return False
        path, above = above, above.rpartition("/")[0]


@effort(180)
@given(data=st.data())
def test_a_changed_tree_gives_answers_or_listed_errors(world: World, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(changes(world.files), min_size=1, max_size=2))
    commit = changed(world, drawn)
    for question in data.draw(st.lists(st.sampled_from(world.questions), min_size=3, max_size=3, unique=True)):
        was, looked = world.before(question)
        world.repo.reads.clear()
        now, _ = asked(world.repo, commit, question)
        assert world.repo.reads["blob"] <= 2 * len(world.files)
        assert world.repo.reads["tree"] <= 4 * len(world.files)
        if not any(concerned(one, looked) for one in drawn):
            assert now == was, question
        if all(one.spoils for one in drawn):
            assert is_yes(was) or not is_yes(now), question


@pytest.mark.parametrize("where", ["production", "staging", None])
def test_no_spoiled_entry_makes_a_yes(world: World, where: str | None) -> None:
    """Every entry, in every way that it can be spoiled by; for all candidates that may not go there."""
    questions = [one for one in world.questions if one[0] == "guard" and one[3] == where]
    refused = [one for one in questions if not is_yes(world.before(one)[0])]
    assert refused
    folders = {path.rpartition("/")[0] for path in world.files if "/" in path} | {"services", "environments"}
    ways = [(FILE, b"{"), (LINK, b"signet.yaml"), (TREE, b"x"), (MODULE, b"")]
    for path in sorted({*world.files, *folders}):
        for mode, content in ways:
            if path in folders and mode == TREE:
                continue
            commit = changed(world, [Change(path.encode(), mode, content, True)])
            for question in refused:
                now, _ = asked(world.repo, commit, question)
                assert not is_yes(now), (path, oct(mode), question)


def test_the_valid_registry_has_answers_of_every_kind(world: World) -> None:
    verdicts = {world.before(one)[0].verdict for one in world.questions if one[0] == "guard"}
    assert verdicts == {"yes", "no", "unknown"}
    assert all(not isinstance(world.before(one)[0], Refusal) or one[0] == "owed" for one in world.questions)


# --- trees that nobody made by writing files


@effort(60)
@given(st.binary(max_size=120) | st.lists(st.sampled_from(SYNTAX), max_size=6).map(b"".join))
def test_a_tree_of_random_bytes_is_refused(world: World, content: bytes) -> None:
    store = world.repo.objects
    for kind in (1, 2, 3):
        root = str(store.odb.write(kind, content))
        commit = str(store.odb.write(1, f"tree {root}\n\nx\n".encode()))
        for question in (("status",), ("guard", "cart", "1.0", "production"), ("log", "cart", None)):
            answer, _ = asked(world.repo, commit, question)
            assert isinstance(answer, Refusal) or question[0] == "log", answer


def _nested(world: World, levels: int, width: int) -> str:
    """A commit with directories in directories, each of them ``width`` times the same one."""
    store = world.repo.objects
    tree = str(store.odb.write(2, b"100644 x\0" + bytes.fromhex(str(store.create_blob(b"x")))))
    for _ in range(levels):
        names = sorted(f"d{number}".encode() for number in range(width))
        tree = str(store.odb.write(2, b"".join(b"40000 %s\0%s" % (name, bytes.fromhex(tree)) for name in names)))
    base = changed(world, [])
    entries = bytes(store.odb.read(objects_root(world.repo, base))[1])
    at = entries.index(b"40000 environments")
    root = store.odb.write(2, entries[:at] + b"40000 docs\0" + bytes.fromhex(tree) + entries[at:])
    return str(store.odb.write(1, f"tree {root}\nparent {world.head}\n\nnested\n".encode()))


@pytest.mark.parametrize(("levels", "width"), [(3000, 1), (40, 2), (6, 30)])
def test_directories_without_end_cost_nothing(world: World, levels: int, width: int) -> None:
    commit = _nested(world, levels, width)
    for question in world.questions:
        world.repo.reads.clear()
        now, _ = asked(world.repo, commit, question)
        assert world.repo.reads["tree"] <= 4 * len(world.files), question
        assert question[0] in ("log", "blame") or now == world.before(question)[0]


# --- and the same through the command line


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))


@effort(4)
@given(data=st.data())
def test_the_command_line_ends_with_a_listed_exit_code(world: World, data: st.DataObject) -> None:
    commit = changed(world, data.draw(st.lists(changes(world.files), min_size=1, max_size=3)))
    service = data.draw(st.sampled_from(sorted(VERSIONS)))
    guard = ["deploy-guard", "-n", service, "-v", VERSIONS[service][0], "-e", "production", "--explain"]
    command = data.draw(st.sampled_from([guard, ["status"], ["owed"], ["log", "--name", "cart"]]))
    ran = subprocess.run(
        [sys.executable, "-m", "signet", *command, "--at", commit, "-r", world.team.location, "--json"],
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
        capture_output=True,
        timeout=60,
        preexec_fn=_limited,
        check=False,
    )
    assert ran.returncode in (0, 1, 2, 3, 4), ran
    assert json.loads(ran.stdout)["schema"].startswith("signet.")
    assert b"Traceback" not in ran.stderr
