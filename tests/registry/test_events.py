"""Events of commits: what teams did is told, once, in a fixed order, with ids that never change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.events import happened, in_order
from signet.core.formats import pact, text
from signet.core.integrations import integrations
from signet.core.model import event as kinds
from signet.core.model.event import Event
from signet.core.verdict_events import turned
from signet.errors import InvalidData, UsageError
from signet.registry import events, git, layout, opening, read, record
from tests.domain import Team, pact_bytes
from tests.fuzz import effort
from tests.registry.people import add, person


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry")


def told(team: Team, since: str | None = None) -> list[tuple[str, ...]]:
    """Type, service, version, other and environment of every event, without what is absent."""
    return [short(one) for commit in events.since(team.repo, since, team.head) for one in commit.events]


def short(one: Event) -> tuple[str, ...]:
    return tuple(part for part in (one.type, one.service, one.version, one.other, one.environment) if part)


def of(team: Team, *types: str, since: str | None = None) -> list[tuple[str, ...]]:
    return [one for one in told(team, since) if one[0] in types]


def test_a_new_registry_has_its_environments(team: Team) -> None:
    assert told(team) == [
        ("environment.registered", "production"),
        ("environment.registered", "staging"),
    ]


def test_a_published_contract_is_told_and_that_its_content_changed(team: Team) -> None:
    start = team.head
    team.contract("cart", "1", "catalog", "/items")
    assert told(team, start) == [
        ("service.registered", "cart"),
        ("version.registered", "cart", "1"),
        ("contract.published", "cart", "1", "catalog"),
        ("contract.changed", "cart", "1", "catalog"),
    ]
    first = team.head
    team.contract("cart", "2", "catalog", "/items")
    assert of(team, kinds.CONTRACT_PUBLISHED, kinds.CONTRACT_CHANGED, since=first) == [
        ("contract.published", "cart", "2", "catalog")
    ]


def test_a_provider_is_published_tested_and_deployed(team: Team) -> None:
    start = team.head
    team.live("catalog", "1", "/items")
    assert told(team, start) == [
        ("service.registered", "catalog"),
        ("version.registered", "catalog", "1"),
        ("spec.published", "catalog", "1"),
        # nobody waits for its test: it is on no branch, and live nowhere
        ("verification.recorded", "catalog", "1"),
        ("deployment.recorded", "catalog", "1", "production"),
    ]


def test_an_agreed_spec_is_proposed_once_for_each_content_and_withdrawn(team: Team) -> None:
    start = team.head
    team.spec("catalog", None, "/items")
    data = team.state.bytes_at("services/catalog/openapi.yaml") or b""
    add(team.repo, {"services/catalog/openapi.yaml": data.replace(b'{"openapi"', b'{  "openapi"')}, "other spaces")
    team.spec("catalog", None, "/items", "/more")
    add(team.repo, {"services/catalog/openapi.yaml": None}, "away with it")
    types = (kinds.SPEC_PROPOSED, kinds.SPEC_WITHDRAWN)
    assert [one[0] for one in of(team, *types, since=start)] == ["spec.proposed", "spec.proposed", "spec.withdrawn"]


def publish(team: Team, version: str, branch: str, *paths: str) -> None:
    item = record.ContractItem(
        pact.contract(text.read(pact_bytes("cart", "catalog", *paths), "p.json")), version, branch
    )
    record.publish(team.repo, [item])


def test_content_is_changed_beside_what_the_branch_had(team: Team) -> None:
    for version, branch, path, is_changed in (
        ("1", "main", "/a", True),
        ("2", "main", "/a", False),
        ("3", "main", "/b", True),
        ("4", "main", "/a", True),  # content that comes back is a change of the branch
        ("5", "feature", "/a", False),  # a branch begins with what main has
        ("6", "feature", "/b", True),
        ("7", "main", "/a", False),  # what another branch did does not count
    ):
        start = team.head
        publish(team, version, branch, path)
        changed = of(team, kinds.CONTRACT_CHANGED, since=start)
        assert changed == ([("contract.changed", "cart", version, "catalog")] if is_changed else []), version
        assert of(team, kinds.CONTRACT_PUBLISHED, since=start) == [("contract.published", "cart", version, "catalog")]


def test_a_version_that_is_seen_on_one_more_branch_is_not_published_again(team: Team) -> None:
    publish(team, "1", "feature", "/a")
    start = team.head
    publish(team, "1", "main", "/a")
    assert told(team, start) == []


def test_slots_wishes_and_releases(team: Team) -> None:
    for version in ("1", "2"):
        team.spec("catalog", version, "/items")
    where = "environments/production/catalog.yaml"
    for content, expected in (
        ("deployed: ['1']", [("deployment.recorded", "1")]),
        ("deployed: ['2']", [("deployment.recorded", "2")]),
        ("deployed: [{version: '2', instance: eu}]", [("deployment.recorded", "2"), ("deployment.removed", "2")]),
        ("deployed: [{version: '2', instance: eu}]\n# a note", []),
        ("deployed: [{version: '2', instance: eu}]\ndesired: '1'", [("deployment.desired", "1")]),
        ("deployed: [{version: '2', instance: eu}]", [("deployment.withdrawn", "1")]),
        ("desired: '1'", [("deployment.desired", "1"), ("deployment.removed", "2")]),
        ("deployed: ['1']", [("deployment.recorded", "1")]),
        ("deployed: ['1']\nreleased: ['1', '2']", [("release.recorded", "1"), ("release.recorded", "2")]),
        ("released: ['2']", [("deployment.removed", "1"), ("release.ended", "1")]),
        (None, [("release.ended", "2")]),
    ):
        start = team.head
        add(team.repo, {where: None if content is None else content.encode()}, "by hand")
        placed = [one for one in told(team, start) if one[0].startswith(("deployment", "release"))]
        assert [(one[0], one[2]) for one in placed] == expected, content


def test_results_that_come_again_are_told_if_they_say_something_else(team: Team) -> None:
    team.spec("catalog", "1", "/items")
    start = team.head
    team.tested("catalog", "1")
    team.tested("catalog", "1")
    team.tested("catalog", "1", passed=False)
    found = [one for commit in events.since(team.repo, start, team.head) for one in commit.events]
    assert [one.detail["result"] for one in found if one.type == kinds.VERIFICATION_RECORDED] == ["passed", "failed"]


def test_comparisons_and_the_guard_turn_and_turn_back(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    team.deploy("cart", "1")
    start = team.head
    team.live("catalog", "2", "/other")
    types = (kinds.COMPARISON_TURNED, kinds.GUARD_RED, kinds.GUARD_GREEN)
    assert of(team, *types, since=start) == [
        ("comparison.turned", "cart", "1", "catalog", "production"),
        ("guard.red", "cart", "1", "production"),
        ("guard.red", "catalog", "2", "production"),
    ]
    start = team.head
    team.deploy("catalog", "1")
    assert of(team, *types, since=start) == [
        ("comparison.turned", "cart", "1", "catalog", "production"),
        ("guard.green", "cart", "1", "production"),
        ("guard.green", "catalog", "1", "production"),
    ]


def test_a_provider_that_leaves_turns_its_consumers_red(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    team.deploy("cart", "1")
    start = team.head
    add(team.repo, {"environments/production/catalog.yaml": None}, "gone")
    assert told(team, start) == [
        ("deployment.removed", "catalog", "1", "production"),
        ("guard.red", "cart", "1", "production"),
    ]


def test_what_is_owed_is_told_when_it_begins(team: Team) -> None:
    team.spec("catalog", "1", "/items")
    team.spec("catalog", "2", "/items")
    start = team.head
    team.deploy("catalog", "1")
    assert of(team, kinds.VERIFICATION_OWED, since=start) == [("verification.owed", "catalog", "1")]
    start = team.head
    team.deploy("catalog", "1", "staging")
    assert of(team, kinds.VERIFICATION_OWED, since=start) == []


def test_a_merge_is_told_by_what_it_brings_and_the_log_goes_along_first_parents(team: Team) -> None:
    start = team.head
    aside = git.commit(team.repo, start, {"environments/aside.yaml": b""}, "aside")
    add(team.repo, {"environments/here.yaml": b""}, "here")
    here = team.head
    both = {"environments/aside.yaml": b""}
    merge = person(Path(team.location), "commit-tree", "-p", here, "-p", aside, "-m", "merge", _tree(team, here, both))
    person(Path(team.location), "update-ref", "refs/heads/main", merge)
    found = list(events.since(team.repo, start, merge))
    assert [(one.commit, [each.environment for each in one.events]) for one in found] == [
        (here, ["here"]),
        (merge, ["aside"]),
    ]


def _tree(team: Team, commit: str, files: dict[str, bytes | None]) -> str:
    made = git.commit(team.repo, commit, files, "to have its tree")
    return person(Path(team.location), "rev-parse", f"{made}^{{tree}}")


def test_a_revert_is_told_as_what_it_does(team: Team) -> None:
    team.live("catalog", "1", "/items")
    team.spec("catalog", "2", "/items")
    before = team.head
    team.deploy("catalog", "2")
    deployed = team.state.bytes_at("environments/production/catalog.yaml")
    original = read.state_at(team.repo, before).bytes_at("environments/production/catalog.yaml")
    assert deployed != original
    start = team.head
    add(team.repo, {"environments/production/catalog.yaml": original}, 'Revert "deploy: catalog 2 to production"')
    assert of(team, kinds.DEPLOYED, since=start) == [("deployment.recorded", "catalog", "1", "production")]


def test_a_broken_file_is_told_the_rest_too_and_its_fact_when_it_is_mended(team: Team) -> None:
    team.spec("catalog", "1", "/items")
    start = team.head
    broken = {"environments/production/catalog.yaml": b"deployed: 5", "environments/new.yaml": b""}
    add(team.repo, broken, "oh")
    assert ("environment.registered", "new") in told(team, start)
    assert ("record.unreadable", "catalog", "production") in told(team, start)
    start = team.head
    add(team.repo, {"environments/production/catalog.yaml": b"deployed: ['1']"}, "mended")
    assert ("deployment.recorded", "catalog", "1", "production") in told(team, start)
    assert of(team, kinds.UNREADABLE, since=start) == []


def test_files_of_the_team_and_webhooks_are_no_events(team: Team) -> None:
    start = team.head
    add(team.repo, {"README.md": b"x", "webhooks/ci.yaml": b"url: x", "services/notes.md": b"x"}, "notes")
    assert told(team, start) == []


def test_since_a_commit_that_is_not_there_is_refused(team: Team) -> None:
    with pytest.raises(UsageError, match="not in the registry's history"):
        list(events.since(team.repo, "0" * 40, team.head))


def test_since_a_date_before_the_first_commit_is_since_the_beginning(team: Team) -> None:
    team.spec("catalog", "1", "/items")
    assert opening.start_of(team.repo, "1999-12-31") is None
    assert opening.start_of(team.repo, "HEAD~1") == git.resolve(team.repo, "HEAD~1")
    with pytest.raises(UsageError, match="no commit 99 steps back"):
        opening.start_of(team.repo, "HEAD~99")
    with pytest.raises(UsageError, match="is no commit id"):
        opening.start_of(team.repo, "lately")


def test_history_that_was_left_has_a_last_common_commit(team: Team) -> None:
    fork = team.head
    one = git.commit(team.repo, fork, {"a": b"1"}, "one")
    two = git.commit(team.repo, fork, {"a": b"2"}, "two")
    assert events.common(team.repo, one, two) == fork
    assert events.common(team.repo, "0" * 40, two) is None


# --- whatever happens


class Pool:
    """A registry in which much happened, and every content that each of its files ever had."""

    def __init__(self, team: Team) -> None:
        team.live("catalog", "1", "/items")
        team.live("catalog", "2", "/other")
        team.spec("catalog", None, "/items")
        team.contract("cart", "1", "catalog", "/items")
        team.contract("cart", "2", "catalog", "/other")
        team.deploy("cart", "1")
        team.deploy("cart", "2", "staging")
        team.deploy("catalog", "1", "staging")
        team.tested("catalog", "1", passed=False)
        publish(team, "3", "main", "/items", "/other")
        publish(team, "4", "main", "/other")
        self.team, self.start = team, team.head
        self.contents: dict[str, list[bytes | None]] = {}
        for commit in events.commits(team.repo, team.head):
            state = read.RegistryState(team.repo, commit)
            for path in git.changed_paths(team.repo, None, commit, inside=layout.ROOTS):
                known = self.contents.setdefault(path, [None, b"{", b"deployed: 5"])
                if (data := state.bytes_at(path)) not in known:
                    known.append(data)

    def edits(self) -> st.SearchStrategy[dict[str, bytes | None]]:
        one = st.sampled_from(sorted(self.contents))
        pairs = one.flatmap(lambda path: st.tuples(st.just(path), st.sampled_from(self.contents[path])))
        return st.lists(pairs, min_size=1, max_size=6).map(dict)

    def chain(self, changes: list[dict[str, bytes | None]]) -> list[str]:
        """The commits with these changes, one after the other, on no branch."""
        found = [self.start]
        for number, files in enumerate(changes):
            found.append(git.commit(self.team.repo, found[-1], files, f"change {number}"))
        return found


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Pool:
    return Pool(Team.founds(tmp_path_factory.mktemp("pool") / "registry"))


@effort(12)
@given(data=st.data())
def test_the_events_of_a_way_are_those_of_its_parts(pool: Pool, data: st.DataObject) -> None:
    """However it is cut, and whoever read what before; and every id stands for one event."""
    commits = pool.chain(data.draw(st.lists(pool.edits(), min_size=1, max_size=5)))
    repo = pool.team.repo
    whole = list(events.since(repo, commits[0], commits[-1]))
    assert [one.commit for one in whole] == commits[1:]
    middle = data.draw(st.sampled_from(commits))
    parts = [*events.since(repo, commits[0], middle), *events.since(repo, middle, commits[-1])]
    assert parts == whole == [events.told(repo, commit) for commit in commits[1:]]
    ids = [event.id for one in whole for event in one.events]
    assert len(set(ids)) == len(ids)
    for one in whole:
        cheap = events.of_commit(repo, one.commit)
        assert [each for each in one.events if each in cheap] == list(cheap)


@effort(15)
@given(data=st.data())
def test_the_order_of_files_changes_nothing_and_what_did_not_change_is_not_needed(
    pool: Pool, data: st.DataObject
) -> None:
    """``changed`` only spares work: without it, the same turns are found by looking everywhere."""
    commits = pool.chain(data.draw(st.lists(pool.edits(), min_size=1, max_size=3)))
    repo, (parent, commit) = pool.team.repo, commits[-2:]
    facts = events.changed(repo, parent, commit)
    shuffled = data.draw(st.permutations(facts))
    assert happened(*sides(repo, parent, commit), facts) == happened(*sides(repo, parent, commit), shuffled)
    some, every = (in_order(turned(*sides(repo, parent, commit), given)) for given in (facts, None))
    assert _readable(some) == _readable(every)


def _readable(found: tuple[Event, ...]) -> list[Event]:
    """Without what says that debts cannot be told: that is said of those who are asked about."""
    return [one for one in found if one.detail.get("what") != "verification.owed"]


def sides(repo: git.Repository, parent: str, commit: str) -> tuple[read.RegistryState, read.RegistryState]:
    return read.RegistryState(repo, parent), read.RegistryState(repo, commit)


AGAINST = {"incompatible", "failed", "no provider", "unreadable"}


def red(state: read.RegistryState, environment: str) -> set[str] | None:
    """The services against which something stands, by the table of integrations; None where nobody can tell."""
    try:
        found = integrations(state, environment=environment) if environment in state.environments() else ()
    except InvalidData:
        return None
    return {name for one in found if one.state in AGAINST for name in (one.consumer, one.provider) if name}


@effort(15)
@given(data=st.data())
def test_the_guard_turns_red_exactly_where_the_table_of_integrations_does(pool: Pool, data: st.DataObject) -> None:
    commits = pool.chain(data.draw(st.lists(pool.edits(), min_size=1, max_size=3)))
    repo, (parent, commit) = pool.team.repo, commits[-2:]
    before, after = sides(repo, parent, commit)
    found = events.told(repo, commit).events
    for environment in ("production", "staging"):
        was, now = red(before, environment), red(after, environment)
        if was is None or now is None or environment not in after.environments():
            continue
        live = {name for name, place in after.placements(environment).items() if place.versions}
        then = before.placements(environment) if environment in before.environments() else {}
        was_live = {name for name, place in then.items() if place.versions}
        turned_red = {one.service for one in found if (one.type, one.environment) == (kinds.GUARD_RED, environment)}
        assert turned_red == (now & live) - (was & was_live)
