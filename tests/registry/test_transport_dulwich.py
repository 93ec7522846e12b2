"""The two transports side by side: races, lost replies, secrets, mirrors that change hands, and no git at all."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from signet.errors import RegistryUnreachable, UsageError
from signet.registry import git, serve
from signet.registry.git import program
from tests.domain import Team
from tests.registry.people import add, person, read
from tests.registry.relay import relaying
from tests.registry.test_git_remote import attempt, hook
from tests.registry.test_git_writers import assert_all_there

ROOT = Path(__file__).resolve().parents[2]
SPAWN = multiprocessing.get_context("spawn")
TOKEN = "canary-7b20aa"


@pytest.fixture
def no_git(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine without git."""
    (tmp_path / "bin").mkdir()
    return {**os.environ, "PATH": str(tmp_path / "bin")}


class TestCompareAndSwap:
    def test_a_branch_that_moved_before_the_push_gets_nothing(self, transport: str, remote: str, bare: Path) -> None:
        with relaying(remote) as relay:
            repository = git.open_repository(relay.url)
            theirs = add(git.open_repository(str(bare)), {"theirs": b"t"}, "theirs")
            assert attempt(repository)[0] == git.Push("moved")
            assert "POST git-receive-pack" not in relay.passed
        assert person(bare, "rev-parse", "main") == git.head(repository) == theirs

    def test_a_branch_that_moves_after_the_server_named_it_is_left_alone(
        self, transport: str, remote: str, bare: Path
    ) -> None:
        """The old commit that goes over the wire is ours; the server compares it at the very last moment."""
        theirs: list[str] = []

        def overtakes(what: str) -> None:
            if what == "POST git-receive-pack" and not theirs:
                theirs.append(add(git.open_repository(str(bare)), {"theirs": b"t"}, "theirs"))

        with relaying(remote) as relay:
            relay.before = overtakes
            repository = git.open_repository(relay.url)
            push, _, new = attempt(repository)
            assert push == git.Push("moved")
            assert [person(bare, "rev-parse", "main")] == theirs == [git.head(repository)]
            again, _, newer = attempt(repository)
        assert again == git.Push("accepted")
        assert person(bare, "rev-parse", "main", "main~1") == f"{newer}\n{theirs[0]}"
        assert new not in person(bare, "log", "--format=%H", "main")

    def test_a_lost_reply_is_one_commit(self, transport: str, remote: str, bare: Path) -> None:
        with relaying(remote) as relay:
            repository = git.open_repository(relay.url)
            relay.loses = "POST git-receive-pack"
            push, old, new = attempt(repository)
            assert push == git.Push("accepted")
            again = transport == "git"  # curl itself repeats a request on a connection that was kept open
            assert relay.passed.count("POST git-receive-pack") == 1 + again
        assert person(bare, "rev-parse", "main", "main~1") == f"{new}\n{old}"

    def test_a_lost_request_is_none(self, transport: str, remote: str, bare: Path) -> None:
        def dies(what: str) -> None:
            if what == "POST git-receive-pack":
                raise ConnectionResetError

        with relaying(remote) as relay:
            repository = git.open_repository(relay.url)
            relay.before = dies
            with pytest.raises(RegistryUnreachable, match="did not go through"):
                attempt(repository)
            relay.before = lambda what: None
            assert person(bare, "rev-parse", "main") == git.head(repository)
            assert attempt(repository)[0] == git.Push("accepted")


class TestPropose:
    def test_a_branch_is_created_then_moved_and_the_registrys_stays(
        self, transport: str, remote: str, bare: Path
    ) -> None:
        hook(bare, "post-receive", "echo 'Create a pull request: https://forge.example/new\033[2K' >&2")
        repository = git.open_repository(remote, partial=True)
        main = git.head(repository)
        one = git.commit(repository, main, {"a": b"1"}, "one")
        two = git.commit(repository, main, {"a": b"2"}, "two, instead")

        first = git.propose(repository, "signet/a", one)
        assert (first.status, person(bare, "rev-parse", "signet/a")) == ("accepted", one)
        assert first.said[0].startswith("Create a pull request: https://forge.example/new")
        assert "\033" not in first.said[0]
        assert git.propose(repository, "signet/a", two).status == "accepted"
        assert git.propose(repository, "signet/a", two) == git.Push("accepted"), "it is there already"
        assert person(bare, "rev-parse", "signet/a", "main") == f"{two}\n{main}"
        assert person(bare, "fsck", "--full", "--strict", "--no-dangling") == ""

    def test_a_branch_that_somebody_moves_meanwhile_is_left_alone(
        self, transport: str, remote: str, bare: Path
    ) -> None:
        with relaying(remote) as relay:
            repository = git.open_repository(relay.url)
            new = git.commit(repository, git.head(repository), {"a": b"1"}, "one")
            theirs = add(git.open_repository(str(bare)), {"x": b"x"}, "x")
            relay.before = lambda what: (
                what == "POST git-receive-pack" and person(bare, "update-ref", "refs/heads/a", theirs)
            )
            assert git.propose(repository, "a", new).status == "moved"
        assert person(bare, "rev-parse", "a") == theirs

    def test_a_refusal_is_told(self, transport: str, remote: str, bare: Path) -> None:
        hook(bare, "pre-receive", "echo 'names begin with team/' >&2; exit 1")
        repository = git.open_repository(remote)
        push = git.propose(repository, "a", git.commit(repository, git.head(repository), {"a": b"1"}, "one"))
        assert push.status == "refused" and "names begin with team/" in push.reason
        assert person(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/main"

    @pytest.mark.parametrize("kind", ["bare", "worktree"])
    def test_by_path_the_branch_is_set(self, kind: str, request: pytest.FixtureRequest) -> None:
        where = request.getfixturevalue(kind)
        repository = git.open_repository(str(where))
        one = git.commit(repository, git.head(repository), {"a": b"1"}, "one")
        two = git.commit(repository, git.head(repository), {"a": b"2"}, "two")
        for commit in (one, two):
            assert git.propose(repository, "signet/a", commit) == git.Push("accepted")
            assert person(where, "rev-parse", "signet/a") == commit
        assert kind == "bare" or person(where, "status", "--porcelain") == ""

    @pytest.mark.parametrize("branch", ["main", "-x", "a..b", ""])
    def test_no_branch_for_a_proposal(self, branch: str, bare: Path) -> None:
        repository = git.open_repository(str(bare))
        with pytest.raises(UsageError):
            git.propose(repository, branch, git.head(repository) or "")

    def test_a_proposal_after_the_branch_went_on(self, transport: str, remote: str, bare: Path) -> None:
        """The server's branch is at a commit that we do not know; ours is on an older one."""
        repository = git.open_repository(remote, partial=True)
        new = git.commit(repository, git.head(repository), {"a": b"1"}, "one")
        add(git.open_repository(str(bare)), {"x": b"x"}, "x")
        assert git.propose(repository, "a", new).status == "accepted"
        assert person(bare, "fsck", "--full", "--strict", "--no-dangling") == ""


class TestToken:
    def test_it_reaches_the_server_and_nothing_else(
        self, transport: str, remote: str, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = tmp_path / "closed"
        hook(bare, "pre-receive", f"if test -e {closed}; then echo 'not with {TOKEN}' >&2; exit 1; fi")
        monkeypatch.setenv("SIGNET_TOKEN", TOKEN)
        secrets = (TOKEN, program._basic(TOKEN))
        with relaying(remote) as relay:
            repository = git.open_repository(relay.url, partial=True)
            assert attempt(repository)[0] == git.Push("accepted")
            closed.touch()
            push = attempt(repository, "b")[0]
            assert {one.get("Authorization") for one in relay.headers} == {f"Basic {secrets[1]}"}
        assert push.status == "refused" and "not with ***" in push.reason
        with pytest.raises(RegistryUnreachable) as gone:
            git.refresh(repository)
        shown = [repr(repository), repr(push), repr(gone.value), str(gone.value), repr(gone.value.__cause__)]
        written = [one.read_bytes() for one in (tmp_path / "cache").rglob("*") if one.is_file()]
        for secret in secrets:
            assert not any(secret in one for one in shown)
            assert not any(secret.encode() in one for one in written)

    def test_dulwich_starts_no_program_for_http(
        self, remote: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And asks no git configuration for headers, other addresses, helpers or proxies of an address."""
        config = tmp_path / "config"
        config.write_text(
            '[http]\n\textraHeader = "X-Odd: yes"\n\tfollowRedirects = true\n'
            f'[credential]\n\thelper = "!touch {tmp_path}/ran"\n'
            f'[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://\n[core]\n\tsshCommand = touch {tmp_path}/ran\n'
        )
        netrc = tmp_path / "home" / ".netrc"
        netrc.parent.mkdir()
        netrc.write_text("machine 127.0.0.1 login me password canary-netrc\n")
        monkeypatch.setenv("HOME", str(netrc.parent))
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
        with relaying(remote) as relay:
            add(git.open_repository(relay.url, transport="dulwich"), {"a": b"a"}, "a")
            names = {name.lower() for headers in relay.headers for name in headers}
        assert names <= {
            *("host", "user-agent", "accept", "accept-encoding", "pragma", "git-protocol"),
            *("content-type", "content-length", "connection"),
        }
        assert not (tmp_path / "ran").exists()


class TestOneMirrorForBoth:
    """A mirror may be made by one transport and used by the other, as when git is installed later."""

    @pytest.mark.parametrize("partial", [False, True])
    @pytest.mark.parametrize(("first", "second"), [("git", "dulwich"), ("dulwich", "git")])
    def test_it_changes_hands(self, first: str, second: str, partial: bool, remote: str, bare: Path) -> None:
        writer = git.open_repository(str(bare))
        add(writer, {"services/cart/service.yaml": b"2\n"}, "second")
        one = git.open_repository(remote, partial=partial, transport=first)
        add(one, {"a": b"a"}, "by the first")
        add(writer, {"theirs": b"t"}, "theirs")
        two = git.open_repository(remote, transport=second)
        git.refresh(two)
        assert read(two, "theirs") == b"t" and read(two, "a") == b"a"
        add(two, {"b": b"b"}, "by the second")
        git.refresh(one)
        assert read(one, "services/cart/service.yaml") == b"2\n"
        assert [entry.subject for entry in git.log(two, git.head(two) or "")] == [
            *("by the second", "theirs", "by the first", "second", "first")
        ]
        assert two.reads["deepen"] == int(partial)
        assert person(bare, "fsck", "--full", "--strict", "--no-dangling") == ""
        mirror = f"--git-dir={two.git_dir}"
        assert person(bare, mirror, "fsck", "--full", "--strict", "--no-dangling") == ""

    @pytest.mark.parametrize("partial", [False, True])
    def test_gathering_loses_nothing_and_git_agrees(self, partial: bool, remote: str, bare: Path) -> None:
        repository = git.open_repository(remote, partial=partial, transport="dulwich")
        writer = git.open_repository(str(bare))
        for number in range(4):
            add(writer, {f"f{number}": b"%d" % number}, "x")
            git.refresh(repository)
            assert attempt(repository, f"g{number}")[0].status == "accepted"
        waiting = git.commit(repository, git.head(repository), {"w": b"w"}, "waits")
        reader = git.open_repository(remote, transport="dulwich")
        old = [(one.name, one.id) for one in git.entries(reader, git.head(reader) or "", "")]
        repository.transport.gather(repository, timeout=10)

        packs = list(repository.git_dir.glob("objects/pack/*.pack"))
        assert len(packs) == 1 and list(repository.git_dir.glob("objects/??/*")) == []
        assert packs[0].with_suffix(".promisor").exists() is partial
        assert person(bare, f"--git-dir={repository.git_dir}", "fsck", "--full", "--no-dangling") == ""
        assert git.read_commit(repository, waiting).subject == "waits"
        assert read(reader, "f3") == b"3" and len(old) == 8 + 3 - 1
        assert git.publish(repository, git.head(repository), waiting).status == "accepted"


class TestManyWriters:
    @pytest.mark.parametrize("gitless", [(0, 1, 2, 3), (1, 3)], ids=["dulwich", "mixed"])
    @pytest.mark.slow
    def test_four_pipelines_record_five_facts_each(
        self, gitless: tuple[int, ...], tmp_path: Path, no_git: dict[str, str]
    ) -> None:
        team = Team.founds(tmp_path / "srv" / "registry.git")
        before = team.head
        errors = SPAWN.Queue()
        with serve.served(tmp_path / "srv") as url:
            processes = []
            for number in range(4):
                path = no_git["PATH"] if number in gitless else os.environ["PATH"]
                arguments = (f"{url}/registry.git", str(tmp_path / f"cache{number}"), number, path, errors)
                processes.append(SPAWN.Process(target=_publish_facts, args=arguments))
            for process in processes:
                process.start()
            for process in processes:
                process.join()
        assert errors.empty(), errors.get()
        registry, state = tmp_path / "srv" / "registry.git", team.state
        for number in range(4):
            assert len(state.versions(f"consumer{number}")) == 5
            for fact in range(5):
                digest = state.manifest(f"consumer{number}", str(fact)).contracts["catalog"]
                assert state.contract(f"consumer{number}", "catalog", digest).interactions
        assert len(person(registry, "rev-list", f"{before}..main").split()) == 20
        assert person(registry, "rev-list", "--merges", "main") == ""
        assert person(registry, "fsck", "--full", "--strict", "--no-dangling") == ""

    @pytest.mark.slow
    def test_writers_with_and_without_git_share_a_cache(
        self, remote: str, bare: Path, tmp_path: Path, no_git: dict[str, str]
    ) -> None:
        running = []
        for number in range(8):
            environment = no_git if number % 2 else os.environ
            command = [sys.executable, "-m", "tests.registry.writer", remote, f"w{number}", "3"]
            cache = {"SIGNET_CACHE": str(tmp_path / "shared"), "CI": "true" if number % 4 < 2 else ""}
            running.append(
                subprocess.Popen(command, cwd=ROOT, env=environment | cache, stderr=subprocess.PIPE, text=True)
            )
        for process in running:
            _, said = process.communicate(timeout=300)
            assert process.returncode == 0, said
        assert_all_there(bare, 8, 3, before=1)


def _publish_facts(url: str, cache: str, number: int, path: str, errors: Any) -> None:
    """One pipeline on a machine of its own: five facts, one after the other."""
    os.environ |= {"SIGNET_CACHE": cache, "PATH": path}
    try:
        team = Team(url)
        assert team.repo.transport.name == ("git" if shutil.which("git") else "dulwich")
        for fact in range(5):
            team.contract(f"consumer{number}", str(fact), "catalog", f"/items/{fact}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
        errors.put(f"{number}: {type(error).__name__}: {error}")


class TestWithoutGit:
    def test_a_day(self, tmp_path: Path, no_git: dict[str, str]) -> None:
        team = Team.founds(tmp_path / "srv" / "registry.git")
        person(tmp_path, "init", "-q", "-b", "trunk", "work/service")
        service = tmp_path / "work" / "service"
        person(service, "remote", "add", "origin", "https://me:secret@forge.example/shop/cart.git")
        person(service, "commit", "-q", "--allow-empty", "-m", "x")
        config = tmp_path / "config"
        config.write_text(f"[include]\n\tpath = {tmp_path}/more\n[user]\n\tname = Grace\n")
        (tmp_path / "more").write_text("[user]\n\tname = Nobody\n\temail = grace@example.org\n")
        with serve.served(tmp_path / "srv") as url:
            done = subprocess.run(
                [sys.executable, "-m", "tests.registry.gitless", f"{url}/registry.git", str(tmp_path / "work")],
                cwd=ROOT,
                env=no_git | {"GIT_CONFIG_GLOBAL": str(config)},
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stderr
        saw = json.loads(done.stdout)
        head = person(service, "rev-parse", "HEAD")
        assert saw == {
            "version": [],
            "author": ["Grace", "grace@example.org"],
            "remote": ["yes", "Grace", "grace@example.org"],
            "bare": ["yes", "Grace", "grace@example.org"],
            "clone": "main",
            "partial": [True, True, saw["partial"][2], False],
            "source": ["https://forge.example/shop/cart.git", head, "trunk"],
        }
        assert saw["partial"][2] == int(person(tmp_path / "srv" / "registry.git", "rev-list", "--count", "main"))
        assert team.state.manifest("cart", "1") is not None
        for made in (tmp_path / "srv" / "registry.git", tmp_path / "work" / "own.git"):
            assert person(made, "fsck", "--full", "--strict", "--no-dangling") == ""

    @pytest.mark.parametrize("bare", [True, False])
    def test_a_new_repository_is_what_git_makes(self, bare: bool, tmp_path: Path) -> None:
        git.create(tmp_path / "ours", bare=bare, branch="trunk")
        kind = ["--bare"] if bare else []
        person(tmp_path, "init", "-q", "--template=", "--initial-branch=trunk", *kind, "theirs")
        names = [
            sorted(one.relative_to(root) for one in root.rglob("*"))
            for root in (tmp_path / "ours", tmp_path / "theirs")
        ]
        assert names[0] == names[1]
        settings = [
            set(person(tmp_path / name, "config", "--local", "--list").splitlines()) for name in ("ours", "theirs")
        ]
        assert settings[0] == settings[1]
        head = "HEAD" if bare else ".git/HEAD"
        assert (tmp_path / "ours" / head).read_text() == (tmp_path / "theirs" / head).read_text()

    def test_making_it_twice_changes_nothing(self, bare: Path) -> None:
        before = person(bare, "rev-parse", "main")
        git.create(bare, bare=True, branch="other")
        assert (person(bare, "rev-parse", "main"), person(bare, "symbolic-ref", "HEAD")) == (before, "refs/heads/main")
        assert (bare / "HEAD").read_text() == "ref: refs/heads/main\n"

    def test_the_same_identity_with_and_without_git(
        self, bare: Path, worktree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path / "home"
        (home / ".config" / "git").mkdir(parents=True)
        (home / ".config" / "git" / "config").write_text("[user]\n\temail = xdg@example.org\n\tname = Xdg\n")
        (home / ".gitconfig").write_text("[User]\n\tName = Grace\n")
        monkeypatch.setenv("HOME", str(home))
        person(worktree, "config", "user.email", "here@example.org")
        repositories = [git.open_repository(str(where)) for where in (bare, worktree)]
        with_git = [git.identity(one) for one in repositories]
        monkeypatch.setenv("PATH", str(tmp_path))
        assert [git.identity(one) for one in repositories] == with_git
        assert with_git == [("Grace", "xdg@example.org"), ("Grace", "here@example.org")]

    def test_a_file_address_names_the_remedy(self, bare: Path) -> None:
        with pytest.raises(UsageError, match="does not open file://") as refused:
            git.open_repository(bare.as_uri(), transport="dulwich")
        assert "Name the path itself" in refused.value.remedy

    def test_a_table_of_references_is_left_to_git(self, tmp_path: Path) -> None:
        """What the library cannot open is asked of the program, where there is one."""
        person(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main", "s")
        person(tmp_path / "s", "remote", "add", "origin", "https://forge.example/x.git")
        assert git.describe_source(tmp_path / "s") == ("https://forge.example/x.git", "", "main")
