"""Every rule of ``check``: what it finds and where; and beside it what is alike and allowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from signet.errors import ShallowClone, UsageError
from signet.registry import git, layout, record
from signet.registry.check import Checked, check, published
from tests.domain import Team, pact_bytes, spec_bytes
from tests.registry.people import add, person
from tests.registry.test_fixtures import TEA, WRITTEN

CART = "services/cart/versions/2.1.0.json"
PLACE = "environments/production/cart.yaml"
TESTED = "services/catalog/verifications/1.0.0/spec.json"
FIXTURE = layout.path("fixture", "catalog", TEA.operation, TEA.name)
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """catalog is live with two consumers: cart, on its main branch, and web, whose replay passed."""
    team = Team.founds(tmp_path_factory.mktemp("check") / "registry.git")
    team.spec("catalog", None, "/items", "/prices")
    team.spec("catalog", "1.0.0", "/items", "/prices", branch="main")
    team.tested("catalog", "1.0.0")
    team.deploy("catalog", "1.0.0")
    team.contract("cart", "2.1.0", "catalog", "/items")
    team.contract("web", "1", "catalog", "/items")
    record.register_version(team.repo, "cart", "2.1.0", branch="main", artifacts={"image": "cart:2.1.0"})
    record.record_replay(team.repo, "catalog", "1.0.0", passed=True, consumer="web", consumer_version="1")
    team.deploy("cart", "2.1.0")
    return team


def change(team: Team, files: dict[str, bytes | None], base: str | None = None) -> Checked:
    """What is found about a commit with these files on the head, which is on no branch."""
    repo = team.repo
    return check(repo, team.head, git.commit(repo, base or team.head, files, "a change"))


def told(found: Checked) -> list[tuple[str, str, int]]:
    return [(one.code, one.path, one.line) for one in found.findings]


def text_of(team: Team, path: str) -> str:
    data = team.state.bytes_at(path)
    assert data is not None
    return data.decode()


def edited(team: Team, path: str, **values: Any) -> bytes:
    """A machine's record with other values."""
    return (json.dumps(json.loads(text_of(team, path)) | values, indent=2, sort_keys=True) + "\n").encode()


def contract_path(team: Team, consumer: str = "cart") -> str:
    manifest = team.state.manifest(consumer, "2.1.0" if consumer == "cart" else "1")
    assert manifest is not None
    return layout.path("contract", consumer, "catalog", manifest.contracts["catalog"])


def test_what_the_commands_wrote_is_faultless_as_a_whole_and_step_by_step(shop: Team) -> None:
    assert told(check(shop.repo, None, shop.head)) == []
    history = [one.commit for one in git.log(shop.repo, shop.head)][::-1]
    for base, revision in zip([None, *history], history, strict=False):
        assert told(check(shop.repo, base, revision)) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("services/cart/notes.md", "unknown-path"),
        ("services/cart/versions/2.1.0.yaml", "unknown-path"),
        ("services/catalog/comparisons/cart.json", "unknown-path"),
        ("environments/production/cart.yml", "unknown-path"),
        ("environments/.hidden", "unknown-path"),
        ("services/con/service.yaml", "unknown-path"),
        (".mailmap", "mail-map"),
        ("waivers/one.yaml", "reserved-path"),
        ("waivers/ci.yaml", "reserved-path"),
        (f"{CART}.sig", "reserved-path"),
        ("services/.gitkeep", None),
        ("docs/notes.md", None),
        ("docs/.mailmap", None),
    ],
)
def test_a_path_is_known_or_found(shop: Team, path: str, code: str | None) -> None:
    assert [one[:2] for one in told(change(shop, {path: b"x"}))] == ([(code, path)] if code else [])


def test_an_alias_means_one_service(shop: Team) -> None:
    """Two that share one, and a new service whose name is one already; what was so before is nobody's change."""
    repo, other = shop.repo, "services/web/service.yaml"
    one = git.commit(repo, shop.head, {other: b"aliases: [Shop Front, Other]\n"}, "an alias")
    cart = "services/cart/service.yaml"

    def found_with(files: dict[str, bytes | None]) -> list[tuple[str, str, int]]:
        return told(check(repo, one, git.commit(repo, one, files, "a change")))

    assert found_with({cart: b"aliases:\n  - Cart\n  - Shop Front\n"}) == [("name-clash", cart, 3)]
    assert found_with({cart: b"aliases: [shop front]\n"}) == []
    assert found_with({cart: b"aliases: [web]\n"}) == [("name-clash", cart, 1)]
    assert found_with({cart: b"aliases: [cart]\n"}) == []
    assert found_with({"services/Other/service.yaml": b"owners: []\n"}) == [("name-clash", other, 1)]
    clash = git.commit(repo, one, {cart: b"aliases: [Other]\n"}, "two of them")
    assert told(check(repo, clash, git.commit(repo, clash, {"docs/x.md": b"x"}, "not mine"))) == []
    assert told(check(repo, None, clash)) == [("name-clash", cart, 1), ("name-clash", other, 1)]
    assert told(check(repo, clash, git.commit(repo, clash, {cart: b"owners: [\n"}, "broken")))[0][0] == "record-invalid"


FIRST = b"format: 1\nversion: 3\nname: x\n"


@pytest.mark.parametrize(
    ("policy", "told_line"),
    [
        (b"format: 1\nversion: 4\nname: x\ncheck: {protected: []}\n", None),
        (b"format: 1\nversion: 3\nname: y\n", 2),
        (b"format: 1\nname: x\nversion: 2\n", 3),
        (b"format: 1\nversion: 5\nname: x\n", 2),
        (b"format: 1\nname: x\n", 1),
    ],
)
def test_an_older_policy_does_not_come_back(shop: Team, policy: bytes, told_line: int | None) -> None:
    """T08: from version 3 it goes to 4; and a registry whose policy has no version begins with 1, or keeps none."""
    repo = shop.repo
    kept = git.commit(repo, shop.head, {"signet.yaml": FIRST}, "version 3")
    found = check(repo, kept, git.commit(repo, kept, {"signet.yaml": policy}, "a change"))
    assert told(found) == ([("policy-version", "signet.yaml", told_line)] if told_line else [])
    assert told(check(repo, kept, git.commit(repo, kept, {"docs/x.md": b"x"}, "another file"))) == []
    assert [one[0] for one in told(change(shop, {"signet.yaml": FIRST}))] == ["policy-version"], "begins with 3"
    assert told(change(shop, {"signet.yaml": b"format: 1\nversion: 1\nname: x\n"})) == []
    assert told(check(repo, None, kept)) == [], "a whole tree has nothing before it"


def test_a_record_keeps_its_signature(shop: Team) -> None:
    """T11: in every trust mode; with its record it may go, and a signature of nothing says nothing."""
    repo = shop.repo
    signed = git.commit(repo, shop.head, {f"{PLACE}.sig": b"x", "docs/x.sig": b"x"}, "signed")
    removed = git.commit(repo, signed, {f"{PLACE}.sig": None, "docs/x.sig": None}, "stripped")
    assert told(check(repo, signed, removed)) == [("signature-removed", f"{PLACE}.sig", 0)]
    both = git.commit(repo, signed, {f"{PLACE}.sig": None, PLACE: None}, "undeployed")
    assert "signature-removed" not in [code for code, *_ in told(check(repo, signed, both))]


def test_only_plain_files_count(shop: Team) -> None:
    import pygit2

    repo = shop.repo
    store = repo.objects
    for mode in (0o100755, 0o120000):
        blob = store.create_blob(b"owners: []\n")
        entry = store.TreeBuilder()
        entry.insert("service.yaml", blob, pygit2.enums.FileMode(mode))
        root = store.TreeBuilder(store[git.objects.root_tree(repo, shop.head)])
        services = store.TreeBuilder(store[root.get("services").id])
        services.insert("new", entry.write(), pygit2.enums.FileMode.TREE)
        root.insert("services", services.write(), pygit2.enums.FileMode.TREE)
        who = pygit2.Signature("a", "a@example.org", 1, 0)
        commit = str(store.create_commit(None, who, who, "odd", root.write(), [shop.head]))
        assert told(check(repo, shop.head, commit)) == [("mode", "services/new/service.yaml", 0)]


def test_a_repository_inside_is_found_wherever_it_is(shop: Team) -> None:
    files = {f"docs/x/{name}": b"x" for name in ("HEAD", "config", "objects/ab", "refs/heads/main")}
    assert ("embedded-repository", "docs/x", 0) in told(change(shop, files))
    assert told(change(shop, {"docs/HEAD": b"x", "docs/refs/a": b"x"})) == []


@pytest.mark.parametrize(
    "path",
    ["services/Cart/service.yaml", "environments/PRODUCTION.yaml", "services/catalog/versions/1.0.0+a.json"],
)
def test_names_differ_in_more_than_case(shop: Team, path: str) -> None:
    found = {one.path for one in change(shop, {path: b"{}"}).findings if one.code == "name-clash"}
    assert found == ({path.removesuffix("/service.yaml")} if "+" not in path else set())


def test_an_alias_is_nobody_else_s_name(shop: Team) -> None:
    data = b"owners: []\naliases:\n  - Cart Service\n  - catalog\n"
    assert told(change(shop, {"services/cart/service.yaml": data})) == [("name-clash", "services/cart/service.yaml", 4)]


@pytest.mark.parametrize(
    ("path", "data", "lines"),
    [
        ("environments/qa.yaml", b"order: 1\nproduktion: true\norder2: x\n", [2, 3]),
        (PLACE, b"deployed:\n  - version: [1]\nreleased: 7\n", [2, 3]),
        ("services/cart/service.yaml", b"owners: [a\n", [2]),
        ("services/catalog/openapi.yaml", b"openapi: 3.0.3\npaths: []\n", [2]),
        ("signet.yaml", b"format: 1\ncheck:\n  protekted: []\n", [3]),
        ("signet.yaml", b"format: 1\ncheck:\n  protected: [production, production]\n", [3]),
        ("services/cart/versions/3.json", b'{\n "service": "cart",\n "version": "4"\n}\n', [3]),
        (FIXTURE, WRITTEN.replace('"status": 200', '"status": 99').encode(), [27]),
    ],
)
def test_a_record_is_read_and_all_its_faults_are_told_with_lines(
    shop: Team, path: str, data: bytes, lines: list[int]
) -> None:
    found = [one for one in change(shop, {path: data}).findings if one.code == "record-invalid"]
    assert [one.line for one in found] == lines and {one.path for one in found} == {path}


def test_a_copied_result_says_whose_it_is(shop: Team) -> None:
    """T03: the path of one version, the content of another."""
    copied = TESTED.replace("1.0.0", "1.1.0")
    version = edited(shop, "services/catalog/versions/1.0.0.json", version="1.1.0", branches=[])
    found = change(shop, {copied: text_of(shop, TESTED).encode(), "services/catalog/versions/1.1.0.json": version})
    assert [one[:2] for one in told(found)] == [("record-invalid", copied)]


def test_contents_are_hashed_again_and_never_change(shop: Team) -> None:
    path = contract_path(shop)
    other = json.loads(text_of(shop, path))
    other["pact"]["interactions"][0]["request"]["path"] = "/forged"
    forged = json.dumps(other).encode()
    assert [one[0] for one in told(change(shop, {path: forged}))] == ["content-changed", "record-invalid"]
    assert [one[0] for one in told(change(shop, {path: text_of(shop, path).encode() + b"\n"}))] == ["content-changed"]
    assert {"record-removed", "reference-missing"} >= {one[0] for one in told(change(shop, {path: None}))} != set()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"branches": []}, "/branches"),
        ({"contracts": {}}, "/contracts"),
        ({"contracts": {"catalog": "0" * 64}}, "/contracts/catalog"),
        ({"artifacts": {}}, "/artifacts"),
        ({"artifacts": {"image": "other"}}, "/artifacts"),
        ({"commit": "1" * 40}, "/commit"),
        ({"build_url": "https://ci.example.com"}, "/build_url"),
    ],
)
def test_a_version_only_grows(shop: Team, values: dict[str, Any], pointer: str) -> None:
    found = change(shop, {CART: edited(shop, CART, **values)})
    assert (("version-changed", CART, pointer)) in [(one.code, one.path, one.pointer) for one in found.findings]
    assert all(one.line for one in found.findings if one.code == "version-changed")
    more = {"branches": ["main", "x"], "artifacts": {"image": "cart:2.1.0", "tests": "t"}}
    assert told(change(shop, {CART: edited(shop, CART, **more)})) == []


def test_another_spec_under_a_published_version_is_found(shop: Team) -> None:
    path = "services/catalog/versions/1.0.0.json"
    found = change(shop, {path: edited(shop, path, spec="0" * 64)})
    assert told(found) == [("reference-missing", path, 11), ("version-changed", path, 11)]


@pytest.mark.parametrize("path", [CART, TESTED, "services/cart/branches/main.json"])
def test_published_records_stay(shop: Team, path: str) -> None:
    assert ("record-removed", path, 0) in told(change(shop, {path: None}))


def test_a_whole_integration_may_be_deleted_and_a_part_may_not(shop: Team) -> None:
    start = shop.head
    record.delete_integration(shop.repo, "web", "catalog")
    deleted = shop.head
    assert told(check(shop.repo, start, deleted)) == []
    shop.repo.objects.references.create(shop.repo.ref, start, force=True)
    files = {path: None for path in git.changed_paths(shop.repo, start, deleted) if "/versions/" not in path}
    manifest = "services/web/versions/1.json"
    assert told(change(shop, dict(files))) == [("reference-missing", manifest, 7)]
    replay = next(path for path in files if "/verifications/" in path)
    assert told(change(shop, {replay: None})) == [("record-removed", replay, 0)]


@pytest.mark.parametrize(
    ("path", "data", "line"),
    [
        (PLACE, b"deployed:\n  - version: '2.1.0'\ndesired: '9'\nreleased: ['2.1.0']\n", 3),
        ("environments/production/nobody.yaml", b"deployed: ['1']\n", 1),
        ("environments/qa/cart.yaml", b"deployed: ['2.1.0']\n", 1),
        ("services/cart/branches/dev.json", b'{"branch": "dev", "kind": "head", "service": "cart", "version": "7"}', 1),
        (
            "services/cart/branches/dev.json",
            b'{"branch": "dev", "kind": "head", "service": "cart", "version": "2.1.0"}',
            1,
        ),
        ("signet.yaml", b"format: 1\ncheck:\n  protected:\n    - prod\n", 4),
    ],
)
def test_what_is_named_is_there(shop: Team, path: str, data: bytes, line: int) -> None:
    assert told(change(shop, {path: data})) == [("reference-missing", path, line)]


def test_results_name_what_is_there(shop: Team) -> None:
    other = edited(shop, TESTED, spec="0" * 64)
    assert [one[:2] for one in told(change(shop, {TESTED: other}))] == [("reference-missing", TESTED)]
    replay = layout.path("replay", "catalog", "1.0.0", "cart", "0" * 64)
    value = json.loads(text_of(shop, TESTED)) | {"kind": "replay", "consumer": "cart", "contract": "0" * 64}
    del value["spec"]
    found = change(shop, {replay: json.dumps(value).encode()})
    assert [one[:2] for one in told(found)] == [("reference-loose", replay)] and found.faults == 0


def test_an_environment_that_is_gone_leaves_nothing_behind(shop: Team) -> None:
    found = change(shop, {"environments/production.yaml": None})
    assert {one.code for one in found.findings} == {"environment-removed", "reference-missing"}
    everything = {"environments/production.yaml": None, PLACE: None, "environments/production/catalog.yaml": None}
    assert [one.code for one in change(shop, everything).findings] == ["environment-removed"]
    assert change(shop, everything).protected == {"production"}


def test_secrets_are_found_and_not_repeated(shop: Team) -> None:
    leaky = WRITTEN.replace('"id": 7', f'"id": "{SECRET}"')
    (finding,) = [one for one in change(shop, {FIXTURE: leaky.encode()}).findings if one.code == "secret-found"]
    assert (finding.level, finding.line) == ("error", 19) and SECRET not in str(finding)
    spec = spec_bytes("catalog", "/items", "/prices", **{"x-example": SECRET})
    found = change(shop, {"services/catalog/openapi.yaml": spec})
    assert [(one.code, one.pointer) for one in found.findings] == [("secret-suspected", "/x-example")]
    assert found.faults == 0


@pytest.mark.parametrize(
    ("owners", "right"),
    [
        ("* @org/all\n/services/cart/ @org/shop # ours\n", True),
        ("services/cart/** @Org/Shop\n", True),
        ("/services/ @org/shop\n/services/cart @org/other\n", False),
        ("/services/*.yaml @org/shop\n", False),
        ("[Shop]\n/services/car* @org/shop\n", True),
        ("", False),
    ],
)
def test_codeowners_are_the_owners(shop: Team, owners: str, right: bool) -> None:
    service = b'owners: ["@org/shop", shop-team]\n'
    files: dict[str, bytes | None] = {"services/cart/service.yaml": service, "CODEOWNERS": None}
    assert told(change(shop, dict(files))) == [], "without CODEOWNERS there is nothing to be in step with"
    found = told(change(shop, files | {".github/CODEOWNERS": owners.encode()}))
    assert found == ([] if right else [("owners-differ", "services/cart/service.yaml", 0)])


def test_an_environment_has_owners_too(shop: Team) -> None:
    files: dict[str, bytes | None] = {"environments/staging.yaml": b'owners: ["@org/ops"]\n'}
    assert told(change(shop, files)) == [("owners-differ", "environments/staging.yaml", 0)], "made by init, before"
    files["CODEOWNERS"] = b"/environments/staging.yaml @org/ops\n"
    assert told(change(shop, files)) == []


def test_a_fixture_that_fits_no_more_is_told(shop: Team) -> None:
    files: dict[str, bytes | None] = {FIXTURE: WRITTEN.encode()}
    found = change(shop, files)
    assert [one[:2] for one in told(found)] == [("fixture-unfit", FIXTURE)] and found.faults == 0


# --- merging


def test_a_change_is_judged_as_merged_and_conflicts_are_named(shop: Team) -> None:
    repo, start = shop.repo, shop.head
    first = git.commit(repo, start, {"services/a/service.yaml": b"owners: [a]\n", PLACE: b"deployed: []\n"}, "base")
    apart = git.commit(repo, start, {"services/b/service.yaml": b"owners: [b]\n"}, "revision")
    found = check(repo, first, apart)
    assert found.findings == () and found.changed == 1
    assert {"a", "b"} <= found.after.services() and found.revision == apart
    clash = git.commit(repo, start, {PLACE: b"released: []\n"}, "revision")
    assert told(check(repo, first, clash)) == [("merge-conflict", PLACE, 0)]
    assert told(check(repo, first, start)) == [], "it is merged already"


def test_an_evil_merge_is_judged_by_what_stands_in_it(shop: Team) -> None:
    """T19: a merge that adds what is in none of its parents; and one with too many parents."""
    import pygit2

    repo, start = shop.repo, shop.head
    store = repo.objects
    side = git.commit(repo, start, {"services/b/service.yaml": b"owners: [b]\n"}, "side")
    other = git.commit(repo, start, {"README.md": b"x"}, "other")
    evil = git.commit(repo, side, {"services/cart/comparisons.json": b"{}"}, "evil")
    who = pygit2.Signature("a", "a@example.org", 1, 0)
    root = git.objects.root_tree(repo, evil)
    merge = str(store.create_commit(None, who, who, "m", root, [start, side]))
    assert told(check(repo, start, merge)) == [("unknown-path", "services/cart/comparisons.json", 0)]
    octopus = str(store.create_commit(None, who, who, "m", git.objects.root_tree(repo, side), [start, side, other]))
    assert told(check(repo, start, octopus)) == [("octopus-merge", ".", 0)]


def test_too_little_history_and_none_in_common_are_refused(shop: Team, tmp_path: Path) -> None:
    repo, start = shop.repo, shop.head
    lonely = git.commit(repo, None, {"signet.yaml": b"format: 1\n"}, "alone")
    with pytest.raises(UsageError, match="no history in common"):
        check(repo, start, lonely)
    apart = git.commit(repo, f"{next(iter(git.log(repo, start))).parents[0]}", {"README.md": b"x"}, "apart")
    store = Path(shop.location)
    person(store, "update-ref", "refs/heads/apart", apart)
    person(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", f"file://{store}", "shallow")
    shallow = git.open_repository(str(tmp_path / "shallow"))
    with pytest.raises(ShallowClone, match="fetch-depth"):
        check(shallow, git.revision(shallow, "origin/main"), git.revision(shallow, "origin/apart"))
    person(store, "update-ref", "-d", "refs/heads/apart")


# --- the policy is the base's


def test_a_change_does_not_choose_who_checks_it(shop: Team) -> None:
    """T60: protection, and the format, are those of the base."""
    repo, start = shop.repo, shop.head
    loose = {
        "environments/production.yaml": b"production: false\n",
        "signet.yaml": b"format: 1\ncheck: {protected: []}\n",
    }
    assert change(shop, loose).protected == {"production"}
    strict = git.commit(repo, start, {"signet.yaml": b"format: 1\ncheck: {protected: [staging]}\n"}, "strict")
    after = git.commit(repo, strict, {"signet.yaml": b"format: 1\n"}, "after")
    assert check(repo, strict, after).protected == {"staging"}
    assert check(repo, after, git.commit(repo, after, {"README.md": b"x"}, "x")).protected == {"production"}
    later = git.commit(repo, start, {"signet.yaml": b"format: 2\n", "services/x/y": b""}, "later")
    assert [one.code for one in check(repo, None, later).findings] == ["record-invalid"], "it says nothing of the rest"
    mended = check(repo, later, git.commit(repo, later, {"signet.yaml": b"format: 1\n", "services/x/y": None}, "mend"))
    assert mended.findings == ()
    gone = change(shop, {"signet.yaml": None})
    assert [one.code for one in gone.findings] == ["registry-removed"]


def test_what_was_broken_may_be_mended(shop: Team) -> None:
    repo, start = shop.repo, shop.head
    broken = git.commit(repo, start, {TESTED: b"{}", CART: b"{"}, "broken")
    mended = git.commit(repo, broken, {TESTED: text_of(shop, TESTED).encode(), CART: text_of(shop, CART).encode()}, "m")
    assert told(check(repo, broken, mended)) == []


# --- what is read


def test_a_change_reads_what_changed_and_what_that_names(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry.git")
    for number in range(20):
        team.spec("catalog", f"1.{number}", "/items")
        team.contract("cart", f"2.{number}", "catalog", "/items")
    start = team.head
    team.contract("cart", "3", "catalog", "/items", "/items/7")
    repo = team.repo
    found = check(repo, start, team.head)
    assert found.changed == 2 and found.findings == ()
    assert repo.reads["blob"] == 5, "the policy, two environments, the manifest and the contract"
    assert published(found) == ()
    team.spec("catalog", "2", "/other")
    assert published(check(team.repo, start, team.head)) == (("catalog", "2"),)


@pytest.mark.parametrize("root", ["environments", "services", "services/cart", "environments/production"])
def test_a_file_in_the_place_of_a_folder_is_found(shop: Team, root: str) -> None:
    found = change(shop, {root: b"x"})
    assert ("unknown-path", root, 0) in told(found)
    assert found.protected == {"production"}


def test_a_tree_that_readers_read_differently_is_found(shop: Team) -> None:
    """T32: two entries of one name."""
    repo = shop.repo
    raw = git.objects.raw(repo, git.objects.root_tree(repo, shop.head))
    twice = repo.objects.odb.write(2, raw + raw[raw.index(b"100644 signet.yaml") :])
    commit = git.objects.raw(repo, shop.head).decode().partition("\n")[2]
    odd = repo.objects.odb.write(1, f"tree {twice}\n{commit}".encode())
    assert "tree-invalid" in {one.code for one in check(repo, None, str(odd)).findings}


def test_an_agreed_spec_that_others_rely_on_is_missed(shop: Team) -> None:
    found = change(shop, {"services/catalog/openapi.yaml": None})
    assert [(one.code, one.level) for one in found.findings] == [("agreed-spec-removed", "warning")]
    assert "cart, web have contracts with it" in found.findings[0].message


def test_a_change_may_found_a_registry(tmp_path: Path) -> None:
    """A founding change: the base is a repository that is no registry yet."""
    team = Team.founds(tmp_path / "registry.git")
    repo = team.repo
    bare = git.commit(repo, None, {"README.md": b"x"}, "before")
    tree = {path: team.state.bytes_at(path) for path in git.changed_paths(repo, None, team.head)}
    founded = git.commit(repo, bare, tree, "found")
    found = check(repo, bare, founded)
    assert found.findings == () and found.protected == {"production"}
    pact = pact_bytes("cart", "catalog", "/x")
    added = add(repo, {"services/cart/contracts/catalog/0123456789abcdef.json": pact}, "by hand")
    assert {one.code for one in check(repo, None, added).findings} == {"record-invalid"}
