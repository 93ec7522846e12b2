"""``signet changes``: exit codes, the policy of the registry, and formats that are valid whatever documents say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from signet.cli import formats
from signet.cli.formats.changed import Changed
from signet.core.changes import compare
from signet.core.formats import openapi, text
from signet.core.formats.places import Side
from tests.cli.conftest import Desk
from tests.cli.test_formats import HOSTILE, SARIF, is_harmless, rendered_cells, seen
from tests.domain import pact_bytes


def spec(price: str = "number", **words: Any) -> str:
    """A spec with a property."""
    schema = {"type": "object", "properties": {"price": {"type": price}}, **words}
    answer = {"description": "d", "content": {"application/json": {"schema": schema}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {}}}}
    document["paths"]["/a"]["get"] = {"responses": {"200": answer}}  # type: ignore[index]
    return json.dumps(document, indent=1)


@pytest.fixture
def files(desk: Desk) -> Desk:
    """Three files: a spec, one that may break some, and one that breaks all."""
    (desk.folder / "one.json").write_text(spec())
    (desk.folder / "may.json").write_text(spec().replace('"price"', '"cost"'))
    (desk.folder / "broken.json").write_text(spec("string"))
    return desk


@pytest.mark.parametrize(
    ("revision", "fail_on", "code"),
    [
        ("one.json", "warning", 0),
        ("may.json", "breaking", 0),
        ("may.json", "warning", 1),
        ("broken.json", "breaking", 1),
        ("broken.json", "none", 0),
    ],
)
@pytest.mark.parametrize("format_", formats.FORMATS)
def test_the_exit_code_is_the_same_in_every_format(
    files: Desk, revision: str, fail_on: str, code: int, format_: str
) -> None:
    outcome = files.signet("changes", "one.json", revision, "--fail-on", fail_on, "--format", format_)
    assert (outcome.code, outcome.err) == (code, "")
    assert outcome.out


def test_a_spec_that_is_refused_is_invalid_data(files: Desk) -> None:
    (files.folder / "bad.json").write_text('{"openapi": "3.1.0", "paths": {"/a": {"get": {"parameters": 7}}}}')
    outcome = files.signet("changes", "one.json", "bad.json", "--json")
    assert outcome.code == 3 and outcome.answer["faults"][0]["line"] == 1


def test_what_is_not_compared_to_its_end_is_undecided(files: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from signet.core.changes import report

    monkeypatch.setattr(report, "MOST", 0)
    outcome = files.signet("changes", "one.json", "may.json")
    assert outcome.code == 4
    assert "not compared: GET /a: there are more than 0 changes" in outcome.out


def test_the_registry_says_how_grave_a_change_is(files: Desk) -> None:
    files.does("init", "registry", "--registry-name", "x")
    files.does("register-service", "-n", "catalog", "--registry", "registry")
    files.does("publish", "-n", "catalog", "-p", "one.json", "--registry", "registry")
    command = ("changes", "catalog", "may.json", "--registry", "registry", "--json")
    assert files.does(*command).answer["verdict"] == "warning"
    _policy(files.folder / "registry", "severity: {response-optional-property-removed: breaking}")
    outcome = files.signet(*command)
    assert (outcome.code, outcome.answer["verdict"]) == (1, "breaking")
    assert outcome.answer["changes"][1]["base_place"]["file"] == "services/catalog/openapi.yaml"
    assert files.signet("changes", "one.json", "may.json").code == 0, "two files know no registry"
    assert files.signet("changes", "one.json", "may.json", "--registry", "registry").code == 1
    _policy(files.folder / "registry", "severity: {response-removed: breaking}")
    refused = files.signet(*command)
    assert refused.code == 3 and "there is no change with this id" in refused.answer["faults"][0]["message"]


def test_the_same_severities_count_for_whom_a_change_hits(files: Desk) -> None:
    """``impact`` tells a touch with the registry's level; two of our own would say two things of one change."""
    files.does("init", "registry", "--registry-name", "x")
    for name in ("catalog", "cart"):
        files.does("register-service", "-n", name, "--registry", "registry")
    files.does("publish", "-n", "catalog", "-p", "one.json", "--registry", "registry")
    (files.folder / "narrow.json").write_text(spec().replace('"number"', '"number", "maximum": 9'))
    pact = json.loads(pact_bytes("cart", "catalog", "/a"))
    pact["interactions"][0]["response"]["body"] = {"price": 1}
    (files.folder / "pact.json").write_text(json.dumps(pact))
    files.does("publish", "-v", "1", "-b", "main", "-p", "pact.json", "--registry", "registry")
    command = ("impact", "narrow.json", "-n", "catalog", "--registry", "registry")
    assert "harmless: The property 'price'" in files.does(*command).out
    _policy(files.folder / "registry", "severity: {response-property-max-set: warning}")
    assert "warning: The property 'price'" in files.does(*command).out


def _policy(registry: Path, said: str) -> None:
    import subprocess

    path = registry / "signet.yaml"
    kept = re.sub(r"changes: .*\n", "", path.read_text())
    path.write_text(f"{kept}changes: {{{said}}}\n")
    for words in (("add", "-A"), ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "policy")):
        subprocess.run(["git", "-C", str(registry), *words], check=True)


def hostile() -> Changed:
    """Changes of documents that say the worst wherever they may say something."""
    sides = []
    words = [word.encode("utf-8", "replace").decode() for word in HOSTILE]
    for old in (True, False):
        properties = {word: {"enum": [word, old]} for word in words}
        gone = {f"{word}{old}": {"type": "string"} for word in words}
        body = {"content": {"application/json": {"schema": {"properties": {**properties, **gone}}}}}
        post = {"operationId": words[0] + str(old), "tags": [*words, str(old)], "requestBody": body, "responses": {}}
        paths = {f"/{word}": {"post": post} for word in words}
        document = {"openapi": "3.1.0", "info": {"title": "t"}, "paths": paths | {f"/{old}": {"get": {}}}}
        name = f"a,line=9::x\n%{old}.json"
        read = text.read(json.dumps(document, indent=1).encode(), name)
        sides.append((openapi.spec(read), Side(name, read)))
    (base, base_side), (revision, revision_side) = sides
    found = compare(base, revision)
    assert len({change.id for change in found.changes}) > 6 and found.verdict == "breaking"
    return Changed(found, revision_side, base_side)


@pytest.fixture(scope="module")
def worst() -> Changed:
    return hostile()


def shown(format_: str, answer: Changed, capsys: pytest.CaptureFixture[str]) -> str:
    formats.show(format_, answer)
    return capsys.readouterr().out


def test_text_and_json_are_harmless(worst: Changed, capsys: pytest.CaptureFixture[str]) -> None:
    assert all(map(is_harmless, shown("text", worst, capsys).splitlines()))
    document = json.loads(shown("json", worst, capsys))
    assert document["schema"] == "signet.changes/1"
    assert len(document["changes"]) == len(worst.changes.changes)


def test_junit_has_a_case_for_each_operation(worst: Changed, capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown("junit", worst, capsys)
    assert all(map(is_harmless, printed.splitlines()))
    suite = ElementTree.fromstring(printed).find("testsuite")  # noqa: S314 - it is our own
    assert suite is not None
    names = [case.get("name") for case in suite.findall("testcase")]
    assert names == [seen(f"{one.method} {one.path}") for one in _first_of_each(worst)]
    assert suite.get("failures") == str(len(suite.findall("testcase/failure"))) != "0"


def _first_of_each(answer: Changed) -> list[Any]:
    found = {(change.method, change.path): change for change in reversed(answer.changes.changes)}
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0]))]


def test_sarif_is_a_log_with_both_places(worst: Changed, capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(shown("sarif", worst, capsys))
    jsonschema.Draft202012Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    assert len(run["results"]) == len(worst.changes.changes)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert re.findall(r"(?<!\\)\[[^\]]*\]\((\d+)\)", result["message"]["text"]) == ["0"]


def test_markdown_makes_no_element_of_data(worst: Changed, capsys: pytest.CaptureFixture[str]) -> None:
    elements, rows = rendered_cells(shown("markdown", worst, capsys))
    assert elements <= {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "text", "text_special"}
    assert len(rows) == len(worst.changes.changes) + 1
    assert all(len(row) == 6 and not re.search(r"@\w|#\d|(?i:https?:/|www\.)", " ".join(row)) for row in rows)


def test_github_gets_one_annotation_for_each_change(worst: Changed, capsys: pytest.CaptureFixture[str]) -> None:
    verdict, *commands, counts = shown("github", worst, capsys).splitlines()
    assert is_harmless(verdict) and is_harmless(counts)
    assert len(commands) == len(worst.changes.changes)
    assert all(re.fullmatch(r"::(error|warning|notice) [^:]*::.*", line) and "secret" not in line for line in commands)
