"""Results of comparisons that are kept: they spare work, and they change no answer, whatever becomes of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import signet.core.compare
from signet.core.compare.modes import TOO_DEEP
from signet.core.formats import openapi, pact, text
from signet.core.guard import decide
from signet.core.model.comparison import Comparison, Finding
from signet.core.model.decision import Candidate
from signet.core.owed import owed
from signet.errors import InvalidData, SignetError
from signet.registry import comparisons, git, kept, layout, read, record
from tests.domain import Team

KEY = ("cart", "catalog", "1" * 64, "2" * 64, "3" * 40, "services/catalog/specs/2222222222222222.json", "4" * 40)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """One provider that three live consumers call: one as it may, two as it may not; and somebody else's service."""
    team = Team.founds(tmp_path_factory.mktemp("kept") / "registry.git")
    team.live("catalog", "1", "/items", "/prices")
    for consumer, paths in (("cart", ["/items"]), ("web", ["/gone", "/items"]), ("desk", ["/absent", "/gone"])):
        team.contract(consumer, "1", "catalog", *paths)
        team.deploy(consumer, "1")
    record.register_service(team.repo, "pay", external=True)
    team.spec("pay", None, "/charge")
    team.contract("cart", "2", "pay", "/charge")
    return team


QUESTIONS: dict[str, Callable[[read.RegistryState], Any]] = {
    "provider": lambda state: decide(state, [Candidate("catalog", "1")], "production").as_json(),
    "external": lambda state: decide(state, [Candidate("cart", "2")], "production").as_json(),
    "owed": lambda state: [one.as_json() for one in owed(state)],
    "agreed": lambda state: {name: state.agreed_spec(name) for name in sorted(state.services())},
    "compared": lambda state: [
        finding.as_json()
        for consumer in ("cart", "desk", "web")
        for finding in state.comparison(
            consumer,
            "catalog",
            state.manifest(consumer, "1").contracts["catalog"],  # type: ignore[union-attr]
            state.manifest("catalog", "1").spec or "",  # type: ignore[union-attr]
        ).findings
    ],
}


def answers(team: Team, cache: Path) -> tuple[bytes, Counter[str]]:
    """All questions as bytes, each asked of a state of its own, and what was read for them."""
    reads: Counter[str] = Counter()
    told = {}
    for name, question in QUESTIONS.items():
        repository = git.open_repository(team.location, cache=cache)
        told[name] = question(read.state_at(repository, git.head(repository)))
        reads += repository.reads
    return json.dumps(told, sort_keys=True).encode(), reads


UNSHARED = 10
"""Comparisons for all questions where nothing is kept: three of them compare three consumers each."""


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often something is compared, and a contract or a spec is parsed."""
    found: Counter[str] = Counter()
    places = ((signet.core.compare, "compare"), (pact, "contract"), (openapi, "spec"))

    def counted(name: str, does: Callable[..., Any]) -> Callable[..., Any]:
        def listening(*arguments: Any, **more: Any) -> Any:
            found[name] += 1
            return does(*arguments, **more)

        return listening

    for module, name in places:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return found


def entries(cache: Path) -> list[Path]:
    return sorted(path for path in (cache / "comparisons").glob("*/*"))


# --- they spare work


def test_who_asks_twice_compares_nothing_and_reads_no_contract_and_no_spec(
    team: Team, tmp_path: Path, work: Counter[str]
) -> None:
    first, reads = answers(team, tmp_path)
    assert work["compare"] == 4, "three consumers with the catalog, and one with somebody else's service"
    assert work["contract"] and work["spec"]
    work.clear()
    second, fewer = answers(team, tmp_path)
    assert second == first
    assert not work
    assert fewer["tree"] == reads["tree"]
    contents = {"cart", "web", "desk"}
    assert reads["blob"] - fewer["blob"] >= len(contents) * 2, "each contract and the specs are not read any more"
    shutil.rmtree(tmp_path / "comparisons")
    third, again = answers(team, tmp_path)
    assert (third, again) == (first, reads)
    assert work["compare"] == 4


def test_each_question_alone_reads_no_contents_the_second_time(team: Team, tmp_path: Path) -> None:
    answers(team, tmp_path)
    for question in QUESTIONS.values():
        looked: list[str] = []

        class Listening(read.RegistryState):
            def bytes_at(self, path: str, looked: list[str] = looked) -> bytes | None:
                data = super().bytes_at(path)
                looked.extend([] if data is None else [path])
                return data

        repository = git.open_repository(team.location, cache=tmp_path)
        question(Listening(repository, git.head(repository)))
        kinds = {(layout.identity(path) or ("?",))[0] for path in looked}
        assert not kinds & {"contract", "spec", "agreed-spec"}, looked


def test_a_clone_without_blobs_asks_twice_too(team: Team, tmp_path: Path, work: Counter[str]) -> None:
    from signet.registry import serve

    with serve.served(Path(team.location)) as url:
        told = []
        for _ in range(2):
            work.clear()
            repository = git.open_repository(url, cache=tmp_path, partial=True)
            state = read.state_at(repository, git.head(repository))
            told.append(QUESTIONS["provider"](state))
        assert told[0] == told[1] == QUESTIONS["provider"](team.state)


# --- they are believed only where they can be


def spoilt(path: Path, how: str) -> None:
    """Do something to an entry."""
    data = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut off":
        path.write_bytes(data[:-7])
    elif how == "garbage":
        path.write_bytes(os.urandom(200))
    elif how == "one bit":
        path.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
    elif how == "longer":
        path.write_bytes(data + b"\n")
    elif how == "huge":
        path.write_bytes(data + b" " * kept.LARGEST)
    elif how == "removed":
        path.unlink()
    elif how == "everybody's":
        path.chmod(0o666)
    elif how == "secret":
        path.chmod(0)
    else:
        path.unlink()
        beside = path.with_name("beside")
        beside.write_bytes(data)
        {
            "a link": lambda: path.symlink_to(beside),
            "a link to nothing": lambda: path.symlink_to(path.parent / "nothing"),
            "a link to itself": lambda: path.symlink_to(path),
            "a folder": path.mkdir,
            "a pipe": lambda: os.mkfifo(path),
        }[how]()


HOW = ["empty", "cut off", "garbage", "one bit", "longer", "huge", "removed", "everybody's", "secret", "a link"]
HOW += ["a link to nothing", "a link to itself", "a folder", "a pipe"]


@pytest.mark.parametrize("how", HOW)
def test_an_entry_that_cannot_be_believed_is_made_again(
    team: Team, tmp_path: Path, work: Counter[str], how: str
) -> None:
    first, _ = answers(team, tmp_path)
    for path in entries(tmp_path):
        spoilt(path, how)
    work.clear()
    assert answers(team, tmp_path)[0] == first
    if how != "secret" or os.geteuid() != 0:  # nothing is secret for root
        assert work["compare"] >= 4, "nothing of it was believed"
    work.clear()
    assert answers(team, tmp_path)[0] == first
    assert not work or how == "a folder", "and it stands there again, where that can be"


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_stands_in_the_cache_the_answers_are_the_same(
    team: Team, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cache = tmp_path_factory.mktemp("spoilt")
    first, _ = answers(team, cache)
    found = entries(cache)
    contents = {path: path.read_bytes() for path in found}
    for path in data.draw(st.lists(st.sampled_from(found), min_size=1, unique=True)):
        old = bytearray(contents[path])
        how = data.draw(st.sampled_from(["flip", "cut", "insert", "swap", "replace"]))
        at = data.draw(st.integers(0, len(old) - 1))
        if how == "flip":
            old[at] ^= data.draw(st.integers(1, 255))
        elif how == "cut":
            del old[at : at + data.draw(st.integers(1, 80))]
        elif how == "insert":
            old[at:at] = data.draw(st.binary(min_size=1, max_size=20))
        elif how == "swap":
            old[:] = contents[data.draw(st.sampled_from(found))]
        else:
            old[:] = data.draw(st.binary(max_size=300))
        path.write_bytes(old)
    assert answers(team, cache)[0] == first
    shutil.rmtree(cache)


@pytest.mark.parametrize(
    "value",
    [
        {}, "yes", 1, True, [1], [[]], [["code"]], [["c", "error", -1, "d", "m", "", "", "", ""]],
        [["c", "fine", 0, "d", "m", "", "", "", ""]], [["c", "error", True, "d", "m", "", "", "", ""]],
        [["c", "error", 0, "d", "m", "", "", "", "", "more"]], [["c", "error", 0, "d", "m", "", "", "", None]],
        [{"code": "c"}],
    ],
)  # fmt: skip
def test_a_whole_entry_of_another_shape_is_no_result(tmp_path: Path, value: Any) -> None:
    store = comparisons.Comparisons(tmp_path)
    full = ("comparison", comparisons.comparer() or "", *KEY)
    store.kept.keep(full, value)
    assert store.kept.value(full) == value, "it is there"
    assert store.comparison(KEY) is None
    store.kept.keep(("digest", *full[1:]), value)
    assert store.digest(KEY) is None


def test_an_entry_in_the_place_of_another_is_not_taken_for_it(tmp_path: Path) -> None:
    store = kept.Kept(tmp_path / "kept")
    store.keep(("one",), "first")
    store.keep(("other",), "second")
    store._path(("one",)).replace(store._path(("other",)))
    assert store.value(("other",)) is None
    store.keep(("a", "b"), 1)
    assert store.value(("ab",)) is store.value(("a", "b", "")) is store.value(("b", "a")) is None


def test_a_cache_of_another_user_is_neither_read_nor_written(
    team: Team, tmp_path: Path, work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = answers(team, tmp_path)
    before = {path: path.read_bytes() for path in entries(tmp_path)}
    work.clear()
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert answers(team, tmp_path)[0] == first
    assert work["compare"] == UNSHARED
    assert {path: path.read_bytes() for path in entries(tmp_path)} == before


@pytest.mark.parametrize("how", ["a link", "everybody's", "a file"])
def test_a_folder_that_is_not_ours_alone_is_not_used(team: Team, tmp_path: Path, work: Counter[str], how: str) -> None:
    first, _ = answers(team, tmp_path)
    folder = tmp_path / "comparisons"
    if how == "everybody's":
        folder.chmod(0o777)
    else:
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to("elsewhere") if how == "a link" else folder.write_text("mine")
    before = sorted(path.stat().st_mtime_ns for path in tmp_path.rglob("*"))
    work.clear()
    assert answers(team, tmp_path)[0] == first
    assert work["compare"] == UNSHARED
    assert sorted(path.stat().st_mtime_ns for path in tmp_path.rglob("*")) == before


def test_what_is_kept_is_for_this_user_alone(team: Team, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        answers(team, tmp_path / "cache")
    finally:
        os.umask(before)
    folder = tmp_path / "cache" / "comparisons"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in entries(tmp_path / "cache")} == {0o600}


# --- where nothing can be kept


@pytest.mark.parametrize("where", ["/dev/null", "/proc/nowhere", "file"])
def test_without_a_place_to_write_to_the_answers_are_the_same(team: Team, tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("mine")
    first, _ = answers(team, tmp_path / "cache")
    assert answers(team, tmp_path / where)[0] == first


def test_in_a_cache_that_may_only_be_read_what_is_there_is_used(
    team: Team, tmp_path: Path, work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = answers(team, tmp_path)

    def forbidden(path: Path) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(kept, "_new", forbidden)  # modes would not stop root
    work.clear()
    assert answers(team, tmp_path)[0] == first
    assert not work
    gone = entries(tmp_path)[::2]
    for path in gone:
        path.unlink()
    assert answers(team, tmp_path)[0] == first
    assert work
    assert not [path for path in gone if path.exists()]


def test_on_a_full_disk_the_answer_counts(
    team: Team, tmp_path: Path, work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = answers(team, tmp_path / "other")
    work.clear()
    tried: list[Path] = []

    def full(path: Path) -> int:
        tried.append(path)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "_new", full)
    assert answers(team, tmp_path)[0] == first
    assert work["compare"] >= 4
    assert len(tried) <= len(QUESTIONS), "whoever failed once does not try again"


def test_what_breaks_off_while_it_is_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept.Kept(tmp_path / "kept")

    def interrupted(_point: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("signet.registry.faults.on_reached", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.keep(("one",), 1)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- it does not grow for ever


def test_a_folder_keeps_its_newest_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    store = kept.Kept(tmp_path / "kept")
    keys = [(f"key {number}",) for number in range(1500)]
    for age, key in enumerate(keys):
        store.keep(key, age)
        os.utime(store._path(key), (age, age))
    found = [key for key in keys if store.value(key) is not None]
    folders: dict[str, list[tuple[str, ...]]] = {}
    for key in keys:
        folders.setdefault(store._path(key).parent.name, []).append(key)
    assert len(folders) > 200
    assert found == sorted((key for own in folders.values() for key in own[-3:]), key=keys.index)
    assert store.size()[0] == len(found)


def test_large_entries_are_few_and_larger_ones_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.Kept, "_path", lambda self, key: self.folder / "aa" / key[0])
    store = kept.Kept(tmp_path / "kept")
    size = kept.BYTES // 10
    for number in range(40):
        store.keep((f"{number}",), "x" * size)
        assert store.size()[1] <= kept.BYTES
        assert store.value((f"{number}",)) is not None
    store.keep(("more",), "x" * (kept.LARGEST + 1))
    assert store.value(("more",)) is None
    assert store.size()[1] <= kept.BYTES


def test_what_killed_writers_left_goes_with_the_oldest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    monkeypatch.setattr(kept.Kept, "_path", lambda self, key: self.folder / "aa" / key[0])
    store = kept.Kept(tmp_path / "kept")
    store.keep(("0",), 1)
    left = tmp_path / "kept" / "aa" / ".99-abc"
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    for number in range(1, 4):
        store.keep((f"{number}",), 1)
    assert not left.exists()


# --- what a result hangs on


def changed(team: Team, path: str, data: bytes) -> read.RegistryState:
    """The state after somebody has written a file by hand; the registry stays as it was."""
    repository = team.repo
    commit = git.commit(repository, team.head, {path: data}, "by hand\n")
    return read.state_at(repository, commit)


def stored(team: Team, consumer: str) -> tuple[str, dict[str, Any]]:
    """Where the contract of a consumer with the catalog is, and what stands there."""
    manifest = team.state.manifest(consumer, "1")
    assert manifest is not None
    path = layout.path("contract", consumer, "catalog", manifest.contracts["catalog"])
    return path, json.loads(team.state.bytes_at(path) or b"")


@pytest.mark.parametrize("side", ["contract", "spec"])
def test_a_broken_file_is_an_error_as_without_results(team: Team, tmp_path: Path, side: str) -> None:
    """Its content is not what its digest says; the result of the content that was there before is kept."""
    state = team.state
    good = QUESTIONS["provider"](state)
    if side == "contract":
        path, told = stored(team, "cart")
        told["pact"]["interactions"][0]["request"]["path"] = "/prices"
    else:
        manifest = state.manifest("catalog", "1")
        assert manifest is not None and manifest.spec is not None
        path = layout.path("spec", "catalog", manifest.spec)
        told = json.loads(state.bytes_at(path) or b"")
        told["document"]["paths"]["/gone"] = told["document"]["paths"]["/items"]
    broken = changed(team, path, json.dumps(told).encode())
    assert QUESTIONS["provider"](team.state) == good
    assert entries(tmp_path / "cache")
    said = []
    for _ in range(2):
        with pytest.raises(InvalidData, match="invalid") as error:
            QUESTIONS["provider"](broken)
        said.append(str(error.value))
        broken = read.state_at(team.repo, broken.commit)
        shutil.rmtree(tmp_path / "cache" / "comparisons", ignore_errors=True)
    assert said[0] == said[1]


def test_the_file_of_one_pair_in_the_place_of_another_is_an_error_as_ever(team: Team) -> None:
    QUESTIONS["provider"](team.state)
    (path, _), (other, _) = stored(team, "cart"), stored(team, "web")
    state = changed(team, other, team.state.bytes_at(path) or b"")
    with pytest.raises(SignetError):
        QUESTIONS["provider"](state)


def test_what_the_digest_overlooks_is_not_mixed_up(team: Team, work: Counter[str]) -> None:
    """Two consumers expect the same; in the file of one, somebody has turned the interactions round."""
    team = Team(team.location)
    path, told = stored(team, "desk")
    told["pact"]["interactions"].reverse()
    state = changed(team, path, json.dumps(told).encode())
    turned = QUESTIONS["compared"](state)
    straight = QUESTIONS["compared"](team.state)
    assert turned != straight
    assert QUESTIONS["compared"](read.state_at(team.repo, state.commit)) == turned
    assert QUESTIONS["compared"](team.state) == straight


def test_equal_contracts_of_two_consumers_are_compared_once_and_kept_twice(tmp_path: Path, work: Counter[str]) -> None:
    team = Team.founds(tmp_path / "registry.git")
    team.live("catalog", "1", "/items")
    for consumer in ("cart", "web"):
        team.contract(consumer, "1", "catalog", "/items", "/gone")
        team.deploy(consumer, "1")
    work.clear()
    first = QUESTIONS["provider"](team.state)
    assert work["compare"] == 1
    work.clear()
    assert QUESTIONS["provider"](team.state) == first
    assert not work


findings = st.builds(
    Finding,
    *[st.text()],
    st.sampled_from(comparisons.SEVERITIES),
    st.integers(0, 10**6),
    *[st.text() for _ in Finding._fields[3:]],
)


@settings(max_examples=100, deadline=None)
@given(st.lists(findings, max_size=4).map(tuple).map(Comparison))
def test_a_result_comes_back_whole(tmp_path_factory: pytest.TempPathFactory, found: Comparison) -> None:
    store = comparisons.Comparisons(tmp_path_factory.getbasetemp() / "whole")
    store.keep(KEY, found)
    assert store.comparison(KEY) == found
    assert [one.as_json() for one in found.findings] == [
        one.as_json() for one in (store.comparison(KEY) or Comparison()).findings
    ]


def test_what_hung_on_the_stack_is_not_kept_and_what_was_counted_is(tmp_path: Path) -> None:
    store = comparisons.Comparisons(tmp_path)

    def undecided(why: str) -> Comparison:
        message = signet.core.compare.codes.sentence("undecided", name="", expected="", promised="", why=why)
        return Comparison((Finding("undecided", "undecided", 0, "d", message, "", ""),))

    store.keep(KEY, undecided(TOO_DEEP))
    assert store.comparison(KEY) is None
    store.keep(KEY, undecided("more than 100,000 steps were needed"))
    assert store.comparison(KEY) is not None


# --- another comparer


@pytest.fixture
def fresh() -> Iterator[None]:
    comparisons.comparer.cache_clear()
    yield
    comparisons.comparer.cache_clear()


def test_another_comparer_believes_none_of_it(
    team: Team, tmp_path: Path, work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = answers(team, tmp_path)
    monkeypatch.setattr(comparisons, "comparer", lambda: "another")
    work.clear()
    assert answers(team, tmp_path)[0] == first
    assert work["compare"] == 4


def test_whoever_cannot_tell_what_compares_keeps_nothing(
    team: Team, tmp_path: Path, work: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "comparer", lambda: None)
    first, _ = answers(team, tmp_path)
    assert entries(tmp_path) == []
    assert answers(team, tmp_path)[0] == first
    assert work["compare"] == 2 * UNSHARED


@pytest.mark.parametrize("what", ["a line of code", "jiter", "jsonschema-rs", "Signet", "Python", "yaml"])
def test_the_comparer_is_another_when_anything_that_has_a_say_is(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    before = comparisons.comparer()
    assert before is not None
    comparisons.comparer.cache_clear()
    if what == "a line of code":
        sources = comparisons._sources()
        place = next(index for index, path in enumerate(sources) if path.name == "media.py")
        (tmp_path / "media.py").write_bytes(sources[place].read_bytes() + b"\n")
        sources[place] = tmp_path / "media.py"
        monkeypatch.setattr(comparisons, "_sources", lambda: sources)
    elif what in ("jiter", "jsonschema-rs"):
        from importlib.metadata import version

        monkeypatch.setattr("importlib.metadata.version", lambda name: "99" if name == what else version(name))
    elif what == "Signet":
        monkeypatch.setattr("signet.__version__", "99")
    elif what == "Python":
        monkeypatch.setattr(sys, "version", "3.99")
    else:
        monkeypatch.setattr(f"{what}.__version__", "99")
    assert comparisons.comparer() not in (None, before)


@pytest.mark.parametrize("what", ["code", "library"])
def test_there_is_no_comparer_where_it_cannot_be_told(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    if what == "code":
        monkeypatch.setattr("signet.__file__", str(tmp_path / "__init__.py"))
    else:
        from importlib.metadata import PackageNotFoundError

        def gone(name: str) -> str:
            raise PackageNotFoundError(name)

        monkeypatch.setattr("importlib.metadata.version", gone)
    assert comparisons.comparer() is None


LOADED = """
import json, sys
from signet.registry import comparisons, git, read
repository = git.open_repository(sys.argv[1], cache=None)
state = read.state_at(repository, git.head(repository))
for name in ("cart", "web"):
    contract = state.manifest(name, "1").contracts["catalog"]
    state.comparison(name, "catalog", contract, state.manifest("catalog", "1").spec)
files = {str(path) for path in comparisons._sources()}
loaded = {name: module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "signet"}
libraries = {
    name.partition(".")[0]
    for name, module in list(sys.modules.items())
    if "site-packages" in (getattr(module, "__file__", None) or "")
}
print(json.dumps([[name for name, file in loaded.items() if file not in files], sorted(libraries)]))
"""


def test_all_code_that_takes_part_in_a_comparison_is_part_of_the_comparer(team: Team) -> None:
    """All that is loaded to read and compare, but for what hands out bytes by git's ids."""
    done = subprocess.run([sys.executable, "-c", LOADED, team.location], capture_output=True, check=True, cwd=ROOT)
    modules, libraries = json.loads(done.stdout)
    assert {name for name in modules if not name.startswith("signet.registry.git")} == {"signet"}, "its version counts"
    counted = {"jiter", "pydantic", "pydantic_core", "yaml"}
    silent = {"pygit2", "cffi", "_cffi_backend", "_distutils_hack", "_yaml"}  # hand out bytes by ids; parts of others
    silent |= {
        "typing_extensions",
        "annotated_types",
        "typing_inspection",
        "platformdirs",
    }  # of pydantic; where files are
    assert set(libraries) - silent == counted, "whatever reads or compares has a say: put it into the comparer"


# --- many at once


def test_many_processes_share_it_and_say_the_same(team: Team, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "signet", "deploy-guard", "-n", "catalog", "-v", "1", "-e", "production", "--json"]
    variables = os.environ | {"SIGNET_CACHE": str(tmp_path), "SIGNET_REGISTRY": team.location, "PYTHONPATH": str(ROOT)}

    def asks(number: int) -> tuple[int, bytes, bytes]:
        if number % 4 == 3:
            shutil.rmtree(tmp_path / "comparisons", ignore_errors=True)
        done = subprocess.run(command, env=variables, capture_output=True, check=False, cwd=tmp_path.parent)
        return done.returncode, done.stdout, done.stderr

    with ThreadPoolExecutor(4) as pool:
        said = set(pool.map(asks, range(8)))
    assert len(said) == 1
    [(code, out, err)] = said
    assert (code, err) == (1, b"")
    assert json.loads(out)["verdict"] == "no"
    assert not list((tmp_path / "comparisons").rglob(".*"))


WRITER = """
import sys
from pathlib import Path
from signet.registry.kept import Kept
store = Kept(Path(sys.argv[1]))
for turn in range(150):
    for number in range(4):
        text = f"{number} " * 400
        found = store.value((str(number),))
        assert found in (None, text), found
        store.keep((str(number),), text)
        assert store.value((str(number),)) == text
"""


def test_a_reader_sees_all_of_an_entry_or_nothing_while_others_write_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "kept")]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(4)]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert (process.returncode, said) == (0, b"")
    assert kept.Kept(tmp_path / "kept").size()[0] == 4


def test_documents_are_read_as_ever(team: Team) -> None:
    """Places are looked up in the documents, so a comparison from the cache needs them no less."""
    for _ in range(2):
        state = team.state
        manifest = state.manifest("web", "1")
        assert manifest is not None
        contract = state.contract("web", "catalog", manifest.contracts["catalog"])
        spec = state.spec("catalog", (state.manifest("catalog", "1") or manifest).spec or "")
        found = state.comparison("web", "catalog", contract.digest, spec.digest)
        assert found.findings
        for finding in found.findings:
            text.resolve(contract.source, finding.contract_pointer)
            text.resolve(spec.source, finding.spec_pointer)
