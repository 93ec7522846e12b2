"""Reading, committing and history, in each of the three kinds of repository."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from signet.errors import InvalidData, RegistryUnreachable, ShallowClone, UsageError
from signet.registry import git
from tests.registry.people import add, everything, person, read, seeded


@pytest.fixture(params=["bare", "worktree", "remote"])
def repository(request: pytest.FixtureRequest) -> git.Repository:
    location = str(request.getfixturevalue(request.param))
    opened = git.open_repository(location)
    assert (opened.kind, opened.branch, opened.location) == (request.param, "main", location)
    return opened


class TestReading:
    def test_entries_and_blobs_are_what_was_committed(self, repository: git.Repository) -> None:
        head = git.head(repository)
        assert head is not None

        assert [one.name for one in git.entries(repository, head, "")] == ["README.md", "services"]
        services = git.entry(repository, head, "services")
        assert services is not None and services.is_tree and not services.is_file
        manifest = git.entry(repository, head, "services/cart/versions/1.json")
        assert manifest is not None and manifest.is_file and manifest.mode == 0o100644
        assert git.blob(repository, manifest.id, 3) == b"{}\n"

    def test_what_is_not_there_is_none_and_never_an_error(self, repository: git.Repository) -> None:
        head = git.head(repository) or ""

        assert git.entry(repository, head, "services/nobody") is None
        assert git.entry(repository, head, "README.md/below") is None
        assert git.entries(repository, head, "README.md") == ()
        assert git.entries(repository, head, "nowhere") == ()

    def test_content_over_the_limit_is_refused_before_it_is_read(self, repository: git.Repository) -> None:
        big = add(repository, {"big": b"x" * 101}, "big")
        found = git.entry(repository, big, "big")
        assert found is not None

        with pytest.raises(InvalidData, match="101 bytes; 100 are allowed"):
            git.blob(repository, found.id, 100)
        assert repository.reads["blob"] == 0
        assert len(git.blob(repository, found.id, 101)) == 101

    def test_links_and_executables_are_shown_and_not_followed(self, bare: Path, tmp_path: Path) -> None:
        person(tmp_path, "clone", "-q", str(bare), "hand")
        (tmp_path / "hand" / "link").symlink_to("/etc")
        (tmp_path / "hand" / "run").write_text("#!/bin/sh\n")
        (tmp_path / "hand" / "run").chmod(0o755)
        person(tmp_path / "hand", "add", ".")
        person(tmp_path / "hand", "commit", "-qm", "odd")
        person(tmp_path / "hand", "push", "-q")
        repository = git.open_repository(str(bare))
        head = git.head(repository) or ""

        modes = {one.name: (one.mode, one.is_file) for one in git.entries(repository, head, "")}
        assert modes["link"] == (0o120000, False)
        assert modes["run"] == (0o100755, False)
        assert git.entries(repository, head, "link") == ()
        assert git.entry(repository, head, "link/passwd") is None

    def test_a_tree_with_a_name_twice_is_refused(self, bare: Path) -> None:
        one = person(bare, "hash-object", "-w", "--stdin", stdin="one")
        two = person(bare, "hash-object", "-w", "--stdin", stdin="two")
        raw = b"".join(b"100644 a.json\0" + bytes.fromhex(blob) for blob in (one, two))
        (bare / "raw").write_bytes(raw)
        tree = person(bare, "hash-object", "-t", "tree", "-w", "--literally", "raw")
        commit = person(bare, "commit-tree", tree, "-m", "two truths")
        repository = git.open_repository(str(bare))

        with pytest.raises(InvalidData, match="holds a name twice"):
            git.entry(repository, commit, "a.json")

    def test_a_missing_object_is_one_clear_error(self, repository: git.Repository) -> None:
        with pytest.raises(RegistryUnreachable, match=f"{'0' * 39}1 .* cannot be read"):
            git.entry(repository, "0" * 39 + "1", "x")


class TestCommitting:
    def test_only_what_was_named_changes(self, repository: git.Repository) -> None:
        before = git.head(repository)
        after = add(repository, {"services/cart/versions/2.json": b"2\n", "README.md": None}, "publish: cart 2")

        assert git.head(repository) == after
        assert git.changed_paths(repository, before, after) == ("README.md", "services/cart/versions/2.json")
        assert read(repository, "services/cart/versions/2.json") == b"2\n"
        assert read(repository, "services/catalog/service.yaml") == b"owners: [catalog]\n"

    def test_a_directory_without_files_vanishes(self, repository: git.Repository) -> None:
        after = add(repository, {"services/catalog/service.yaml": None, "nowhere/at/all": None}, "gone")

        assert git.entry(repository, after, "services/catalog") is None
        assert git.entry(repository, after, "nowhere") is None

    def test_the_last_file_can_go(self, tmp_path: Path) -> None:
        repository = seeded(tmp_path / "r.git", {"a/b/c": b"c"})
        after = add(repository, {"a/b/c": None}, "empty")

        assert git.entries(repository, after, "") == ()

    @pytest.mark.parametrize("path", ["", "/a", "a//b", "a/../b", ".", ".git/config", "a/.GIT/x", "a/"])
    def test_a_path_that_is_none_is_refused(self, bare: Path, path: str) -> None:
        repository = git.open_repository(str(bare))

        with pytest.raises(UsageError, match="is not a path inside a registry"):
            git.commit(repository, git.head(repository), {path: b""}, "x")

    def test_who_and_when_come_from_the_environment(self, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        repository = git.open_repository(str(bare))
        assert [(one.author, one.email) for one in git.log(repository, git.head(repository) or "")] == [
            ("signet", "signet@localhost")
        ]

        monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace <x>\n")
        monkeypatch.setenv("GIT_AUTHOR_EMAIL", "grace@example.org")
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
        first = git.read_commit(repository, add(repository, {"a": b"a"}, "first"))
        assert (first.author, first.email, first.time, first.offset) == ("Grace x", "grace@example.org", 1700000000, 0)

        when = datetime(2026, 3, 3, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
        made = git.commit(repository, git.head(repository), {}, "later", when=when)
        assert (git.read_commit(repository, made).time, git.read_commit(repository, made).offset) == (
            int(when.timestamp()),
            -210,
        )

    def test_the_users_configuration_names_the_author(self, bare: Path, home: Path) -> None:
        (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        try:
            repository = git.open_repository(str(bare))
            made = git.read_commit(repository, git.commit(repository, None, {"a": b""}, "x"))
        finally:
            (home / ".gitconfig").unlink()

        assert (made.author, made.email) == ("Ada", "ada@example.org")

    def test_the_same_facts_at_the_same_time_are_the_same_commit(self, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        head, when = git.head(repository), datetime(2026, 1, 1, tzinfo=UTC)

        ids = {git.commit(repository, head, {"b": b"2", "a": b"1"}, "x", when=when) for _ in range(2)}
        ids.add(git.commit(repository, head, {"a": b"1", "b": b"2"}, "x", when=when))
        assert len(ids) == 1


class TestPublishing:
    def test_a_branch_that_moved_is_moved_and_nothing_else(self, repository: git.Repository) -> None:
        old = git.head(repository)
        late = git.commit(repository, old, {"late": b"late"}, "late")
        first = add(repository, {"first": b"first"}, "first")

        assert git.publish(repository, old, late) == git.Push("moved")
        git.refresh(repository)
        assert git.head(repository) == first
        assert read(repository, "late") is None

    def test_publishing_the_same_commit_again_is_accepted(self, repository: git.Repository) -> None:
        old = git.head(repository)
        new = add(repository, {"a": b"a"}, "a")
        add(repository, {"b": b"b"}, "b")

        assert git.publish(repository, old, new).status == "accepted"

    def test_the_first_commit_needs_an_empty_repository(self, repository: git.Repository) -> None:
        root = git.commit(repository, None, {"other": b"other"}, "another beginning")

        assert git.publish(repository, None, root) == git.Push("moved")

    @pytest.mark.parametrize("bare", [True, False])
    def test_an_empty_repository_gets_its_first_commit(self, tmp_path: Path, bare: bool) -> None:
        git.create(tmp_path / "new", bare=bare, branch="trunk")
        repository = git.open_repository(str(tmp_path / "new"))
        assert (repository.branch, git.head(repository)) == ("trunk", None)

        add(repository, {"a/b": b"1"}, "first")
        assert person(tmp_path / "new", "cat-file", "blob", "trunk:a/b") == "1"

    def test_a_held_lock_is_a_race_and_not_a_failure(self, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        head = git.head(repository)
        new = git.commit(repository, head, {"a": b"a"}, "a")
        lock = bare / "refs" / "heads" / "main.lock"
        lock.touch()

        assert git.publish(repository, head, new) == git.Push("moved")
        lock.unlink()
        assert git.publish(repository, head, new) == git.Push("accepted")

    def test_packed_references_are_compared_too(self, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        old = git.head(repository)
        late = git.commit(repository, old, {"late": b""}, "late")
        new = add(repository, {"a": b"a"}, "a")
        person(bare, "pack-refs", "--all", "--prune")

        assert git.publish(repository, old, late) == git.Push("moved")
        assert git.head(repository) == new
        add(repository, {"b": b"b"}, "b")


class TestHistory:
    def test_the_log_goes_along_first_parents_and_keeps_to_a_path(self, repository: git.Repository) -> None:
        first = git.head(repository) or ""
        second = add(
            repository, {"services/cart/versions/2.json": b"2"}, "second\n\nWhy.\n\nSignet-Op: 7\nKey: a\n b\n"
        )
        third = add(repository, {"services/catalog/service.yaml": b"3"}, "third")
        fourth = add(repository, {"services/cart/versions/2.json": None}, "fourth")

        assert [one.commit for one in git.log(repository, fourth)] == [fourth, third, second, first]
        path = "services/cart/versions/2.json"
        assert [one.commit for one in git.log(repository, fourth, path=path)] == [fourth, second]
        assert [one.subject for one in git.log(repository, fourth, path="services/catalog")] == ["third", "first"]
        assert list(git.log(repository, fourth, path="nowhere")) == []
        entry = git.read_commit(repository, second)
        assert (entry.subject, entry.parents) == ("second", (first,))
        assert entry.trailers == {"Signet-Op": "7", "Key": "a b"}

    def test_a_revision_is_a_commit_a_branch_or_a_time(self, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        made = []
        for day in (1, 2, 3):
            head = git.head(repository)
            made.append(
                git.commit(repository, head, {"day": b"%d" % day}, "x", when=datetime(2099, 3, day, 12, tzinfo=UTC))
            )
            git.publish(repository, head, made[-1])

        assert git.resolve(repository, "HEAD") == git.resolve(repository, "main") == made[2]
        assert git.resolve(repository, "HEAD~0") == made[2]
        assert git.resolve(repository, "HEAD~2") == made[0]
        assert git.resolve(repository, made[0][:10]) == git.resolve(repository, made[0].upper()) == made[0]
        assert git.resolve(repository, "2099-03-02") == made[1]
        assert git.resolve(repository, "2099-03-02T11:59:59Z") == made[0]
        assert git.resolve(repository, "2099-03-02T13:00+01:00") == made[1]
        assert git.resolve(repository, "2200-01-01") == made[2]

    @pytest.mark.parametrize(
        "revision", ["", "--output=x", "-x", "main~1", "HEAD~9", "HEAD~-1", "../x", "2026-13-01", "deadbeef", "0" * 40]
    )
    def test_what_is_no_revision_is_a_usage_error(self, bare: Path, revision: str) -> None:
        with pytest.raises(UsageError):
            git.resolve(git.open_repository(str(bare)), revision)

    def test_a_time_before_the_first_commit_is_a_usage_error(self, bare: Path) -> None:
        with pytest.raises(UsageError, match="no commit as old"):
            git.resolve(git.open_repository(str(bare)), "1980-01-01")

    def test_dates_that_do_not_fit_never_reorder_history(self, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        made = []
        for year in (2030, 2031, 2999, 2032, 1971, 2033, 1975):
            head = git.head(repository)
            made.append(git.commit(repository, head, {"y": b"%d" % year}, "x", when=datetime(year, 6, 1, tzinfo=UTC)))
            git.publish(repository, head, made[-1])

        assert [one.commit for one in git.log(repository, made[-1])][:7] == made[::-1]
        assert git.resolve(repository, "2031-12-31") == made[2]  # dated 2999: as old as the one before it
        assert git.resolve(repository, "2032-12-31") == made[4]
        assert git.resolve(repository, "2034-01-01") == made[6]

    @pytest.mark.parametrize(
        "date", ["99999999999999999999 +0000", "253402300800 +0000", "-1 +0000", "soon", "1 +9999999", ""]
    )
    def test_an_impossible_date_is_listed_and_never_a_crash(self, bare: Path, date: str) -> None:
        head = person(bare, "rev-parse", "main")
        tree = person(bare, "rev-parse", "main^{tree}")
        text = f"tree {tree}\nparent {head}\nauthor A <a@b> {date}\ncommitter C <c@d> {date}\n\nodd\n"
        odd = person(bare, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text)
        person(bare, "update-ref", "refs/heads/main", odd)
        repository = git.open_repository(str(bare))

        assert [one.subject for one in git.log(repository, git.head(repository) or "")] == ["odd", "first"]
        assert git.read_commit(repository, odd).author == "A"
        assert git.resolve(repository, "2999-01-01") in (odd, head)

    def test_a_mail_map_and_replacements_change_nothing(self, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        real = add(repository, {".mailmap": b"Root <root@x> <signet@localhost>\n"}, "real")
        other = git.commit(repository, None, {"other": b"x"}, "replacement")
        person(bare, "replace", real, other)
        assert "replacement" in person(bare, "log", "-1", "--format=%s", "main")

        again = git.open_repository(str(bare))
        shown = next(git.log(again, git.head(again) or ""))
        assert (shown.subject, shown.author, shown.email) == ("real", "signet", "signet@localhost")

    def test_a_users_shallow_clone_answers_now_and_refuses_history(self, bare: Path, tmp_path: Path) -> None:
        first = git.head(git.open_repository(str(bare))) or ""
        add(git.open_repository(str(bare)), {"a": b"a"}, "second")
        person(tmp_path, "clone", "-q", "--depth=1", bare.as_uri(), "shallow")
        shallow = git.open_repository(str(tmp_path / "shallow"))
        head = git.head(shallow) or ""

        assert read(shallow, "a") == b"a"
        for question in (lambda: list(git.log(shallow, head)), lambda: git.resolve(shallow, first)):
            with pytest.raises(ShallowClone) as refused:
                question()
            assert refused.value.code == "shallow-clone"
            assert "fetch --unshallow" in refused.value.remedy


class TestOpening:
    def test_a_directory_without_a_repository_says_what_helps(self, tmp_path: Path) -> None:
        for where in (tmp_path, tmp_path / "nowhere"):
            with pytest.raises(UsageError, match="no Git repository") as refused:
                git.open_repository(str(where))
            assert "signet init" in refused.value.remedy

    def test_a_directory_inside_a_clone_is_not_the_registry(self, worktree: Path) -> None:
        with pytest.raises(UsageError, match="no Git repository"):
            git.open_repository(str(worktree / "services"))

    def test_another_branch_of_a_bare_repository(self, bare: Path) -> None:
        person(bare, "branch", "staging", "main")
        staging = git.open_repository(str(bare), branch="staging")
        new = add(staging, {"s": b"s"}, "staging only")

        assert person(bare, "rev-parse", "staging") == new != person(bare, "rev-parse", "main")

    def test_a_clone_on_another_branch_is_refused(self, worktree: Path) -> None:
        with pytest.raises(UsageError, match="is on 'main', not on 'staging'"):
            git.open_repository(str(worktree), branch="staging")

    def test_a_bare_repository_whose_head_names_no_branch_is_read_from_main(self, bare: Path) -> None:
        person(bare, "symbolic-ref", "HEAD", "refs/heads/master")

        assert git.open_repository(str(bare)).branch == "main"

    def test_a_linked_work_tree_is_a_work_tree(self, worktree: Path, tmp_path: Path) -> None:
        person(worktree, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
        side = git.open_repository(str(tmp_path / "side"))
        new = add(side, {"s": b"s"}, "side")

        assert (side.kind, side.branch) == ("worktree", "side")
        assert person(worktree, "rev-parse", "side") == new
        assert (tmp_path / "side" / "s").read_bytes() == b"s"
        assert person(tmp_path / "side", "status", "--porcelain") == ""

    def test_a_detached_head_can_be_read_and_not_written(self, worktree: Path) -> None:
        person(worktree, "checkout", "-q", "--detach")
        before = everything(worktree)
        repository = git.open_repository(str(worktree))
        head = git.head(repository)
        assert read(repository, "README.md") == b"ours\n"

        new = git.commit(repository, head, {"a": b"a"}, "a")
        with pytest.raises(UsageError, match="no branch checked out"):
            git.publish(repository, head, new)
        assert {name: is_ for name, is_ in everything(worktree).items() if "objects" not in name} == {
            name: is_ for name, is_ in before.items() if "objects" not in name
        }

    def test_a_registry_that_git_would_not_trust_is_still_read(
        self, bare: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

        assert read(git.open_repository(str(bare)), "README.md") == b"ours\n"


class TestSource:
    def test_a_service_knows_where_it_comes_from(self, tmp_path: Path) -> None:
        service = tmp_path / "service"
        seeded(service, {"src/app.py": b"x"}, bare=False)
        person(service, "remote", "add", "origin", "https://me:secret@example.org/shop/cart.git?x=secret")
        head = person(service, "rev-parse", "HEAD")

        known = ("https://example.org/shop/cart.git", head, "main")
        assert git.describe_source(service / "src") == known
        assert git.describe_source(service / "src" / "app.py") == known
        person(service, "checkout", "-q", "--detach")
        assert git.describe_source(service) == (known[0], head, "")

    @pytest.mark.parametrize(
        ("url", "shown"),
        [("git@example.org:shop/cart.git", "git@example.org:shop/cart.git"), ("ssh://git:pw@h/x", "ssh://git@h/x")],
    )
    def test_an_ssh_remote_keeps_its_user(self, tmp_path: Path, url: str, shown: str) -> None:
        git.create(tmp_path / "s", bare=False)
        person(tmp_path / "s", "remote", "add", "up", url)

        assert git.describe_source(tmp_path / "s") == (shown, "", "main")

    def test_a_directory_without_git_is_unknown(self, tmp_path: Path) -> None:
        assert git.describe_source(tmp_path) == git.describe_source(tmp_path / "no") == ("", "", "")

    def test_the_hook_that_calls_us_is_not_asked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_DIR", str(seeded(tmp_path / "other.git", {"a": b""}).git_dir))

        assert git.describe_source(tmp_path) == ("", "", "")


def test_the_version_of_git_is_known() -> None:
    assert git.version() >= (2, 38)


def test_without_the_git_program_a_path_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.version() == ()
    with pytest.raises(UsageError, match="git program was not found"):
        git.open_repository("https://example.org/r.git", transport="git")
    assert read(git.open_repository(str(bare)), "README.md") == b"ours\n", os.environ["PATH"]
