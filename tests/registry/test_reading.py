"""Reading: only what is needed, from any kind of clone, at any commit, with the same answer."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.errors import SignetError
from signet.registry import git, read, record, serve
from tests.domain import Team, codes


def answer(location: str, service: str, version: str, commit: str | None = None) -> bytes:
    """The guard's whole answer as bytes, or the code of the refusal."""
    repo = git.open_repository(location)
    state = read.state_at(repo, commit or git.head(repo))
    try:
        return json.dumps(decide(state, [Candidate(service, version)], "production").as_json()).encode()
    except SignetError as error:
        return error.code.encode()


def growing(path: Path, versions: int) -> Team:
    """Five consumers and two providers, all live, with so many versions each."""
    team = Team.founds(path)
    draft_team = team.repo
    for number in range(versions):
        for provider in ("catalog", "inventory"):
            team.spec(provider, str(number), "/items")
        for consumer in range(5):
            record.register_version(draft_team, f"consumer{consumer}", f"old{number}")
    for provider in ("catalog", "inventory"):
        team.tested(provider, "0")
        team.deploy(provider, "0")
    for consumer in range(5):
        team.contract(f"consumer{consumer}", "1", "catalog", "/items")
        team.deploy(f"consumer{consumer}", "1")
    team.contract("cart", "1", "catalog", "/items")
    team.contract("cart", "1", "inventory", "/items")
    return team


@pytest.mark.slow
def test_the_blobs_that_guard_reads_do_not_depend_on_how_many_versions_there_are(tmp_path: Path) -> None:
    counts = {}
    for versions in (10, 200):
        team = growing(tmp_path / f"{versions}.git", versions)
        for service, version in (("cart", "1"), ("catalog", "1")):
            cache = tmp_path / f"{versions} {service}"  # results that are kept would spare the later ones some
            repo = git.open_repository(team.location, cache=cache)
            state = read.state_at(repo, team.head)
            decide(state, [Candidate(service, version)], "production")
            counts[versions, service] = repo.reads["blob"]
    assert counts[10, "cart"] == counts[200, "cart"] > 0
    assert counts[10, "catalog"] == counts[200, "catalog"] > 0


def test_guard_reads_nothing_twice_and_nothing_of_strangers(tmp_path: Path) -> None:
    team = growing(tmp_path / "registry.git", 2)
    repo = team.repo
    state = read.state_at(repo, team.head)
    decide(state, [Candidate("cart", "1")], "production")
    # signet.yaml, 7 placements, 7 live manifests and cart's own, 2 contracts, 2 spec tests, 2 specs (a spec that was
    # agreed or tested), no service.yaml; nothing of the other versions
    assert repo.reads["blob"] == 1 + 7 + 8 + 2 + 2 + 2


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "cache"))
    team = growing(tmp_path / "srv" / "registry.git", 2)
    with serve.served(tmp_path / "srv") as url:
        yield team, f"{url}/registry.git"


def test_a_clone_without_blobs_fetches_them_together(remote) -> None:
    team, url = remote
    repo = git.open_repository(url, partial=True)
    git.refresh(repo)
    state = read.state_at(repo, git.head(repo))
    decision = decide(state, [Candidate("cart", "1")], "production")
    assert codes(decision) == ["compatible", "compatible"]
    # Names come out of files, so there are rounds: placements (and signet.yaml), manifests, all that pairs stand on.
    assert repo.reads["lazy"] == 0, repo.reads
    assert repo.reads["prefetch"] <= 3, repo.reads
    assert decision.as_json() == decide(team.state, [Candidate("cart", "1")], "production").as_json()


def test_offline_a_clone_gives_the_same_bytes(remote, tmp_path: Path) -> None:
    team, url = remote
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", url, str(clone)], check=True)
    online = answer(url, "cart", "1")
    repo = git.open_repository(url, offline=True)
    offline = json.dumps(
        decide(read.state_at(repo, git.head(repo)), [Candidate("cart", "1")], "production").as_json()
    ).encode()
    assert online == offline == answer(str(clone), "cart", "1") == answer(team.location, "cart", "1")


def test_guard_is_right_in_the_instant_after_a_publish(remote) -> None:
    _team, url = remote
    reader = git.open_repository(url)
    for number in range(5):
        Team(url).contract("late", str(number), "catalog", "/items" if number % 2 else "/gone")
        git.refresh(reader)
        state = read.state_at(reader, git.head(reader))
        verdict = decide(state, [Candidate("late", str(number))], "production").verdict
        assert verdict == ("yes" if number % 2 else "no")


@pytest.mark.slow
def test_at_a_past_commit_equals_a_clone_that_was_reset_there(tmp_path: Path) -> None:
    team = growing(tmp_path / "registry.git", 3)
    team.spec("catalog", "9", "/other")
    team.tested("catalog", "9")
    team.deploy("catalog", "9")
    team.tested("catalog", "9", passed=False)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", team.location, str(clone)], check=True)
    commits = [entry.commit for entry in git.log(team.repo, team.head)]
    chosen = random.Random(7).sample(commits, 30)
    seen = set()
    for commit in chosen:
        subprocess.run(["git", "-C", str(clone), "reset", "--quiet", "--hard", commit], check=True)
        for service, version in (("cart", "1"), ("consumer1", "1"), ("catalog", "0"), ("catalog", "9")):
            there = answer(team.location, service, version, commit)
            assert there == answer(str(clone), service, version)
            seen.add(there)
    assert len(seen) > 5, "the chosen commits should give different answers"


def test_time_zone_locale_and_clock_change_nothing(tmp_path: Path) -> None:
    team = growing(tmp_path / "registry.git", 1)
    script = (
        "import sys; from tests.registry.test_reading import answer;"
        "sys.stdout.buffer.write(answer(sys.argv[1], 'cart', '1'))"
    )
    answers = set()
    for extra in (
        {},
        {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"},
        {"TZ": "America/St_Johns", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "4070908800", "PYTHONHASHSEED": "7"},
    ):
        environment = {**os.environ, **extra}
        command = [os.sys.executable, "-c", script, team.location]
        answers.add(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)
    assert len(answers) == 1 and answers.pop().startswith(b'{"schema": "signet.decision/1"')


def test_the_order_in_which_files_were_made_changes_nothing(tmp_path: Path) -> None:
    team = growing(tmp_path / "registry.git", 1)
    files = {}
    paths = subprocess.run(
        ["git", "--git-dir", team.location, "ls-tree", "-r", "--name-only", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")[:-1]
    for path in paths:
        files[path] = git.blob(team.repo, git.entry(team.repo, team.head, path).id, 10**7)
    git.create(tmp_path / "other.git", bare=True)
    other = git.open_repository(str(tmp_path / "other.git"))
    head = None
    for path in reversed(paths):
        commit = git.commit(other, head, {path: files[path]}, "one file\n")
        assert git.publish(other, head, commit).status == "accepted"
        head = commit
    assert answer(other.location, "cart", "1") == answer(team.location, "cart", "1")


@pytest.mark.parametrize("name", ["cart.yml", "cart.json", "cart.yaml/x.yaml", "-x.yaml", "a b.yaml", "CON.yaml"])
def test_what_nobody_can_read_in_an_environment_is_not_overlooked(tmp_path: Path, name: str) -> None:
    team = growing(tmp_path / "registry.git", 1)
    before = answer(team.location, "cart", "1")
    fine = {"environments/production/.gitkeep": b"", "environments/staging/other.yml": b""}
    git.publish(team.repo, team.head, git.commit(team.repo, team.head, fine, "fine\n"))
    assert answer(team.location, "cart", "1") == before
    hidden = {f"environments/production/{name}": b"deployed: ['1']\n"}
    git.publish(team.repo, team.head, git.commit(team.repo, team.head, hidden, "hidden\n"))
    assert answer(team.location, "cart", "1") == b"record-invalid"


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    team = growing(tmp_path / "registry.git", 1)
    clone = tmp_path / "clone"
    run = {"check": True, "capture_output": True}
    subprocess.run(["git", "clone", "--quiet", team.location, str(clone)], **run)
    (clone / "environments/production/evil.yaml").symlink_to("catalog.yaml")
    subprocess.run(["git", "-C", str(clone), "add", "."], **run)
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run(["git", "-C", str(clone), *identity, "commit", "--quiet", "-m", "link"], **run)
    assert answer(str(clone), "cart", "1") == b"record-invalid"


def test_broken_files_that_the_question_does_not_need_change_nothing(tmp_path: Path) -> None:
    team = growing(tmp_path / "registry.git", 2)
    before = answer(team.location, "cart", "1")
    broken = {
        "services/consumer0/versions/old1.json": b"{",
        "services/stranger/service.yaml": b"a: [",
        "services/catalog/versions/1.json": b"\xff",
        "services/catalog/openapi.yaml": b"not: [a spec",
        "environments/staging/cart.yaml": b"deployed: 7",
        "services/consumer1/contracts/catalog/0123456789abcdef.json": b"[]",
    }
    git.publish(team.repo, team.head, git.commit(team.repo, team.head, broken, "break\n"))
    assert answer(team.location, "cart", "1") == before
    needed = {"services/consumer0/versions/1.json": b"{"}
    git.publish(team.repo, team.head, git.commit(team.repo, team.head, needed, "break more\n"))
    assert answer(team.location, "cart", "1") == b"record-invalid"
