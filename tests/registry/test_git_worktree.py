"""Publishing into a clone with a work tree: files and index come along, and a refusal changes no byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from signet.errors import RegistryUnreachable, UsageError
from signet.registry import faults, git
from signet.registry.git import worktree as worktrees
from signet.registry.git.worktree.by_git import ByGit
from signet.registry.git.worktree.by_library import ByLibrary
from tests.registry.people import add, everything, person, read


@pytest.fixture(autouse=True, params=[ByGit, ByLibrary])
def by_whom(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type:
    """Who changes files and index: the git program, or libgit2."""
    monkeypatch.setattr(worktrees, "files_of", lambda _repository: request.param())
    return request.param  # type: ignore[no-any-return]


def state(clone: Path) -> dict[str, str]:
    """All of a clone, byte for byte, but for objects that nothing refers to yet."""
    return {name: digest for name, digest in everything(clone).items() if not name.startswith(".git/objects/")}


class TestBroughtAlong:
    def test_files_and_index_follow_and_the_next_commit_undoes_nothing(self, worktree: Path) -> None:
        repository = git.open_repository(str(worktree))
        add(
            repository,
            {"services/cart/versions/2.json": b"2", "README.md": b"new\n", "services/catalog/service.yaml": None},
            "x",
        )

        assert person(worktree, "status", "--porcelain") == ""
        assert (worktree / "README.md").read_bytes() == b"new\n"
        assert (worktree / "services/cart/versions/2.json").read_bytes() == b"2"
        assert not (worktree / "services/catalog").exists()
        (worktree / "README.md").write_bytes(b"by hand\n")
        person(worktree, "commit", "-qam", "by hand")
        assert read(repository, "services/cart/versions/2.json") == b"2"
        assert git.changed_paths(repository, person(worktree, "rev-parse", "HEAD~1"), git.head(repository) or "") == (
            "README.md",
        )

    def test_other_untracked_files_stay_and_do_not_matter(self, worktree: Path) -> None:
        (worktree / "notes.txt").write_text("mine")
        (worktree / "services" / "cart" / "notes.txt").write_text("mine")
        add(git.open_repository(str(worktree)), {"services/cart/new": b"n"}, "x")

        assert (worktree / "notes.txt").read_text() == "mine"
        assert (worktree / "services" / "cart" / "notes.txt").read_text() == "mine"

    def test_a_file_that_was_only_touched_is_clean(self, worktree: Path) -> None:
        (worktree / "README.md").write_bytes((worktree / "README.md").read_bytes())
        (worktree / "README.md").touch()
        add(git.open_repository(str(worktree)), {"README.md": b"new\n"}, "x")

        assert (worktree / "README.md").read_bytes() == b"new\n"

    def test_a_file_becomes_a_directory_and_back(self, worktree: Path) -> None:
        repository = git.open_repository(str(worktree))
        add(repository, {"README.md": None}, "gone")
        add(repository, {"README.md/below": b"b"}, "directory")
        add(repository, {"README.md/below": None}, "gone")
        add(repository, {"README.md": b"file"}, "file")

        assert (worktree / "README.md").read_bytes() == b"file"
        assert person(worktree, "status", "--porcelain") == ""

    def test_what_was_published_is_in_the_reflog(self, worktree: Path) -> None:
        add(git.open_repository(str(worktree)), {"a": b"a"}, "x")

        assert "signet: publish" in person(worktree, "reflog", "-1", "main")


class TestRefusals:
    def refused(self, worktree: Path, files: dict[str, bytes | None], match: str, kind: type = UsageError) -> None:
        repository = git.open_repository(str(worktree))
        head = git.head(repository)
        new = git.commit(repository, head, files, "never")
        before = state(worktree)
        with pytest.raises(kind, match=match) as refused:
            git.publish(repository, head, new)
        assert refused.value.remedy
        assert state(worktree) == before

    def test_a_changed_file(self, worktree: Path) -> None:
        (worktree / "README.md").write_text("changed")
        self.refused(worktree, {"a": b"a"}, "not clean: README.md")

    def test_a_deleted_file(self, worktree: Path) -> None:
        (worktree / "README.md").unlink()
        self.refused(worktree, {"a": b"a"}, "not clean: README.md")

    def test_a_staged_change(self, worktree: Path) -> None:
        (worktree / "staged").write_text("s")
        person(worktree, "add", "staged")
        self.refused(worktree, {"a": b"a"}, "not clean: staged")

    @pytest.mark.parametrize("ignored", [False, True])
    def test_an_untracked_file_in_the_way(self, worktree: Path, ignored: bool) -> None:
        (worktree / "a").write_text("mine")
        if ignored:
            (worktree / ".git" / "info").mkdir(exist_ok=True)
            (worktree / ".git" / "info" / "exclude").write_text("a\n")
        self.refused(worktree, {"a": b"a"}, "untracked a ")

    def test_an_untracked_directory_in_the_way(self, worktree: Path) -> None:
        (worktree / "a").mkdir()
        (worktree / "a" / "mine").write_text("mine")
        self.refused(worktree, {"a": b"a"}, "untracked a ")

    def test_an_untracked_file_where_a_directory_must_be(self, worktree: Path) -> None:
        (worktree / "a").write_text("mine")
        self.refused(worktree, {"a/b/c": b"c"}, "untracked a ")

    def test_a_link_on_the_way_is_not_followed(self, worktree: Path, tmp_path: Path) -> None:
        (tmp_path / "outside").mkdir()
        (worktree / "services" / "item").symlink_to(tmp_path / "outside")
        self.refused(worktree, {"services/item/service.yaml": b"x"}, "untracked services/item ")
        assert list((tmp_path / "outside").iterdir()) == []

    def test_a_merge_under_way(self, worktree: Path) -> None:
        (worktree / ".git" / "MERGE_HEAD").write_text(person(worktree, "rev-parse", "HEAD") + "\n")
        self.refused(worktree, {"a": b"a"}, "merge, rebase or bisect")

    def test_another_branch_than_at_the_start(self, worktree: Path) -> None:
        repository = git.open_repository(str(worktree))
        new = git.commit(repository, git.head(repository), {"a": b"a"}, "x")
        person(worktree, "switch", "-qc", "other")
        with pytest.raises(UsageError, match="another one than before"):
            git.publish(repository, git.head(repository), new)
        assert not (worktree / "a").exists()

    def test_gits_own_index_lock(self, worktree: Path) -> None:
        (worktree / ".git" / "index.lock").touch()
        self.refused(worktree, {"a": b"a"}, r"is locked: .*index\.lock", RegistryUnreachable)


class TestRaces:
    def test_a_branch_that_moved_before_is_moved_and_nothing_is_touched(self, worktree: Path) -> None:
        repository = git.open_repository(str(worktree))
        old = git.head(repository)
        late = git.commit(repository, old, {"late": b"late"}, "late")
        add(repository, {"first": b"first"}, "first")
        before = state(worktree)

        assert git.publish(repository, old, late) == git.Push("moved")
        assert state(worktree) == before

    @pytest.mark.parametrize("by", ["push", "commit"])
    def test_a_branch_that_moves_in_the_middle_is_moved_and_the_tree_follows(
        self, worktree: Path, monkeypatch: pytest.MonkeyPatch, by: str
    ) -> None:
        repository = git.open_repository(str(worktree))
        old = git.head(repository)
        other = git.commit(repository, old, {"other": b"other"}, "pushed into the clone")
        mine = git.commit(repository, old, {"mine": b"mine"}, "mine")

        def and_then_it_moves(point: str) -> None:
            if point == "brought":
                if by == "push":
                    person(worktree, "update-ref", "refs/heads/main", other)
                else:
                    (worktree / "README.md").write_text("by hand")
                    person(worktree, "commit", "-qam", "by hand")

        monkeypatch.setattr(faults, "on_reached", and_then_it_moves)
        push = git.publish(repository, old, mine)

        monkeypatch.setattr(faults, "on_reached", None)

        assert push == git.Push("moved")
        assert person(worktree, "status", "--porcelain") == ""
        assert read(repository, "other") == (b"other" if by == "push" else None)
        assert (worktree / "mine").exists() is (by == "commit"), "a commit by hand has published what was staged"
        add(repository, {"mine": b"decided again"}, "mine")
        assert (worktree / "mine").read_bytes() == b"decided again"

    @pytest.mark.parametrize("point", ["noted", "brought"])
    def test_interrupted_before_the_branch_moves_everything_is_as_before(
        self, worktree: Path, monkeypatch: pytest.MonkeyPatch, point: str
    ) -> None:
        repository = git.open_repository(str(worktree))
        old = git.head(repository)
        mine = git.commit(repository, old, {"mine": b"mine", "README.md": b"new\n", "services/cart": None}, "mine")

        def dies(reached: str) -> None:
            if reached == point:
                raise KeyboardInterrupt

        monkeypatch.setattr(faults, "on_reached", dies)
        with pytest.raises(KeyboardInterrupt):
            git.publish(repository, old, mine)
        monkeypatch.undo()

        assert git.head(repository) == old
        assert person(worktree, "status", "--porcelain") == ""
        assert not (worktree / ".git" / "signet-publishing").exists()
        assert git.publish(repository, old, mine) == git.Push("accepted")
