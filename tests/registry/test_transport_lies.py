"""A server that lies: what it sends is refused by both transports, and the mirror stays as it was."""

from __future__ import annotations

import time
import zlib
from pathlib import Path

import pytest

from signet.errors import InvalidData, RegistryUnreachable, SignetError
from signet.registry import git
from signet.registry.git.transport import arriving, limits
from tests.registry.liar import PERSON, commit_of, header, line, lying, object_id, pack_of, tree_of
from tests.registry.people import everything, person, read

BLOB = b"x\n"
X = object_id("blob", BLOB)
EMPTY = object_id("tree", b"")

UNSOUND_TREES = {
    "..": tree_of((b"100644", b"..", X)),
    ".": tree_of((b"100644", b".", X)),
    ".git": tree_of((b"100644", b".git", X)),
    ".GIT": tree_of((b"100644", b".GIT", X)),
    ".git dot": tree_of((b"100644", b".git. .", X)),
    ".git stream": tree_of((b"100644", b".git::$INDEX_ALLOCATION", X)),
    ".git short": tree_of((b"100644", b"git~1", X)),
    ".git below": tree_of((b"100644", b"a\\.git", X)),
    ".git invisible": tree_of((b"100644", b".g\xe2\x80\x8cit", X)),
    "no name": tree_of((b"100644", b"", X)),
    "slash": tree_of((b"100644", b"a/b", X)),
    "twice": tree_of((b"100644", b"a", X), (b"100644", b"a", X)),
    "twice, file and directory": tree_of((b"100644", b"a", X), (b"100644", b"a.b", X), (b"40000", b"a", EMPTY)),
    "unsorted": tree_of((b"100644", b"b", X), (b"100644", b"a", X)),
    "padded mode": tree_of((b"040000", b"a", EMPTY)),
    "no object": tree_of((b"100644", b"a", "0" * 40)),
    "cut off": tree_of((b"100644", b"a", X))[:-3],
}
UNSOUND_COMMITS = {
    "no author": b"tree " + EMPTY.encode() + b"\ncommitter " + PERSON + b"\n\nx\n",
    "author without address": commit_of(EMPTY, author=b"Ada 1700000000 +0000"),
    "author with two dates": commit_of(EMPTY, author=b"Ada <a> 01700000000 +0000"),
    "author without name": commit_of(EMPTY, author=b"<ada@example.org> 1 +0000"),
    "zone": commit_of(EMPTY, author=b"Ada <a> 1700000000 0"),
    "tree is no id": commit_of("z" * 40),
}


@pytest.mark.parametrize("what", UNSOUND_TREES)
def test_an_unsound_tree_is_refused(what: str, transport: str, tmp_path: Path) -> None:
    tree = UNSOUND_TREES[what]
    commit = commit_of(object_id("tree", tree))
    pack = pack_of(("blob", BLOB), ("tree", b""), ("tree", tree), ("commit", commit))
    assert_refused(pack, object_id("commit", commit), tmp_path)


@pytest.mark.parametrize("what", UNSOUND_COMMITS)
def test_an_unsound_commit_is_refused(what: str, transport: str, tmp_path: Path) -> None:
    commit = UNSOUND_COMMITS[what]
    assert_refused(pack_of(("tree", b""), ("commit", commit)), object_id("commit", commit), tmp_path)


def test_what_git_lets_pass_passes(transport: str, tmp_path: Path) -> None:
    """The same server with a sound pack: links, programs, modules, odd names, and a file beside a directory."""
    below = tree_of((b"100644", b"y", X))
    tree = tree_of(
        (b"100664", b".gitx", X),
        (b"120000", b"a", X),
        (b"40000", b"a.b", object_id("tree", below)),
        (b"100755", b"a0", X),
        (b"160000", b"m", "1" * 40),
        (b"100644", b"\xff", X),
    )
    commit = commit_of(object_id("tree", tree), author=b" <> 0 -0000")
    pack = pack_of(("blob", BLOB), ("tree", below), ("tree", tree), ("commit", commit))
    with lying(object_id("commit", commit), pack) as url:
        repository = git.open_repository(url)
    assert read(repository, "a.b/y") == BLOB
    assert next(entry.name for entry in git.entries(repository, git.head(repository) or "", "")) == ".gitx"


GOOD_TREE = tree_of((b"100644", b"a", X))
GOOD = commit_of(object_id("tree", GOOD_TREE))
TIP = object_id("commit", GOOD)
WHOLE = (("blob", BLOB), ("tree", GOOD_TREE), ("commit", GOOD))
PACK = pack_of(*WHOLE)
_DELTA = header(7, 7) + bytes.fromhex("12" * 20) + zlib.compress(b"\2\2\x90\2\0\0\0")
PACKS = {
    "a file is missing": pack_of(*WHOLE[1:]),
    "the tree is missing": pack_of(WHOLE[0], WHOLE[2]),
    "the commit is missing": pack_of(*WHOLE[:2]),
    "nothing": pack_of(),
    "a parent is missing": pack_of(*WHOLE[:2], ("commit", commit_of(object_id("tree", GOOD_TREE), "1" * 40))),
    "a tree is a file": pack_of(("blob", GOOD_TREE), WHOLE[0], WHOLE[2]),
    "a base from elsewhere": pack_of(*WHOLE, raw=(_DELTA,)),
    "more than it says": pack_of(*WHOLE, raw=(header(3, 1) + zlib.compress(b"y"),), count=3),
    "less than it says": pack_of(*WHOLE, count=4),
    "another checksum": PACK[:-1] + bytes([PACK[-1] ^ 1]),
    "a flipped bit": PACK[:40] + bytes([PACK[40] ^ 4]) + PACK[41:],
    "another size": pack_of(*WHOLE[1:], raw=(header(3, 3) + zlib.compress(BLOB),)),
    "no pack": b"JUNK" * 20,
    "empty": b"",
}


@pytest.mark.parametrize("what", PACKS)
def test_a_pack_that_does_not_fit_is_refused(what: str, transport: str, tmp_path: Path) -> None:
    tip = (
        TIP if what != "a parent is missing" else object_id("commit", commit_of(object_id("tree", GOOD_TREE), "1" * 40))
    )
    assert_refused(PACKS[what], tip, tmp_path, SignetError)


def assert_refused(pack: bytes, tip: str, tmp_path: Path, error: type[SignetError] = InvalidData) -> None:
    """Neither a new mirror is made of it, nor one that is there takes anything over."""
    with lying(tip, pack) as url, pytest.raises(error) as refused:
        git.open_repository(url, cache=tmp_path / "new")
    assert isinstance(refused.value, InvalidData | RegistryUnreachable)
    assert "\n" not in str(refused.value)
    assert [one for one in (tmp_path / "new" / "git").iterdir() if one.is_dir()] == []


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize("transport", ["dulwich"], indirect=True)
class TestDulwich:
    """What only the transport by dulwich has to mind itself."""

    def test_an_unsound_commit_on_a_known_registry_changes_nothing(
        self, remote: str, bare: Path, tmp_path: Path
    ) -> None:
        repository = git.open_repository(remote)
        before, head = everything(repository.git_dir), git.head(repository)
        blob = person(bare, "hash-object", "-w", "--stdin", stdin="x")
        tree = person(bare, "mktree", stdin=f"100644 blob {blob}\t..\n")
        bad = person(bare, "commit-tree", tree, "-p", "main", "-m", "dots")
        person(bare, "update-ref", "refs/heads/main", bad)

        for _ in range(2):
            with pytest.raises(InvalidData, match="hasDotdot") as refused:
                git.refresh(repository)
            assert "nothing of it was taken over" in refused.value.remedy
        assert everything(repository.git_dir) == before
        assert git.head(repository) == head

    def test_a_large_object_is_refused_before_it_is_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(arriving, "LARGEST_OBJECT", 1000)
        huge = pack_of(*WHOLE, ("blob", bytes(1001)))
        with lying(TIP, huge) as url, pytest.raises(InvalidData, match="an object of"):
            git.open_repository(url)

    def test_a_delta_that_grows_is_refused_before_it_is_applied(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(arriving, "LARGEST_OBJECT", 1000)
        delta = b"\2" + b"\xe9\7" + (b"\x90\2" * 500 + b"\x90\1")
        grown = header(7, len(delta)) + bytes.fromhex(X) + zlib.compress(delta)
        with lying(TIP, pack_of(*WHOLE, raw=(grown,))) as url, pytest.raises(InvalidData, match="an object of"):
            git.open_repository(url)

    def test_a_delta_within_the_pack_is_applied(self) -> None:
        second = BLOB * 3
        delta = b"\2\6" + b"\x90\2" * 3
        grown = header(7, len(delta)) + bytes.fromhex(X) + zlib.compress(delta)
        tree = tree_of((b"100644", b"a", object_id("blob", second)))
        commit = commit_of(object_id("tree", tree))
        pack = pack_of(("blob", BLOB), ("tree", tree), ("commit", commit), raw=(grown,))
        with lying(object_id("commit", commit), pack) as url:
            assert read(git.open_repository(url), "a") == second

    def test_history_that_ends_all_at_once_is_refused(self, tmp_path: Path) -> None:
        """A server may not hide the past by calling a commit the first one."""
        with lying(TIP, PACK) as url:
            repository = git.open_repository(url)
        second = commit_of(object_id("tree", GOOD_TREE), "2" * 40)
        tip = object_id("commit", second)
        with lying(tip, pack_of(("commit", second)), shallow=(tip,)) as other:
            _goes_to(repository, other)
            with pytest.raises(InvalidData, match="ends early"):
                git.refresh(repository)
        assert git.head(repository) == TIP
        assert not (repository.git_dir / "shallow").exists()

    @pytest.mark.parametrize("endless", [line(b"\2" + b"." * 1000), line(b"\1" + b"." * 1000)])
    def test_a_stream_without_end_is_broken_off(self, endless: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("signet.registry.git.mirror._FIRST", 1)
        began = time.monotonic()
        with lying(TIP, PACK, endless=endless) as url, pytest.raises(RegistryUnreachable, match="no answer in time"):
            git.open_repository(url, timeout=1.0)
        assert time.monotonic() - began < 15

    def test_more_than_the_most_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("signet.registry.git.transport.web.MOST_PACKED", 2_000_000)
        endless = line(b"\1" + b"." * 60_000)
        with lying(TIP, PACK, endless=endless) as url, pytest.raises(RegistryUnreachable, match="more than 1 MB"):
            git.open_repository(url, timeout=20.0)
        assert limits.MOST_PACKED > 2_000_000

    def test_what_a_killed_process_left_is_removed(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        left = repository.git_dir / "objects" / "pack" / "tmp_pack_left"
        left.write_bytes(b"PACK")
        person(bare, "commit-tree", "main^{tree}", "-m", "x")
        git.refresh(repository)
        assert not left.exists()


def _goes_to(repository: git.Repository, url: str) -> None:
    repository.url = url
