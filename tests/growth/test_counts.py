"""What grows and what does not, counted: files and directories read, git processes, requests, comparisons."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import signet.core.compare
from signet.core.guard import decide
from signet.core.live_versions import meeting
from signet.core.model.decision import Candidate, Decision
from signet.core.whatif import whatif
from signet.registry import git, layout, read, serve
from signet.registry.check import check, published
from signet.registry.opening import PLAIN
from signet.service.shelf import Shelf
from tests.growth import Shape, grow
from tests.growth import grown as growing
from tests.growth.story import pipeline, providers_of, service_name, version_name


def asked(location: str, service: int, round_number: int, **options: Any) -> tuple[Decision, dict[str, int]]:
    """A decision for production, and what it cost."""
    repository = git.open_repository(location, **options)
    git.refresh(repository)
    state = read.state_at(repository, git.head(repository))
    decision = decide(state, [Candidate(service_name(service), version_name(round_number))], "production")
    return decision, dict(repository.reads)


def grown(path: Path, services: int, versions: int) -> str:
    grow(path, Shape(services, versions))
    return str(path)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command of every process that is started from here on."""
    found: list[str] = []
    start = subprocess.Popen.__init__

    def listening(self: Any, arguments: Any, *rest: Any, **more: Any) -> None:
        found.append(" ".join(map(str, arguments)))
        start(self, arguments, *rest, **more)

    monkeypatch.setattr(subprocess.Popen, "__init__", listening)
    return found


@pytest.mark.parametrize("service", [0, 7])
def test_what_guard_reads_does_not_grow_with_versions_and_history(tmp_path: Path, service: int) -> None:
    """Round 5 is live in both; the second registry has half as many versions, and commits, again."""
    few, many = (grown(tmp_path / f"{versions}.git", 20, versions) for versions in (7, 10))
    first, cost = asked(few, service, 6, cache=tmp_path / "few")  # results that are kept would spare the second some
    second, other = asked(many, service, 6, cache=tmp_path / "many")
    assert first.as_json() == second.as_json()
    assert cost == other and set(cost) == {"blob", "tree"}


def test_what_guard_reads_does_not_grow_with_services_that_are_not_live_there(tmp_path: Path) -> None:
    location = grown(tmp_path / "registry.git", 10, 6)
    decision, cost = asked(location, 3, 5, cache=tmp_path / "few")
    repository = git.open_repository(location)
    head = git.head(repository)
    assert head is not None
    strangers = {
        path.replace("service-0004", f"stranger-{number}"): git.blob(repository, one.id, 10**6)
        for number in range(30)
        for path, one in _files(repository, head, "services/service-0004")
    }
    new = git.commit(repository, head, strangers, "thirty services that are nowhere\n")
    assert git.publish(repository, head, new).status == "accepted"
    again, other = asked(location, 3, 5, cache=tmp_path / "many")
    assert again.as_json() == decision.as_json()
    assert other == cost


def _files(repository: git.Repository, commit: str, path: str) -> list[tuple[str, git.Entry]]:
    found: list[tuple[str, git.Entry]] = []
    for one in git.entries(repository, commit, path):
        here = f"{path}/{one.name}"
        found += _files(repository, commit, here) if one.is_tree else [(here, one)]
    return found


def test_guard_by_path_starts_no_process(tmp_path: Path, starts: list[str]) -> None:
    location = grown(tmp_path / "registry.git", 10, 6)
    starts.clear()
    assert asked(location, 3, 5)[0].verdict == "yes"
    assert starts == []


def test_guard_over_http_starts_as_few_processes_and_requests_for_many_services_as_for_few(
    tmp_path: Path, starts: list[str]
) -> None:
    requests: list[str] = []

    class Listening(serve.Handler):
        def relay(self, request: dict[str, str], body: Any) -> None:
            requests.append(self.path)
            super().relay(request, body)

    counts = []
    for services in (5, 25):
        location = grown(tmp_path / f"{services}.git", services, 6)
        starts.clear()
        requests.clear()
        with serve.served(Path(location), Listening) as url:
            _, reads = asked(url, 3, 5, cache=tmp_path / f"cache{services}", partial=True)
        ours = [one for one in starts if "http-backend" not in one and one != "git version"]
        counts.append((len(ours), len(requests), reads["prefetch"], reads.get("lazy", 0)))
    assert counts[0] == counts[1]
    # placements with signet.yaml, manifests, then contracts with results and specs; nothing was forgotten
    assert counts[0][2:] == (3, 0)
    assert counts[0][1] <= 13


def test_equal_contracts_are_compared_once_with_one_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: Counter[tuple[str, str]] = Counter()
    compare = signet.core.compare.compare

    def listening(contract: Any, prepared: Any) -> Any:
        compared[contract.digest, prepared.spec.digest] += 1
        return compare(contract, prepared)

    monkeypatch.setattr(signet.core.compare, "compare", listening)
    decision, _ = asked(grown(tmp_path / "registry.git", 30, 6), 0, 5)
    pairs = [one for one in decision.reasons if one.consumer]
    assert len(pairs) > 29, "nearly everybody calls the hub"
    assert set(compared.values()) == {1}
    assert len(compared) < len(pairs) / 2


def test_who_asks_twice_compares_nothing_and_reads_no_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    location = grown(tmp_path / "registry.git", 30, 6)
    compared = []
    compare = signet.core.compare.compare
    monkeypatch.setattr(signet.core.compare, "compare", lambda *both: compared.append(both) or compare(*both))
    first, cost = asked(location, 0, 5)
    assert compared
    compared.clear()
    second, other = asked(location, 0, 5)
    assert compared == []
    assert second.as_json() == first.as_json()
    pairs = [one for one in first.reasons if one.consumer]
    specs = len({(one.provider, one.provider_version) for one in pairs})
    assert other == {**cost, "blob": cost["blob"] - len(pairs) - specs}


def test_a_check_compares_only_the_pairs_that_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One service goes to production in a newer version: its pairs are judged, and no other one."""
    compared: Counter[tuple[str, str]] = Counter()
    compare = signet.core.compare.compare

    def listening(contract: Any, prepared: Any) -> Any:
        compared[contract.digest, prepared.spec.digest] += 1
        return compare(contract, prepared)

    location = grown(tmp_path / "registry.git", 20, 6)
    repository = git.open_repository(location, cache=tmp_path / "none")
    head = git.head(repository)
    assert head is not None
    path = layout.path("placement", "production", service_name(3))
    moved = {path: f"deployed:\n  - version: '{version_name(4)}'\n".encode()}
    new = git.commit(repository, head, moved, "by hand\n")
    monkeypatch.setattr(signet.core.compare, "compare", listening)
    found = check(repository, head, new)
    outlook = whatif(found.before, found.after, published(found))
    assert (found.changed, found.findings, compared.total() > 0) == (1, (), True)
    neighbours = [one for one in outlook.places if one.environment == "production"]
    assert len(neighbours) == 1 and outlook.pairs > 100
    concerned = sum(3 in (one, *providers_of(one, 20)) and one != 3 for one in range(20)) + len(providers_of(3, 20))
    assert outlook.judged == concerned < 20
    assert compared.total() <= 2 * concerned and set(compared.values()) == {1}


def test_a_check_of_a_remote_fetches_blobs_together(tmp_path: Path) -> None:
    location = grown(tmp_path / "registry.git", 8, 6)
    with serve.served(Path(location)) as url:
        repository = git.open_repository(url, cache=tmp_path / "cache", partial=True)
        base, head = git.resolve(repository, "HEAD~8"), git.resolve(repository, "HEAD")
        found = check(repository, base, head)
        whatif(found.before, found.after, published(found))
        lazy = repository.reads["lazy"]
        assert found.changed > 8 and not found.findings
        assert lazy <= 12, "what is not foreseen is few, whatever the size"
        assert check(repository, None, head).findings == ()
        assert repository.reads["lazy"] == lazy


def calls(work: Callable[[], object]) -> int:
    """How many functions of Python, and of C, a piece of work calls in this thread."""
    found = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


class Pushed(NamedTuple):
    """What equal pushes cost, in calls: the index of one, a whole look at one, and then asking who is live."""

    indexed: float
    looked: float
    live: float


def pushed(path: Path, services: int) -> Pushed:
    """The cost in a registry of so many services; all of them are live in production."""
    location = grown(path, services, 2)
    story = Shape(10, 2)  # the pushes are those of a small registry: of the same size in each
    shelf = Shelf(location, PLAIN)
    found: list[list[int]] = [[], [], []]
    for number in (3, 4, 5, 6):
        for round_number in (2, 3):
            repo = git.open_repository(location)
            head = git.head(repo)
            commit = git.commit(repo, head, dict(growing._files(pipeline(story, number, round_number), set())), "x\n")
            assert git.publish(repo, head, commit).status == "accepted"
            if round_number == 2:
                found[0].append(calls(partial(shelf.index.bring_to, commit, git.open_repository(location))))
                shelf.refresh()
            else:
                found[1].append(calls(shelf.refresh))
            state = shelf.newest().state
            assert state.commit == commit
            found[2].append(sum(calls(partial(meeting, state, place, ())) for place in (None, "production")))
    shelf.close()
    return Pushed(*(statistics.mean(one[1:]) for one in found))  # what is asked for first is read first


@pytest.mark.slow
def test_a_push_costs_its_own_size_and_not_the_registrys(tmp_path: Path) -> None:
    small, large = pushed(tmp_path / "small.git", 12), pushed(tmp_path / "large.git", 150)
    for one, other in zip(small, large, strict=True):
        assert other < 1.1 * one, (small, large)
