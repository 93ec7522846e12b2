"""``signet check`` as teams meet it: pull requests of a registry, the page for reviewers, and hostile registries."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from signet.cli import checks, severities
from signet.cli.checks import markdown
from signet.cli.checks.report import KINDS, Detail, News, Report, Where
from signet.core.formats import openapi, pact, text
from signet.core.formats.places import Place
from signet.core.impact import Status
from signet.core.whatif import whatif
from signet.registry import git, record
from signet.registry.check import RULES, Finding, check
from tests.cli.conftest import REGENERATE, Desk
from tests.cli.test_formats import HOSTILE, SARIF
from tests.cli.test_render import is_harmless
from tests.cli.test_snapshots import cart_text, catalog_text
from tests.domain import Team, pact_bytes
from tests.fuzz import effort
from tests.registry.people import person

PAGE = Path(__file__).parent / "check_page.md"
ITEM = catalog_text("price", "weight")
VERSIONS = ((None, None), ("4.0.1", "main"))
WITHOUT_WEIGHT = catalog_text("price")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """20 services in three environments, all of which call catalog; service-07 reads the weight, and is in staging."""
    team = Team.founds(tmp_path_factory.mktemp("town") / "registry.git")
    team.environment("test")
    repo = team.repo
    spec = openapi.spec(text.read(ITEM.encode(), "openapi.yaml"))
    items = [record.SpecItem(spec, ITEM.encode(), "catalog", version, branch) for version, branch in VERSIONS]
    record.publish(repo, items)
    team.tested("catalog", "4.0.1")
    edits: dict[str, bytes | None] = {}
    for number in range(1, 20):
        name = f"service-{number:02}"
        fields = ("price", "weight") if number == 7 else ("price",)
        data = cart_text(*fields).replace('"cart"', f'"{name}"').encode()
        item = record.ContractItem(_contract(data), "1.2.0")
        record.publish(repo, [item])
        where = ("test", "staging") if number == 7 else ("test", "staging", "production")
        edits |= {f"environments/{one}/{name}.yaml": b"deployed:\n  - version: '1.2.0'\n" for one in where}
    edits |= {
        f"environments/{one}/catalog.yaml": b"deployed:\n  - version: '4.0.1'\n"
        for one in ("test", "staging", "production")
    }
    new = git.commit(repo, team.head, edits, "deployed")
    assert git.publish(repo, team.head, new).status == "accepted"
    return team


def _contract(data: bytes) -> Any:
    return pact.contract(text.read(data, "pact.json"))


def proposed(team: Team, files: dict[str, bytes | None]) -> str:
    """A commit on the head that is on no branch but ``topic``."""
    new = git.commit(team.repo, team.head, files, "a change")
    person(Path(team.location), "update-ref", "refs/heads/topic", new)
    return new


def checked(desk: Desk, team: Team, *more: str) -> Any:
    return desk.signet("check", "--registry", team.location, "--base", "main", "--revision", "topic", *more)


def test_touches_are_as_grave_as_the_base_says(town: Team) -> None:
    """The severities are those of the base: a change does not choose how it is judged."""
    narrow = ITEM.replace("price: {type: number}", "price: {type: number, maximum: 9}").encode()
    said = b"format: 1\nchanges: {severity: {response-property-max-set: %s}}\n"
    base = git.commit(town.repo, town.head, {"signet.yaml": said % b"warning"}, "policy")
    edits = {"services/catalog/openapi.yaml": narrow, "signet.yaml": said % b"breaking"}
    found = check(town.repo, base, git.commit(town.repo, base, edits, "a change"))
    outlook = whatif(found.before, found.after, policy=severities.today(found.severities))
    hits = [hit for place in outlook.places for _, hit in place.hits(Status.TOUCHED)]
    assert {touch.change.level for hit in hits for touch in hit.touches} == {"warning"}


def test_a_pull_request_that_removes_a_field_used_only_in_staging(desk: Desk, town: Team) -> None:
    """The page of the issue: staging and test are red, production is green; who, which interaction, which lines."""
    proposed(town, {"services/catalog/openapi.yaml": WITHOUT_WEIGHT.encode()})
    outcome = checked(desk, town, "--format", "markdown")
    assert outcome.code == 0
    page = re.sub(r"\b[0-9a-f]{10}\b", "COMMIT", outcome.out)
    if REGENERATE:
        PAGE.write_text(page, encoding="utf-8")
    assert page == PAGE.read_text(encoding="utf-8"), "if it should be so: SIGNET_REGENERATE=1, and read the difference"
    head = page.partition("<details>")[0]
    assert re.search(r"staging \| . red \| .*service\\-07 1\\\.2\\\.0", head)
    assert re.search(r"production \(protected\) \| . green", head)
    assert len(page) < 65_536

    answer = checked(desk, town, "--json").answer
    assert (answer["allowed"], answer["judged"], answer["pairs"]) == (True, 0, 19)
    by_place = {place["environment"]: place for place in answer["places"]}
    assert {name: place["verdict"] for name, place in by_place.items()} == {
        "test": "red",
        "staging": "red",
        "production": "green",
        None: "green",
    }
    (news,) = by_place["staging"]["news"]
    (interaction,) = news["interactions"]
    assert (news["consumer"], news["consumer_version"], interaction["description"]) == (
        "service-07",
        "1.2.0",
        "an item",
    )
    contract = (town.state.bytes_at(interaction["contract_place"]["file"]) or b"").decode().splitlines()
    assert '"weight"' in contract[interaction["contract_place"]["line"] - 1]
    assert interaction["spec_place"]["file"] == news["place"]["file"] == "services/catalog/openapi.yaml"
    spec = WITHOUT_WEIGHT.splitlines()
    assert "properties" in spec[interaction["spec_place"]["line"] - 1]


def test_a_field_that_production_reads_makes_it_red_and_one_that_nobody_reads_may_go(desk: Desk, town: Team) -> None:
    proposed(town, {"services/catalog/openapi.yaml": catalog_text("weight").encode()})
    outcome = checked(desk, town)
    assert outcome.code == 1 and "production turns red" in outcome.out
    proposed(town, {"services/catalog/openapi.yaml": catalog_text("price", "weight", "colour").encode()})
    assert checked(desk, town).code == 0
    proposed(town, {"signet.yaml": b"format: 1\ncheck: {protected: []}\n"} | {"services/catalog/openapi.yaml": b"{"})
    assert checked(desk, town, "--json").answer["faults"] == 1


def test_two_promotions_that_are_safe_alone_and_not_together(desk: Desk, tmp_path: Path) -> None:
    """The second one's check turns red once the first is merged; ``desired`` counts as live."""
    team = Team.founds(tmp_path / "registry.git")
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    team.deploy("cart", "1")
    team.spec("catalog", "2", "/goods")
    team.tested("catalog", "2")
    team.contract("cart", "2", "catalog", "/items", "/goods")
    start = team.head
    first = {"environments/production/cart.yaml": b"deployed:\n  - version: '1'\n"}
    drop = git.commit(team.repo, start, {"environments/production/cart.yaml": None}, "cart goes away")
    person(Path(team.location), "update-ref", "refs/heads/main", drop)
    proposed(team, {"environments/production/catalog.yaml": b"deployed:\n  - version: '1'\ndesired: '2'\n"})
    assert checked(desk, team).code == 0, "nobody relies on it"
    back = git.commit(team.repo, drop, first, "cart comes back")
    person(Path(team.location), "update-ref", "refs/heads/main", back)
    outcome = checked(desk, team)
    assert outcome.code == 1 and "cart 1" in outcome.out and "catalog 2" in outcome.out


# --- CI


def _clone(desk: Desk, town: Team) -> tuple[str, str]:
    """A clone of the registry at the working directory, and base and head of a pull request of it."""
    person(desk.folder, "clone", "-q", town.location, ".")
    head = proposed(town, {"services/catalog/openapi.yaml": catalog_text("weight").encode()})
    person(desk.folder, "fetch", "-q", "origin", "topic")
    return town.head, head


def test_a_pipeline_of_a_pull_request_says_what_is_checked(
    desk: Desk, town: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    base, head = _clone(desk, town)
    assert desk.signet("check", "--registry", ".").code == 0, "the whole tree"
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": base}, "head": {"sha": head}}}), encoding="utf-8")
    run = {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/pull/1/merge", "GITHUB_EVENT_PATH": str(event)}
    for name, value in run.items():
        monkeypatch.setenv(name, value)
    outcome = desk.signet("check", "--registry", ".")
    assert outcome.code == 1 and f"base {base} (GITHUB_EVENT_PATH /pull_request/base/sha" in outcome.err
    assert desk.signet("check", "--registry", ".", "--base", "HEAD").code == 0, "who names one side means it"
    assert desk.signet("check", "--registry", town.location).code == 0, "another registry than the one that is built"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": "9" * 40}, "head": {"sha": head}}}), "utf-8")
    assert desk.signet("check", "--registry", ".").code == 2
    for name in run:
        monkeypatch.delenv(name)
    gitlab = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "4", "CI_COMMIT_SHA": head}
    for name, value in (gitlab | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}).items():
        monkeypatch.setenv(name, value)
    assert desk.signet("check", "--registry", ".").code == 1
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA")
    outcome = desk.signet("check", "--registry", ".")
    assert outcome.code == 0 and "does not say what the pull request would be merged into" in outcome.err


def test_what_is_no_registry_is_said(desk: Desk) -> None:
    (desk.folder / "README.md").write_text("x", encoding="utf-8")
    person(desk.folder, "init", "-q", "-b", "main")
    person(desk.folder, "add", ".")
    person(desk.folder, "commit", "-q", "-m", "x")
    outcome = desk.signet("check", "--registry", ".", "--json")
    assert (outcome.code, outcome.answer["code"]) == (2, "not-a-registry")


def test_a_variable_and_an_option_say_which_format(desk: Desk, town: Team) -> None:
    assert desk.signet("check", "--registry", town.location, "--json", "--format", "sarif").code == 2
    assert json.loads(desk.signet("check", "--registry", town.location, "--format", "sarif").out)["version"] == "2.1.0"


# --- every format, of every report


def report_of(*words: str, news: int = 1) -> Report:
    """A report that says these words wherever it may say something."""
    one, two, three = (words * 3)[:3]
    details = tuple(Detail(0, one, "c", two, Place(three, 3, 1, f"/{one}"), Place(two, 4, 1, "")) for _ in words)
    found = [
        News(kind, one, two, three, f"{one} {two}", three, Place(one, 2, 1, ""), details if at % 2 else ())
        for at, kind in enumerate(KINDS)
    ]
    where = Where(one, "red", True, tuple(found * news), two)
    findings = tuple(Finding(code, one, two, f"/{three}", at) for at, code in enumerate(RULES))
    return Report("a" * 40, "b" * 40, findings, (where, Where(None, "green", False, (), "")), tuple(found), 3, 2, 1, "")


def said(format_: str, report: Report) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        checks.show(format_, report)
    return out.getvalue()


texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=40), min_size=1, max_size=3)


@effort(20)
@given(texts)
@example(HOSTILE)
@example(["</summary></details><script>", "`|`\n| a |", "@org/team #1 ![x](//y)"])
def test_nothing_of_a_registry_gets_out_of_its_place(words: list[str]) -> None:
    """T41, T42 and T44, for all formats."""
    report = report_of(*words)
    for format_ in checks.FORMATS:
        for line in said(format_, report).split("\n"):
            ours = format_ == "github" and re.match(r"::(error|warning|notice) file=", line)
            assert is_harmless(line[2:] if ours else line), (format_, line)
    _is_sarif(json.loads(said("sarif", report)))
    assert json.loads(said("json", report))["schema"] == "signet.check/1"
    _is_plain_markdown(said("markdown", report))


def _is_sarif(log: Any) -> None:
    jsonschema.Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        links = re.findall(r"(?<!\\)\]\((\d)\)", result["message"]["text"])
        assert {int(link) for link in links} <= {one["id"] for one in result.get("relatedLocations", ())}


def _is_plain_markdown(page: str) -> None:
    """No element but ours, no link, no image, no heading but the first, and every fold is closed."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(page)
    kinds = {token.type for one in tokens for token in (one, *(one.children or ()))}
    assert not kinds & {"link_open", "image", "html_inline", "code_inline", "fence", "code_block", "blockquote_open"}
    assert sum(token.type == "heading_open" for token in tokens) == 1
    html = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert {re.sub(r"(?s)<summary>[^<>]*</summary>", "<summary/>", one) for one in html} <= {
        "<details>\n<summary/>",
        "</details>",
    }
    assert not any(re.search(r"(https?|ftp):|www\.|\bGH-\d", one) for one in html)
    assert page.count("<details>") == page.count("</details>")
    assert not re.search(r"@(?!&#8203;)\w", page)


@pytest.mark.parametrize("word", ["x", "|", "\u20ac", "::error::"])
def test_the_page_is_cut_before_a_forge_would_refuse_it(word: str) -> None:
    page = said("markdown", report_of(word * 300, news=200))
    assert 40_000 < len(page) <= 65_536
    assert page.rstrip().endswith("to see all of it.") and page.count("<details>") == page.count("</details>")
    assert page.index("| place | verdict |") < 4_000
    short = said("markdown", report_of("x"))
    assert "not shown" not in short and len(short) < 10_000
    assert markdown.LIMIT < 65_536


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_pull_request_stays_text(desk: Desk, tmp_path: Path, hostile: str) -> None:
    """Names of files, owners, descriptions and messages of a proposed commit, in every format of a real run."""
    team = Team.founds(tmp_path / "registry.git")
    team.live("catalog", "1", "/items")
    document = json.loads(pact_bytes("cart", "catalog", "/items", "/nowhere"))
    for number, one in enumerate(document["interactions"]):
        one["description"] = f"{hostile} {number}"
    data = json.dumps(document).encode("utf-8", "surrogatepass")
    record.publish(team.repo, [record.ContractItem(_contract(data), "2")])
    written = json.dumps(hostile)
    name = re.sub(r"[/\0\ud800-\udfff]", "_", hostile)
    proposed(
        team,
        {
            "environments/production/cart.yaml": b"deployed: ['2']\n",
            f"services/cart/{name}": b"x",
            "services/catalog/service.yaml": f"owners: [{written}]\nnot a key {written}: 1\n".encode(),
        },
    )
    for format_ in checks.FORMATS:
        outcome = checked(desk, team, "--format", format_)
        assert outcome.code == 1, outcome
        for line in (*outcome.out.split("\n"), *outcome.err.split("\n")):
            ours = format_ == "github" and re.match(r"::(error|warning|notice) file=", line)
            assert is_harmless(line[2:] if ours else line), (format_, line)
        if format_ == "markdown":
            _is_plain_markdown(outcome.out)
        if format_ == "sarif":
            _is_sarif(json.loads(outcome.out))
