"""Only SignetError comes out of any reader of what others wrote, whatever the bytes (safety.md T21 to T26).

A reader that takes what it is given is asked once more: what came out can be written, compared and placed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signet.cli import app, config
from signet.core import compare
from signet.core.fixtures import asked, best, misfits
from signet.core.formats import bundling, junit, openapi, pact, text
from signet.core.model import names
from signet.core.model.fixture import Answered, Asked, Body, Fixture, Source
from signet.core.model.state import Placement, Slot
from signet.errors import Fault, InvalidData, SignetError
from signet.registry import documents, fixtures, git, history, layout, read, webhooks
from signet.registry.facts import environments, people
from signet.registry.facts.draft import Draft
from signet.registry.git import address, objects, trees
from tests.conformance.where import conformance
from tests.domain import Team
from tests.fuzz import THOROUGH, effort, strategies
from tests.fuzz.strategies import any_text, hostile_text, wild_text

A, B = "a" * 64, "b" * 64
LONGEST_ERROR = 400_000


def refusal(read: Callable[[], Any]) -> SignetError | None:
    """The error that reading ends with, if it is one of ours; it says something, and no book."""
    try:
        read()
    except SignetError as error:
        assert error.message
        assert len(str(error)) < LONGEST_ERROR
        for fault in getattr(error, "faults", ()):
            assert isinstance(fault, Fault)
            assert fault.line >= 0
        return error
    return None


SPECS = strategies.shop("catalog-1.0.0.openapi.json", "inventory-1.0.0.openapi.json")
PACTS = strategies.shop("cart-catalog.json", "cart-inventory.json")
SPLIT = text.dump(
    {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {
            "/a": {"$ref": "paths/a.json#/a"},
            "/b": {
                "get": {"parameters": [{"$ref": "common.json#/p"}], "responses": {"200": {"$ref": "common.json#/r"}}}
            },
        },
        "components": {
            "schemas": {"S": {"$ref": "common.json#/s"}, "T": {"discriminator": {"mapping": {"a": "a.json"}}}}
        },
    }
)
PARTS = text.dump(
    {
        "a": {
            "get": {
                "responses": {
                    "200": {"description": "x", "content": {"a/b": {"schema": {"$ref": "../common.json#/s"}}}}
                }
            }
        },
        "p": {"name": "q", "in": "query", "schema": {"$ref": "#/s"}},
        "r": {"description": "x", "headers": {"X": {"schema": {"$ref": "#/s"}}}},
        "s": {"type": "object", "properties": {"n": {"$ref": "#/s"}}},
    }
)


def a_spec(data: bytes) -> None:
    spec = openapi.spec(text.read(data, "openapi.yaml"))
    contract = pact.contract(text.read(PACTS[0], "pact.json"))
    compared(contract, spec)


def a_contract(data: bytes) -> None:
    contract = pact.contract(text.read(data, "pact.json"))
    again = pact.contract(text.Document("stored", "{}", pact.stored(contract), "json"), consumer="c", provider="p")
    assert again.digest == contract.digest
    compared(contract, openapi.spec(text.read(SPECS[0], "openapi.json")))


def compared(contract: Any, spec: Any) -> None:
    """A comparison of what was read ends with findings that can be shown."""
    for finding in compare.compare(contract, spec).findings:
        text.resolve(contract.source, finding.contract_pointer)
        text.resolve(spec.source, finding.spec_pointer)
        text.dump(finding.as_json())


def a_bundle(data: bytes) -> None:
    document = text.read(data, "openapi.yaml")
    value = bundling.bundled(document, lambda name: text.read(PARTS.encode(), name))
    openapi.spec(text.Document("whole", text.dump(value), value, "json"))


def parts_of_a_bundle(data: bytes) -> None:
    value = bundling.bundled(text.read(SPLIT.encode(), "x.json"), lambda name: text.read(data, name))
    openapi.spec(text.Document("whole", text.dump(value), value, "json"))


def a_test_report(data: bytes) -> None:
    report = junit.read(data, "report.xml")
    assert report.failed >= len(report.failures)
    assert junit.together([report, report]).failed == 2 * report.failed


def both_as_text_and_not(data: bytes) -> None:
    for name in ("x.yaml", "x"):
        for scalars_are_text in (True, False):
            document = text.read(data, name, scalars_are_text=scalars_are_text)
            for pointer in ("", "/a", "/paths/~1/get"):
                assert document.line(pointer) >= 1
            text.dump(document.value).encode()


def filed(model: type[documents.Record], path: str, **identity: str) -> Callable[[bytes], None]:
    """A reader of one kind of file in the registry: what is read as a noun is written and read as the same one."""

    def reader(data: bytes) -> None:
        found = documents.parse(model, data, path, identity)
        again = documents.parse(model, documents.to_json(found), "again.json", identity)
        assert again == found
        if hasattr(found, "noun"):
            found.noun("x") if path.endswith(".yaml") else found.noun()

    reader.__name__ = model.__name__
    return reader


PLACEMENT = b"""# what is live of cart
deployed:   # slots
  - version: "2.0.1"
  - {version: 1.10, instance: 'eu'}   # west
  - version: '3'
    instance: us
desired: "2.1.0"
released: [a, b]
"""
SERVICE = b"""# who cares for it
owners: [ada, "bob"]   # people
main_branch: trunk
repository: https://git.example.com/cart
aliases:
- Cart Service
external: false
"""
ENVIRONMENT = b"display_name: Production\nproduction: true # careful\norder: 3\n"
REGISTRY = b"""format: 1
name: shop
trust: open
owners: [ada]
check: {protected: [production, staging]}
changes:   # how grave they are here
  severity: {request-property-removed: harmless}
  notice: 90
"""
SIGNETRC = b"""registry: ../registry
publish: {path: [openapi.yaml, pacts], name: cart}
deploy-guard: {name: cart, environment: staging}
profiles:
  production: {deploy-guard: {wait: 300}, registry: x}
"""


REPORT = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="0" failures="1" tests="3">
<testcase classname="a" name="b" time="0.001"/><testcase name="c"><failure message="x">y</failure></testcase>
<testcase name="d" status="notrun"><skipped/></testcase></testsuite></testsuites>
"""


def machine(record: documents.Record) -> list[bytes]:
    """The bytes of a record."""
    return [documents.to_json(record)]


MANIFEST = documents.ManifestFile(
    service="cart", version="1", branches=["main"], spec=A, contracts={"catalog": B}, artifacts={"image": "x"}
)
FIXTURE = Fixture(
    "catalog",
    "PUT /items/{id}",
    "tea",
    Asked("PUT", "/items/7", {"page": ("1",)}, {"accept-language": "de"}, Body("text/plain", "tea")),
    Answered(200, {"link": "</x>"}, Body("application/json", {"id": 7, "n": [1, None]})),
    Source.CONSUMER,
    frozenset({"staging"}),
)


def a_fixture(data: bytes) -> None:
    """What is read as a fixture is written and read as the same one, and can be chosen and judged."""
    found = fixtures.parsed(data, layout.path("fixture", "catalog", "PUT /items/{id}", "tea")).noun()
    written = documents.to_json(fixtures.document(found))
    assert fixtures.parsed(written, layout.path("fixture", "catalog", "PUT /items/{id}", "tea")).noun() == found
    request = asked("PUT", "/items/7?page=1", [("Accept-Language", "de"), ("Content-Type", "text/plain")], b"tea")
    assert best([found], found.operation, request) in (None, found)
    spec = openapi.spec(text.read(SPECS[0], "openapi.json"))
    for finding in misfits(found, spec):
        text.resolve(found.as_json(), finding.contract_pointer)


WEBHOOK = b"""\
url: https://hooks.example.com/services/${env.SIGNET_WEBHOOK_CHAT}
events: [contract.changed, deployment.recorded]
filters: {providers: [catalog], branches: [main]}
secret: [env:SIGNET_WEBHOOK_NEW, env:SIGNET_WEBHOOK_OLD]
headers: {Authorization: "Bearer ${env.SIGNET_WEBHOOK_TOKEN}"}
body: {text: "${signet.sentence}", more: ["${signet.version}"]}
enabled: "false"
"""

READERS: dict[str, tuple[Callable[[bytes], Any], list[bytes]]] = {
    "text": (both_as_text_and_not, [*SPECS[:1], PLACEMENT, b"a: &a {b: 1}\nc: {<<: *a, d: [*a, *a]}\n"]),
    "spec": (a_spec, SPECS),
    "contract": (a_contract, PACTS),
    "bundle": (a_bundle, [SPLIT.encode()]),
    "parts of a bundle": (parts_of_a_bundle, [PARTS.encode()]),
    "test report": (a_test_report, [REPORT]),
    "registry": (filed(documents.RegistryFile, "signet.yaml"), [REGISTRY]),
    "environment": (filed(documents.EnvironmentFile, "environments/p.yaml"), [ENVIRONMENT]),
    "service": (filed(documents.ServiceFile, "services/cart/service.yaml"), [SERVICE]),
    "placement": (filed(documents.PlacementFile, "environments/p/cart.yaml"), [PLACEMENT]),
    "manifest": (filed(documents.ManifestFile, "1.json", service="cart", version="1"), machine(MANIFEST)),
    "head": (
        filed(documents.HeadFile, "main.json", service="cart", branch="main"),
        machine(documents.HeadFile(service="cart", branch="main", version="1")),
    ),
    "spec test": (
        filed(documents.SpecTestFile, "spec.json", service="cart", version="1"),
        machine(documents.SpecTestFile(service="cart", version="1", spec=A, result="passed")),
    ),
    "replay": (
        filed(documents.ReplayFile, "x.json", service="cart", version="1", consumer="web", contract=A[:16]),
        machine(documents.ReplayFile(service="cart", version="1", consumer="web", contract=A, result="failed")),
    ),
    "webhook": (lambda data: webhooks.parsed(data, "webhooks/ci.yaml").noun("ci"), [WEBHOOK]),
    "fixture": (a_fixture, [documents.to_json(fixtures.document(FIXTURE))]),
    "stored spec": (
        filed(documents.SpecFile, "x.json", service="cart", digest=A),
        machine(documents.SpecFile(service="cart", digest=A, document={"openapi": "3.0.3", "paths": {}})),
    ),
    "stored contract": (
        filed(documents.ContractFile, "x.json", service="cart", provider="catalog", digest=A),
        machine(documents.ContractFile(service="cart", provider="catalog", digest=A, pact={"interactions": []})),
    ),
}


@pytest.mark.parametrize("name", READERS)
@effort(45)
@given(data=st.data())
def test_only_our_errors_come_out_of_a_reader(name: str, data: st.DataObject) -> None:
    reader, originals = READERS[name]
    given = data.draw(strategies.documents(*originals))
    refusal(lambda: reader(given))


@pytest.mark.parametrize("name", READERS)
def test_every_reader_takes_what_its_mutations_start_from(name: str) -> None:
    reader, originals = READERS[name]
    for data in originals:
        reader(data)


def test_every_kind_of_file_is_among_the_readers() -> None:
    models = {one for one in vars(documents).values() if isinstance(one, type) and issubclass(one, documents.Record)}
    inside = {documents.Record, documents.SlotItem, documents.ReleasedItem}
    inside |= {documents.CheckPolicy, documents.ChangesPolicy}
    assert {one.__name__ for one in models - inside} <= {reader.__name__ for reader, _ in READERS.values()}


REGRESSIONS: dict[str, tuple[str, Any]] = {
    "a reference that is no URL": ("bundle", {"openapi": "3.0.3", "paths": {"/a": {"$ref": "//[x"}}}),
    "components that are a list": (
        "bundle",
        {
            "openapi": "3.0.3",
            "components": ["x"],
            "paths": {"/a": {"get": {"responses": {"1": {"$ref": "o.json#/r"}}}}},
        },
    ),
    "a path that is a number": ("parts of a bundle", {"a": 5}),
    "a path that is a text": ("parts of a bundle", {"a": "5"}),
    "an index of thousands of digits": (
        "contract",
        {
            "consumer": {"name": "a"},
            "provider": {"name": "b"},
            "interactions": [
                {
                    "description": "x",
                    "request": {"method": "GET", "path": "/"},
                    "response": {"matchingRules": {f"$.body[{'1' * 5000}]": {"match": "type"}}},
                }
            ],
        },
    ),
}


@pytest.mark.parametrize("case", REGRESSIONS)
def test_what_once_broke_a_reader(case: str) -> None:
    name, value = REGRESSIONS[case]
    refusal(lambda: READERS[name][0](text.dump(value).encode()))


def test_references_through_hundreds_of_files_and_back_are_refused() -> None:
    def chained(name: str) -> text.Document:
        following = {"x": {"$ref": f"{int(name.removesuffix('.json')) + 1}.json#/x"}}
        return text.Document(name, text.dump(following), following, "json")

    def doubling(name: str) -> text.Document:
        following = {"$ref": f"{int(name.removesuffix('.json')) + 1}.json#/x"}
        value = {"x": {"get": {"callbacks": {"a": {"1": following, "2": following}}}}}
        return text.Document(name, text.dump(value), value, "json")

    value = {"openapi": "3.0.3", "paths": {"/a": {"$ref": "1.json#/x"}}}
    for load in (chained, doubling):
        with pytest.raises(InvalidData, match="its references lead"):
            bundling.bundled(text.Document("x.json", text.dump(value), value, "json"), load)


# --- names, places, revisions, commits


@effort(200)
@given(wild_text | st.sampled_from(["a/b", "services/a/versions/1.json", "environments/p/cart.yaml"]))
def test_a_path_is_spelled_in_one_way(path: str) -> None:
    found = layout.identity(path)
    if found is not None and found[0] not in ("registry", "head"):
        assert layout.path(*found) == path
    layout.segment(path.encode("utf-8", "ignore").decode())


PIECES = (
    "services",
    "environments",
    "service.yaml",
    "openapi.yaml",
    "versions",
    "branches",
    "contracts",
    "specs",
    "verifications",
    "spec.json",
    "cart",
    "1.0",
    f"cart-{A[:16]}.json",
    f"{A[:16]}.json",
    "a.yaml",
    "..",
    "",
    "a%2Fb.json",
)


@effort(200)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6))
def test_a_path_of_the_right_pieces_is_spelled_in_one_way(pieces: list[str]) -> None:
    path = "/".join(pieces)
    found = layout.identity(path)
    if found is not None and found[0] not in ("registry", "head"):
        assert layout.path(*found) == path


@effort(150)
@given(wild_text, st.lists(wild_text, max_size=4))
def test_names_are_taken_or_refused(text: str, others: list[str]) -> None:
    for kind in names.LIMITS:
        if kind != "branch":
            refused = refusal(lambda kind=kind: names.checked(kind, text))  # type: ignore[misc]
            assert (refused is None) == (names.fault_of(kind, text) is None)
    refusal(lambda: names.checked_branch(text))
    names.nearest(text, others)
    names.clash(text, others)


@effort(300)
@given(
    wild_text
    | hostile_text.map(lambda words: "git@host:" + "".join(words))
    | st.from_regex(r"(https?|ssh|file|x)://[^/]{0,9}/.{0,5}")
)
@example("//[x")
@example("~nobody-has-this-name/x")
@example("https://[::1")
@example("https://x:99999999/y")
@example("ssh://\u2100/x")
def test_an_address_is_a_path_or_a_safe_url(location: str) -> None:
    for parsing in (address.parse, address.is_url):
        refusal(lambda parsing=parsing: parsing(location))  # type: ignore[misc]
    if refusal(lambda: address.parse(location)) is None:
        found = address.parse(location)
        assert location.isprintable()
        assert not (found.url or str(found.path)).startswith("-")
    address.without_credentials(location)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """A registry with some history, for questions only."""
    team = Team.founds(tmp_path_factory.mktemp("readers") / "registry.git")
    team.spec("catalog", "1.0", "/a")
    team.contract("cart", "1.0", "catalog", "/a")
    return team


digits = st.text("0123456789abcdefABCDEF", max_size=42)
TIME = r"[T ][0-2][0-9](:[0-5][0-9](:[0-5][0-9](\.[0-9]{1,7})?)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
dates = st.from_regex(rf"[0-9]{{4}}-[01][0-9]-[0-3][0-9]({TIME})?", fullmatch=True)


@effort(150)
@given(wild_text | digits | dates | st.integers(0, 10**12).map("HEAD~{}".format))
@example("9999-12-31")
@example("0001-01-01T00:00:00+23:59")
@example("9999-12-31T23:59:59-23:59")
@example("2026-W01-1")
@example("٢٠٢٦-٠١-٠١")
def test_a_revision_is_a_commit_or_refused(shelf: Team, revision: str) -> None:
    repo = shelf.repo
    if refusal(lambda: git.resolve(repo, revision)) is None:
        assert git.read_commit(repo, git.resolve(repo, revision))


tree_entries = st.tuples(
    st.sampled_from([b"100644", b"040000", b"40000", b"120000", b"160000", b"100755", b"0", b"", b"+1", b"1_0", b"8"]),
    st.sampled_from([b"a", b"b", b"..", b".", b"", b"a/b", b".git", b"\xff", b"\n"]) | st.binary(max_size=6),
    st.binary(min_size=20, max_size=20) | st.binary(max_size=20),
).map(lambda one: one[0] + b" " + one[1] + b"\0" + one[2])


@effort(300)
@given(st.lists(tree_entries, max_size=5).map(b"".join) | st.binary(max_size=80))
@example(b"100644 a\0" + b"x" * 19)
def test_a_tree_has_whole_entries_or_is_refused(content: bytes) -> None:
    if refusal(lambda: trees.listed(content, A[:40])) is None:
        found = trees.listed(content, A[:40])
        assert b"".join(mode + b" " + name + b"\0" + one for mode, name, one in found.parts()) == content
        assert all(len(one) == 20 for _mode, _name, one in found.parts())


person_lines = st.one_of(
    st.sampled_from(
        [
            b"Ada <a@x> 1700000000 +0000",
            b"<> 0 +0000",
            b"Ada",
            b"",
            b"A <a@x> 99999999999999999999999 +9999",
            b"A <a@x> -1 -0000",
            b"A <a@x>",
            b"A <a@x> 1 +2500",
            b"\xff <\xfe> 1 +0000",
            b"A > < b 3",
            b"A <<a>> 1",
        ]
    ),
    any_text.map(str.encode),
    st.binary(max_size=30),
)
headers = st.sampled_from(
    [b"author ", b"committer ", b"parent ", b"encoding ", b"gpgsig ", b"mergetag ", b" ", b"author", b"tree ", b"\0"]
)
messages = st.lists(
    st.sampled_from(
        [
            b"subject",
            b"",
            b"Signet-Event: x",
            b"Signet-Event:x",
            b" more",
            b"\ttabbed",
            b": x",
            b"K: \xff",
            b"\r",
            b"\0",
            b"- : -",
        ]
    )
    | any_text.map(str.encode),
    max_size=6,
).map(b"\n".join)


@effort(200)
@given(st.lists(st.tuples(headers, person_lines).map(b"".join), max_size=6), messages, st.booleans())
@example([b"author x"] * 6, b"m", False)
def test_a_commit_is_shown_whatever_stands_in_it(shelf: Team, lines: list[bytes], message: bytes, named: bool) -> None:
    repo = shelf.repo
    tree = objects.root_tree(repo, shelf.head).encode()
    raw = b"\n".join([b"tree " + tree if named else b"tree x", *lines]) + b"\n\n" + message
    commit = str(repo.objects.odb.write(1, raw))
    if refusal(lambda: git.read_commit(repo, commit)) is None:
        found = git.read_commit(repo, commit)
        assert isinstance(found.time, int)
        assert abs(found.offset) < 24 * 60
        assert "\n" not in found.subject
        history.date_text(found.time)
    for question in (lambda: list(git.log(repo, commit)), lambda: list(git.log(repo, commit, path="signet.yaml"))):
        refusal(question)
    refusal(lambda: read.state_at(repo, commit).services())
    refusal(lambda: git.changed_paths(repo, shelf.head, commit))


# --- what people wrote, and a command edits


class Paper(read.RegistryState):
    """A registry of plain texts."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(None, None)  # type: ignore[arg-type]
        self.files = files

    def bytes_at(self, path: str) -> bytes | None:
        return self.files.get(path)


WRITINGS = (
    PLACEMENT,
    b"deployed: &d ['1', '2.0.1']\nreleased: *d\n",
    b"x: &x {deployed: ['1']}\n<<: *x\n",
    b"deployed: &d [&v '1']\ndesired: *v\n",
    b"# nothing is live here\n",
    b"---\n# nothing yet\n...\n",
    b"{deployed: [{version: 1.10}], released: ['3', \"1\"]}\n",
    b"%YAML 1.1\n---\ndeployed: [{version: 0777, instance: yes}]\n",
    b"\xef\xbb\xbfdeployed:\r\n- '1'  # one\r\n- version: |-\r\n    2\r\n  instance: eu\r\n",
    b"? deployed\n: - ! '1'\n  - !!str 2\n    # odd\n? released\n:\ndesired:\n",
    b'{"deployed": ["1", {"version": "2", "instance": "eu"}], "desired": "2.1.0"}',
    b"deployed:\n- '1'\n\n\n# released long ago\nreleased:\n- !!str 1\n",
)
PLACED = ("placement", "p", "cart")
VERSIONS = st.sampled_from(["1", "2", "1.10", "2.1.0", "a", "yes", "1e3"])
INSTANCES = st.sampled_from([None, "eu", "us", "yes"])


def after(before: Placement, event: str, version: str, instance: str | None) -> Placement:
    """What is live after a fact."""
    slots = {slot.instance: slot.version for slot in before.deployed}
    released, desired = set(before.released), before.desired
    if event == "deploy":
        slots[instance] = version
        desired = None if desired == version else desired
    elif event == "undeploy":
        slots.pop(instance, None)
    elif event == "release":
        released.add(version)
    else:
        released.discard(version)
    found = tuple(sorted((Slot(*one) for one in ((v, i) for i, v in slots.items())), key=lambda s: s.instance or ""))
    return Placement("cart", found, desired, tuple(sorted(released)))


@effort(250)
@given(
    st.one_of(st.sampled_from(WRITINGS), strategies.mangled(*WRITINGS), strategies.documents(*WRITINGS[:2])),
    st.sampled_from(["deploy", "undeploy", "release", "end_support"]),
    VERSIONS,
    INSTANCES,
)
@example(WRITINGS[1], "release", "3", None)
@example(WRITINGS[1], "undeploy", "1", None)
@example(WRITINGS[2], "undeploy", "1", None)
@example(WRITINGS[2], "deploy", "2", "eu")
@example(b"# mine\n", "deploy", "1", None)
@example(WRITINGS[0], "undeploy", "1", None)
def test_an_edit_states_its_fact_and_no_other(data: bytes, event: str, version: str, instance: str | None) -> None:
    path = layout.path(*PLACED)
    state = Paper({path: data})
    if refusal(lambda: state.placement("p", "cart")) is not None:
        return
    before = state.placement("p", "cart")
    draft = Draft(state)

    def edit() -> None:
        match event:
            case "deploy":
                environments.deploy(draft, "cart", version, "p", instance)
            case "undeploy":
                environments.undeploy(draft, "cart", "p", None, instance)
            case "release":
                environments.release(draft, "cart", version, "p")
            case _:
                environments.end_support(draft, "cart", version, "p")

    wanted = after(before, event, version, instance)
    if refusal(edit) is not None:
        return
    written = draft.edits.get(path, data)
    assert Paper({path: written} if written is not None else {}).placement("p", "cart") == wanted
    if data in (WRITINGS[0], b"# mine\n") and written is not None:
        assert written.startswith(data.split(b"\n")[0].rstrip(b"\r"))


@effort(150)
@given(
    st.one_of(
        strategies.mangled(SERVICE, b"# about cart\n", b"owners: &o [a]\naliases: *o\n", b"{}\n"),
        strategies.documents(SERVICE),
    ),
    st.dictionaries(st.sampled_from(["main_branch", "repository"]), any_text.filter(bool), min_size=1),
    st.none() | st.lists(any_text, max_size=3),
)
@example(b"", {"main_branch": "\x85"}, None)
@example(b'repository: "a\\Nb"\nowners: &o [a]\naliases: *o\n', {"main_branch": "x"}, ["b"])
def test_what_is_said_about_a_service_is_what_is_read(
    data: bytes, texts: dict[str, str], aliases: list[str] | None
) -> None:
    path = layout.path("service", "cart")
    state = Paper({path: data})
    if refusal(lambda: state.service("cart")) is not None:
        return
    before = documents.parse(documents.ServiceFile, data, path)
    draft = Draft(state)
    wanted = texts | ({} if aliases is None else {"aliases": aliases})
    if refusal(lambda: people.describe(draft, ("service", "cart"), documents.ServiceFile, wanted)) is not None:
        return
    written = draft.edits.get(path, data)
    assert documents.parse(documents.ServiceFile, written, path) == before.model_copy(update=wanted)


# --- .signetrc.yaml


@effort(150)
@given(strategies.documents(SIGNETRC), st.none() | any_text, st.none() | any_text)
def test_a_configuration_is_read_or_refused(data: bytes, profile: str | None, environment: str | None) -> None:
    commands = [name for name in app.available() if name not in app.ALIASES]
    reading = refusal(lambda: config._Reading(data, app.configurable, tuple(commands)))
    assert reading is None or isinstance(reading, config.ConfigurationRefused)
    if reading is None:
        found = config._Reading(data, app.configurable, tuple(commands))
        for command in commands:
            refusal(lambda command=command: found.values(command, profile, environment))  # type: ignore[misc]


# --- cases that are kept outside the project


def test_conformance_documents_with_something_wrong_in_them() -> None:
    folder = conformance("compare")
    choose = random.Random(None if THOROUGH else 0)
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".yaml", ".yml"))
    small = [path for path in files if path.stat().st_size < 30_000]
    for path in choose.sample(small, min(len(small), 40)):
        data = path.read_bytes()
        for _ in range(3):
            start = choose.randrange(len(data) + 1)
            spoiled = data[:start] + choose.choice(strategies.SYNTAX) + data[start + choose.randrange(9) :]
            refusal(lambda data=spoiled: a_spec(data))  # type: ignore[misc]
            refusal(lambda data=spoiled: a_contract(data))  # type: ignore[misc]
