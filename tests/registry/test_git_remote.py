"""A remote over smart HTTP: the mirror, partial clones, what the server refuses, and what goes wrong on the way."""

from __future__ import annotations

import os
import shutil
import stat
import time
from pathlib import Path

import pytest

from signet.errors import InvalidData, RegistryUnreachable, ShallowClone, TrustError, UsageError
from signet.registry import git
from signet.registry.serve import served
from tests.registry.people import add, everything, person, read

pytestmark = pytest.mark.usefixtures("transport")


def mirror_of(tmp_path: Path) -> Path:
    found = list((tmp_path / "cache" / "git").glob("*.git"))
    assert len(found) == 1
    return found[0]


def hook(repository: Path, name: str, script: str) -> None:
    (repository / "hooks").mkdir(exist_ok=True)
    (repository / "hooks" / name).write_text(f"#!/bin/sh\n{script}\n")
    (repository / "hooks" / name).chmod(0o755)


def attempt(repository: git.Repository, path: str = "a") -> tuple[git.Push, str | None, str]:
    """Try to publish one file: the outcome, the head before, and the new commit."""
    head = git.head(repository)
    new = git.commit(repository, head, {path: b"a"}, path)
    return git.publish(repository, head, new), head, new


class TestMirror:
    def test_opening_again_asks_no_network_and_refreshing_does(self, remote: str, bare: Path) -> None:
        assert git.open_repository(remote).reads["fetch"] == 1
        new = add(git.open_repository(str(bare)), {"a": b"a"}, "a")

        again = git.open_repository(remote)
        assert git.head(again) != new
        assert again.reads["fetch"] == 0
        git.refresh(again)
        assert git.head(again) == new
        assert again.reads["fetch"] == 1

    def test_only_the_branch_is_fetched(self, bare: Path, remote: str, tmp_path: Path) -> None:
        person(bare, "tag", "v1", "main")
        person(bare, "branch", "other", "main")
        person(bare, "update-ref", "refs/replace/" + person(bare, "rev-parse", "main"), "main")
        git.refresh(git.open_repository(remote))

        refs = person(mirror_of(tmp_path), "for-each-ref", "--format=%(refname)")
        assert refs == "refs/heads/main"

    def test_the_mirror_is_private_and_offline_it_answers(self, bare: Path, tmp_path: Path) -> None:
        with served(bare) as url:
            git.open_repository(url)
        mode = stat.S_IMODE(mirror_of(tmp_path).stat().st_mode)
        parent = stat.S_IMODE(mirror_of(tmp_path).parent.stat().st_mode)
        assert (mode, parent) == (0o700, 0o700)

        offline = git.open_repository(url, offline=True)
        git.refresh(offline)
        assert read(offline, "README.md") == b"ours\n"
        assert git.fetched_at(offline) == pytest.approx(time.time(), abs=60)
        assert offline.reads["fetch"] == 0
        with pytest.raises(UsageError, match="--offline"):
            attempt(offline)

    def test_offline_without_a_copy_says_so(self, remote: str) -> None:
        with pytest.raises(RegistryUnreachable, match="no copy"):
            git.open_repository(remote, offline=True)

    def test_what_was_published_is_there_offline(self, bare: Path) -> None:
        with served(bare) as url:
            add(git.open_repository(url), {"a": b"a"}, "a")
        assert read(git.open_repository(url, offline=True), "a") == b"a"

    def test_the_default_branch_is_the_remotes(self, tmp_path: Path) -> None:
        git.create(tmp_path / "t.git", bare=True, branch="trunk")
        with served(tmp_path / "t.git") as url:
            empty = git.open_repository(url, branch="trunk")
            assert git.head(empty) is None
            new = add(empty, {"a": b"a"}, "first")
            assert git.open_repository(url).branch == "trunk"
            assert git.head(git.open_repository(url)) == new

    def test_an_empty_remote_gets_its_first_commit_once(self, tmp_path: Path) -> None:
        git.create(tmp_path / "e.git", bare=True)
        with served(tmp_path / "e.git") as url:
            one = git.open_repository(url, cache=tmp_path / "1")
            two = git.open_repository(url, cache=tmp_path / "2")
            assert (git.head(one), git.head(two), two.branch) == (None, None, "main")
            assert attempt(one)[0].status == "accepted"
            assert attempt(two, "b")[0].status == "moved"
            assert read(two, "a") == b"a"

    def test_a_cache_of_somebody_else_is_not_used(
        self, remote: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        git.open_repository(remote)
        monkeypatch.setattr(os, "geteuid", lambda: 4321)
        with pytest.raises(RegistryUnreachable, match="belongs to another user") as refused:
            git.open_repository(remote)
        assert "SIGNET_CACHE" in refused.value.remedy


class TestPartial:
    def test_in_ci_the_copy_is_shallow_and_blobs_come_in_one_fetch(
        self, remote: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CI", "true")
        repository = git.open_repository(remote)
        head = git.head(repository) or ""
        assert git.is_partial(repository)
        assert (mirror_of(tmp_path) / "shallow").is_file()
        names = ("README.md", "services/cart/service.yaml", "services/catalog/service.yaml")
        ids = [found.id for found in (git.entry(repository, head, name) for name in names) if found]
        assert "prefetch" not in repository.reads

        git.prefetch(repository, ids)
        git.prefetch(repository, ids)
        assert [git.blob(repository, one, 100) for one in ids] == [
            b"ours\n",
            b"owners: [shop]\n",
            b"owners: [catalog]\n",
        ]
        assert {name: repository.reads[name] for name in ("fetch", "prefetch", "lazy", "blob")} == {
            "fetch": 1,
            "prefetch": 1,
            "lazy": 0,
            "blob": 3,
        }

    def test_a_forgotten_blob_is_fetched_and_counted(self, remote: str) -> None:
        repository = git.open_repository(remote, partial=True)

        assert read(repository, "README.md") == b"ours\n"
        assert repository.reads["lazy"] == repository.reads["prefetch"] == 1
        assert not git.is_partial(git.open_repository(str(remote), cache=Path(os.environ["SIGNET_CACHE"]) / "x"))

    def test_nothing_is_prefetched_elsewhere(self, bare: Path, remote: str) -> None:
        for location in (remote, str(bare)):
            repository = git.open_repository(location)
            git.prefetch(repository, ["0" * 39 + "1"])
            assert repository.reads["prefetch"] == 0

    def test_a_partial_copy_publishes_and_follows(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote, partial=True)
        for number in range(3):
            add(git.open_repository(str(bare)), {f"theirs/{number}": b"t"}, "theirs")
            git.refresh(repository)
            assert attempt(repository, f"services/cart/{number}")[0].status == "accepted"

        assert repository.reads["prefetch"] == 0
        assert person(bare, "fsck", "--full", "--strict") == ""
        assert person(bare, "rev-list", "--count", "main") == "7"

    def test_history_deepens_the_copy_by_itself(self, remote: str, bare: Path) -> None:
        writer = git.open_repository(str(bare))
        first = git.head(writer) or ""
        second = add(writer, {"services/cart/service.yaml": b"2"}, "second")
        third = add(writer, {"a": b"a"}, "third")
        repository = git.open_repository(remote, partial=True)
        head = git.head(repository) or ""

        assert next(git.log(repository, head)).commit == third
        assert repository.reads["deepen"] == 0, "the newest commit is there already"
        assert [one.commit for one in git.log(repository, head)] == [third, second, first]
        assert repository.reads["deepen"] == 1
        assert repository.reads["prefetch"] == 0
        assert [one.commit for one in git.log(repository, head, path="services/cart")] == [second, first]
        assert git.changed_paths(repository, first, third) == ("a", "services/cart/service.yaml")

    def test_an_old_commit_is_found_in_a_shallow_copy(self, remote: str, bare: Path) -> None:
        writer = git.open_repository(str(bare))
        first = git.head(writer) or ""
        add(writer, {"a": b"a"}, "second")
        repository = git.open_repository(remote, partial=True)

        assert git.resolve(repository, first) == first
        assert git.entry(repository, first, "a") is None

    def test_offline_a_shallow_copy_refuses_history(self, remote: str, bare: Path) -> None:
        add(git.open_repository(str(bare)), {"a": b"a"}, "second")
        git.open_repository(remote, partial=True)
        offline = git.open_repository(remote, offline=True)

        with pytest.raises(ShallowClone, match="shallow"):
            list(git.log(offline, git.head(offline) or ""))
        with pytest.raises(RegistryUnreachable, match="does not hold"):
            read(offline, "README.md")

    def test_a_commit_published_a_moment_ago_is_found_by_its_id(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        new = add(git.open_repository(str(bare)), {"a": b"a"}, "new")

        assert git.resolve(repository, new) == new


class TestRefused:
    def test_a_hook_refuses_with_its_own_words(self, remote: str, bare: Path) -> None:
        hook(bare, "pre-receive", "echo 'only on Tuesdays \033[2K' >&2; exit 1")
        repository = git.open_repository(remote)
        push, head, _ = attempt(repository)

        assert push.status == "refused"
        assert "pre-receive hook declined" in push.reason
        assert "only on Tuesdays" in push.reason
        assert "\033" not in push.reason and "\n" not in push.reason
        assert person(bare, "rev-parse", "main") == git.head(repository) == head

    def test_an_update_hook_that_looks_like_a_race_is_looked_into(self, remote: str, bare: Path) -> None:
        hook(bare, "update", "exit 1")
        assert attempt(git.open_repository(remote))[0].status == "refused"

    def test_a_held_lock_on_the_server_is_a_race(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        (bare / "refs" / "heads" / "main.lock").touch()

        assert attempt(repository)[0] == git.Push("moved")

    def test_a_protected_branch_refuses(self, remote: str, bare: Path) -> None:
        hook(bare, "pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1")
        repository = git.open_repository(remote)

        push = attempt(repository)[0]
        assert (push.status, "GH006" in push.reason) == ("refused", True)
        assert "pull request" in push.remedy


class TestUnclear:
    def test_a_lost_reply_counts_when_the_server_has_it(self, remote: str, bare: Path) -> None:
        hook(bare, "post-receive", 'kill -9 "$PPID"')
        repository = git.open_repository(remote)
        push, _, new = attempt(repository)

        assert push == git.Push("accepted")
        assert person(bare, "rev-parse", "main") == git.head(repository) == new

    def test_a_reply_after_the_time_limit_counts_too(self, remote: str, bare: Path) -> None:
        hook(bare, "post-receive", "sleep 4")
        repository = git.open_repository(remote, timeout=1.5)

        assert attempt(repository)[0] == git.Push("accepted")

    def test_a_remote_that_went_away_is_unreachable(self, bare: Path) -> None:
        with served(bare) as url:
            repository = git.open_repository(url)
        before = person(bare, "rev-parse", "main")

        with pytest.raises(RegistryUnreachable) as unreachable:
            attempt(repository)
        assert "\n" not in unreachable.value.message
        with pytest.raises(RegistryUnreachable, match="cannot be reached"):
            git.refresh(repository)
        assert person(bare, "rev-parse", "main") == before
        assert read(repository, "README.md") == b"ours\n"

    @pytest.mark.parametrize("location", ["http://127.0.0.1:1/r.git", "file:///nowhere/r.git"])
    def test_a_remote_that_never_was_leaves_no_copy(self, location: str, tmp_path: Path, transport: str) -> None:
        by_path = transport == "dulwich" and location.startswith("file:")
        error, said = (UsageError, "does not open file://") if by_path else (RegistryUnreachable, "cannot be reached")
        with pytest.raises(error, match=said):
            git.open_repository(location)
        assert [one.name for one in (tmp_path / "cache" / "git").iterdir() if one.is_dir()] == []


class TestTrust:
    def test_rewritten_history_is_refused_until_it_is_accepted(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        old = add(repository, {"deployed": b"1"}, "deploy")
        person(bare, "update-ref", "refs/heads/main", person(bare, "rev-parse", "main~1"))
        new = add(git.open_repository(str(bare)), {"deployed": b"2"}, "another past")

        for _ in range(2):
            with pytest.raises(TrustError, match="was rewritten") as refused:
                git.refresh(repository)
            assert refused.value.code == "history-rewritten"
            assert old in refused.value.message and new in refused.value.message
            assert git.head(repository) == old
        with pytest.raises(TrustError):
            git.refresh(repository, accept_rewrite=old)
        git.refresh(repository, accept_rewrite=new)
        assert git.head(repository) == new

    def test_a_rollback_is_refused_too(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        old = add(repository, {"deployed": b"1"}, "deploy")
        person(bare, "update-ref", "refs/heads/main", person(bare, "rev-parse", "main~1"))

        with pytest.raises(TrustError):
            git.refresh(repository)
        assert git.head(repository) == old

    def test_a_branch_that_is_gone_is_refused(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        person(bare, "update-ref", "-d", "refs/heads/main")

        with pytest.raises(TrustError, match="is gone"):
            git.refresh(repository)

    def test_unsound_objects_are_not_taken_over(self, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote)
        head = git.head(repository)
        blob = person(bare, "hash-object", "-w", "--stdin", stdin="x")
        tree = person(bare, "mktree", stdin=f"100644 blob {blob}\t..\n")
        bad = person(bare, "commit-tree", tree, "-p", "main", "-m", "dots")
        person(bare, "update-ref", "refs/heads/main", bad)

        with pytest.raises(InvalidData, match="git refuses"):
            git.refresh(repository)
        assert git.head(repository) == head


class TestDamage:
    @pytest.mark.parametrize("partial", [False, True])
    def test_a_truncated_pack_is_made_again(self, remote: str, tmp_path: Path, partial: bool) -> None:
        git.open_repository(remote, partial=partial)
        packs = list(mirror_of(tmp_path).glob("objects/pack/*.pack"))
        for pack in packs:
            pack.chmod(0o600)
            pack.write_bytes(pack.read_bytes()[:-60])
        for loose in mirror_of(tmp_path).glob("objects/[0-9a-f][0-9a-f]/*"):
            loose.unlink()

        again = git.open_repository(remote)
        assert read(again, "README.md") == b"ours\n"
        assert git.is_partial(again) is partial

    @pytest.mark.parametrize("damage", ["ref", "HEAD", "alternates", "objects", "lock"])
    def test_a_damaged_copy_is_made_again_or_mended(self, remote: str, bare: Path, tmp_path: Path, damage: str) -> None:
        git.open_repository(remote)
        mirror = mirror_of(tmp_path)
        if damage == "ref":
            (mirror / "refs" / "heads" / "main").write_bytes(b"\0" * 41)
        elif damage == "HEAD":
            (mirror / "HEAD").unlink()
        elif damage == "alternates":
            (mirror / "objects" / "info" / "alternates").write_text(str(tmp_path / "elsewhere"))
        elif damage == "objects":
            shutil.rmtree(mirror / "objects")
        else:
            (mirror / "refs" / "heads" / "main.lock").touch()
            os.utime(mirror / "refs" / "heads" / "main.lock", (1, 1))
        new = add(git.open_repository(str(bare)), {"a": b"a"}, "new")

        again = git.open_repository(remote)
        git.refresh(again)
        assert git.head(again) == new
        assert read(again, "README.md") == b"ours\n"

    def test_a_blob_that_rots_while_we_read_is_fetched_again(self, remote: str, tmp_path: Path) -> None:
        git.open_repository(remote)
        repository = git.open_repository(remote)
        found = git.entry(repository, git.head(repository) or "", "README.md")
        assert found is not None
        shutil.rmtree(mirror_of(tmp_path) / "objects")
        (mirror_of(tmp_path) / "objects").mkdir()
        repository.reopen()

        assert git.blob(repository, found.id, 100) == b"ours\n"

    def test_a_damaged_copy_offline_is_one_clear_line(self, remote: str, tmp_path: Path) -> None:
        git.open_repository(remote)
        (mirror_of(tmp_path) / "HEAD").unlink()
        before = everything(mirror_of(tmp_path))

        with pytest.raises(RegistryUnreachable, match="is damaged") as damaged:
            git.open_repository(remote, offline=True)
        assert "\n" not in damaged.value.message
        assert everything(mirror_of(tmp_path)) == before

    def test_rebuilding_does_not_forget_what_was_seen(self, remote: str, bare: Path, tmp_path: Path) -> None:
        repository = git.open_repository(remote)
        add(repository, {"deployed": b"1"}, "deploy")
        git.refresh(repository)
        person(bare, "update-ref", "refs/heads/main", person(bare, "rev-parse", "main~1"))
        (mirror_of(tmp_path) / "HEAD").unlink()

        with pytest.raises(TrustError, match="was rewritten"):
            git.open_repository(remote)

    def test_many_packs_are_gathered_without_losing_a_commit_that_waits(
        self, remote: str, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("signet.registry.git.mirror._MANY_PACKS", 0)
        repository = git.open_repository(remote)
        waiting = git.commit(repository, git.head(repository), {"w": b"w"}, "waits")
        person(mirror_of(tmp_path), "repack", "-q")
        new = add(git.open_repository(str(bare)), {"a": b"a"}, "a")

        git.refresh(repository)
        loose = [one.name for one in mirror_of(tmp_path).glob("objects/[0-9a-f][0-9a-f]/*")]
        assert not any(new.endswith(name) for name in loose), "gc has packed it"
        assert git.head(repository) == new
        assert git.read_commit(repository, waiting).subject == "waits"
