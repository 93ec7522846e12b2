"""Facts in a real repository: idempotent, refused whole, one fact a file, the same tree in any order."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signet.errors import InvalidData, NameRefused, SignetError, UnknownName, UsageError, VersionConflict
from signet.registry import git, record
from tests.domain import Team, pact_bytes, spec_bytes


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team.founds(tmp_path / "registry.git")


def tree(team: Team) -> str:
    """The id of the tree at the head: equal trees, equal ids."""
    answer = subprocess.run(
        ["git", "--git-dir", team.location, "rev-parse", "HEAD^{tree}"], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def bytes_of(folder: str) -> dict[str, bytes]:
    """Every file below a folder, but objects that nothing refers to yet."""
    root = Path(folder)
    return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}


class TestIdempotence:
    def test_the_same_fact_twice_is_one_commit(self, team: Team) -> None:
        facts: list[Callable[[], record.Receipt]] = [
            lambda: team.environment("qa"),
            lambda: record.register_service(team.repo, "catalog", owners=["@shop/catalog"], aliases=["Catalog API"]),
            lambda: record.register_version(team.repo, "catalog", "0.9", branch="main", artifacts={"image": "x:1"}),
            lambda: team.spec("catalog", None, "/items"),
            lambda: team.spec("catalog", "1.0", "/items", branch="main"),
            lambda: team.contract("cart", "2.1.0", "catalog", "/items"),
            lambda: team.tested("catalog", "1.0"),
            lambda: record.record_replay(
                team.repo, "catalog", "1.0", passed=True, consumer="cart", consumer_version="2.1.0"
            ),
            lambda: team.deploy("catalog", "1.0"),
            lambda: team.deploy("catalog", "1.0", instance="eu-1"),
            lambda: record.release(team.repo, "catalog", "1.0", "production"),
            lambda: record.end_support(team.repo, "catalog", "1.0", "production"),
            lambda: record.undeploy(team.repo, "catalog", "production", instance="eu-1"),
            lambda: record.delete_integration(team.repo, "cart", "catalog"),
        ]
        for fact in facts:
            first, head = fact(), team.head
            assert first.changed and first.commit == head
            again = fact()
            assert (again.changed, again.commit, team.head) == (False, head, head), first.subject
        assert len(list(git.log(team.repo, team.head))) == len(facts) + 1

    def test_formatting_and_another_ci_run_change_nothing(self, team: Team) -> None:
        from signet.core.formats import openapi, text

        def publish(data: bytes, run: str) -> record.Receipt:
            spec = openapi.spec(text.read(data, "openapi.yaml"))
            item = record.SpecItem(spec, data, "catalog", "1")
            return record.publish(team.repo, [item], how=record.Writing(record.Origin(run=run, commit="abc")))

        assert publish(spec_bytes("c", "/items"), "https://ci/1").changed
        spaced = b'\n{ "paths" : {"/items":{"get":{"responses":{"200":{"description":"ok"}}}}},\n'
        spaced += b'"info":{"version":"1","title":"c"},"openapi":"3.0.3"}'
        assert not publish(spaced, "https://ci/2").changed
        manifest = team.state.manifest("catalog", "1")
        assert manifest is not None and (manifest.build_url, manifest.commit) == ("https://ci/1", "abc")


class TestRefusals:
    def refused(self, team: Team, error: type[SignetError], fact: Callable[[], object]) -> SignetError:
        before = bytes_of(team.location)
        with pytest.raises(error) as caught:
            fact()
        assert bytes_of(team.location) == before, "a refusal changed the repository"
        assert caught.value.message and caught.value.remedy
        return caught.value

    def test_other_content_under_a_published_version(self, team: Team) -> None:
        team.contract("cart", "1", "catalog", "/items")
        team.spec("catalog", "1", "/items")
        error = self.refused(team, VersionConflict, lambda: team.contract("cart", "1", "catalog", "/other"))
        assert error.code == "version-conflict"
        assert "only the published contract has the interaction 'get /items'" in str(error)
        assert "only the new contract has the interaction 'get /other'" in str(error)
        error = self.refused(team, VersionConflict, lambda: team.spec("catalog", "1", "/other"))
        assert "/paths/~1other: only in the new one" in str(error)

    def test_unknown_names(self, team: Team) -> None:
        record.register_version(team.repo, "cart", "1")
        assert self.refused(team, UnknownName, lambda: team.deploy("cart", "2")).code == "unknown-version"
        assert self.refused(team, UnknownName, lambda: team.deploy("cat", "1")).code == "unknown-service"
        place = self.refused(team, UnknownName, lambda: team.deploy("cart", "1", "prod"))
        assert place.code == "unknown-environment"
        for fact in (
            lambda: record.undeploy(team.repo, "crat", "prodution"),
            lambda: record.release(team.repo, "crat", "1", "prodution"),
            lambda: record.end_support(team.repo, "crat", "1", "prodution"),
        ):
            error = self.refused(team, UnknownName, fact)
            assert "did you mean 'cart'" in str(error) and "did you mean 'production'" in str(error)
        self.refused(team, UnknownName, lambda: record.delete_integration(team.repo, "crat", "catalog"))

    @pytest.mark.parametrize("name", ["../x", "a/b", ".git", "CON", "a\nb", "x" * 300, "\u202eabc"])
    def test_names_that_cannot_be(self, team: Team, name: str) -> None:
        self.refused(team, NameRefused, lambda: team.environment(name))
        self.refused(team, NameRefused, lambda: record.register_service(team.repo, name))
        self.refused(team, NameRefused, lambda: record.register_version(team.repo, name, "1"))
        self.refused(team, NameRefused, lambda: record.register_version(team.repo, "cart", name))
        self.refused(team, NameRefused, lambda: team.contract(name, "1", "catalog", "/items"))
        self.refused(team, NameRefused, lambda: team.contract("cart", "1", name, "/items"))

    def test_names_that_differ_only_in_case(self, team: Team) -> None:
        record.register_version(team.repo, "billing", "v1")
        self.refused(team, NameRefused, lambda: record.register_version(team.repo, "Billing", "1"))
        self.refused(team, NameRefused, lambda: record.register_version(team.repo, "billing", "V1"))
        self.refused(team, NameRefused, lambda: team.environment("Production"))

    def test_what_has_nothing_to_stand_on(self, team: Team) -> None:
        record.register_version(team.repo, "cart", "1")
        self.refused(team, UsageError, lambda: team.tested("cart", "1"))

        def replay(**about: object) -> record.Receipt:
            return record.record_replay(team.repo, "catalog", "1", passed=True, consumer="cart", **about)  # type: ignore[arg-type]

        self.refused(team, UsageError, lambda: replay())
        self.refused(team, UsageError, lambda: replay(consumer_version="1"))
        self.refused(team, UnknownName, lambda: replay(consumer_version="9"))

    def test_external_services_are_not_deployed_here(self, team: Team) -> None:
        record.register_service(team.repo, "stripe", external=True)
        record.register_version(team.repo, "stripe", "1")
        self.refused(team, UsageError, lambda: team.deploy("stripe", "1"))

    def test_a_broken_file_that_is_needed_is_named(self, team: Team) -> None:
        record.register_version(team.repo, "cart", "1")
        edits = {"environments/production/cart.yaml": b"deployed: [{version: 1, vrsion: 2}]\ndesired: {}\n"}
        broken = git.commit(team.repo, team.head, edits, "by hand\n")
        assert git.publish(team.repo, team.head, broken).status == "accepted"
        error = self.refused(team, InvalidData, lambda: team.deploy("cart", "1"))
        assert isinstance(error, InvalidData) and len(error.faults) == 2
        assert all(fault.file == "environments/production/cart.yaml" and fault.line for fault in error.faults)
        assert team.deploy("cart", "1", "staging").changed, "a broken file elsewhere is nobody's business"

    def test_a_folder_that_is_no_registry(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError):
            git.open_repository(str(tmp_path))
        git.create(tmp_path / "plain.git", bare=True)
        with pytest.raises(UsageError, match="is not a registry"):
            record.register_environment(git.open_repository(str(tmp_path / "plain.git")), "qa")

    def test_init_leaves_other_repositories_alone(self, tmp_path: Path) -> None:
        git.create(tmp_path / "service.git", bare=True)
        repo = git.open_repository(str(tmp_path / "service.git"))
        first = git.commit(repo, None, {"src/app.py": b"x"}, "code\n")
        git.publish(repo, None, first)
        with pytest.raises(UsageError, match="not empty"):
            record.initialise(str(tmp_path / "service.git"), name="shop")
        assert git.head(repo) == first


class TestHands:
    """What people write by hand stays theirs."""

    def test_comments_stay_and_versions_are_quoted(self, team: Team) -> None:
        for version in ("1.10", "2.0", "3.0"):
            record.register_version(team.repo, "cart", version)
        path = "environments/production/cart.yaml"
        by_hand = (
            b"# ours\ndeployed:\n  - version: 1.10  # old one\n    instance: eu\nreleased: ['2.0']\ndesired: 3.0\n"
        )
        commit = git.commit(team.repo, team.head, {path: by_hand}, "by hand\n")
        git.publish(team.repo, team.head, commit)
        assert team.state.placement("production", "cart").versions == ("1.10", "2.0", "3.0")
        team.deploy("cart", "3.0")
        text = git.blob(team.repo, git.entry(team.repo, team.head, path).id, 10_000).decode()
        assert "# ours" in text and "# old one" in text and 'version: "3.0"' in text and "desired" not in text
        place = team.state.placement("production", "cart")
        assert [(slot.instance, slot.version) for slot in place.deployed] == [(None, "3.0"), ("eu", "1.10")]
        assert place.released == ("2.0",)

    def test_the_last_slot_takes_the_file_with_it_but_not_a_wish(self, team: Team) -> None:
        record.register_version(team.repo, "cart", "1")
        team.deploy("cart", "1")
        record.undeploy(team.repo, "cart", "production")
        assert git.entry(team.repo, team.head, "environments/production/cart.yaml") is None
        wish = {"environments/production/cart.yaml": b"deployed: ['1']\ndesired: '1'\n"}
        git.publish(team.repo, team.head, git.commit(team.repo, team.head, wish, "wish\n"))
        record.register_version(team.repo, "cart", "2")
        assert "still desired" in team.deploy("cart", "2", instance="eu").notes[0]
        record.undeploy(team.repo, "cart", "production", instance="eu")
        receipt = record.undeploy(team.repo, "cart", "production")
        assert team.state.placement("production", "cart").versions == ("1",)
        assert "still desired" in receipt.notes[0]

    def test_undeploying_what_is_not_there_is_no_change(self, team: Team) -> None:
        record.register_version(team.repo, "cart", "1")
        record.register_version(team.repo, "cart", "2")
        assert not record.undeploy(team.repo, "cart", "production").changed
        team.deploy("cart", "2")
        assert not record.undeploy(team.repo, "cart", "production", version="1").changed
        assert team.state.placement("production", "cart").versions == ("2",)


class TestContents:
    def test_an_alias_in_a_pact_file_is_the_service(self, team: Team) -> None:
        record.register_service(team.repo, "cart", aliases=["Cart Service"])
        record.register_service(team.repo, "catalog", aliases=["Catalog API"])
        team.contract("Cart Service", "1", "Catalog API", "/items")
        assert set(team.state.manifest("cart", "1").contracts) == {"catalog"}
        with pytest.raises(UsageError, match="already means the service cart"):
            record.register_service(team.repo, "shop", aliases=["Cart Service"])

    def test_spec_and_contracts_are_one_commit_and_one_manifest(self, team: Team) -> None:
        from signet.core.formats import openapi, pact, text

        def contract(provider: str) -> record.ContractItem:
            document = text.read(pact_bytes("cart", provider, "/x"), "p.json")
            return record.ContractItem(pact.contract(document), "1", "main")

        data = spec_bytes("cart", "/cart")
        spec = record.SpecItem(openapi.spec(text.read(data, "o.json")), data, "cart", "1", "main")
        before = team.head
        record.publish(team.repo, [spec, contract("catalog"), contract("inventory")])
        assert [entry.commit for entry in git.log(team.repo, team.head)][1] == before
        manifest = team.state.manifest("cart", "1")
        assert manifest.spec and set(manifest.contracts) == {"catalog", "inventory"} and manifest.branches == ("main",)
        assert team.state.head("cart", "main") == "1"

    def test_a_version_seen_again_does_not_move_the_head(self, team: Team) -> None:
        for version in ("1", "2", "1"):
            record.register_version(team.repo, "cart", version, branch="feature/ü x".replace(" ", "-"))
        assert team.state.head("cart", "feature/ü-x") == "2"

    def test_contents_are_hashed_again_on_reading(self, team: Team) -> None:
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        (entry,) = git.entries(team.repo, team.head, "services/cart/contracts/catalog")
        path = f"services/cart/contracts/catalog/{entry.name}"
        forged = git.blob(team.repo, entry.id, 10_000).replace(b"/items", b"/itemz")
        git.publish(team.repo, team.head, git.commit(team.repo, team.head, {path: forged}, "forged\n"))
        with pytest.raises(InvalidData, match="but its content is"):
            team.guard("cart", "1")

    def test_a_fault_inside_a_stored_contract_has_its_place_in_the_file(self, team: Team) -> None:
        team.live("catalog", "1", "/items")
        team.contract("cart", "1", "catalog", "/items")
        (entry,) = git.entries(team.repo, team.head, "services/cart/contracts/catalog")
        path = f"services/cart/contracts/catalog/{entry.name}"
        data = git.blob(team.repo, entry.id, 10_000)
        broken = data.replace(b'"status": 200', b'"status": "oops"')
        line = data[: data.index(b'"status"')].count(b"\n") + 1
        git.publish(team.repo, team.head, git.commit(team.repo, team.head, {path: broken}, "broken\n"))
        for _again in range(2):
            state = team.state
            digest = state.manifest("cart", "1").contracts["catalog"]
            for _ask in range(2):
                with pytest.raises(InvalidData) as caught:
                    state.contract("cart", "catalog", digest)
                (fault,) = caught.value.faults
                assert (fault.file, fault.line) == (path, line)
                assert fault.pointer == "/pact/interactions/0/response/status"

    def test_deleting_an_integration_is_one_commit_over_all_versions(self, team: Team) -> None:
        for version in ("1", "2"):
            team.contract("cart", version, "catalog", f"/items/{version}")
            team.contract("cart", version, "inventory", "/stock")
            record.record_replay(team.repo, "catalog", "7", passed=True, consumer="cart", consumer_version=version)
        before = len(list(git.log(team.repo, team.head)))
        record.delete_integration(team.repo, "cart", "catalog")
        assert len(list(git.log(team.repo, team.head))) == before + 1
        assert set(team.state.manifest("cart", "2").contracts) == {"inventory"}
        assert not team.state.listing("services/cart/contracts/catalog")
        assert not team.state.has_replays("catalog")


OPERATIONS = [
    ("register_version", ("cart", "1"), {"branch": "main"}),
    ("register_version", ("cart", "2"), {}),
    ("register_version", ("shop", "1"), {"branch": "dev"}),
    ("register_environment", ("qa",), {"order": 3}),
    ("register_service", ("shop",), {"aliases": ["Shop"]}),
    ("deploy", ("base", "1", "production"), {"instance": "a"}),
    ("deploy", ("base", "1", "production"), {"instance": "b"}),
    ("deploy", ("base", "2", "production"), {}),
    ("release", ("base", "1", "production"), {}),
    ("release", ("base", "2", "production"), {}),
]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.permutations(OPERATIONS))
def test_independent_facts_in_any_order_give_the_same_tree(tmp_path_factory, order) -> None:
    trees = set()
    for operations in (OPERATIONS, order):
        team = Team.founds(tmp_path_factory.mktemp("any-order") / "registry.git")
        for version in ("1", "2"):
            record.register_version(team.repo, "base", version)
        for name, arguments, options in operations:
            getattr(record, name)(team.repo, *arguments, **options)
        trees.add(tree(team))
    assert len(trees) == 1
