"""Each format of ``signet compare`` is valid by its standard, and nothing of the documents gets out of its place."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from signet.cli import formats, render
from signet.cli.formats import excerpts, markdown
from signet.cli.formats.outcome import Outcome
from signet.core.compare import compare
from signet.core.compare.codes import CODES
from signet.core.formats import openapi, pact, text
from signet.core.formats.places import Place, Side
from tests.cli.conftest import Desk

HOSTILE = [
    "a|b<img src=//x>@org/all",
    "x\n::error::pwn",
    "::stop-commands::t",
    "##[error]x",
    "\x1b[2K\x1b[1A\x9b31m\x00\x08\ufffe",
    "]]><script>&amp;</script><!--",
    "`code` ``x`` **b** _i_ ~~s~~ # 1. [l](http://x) ![i](x) #12 GH-1 www.x.yz a@b.cd",
    "100%\r\n%0A,file=x,line=9::y",
    "\u202e\u2066\u200b\ud83d\ude00",
    "https://user:secret@host/x",
    "\"'\\",
]
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs", "$schema"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "additionalProperties": False,
    "$defs": {
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                "properties": {"type": "object"},
            },
            "additionalProperties": False,
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "semanticVersion": {"type": "string"},
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}},
            },
            "additionalProperties": False,
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/message"},
                "fullDescription": {"$ref": "#/$defs/message"},
                "defaultConfiguration": {"type": "object", "properties": {"level": {"$ref": "#/$defs/level"}}},
                "properties": {"type": "object"},
            },
            "additionalProperties": False,
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": {"$ref": "#/$defs/level"},
                "message": {"$ref": "#/$defs/message"},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "relatedLocations": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/location"}},
                "properties": {"type": "object"},
            },
            "additionalProperties": False,
        },
        "location": {
            "type": "object",
            "properties": {
                "id": {"type": "integer", "minimum": -1},
                "message": {"$ref": "#/$defs/message"},
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {
                            "type": "object",
                            "properties": {"uri": {"type": "string", "format": "uri-reference"}},
                            "additionalProperties": False,
                        },
                        "region": {
                            "type": "object",
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                            "additionalProperties": False,
                        },
                    },
                    "additionalProperties": False,
                },
                "logicalLocations": {"type": "array", "uniqueItems": True, "items": {"type": "object"}},
            },
            "additionalProperties": False,
        },
    },
}
"""The parts of the published schema that a log of ours has, each closed: what is not here may not appear."""

SPEC = """openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /a:
    get:
      responses:
        "200":
          description: one
          content:
            application/json: {schema: {type: object, properties: {n: {type: integer}}}}
        default: {description: any}
    post:
      responses:
        "200": {description: one, content: {application/json: {schema: {type: string, pattern: "(?<"}}}}
"""


def outcome_of(*words: str, name: str = "pact.json") -> Outcome:
    """A comparison whose documents say these words wherever a document may say something."""
    said = {"headers": {"Content-Type": "application/json"}}
    interactions: list[dict[str, Any]] = [
        {"description": "fits", "request": {"method": "GET", "path": "/a"}, "response": {"status": 200}},
        {
            "description": "open",
            "request": {"method": "POST", "path": "/a"},
            "response": {"status": 200, **said, "body": "x"},
        },
    ]
    for word in words:
        body = {word: word, "n": word}
        interactions += [
            {
                "description": word,
                "request": {"method": "GET", "path": "/a", "headers": {"X-A": word}},
                "response": {"status": 200, **said, "body": body},
            },
            {
                "description": word,
                "request": {"method": "GET", "path": "/a"},
                "response": {"status": 418},
            },
        ]
    contract = {"consumer": {"name": "c"}, "provider": {"name": "p"}, "interactions": interactions}
    read = text.read(json.dumps(contract, indent=2).encode(), name)
    spec = text.read(SPEC.encode(), "spec.yaml")
    relied = pact.contract(read)
    comparison = compare(relied, openapi.spec(spec))
    return Outcome(comparison, relied.interactions, Side(name, read), Side("spec.yaml", spec))


def shown(format_: str, outcome: Outcome) -> str:
    """What a format prints."""
    with redirect_stdout(io.StringIO()) as stdout:
        formats.show(format_, outcome)
    return stdout.getvalue()


def seen(word: str) -> str:
    """A word as every output shows it."""
    return render.masked(render.visible(word))


words = st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"), max_size=20), max_size=3, unique=True)


def each_outcome(test: Callable[[Outcome], None]) -> Any:
    """A test of any comparison, the most hostile one among them."""

    @settings(max_examples=25, deadline=None)
    @given(words)
    @example([word.encode("utf-8", "replace").decode() for word in HOSTILE])
    @example([])
    def run(listed: list[str]) -> None:
        test(outcome_of(*(word.encode("utf-8", "replace").decode() for word in listed)))

    return run


def is_harmless(line: str) -> bool:
    return line.isprintable() and not line.lstrip().startswith("::") and "##[" not in line and "secret" not in line


@each_outcome
def _junit(outcome: Outcome) -> None:
    printed = shown("junit", outcome)
    assert all(map(is_harmless, printed.splitlines()))
    root = ElementTree.fromstring(printed)  # noqa: S314 - it is our own
    suite = root.find("testsuite")
    assert root.tag == "testsuites" and suite is not None
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == [
        seen(f"{one.index}: {one.description}") for one in outcome.interactions
    ]
    for element, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(plural) == root.get(plural) == str(len(suite.findall(f"testcase/{element}")))
    assert suite.get("tests") == str(len(cases))
    assert {one.tag for one in root.iter()} <= {
        *("testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out")
    }
    told = "".join(root.itertext())
    for finding in outcome.comparison.findings:
        assert seen(finding.message) in told and f"[{finding.code}]" in told


test_junit_has_a_case_for_each_interaction = _junit


@each_outcome
def _sarif(outcome: Outcome) -> None:
    printed = shown("sarif", outcome)
    assert printed.isascii() and all(map(is_harmless, printed.splitlines()))
    log = json.loads(printed)
    jsonschema.Draft202012Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(CODES)
    assert len(run["results"]) == len(outcome.comparison.findings)
    for result, finding in zip(run["results"], outcome.comparison.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.code
        (first,), (related,) = result["locations"], result["relatedLocations"]
        for location, place in zip((first, related), outcome.places(finding), strict=True):
            physical = location["physicalLocation"]
            assert unquote(physical["artifactLocation"]["uri"]) == place.file
            assert physical["region"] == {"startLine": place.line, "startColumn": place.column}
        links = re.findall(r"(?<!\\)\[[^\]]*\]\((\d+)\)", result["message"]["text"])
        assert links == [str(related["id"])], "only our own link is one"


test_sarif_is_a_log_with_both_places = _sarif


def rendered_cells(document: str) -> tuple[set[str], list[list[str]]]:
    """Which elements a Markdown document becomes, and the text of each row's cells."""
    elements: set[str] = set()
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(document):
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and token.children is not None:
            elements |= {child.type for child in token.children}
            if rows:
                rows[-1].append("".join(child.content for child in token.children))
        elif token.type != "inline":
            elements.add(token.tag)
    return elements, rows


@each_outcome
def _markdown(outcome: Outcome) -> None:
    printed = shown("markdown", outcome)
    assert all(map(is_harmless, printed.splitlines()))
    elements, rows = rendered_cells(printed)
    assert elements <= {"h2", "p", "table", "thead", "tbody", "tr", "th", "td", "text", "text_special"}
    for row, finding in zip(rows[1:], outcome.comparison.findings, strict=True):
        assert len(row) == 6
        assert row[3].replace("\u200b", "") == re.sub(r"\s+$", "", seen(finding.message))
        for cell in row:
            assert not re.search(r"@\w|#\d|(?i:\bgh-\d|https?:|www\.)", cell), "a forge would make a link of it"


test_markdown_makes_no_element_and_no_mention_of_data = _markdown


def test_markdown_stays_below_the_limit() -> None:
    outcome = outcome_of(*("@|`" * 1_000 + str(number) for number in range(120)))
    printed = shown("markdown", outcome)
    assert 500_000 < len(printed.encode()) <= markdown.LIMIT
    assert re.search(r"\n\n\d+ more findings are not shown", printed)


@each_outcome
def _github(outcome: Outcome) -> None:
    verdict, *commands, counts = shown("github", outcome).splitlines()
    assert is_harmless(verdict) and is_harmless(counts)
    assert len(commands) == len(outcome.comparison.findings)
    for line, finding in zip(commands, outcome.comparison.findings, strict=True):
        assert line.isprintable() and "##[" not in line and "secret" not in line
        match = re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line)
        assert match, line
        properties = dict(one.split("=", 1) for one in match[2].split(","))
        place = outcome.places(finding)[0]
        assert {name: unquote(value) for name, value in properties.items()} == {
            "file": place.file,
            "line": str(place.line),
            "col": str(place.column),
            "title": finding.code,
        }
        message = re.sub("%(25|0D|0A|23)", lambda found: chr(int(found[1], 16)), match[3])
        assert seen(finding.message) in message


test_github_gets_one_annotation_for_each_finding = _github


def test_the_name_of_a_file_cannot_end_a_property() -> None:
    name = "a,line=9::x\n%.json"
    line = shown("github", outcome_of(name=name)).splitlines()[1]
    assert "file=a%2Cline=9%3A%3Ax\\n%25.json,line=" in line


@each_outcome
def _plain(outcome: Outcome) -> None:
    printed = shown("text", outcome)
    assert all(map(is_harmless, printed.splitlines()))
    assert shown("text", outcome) == printed
    for line in printed.splitlines():
        if re.match(r" +\d* \| ", line):
            assert excerpts._columns(line) <= render.WIDTH


test_text_shows_both_places = _plain


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [44, 80, 200])
@pytest.mark.parametrize("no_colour", [True, False])
def test_a_terminal_gets_lines_that_it_can_hold(columns: int, no_colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = outcome_of("x" * 500, "日本語" * 60)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1" if no_colour else "")
    with patch.object(sys, "stdout", Terminal()) as stdout:
        formats.show("text", outcome)
    painted = stdout.getvalue()
    assert ("\x1b[" in painted) is not no_colour
    plain = re.sub(r"\x1b\[\d+m", "", painted)
    excerpted = [line for line in plain.splitlines() if re.match(r" +\d* \| ", line)]
    assert excerpted and max(map(excerpts._columns, excerpted)) <= columns
    if columns != render.WIDTH:
        monkeypatch.delenv("COLUMNS")
    assert [line for line in shown("text", outcome).splitlines() if " | " not in line and "^" not in line] == [
        line for line in plain.splitlines() if " | " not in line and "^" not in line
    ]


@pytest.mark.parametrize(
    ("name", "source", "place", "marked"),
    [
        ("x.json", '{"a": "b c", "d": 1}', (1, 7), '"b c"'),
        ("x.json", '{"a": "b c", "d": 1}', (1, 19), "1"),
        ("x.json", '{\n\t"é": {"x": 1}}', (2, 7), "{"),
        ("x.yaml", "a:\n  bc: d e\n", (2, 3), "bc"),
        ("x.yaml", "日: x\na: {日本: y}\n", (2, 5), "日本"),
        ("x.json", '{"a": "' + "x" * 300 + '", "key": "value"}', (1, 318), '"value"'),
        ("x.json", '{"' + "k" * 300 + '": 1}', (1, 306), "1"),
        ("x.json", '{"a\x7f\u202e": 1}', (1, 9), "1"),
    ],
)
def test_the_marker_stands_under_the_place(name: str, source: str, place: tuple[int, int], marked: str) -> None:
    document = text.read(source.encode(), name)
    lines = excerpts.excerpt(excerpts.Lines(document), Place(name, *place, ""), "here", 80)
    at = next(number for number, line in enumerate(lines) if "^" in line.text)
    line, marker = lines[at - 1].text, lines[at].text
    begin, end = marker.index("^"), marker.rindex("^") + 1
    cells = "".join(char + "\0" * (excerpts._wide(char) - 1) for char in line)
    assert cells[begin:end].replace("\0", "") == marked
    assert marker.endswith(" here")
    assert all(each.text.isprintable() and excerpts._columns(each.text) <= 80 for each in lines)


def test_an_excerpt_ends_where_the_document_does() -> None:
    document = text.read(b"a: 1\nb: 2\n", "x.yaml")
    assert [line.text for line in excerpts.excerpt(excerpts.Lines(document), Place("x", 1, 1, ""), "", 80)] == [
        *("1 | a: 1", "  | ^ ", "2 | b: 2")
    ]
    assert [line.text for line in excerpts.excerpt(excerpts.Lines(document), Place("x", 2, 1, ""), "", 80)] == [
        *("1 | a: 1", "2 | b: 2", "  | ^ ")
    ]


@pytest.mark.parametrize(("name", "separator"), [("x.yaml", "\n"), ("x.yaml", "\r\n"), ("x.json", "\n")])
def test_lines_are_found_wherever_they_stand(name: str, separator: str) -> None:
    entries = [f'"k{number}": {number}' for number in range(1, 300)]
    source = separator.join(entries) if name == "x.yaml" else "{" + ",\n".join(entries) + "}"
    document = text.read(source.encode(), name)
    lines = excerpts.Lines(document)
    for number in (1, 2, 63, 64, 65, 66, 128, 200, 298, 299):
        assert document.line(f"/k{number}") == number
        first, found, _ = lines.around(number)
        assert [f'"k{first + at}": {first + at}' in line for at, line in enumerate(found)] == [True] * len(found)
        assert first == max(1, number - 1) and first + len(found) - 1 == min(299, number + 1)


def test_a_document_on_one_line_is_not_copied_for_each_finding() -> None:
    filler = ", ".join(f'"a{number}": "{"x" * 90}"' for number in range(20_000))
    document = text.read(f'{{{filler}, "key": "here", "z": 1}}'.encode(), "x.json")
    lines = excerpts.Lines(document)
    place = Place("x.json", *document.place("/key"), "/key")
    assert place.column > 2_000_000
    for _ in range(2_000):
        shown_line, marker = (line.text for line in excerpts.excerpt(lines, place, "", 80))
        assert '"key": "here"' in shown_line
        assert shown_line[marker.index("^") : marker.rindex("^") + 1] == '"here"'


def test_which_format_is_meant(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, contract = desk.spec("s.json", "/a"), desk.pact("c.json", "/a")
    asked = ("compare", "--spec", spec, "--contract", contract)
    as_json = desk.does(*asked, "--json").out
    assert desk.does(*asked, "--format", "json").out == as_json
    assert desk.does(*asked, "--format", "json", "--json").out == as_json
    wrong = desk.signet(*asked, "--format", "pdf")
    assert wrong.code == 2 and "text, json, junit, sarif, markdown, github" in wrong.err
    both = desk.signet(*asked, "--format", "sarif", "--json")
    assert both.code == 2 and "two formats" in both.err
    assert desk.signet("compare", "--spec", "none.json", "--contract", contract, "--format", "json").answer["exit_code"]
    monkeypatch.setenv("SIGNET_JSON", "true")
    assert desk.does(*asked).out == as_json
    assert desk.does(*asked, "--format", "junit").out.startswith("<?xml")


def test_every_format_has_the_same_exit_code(desk: Desk) -> None:
    spec, contract = desk.spec("s.json", "/a"), desk.pact("c.json", "/b")
    for format_ in formats.FORMATS:
        assert desk.signet("compare", "--spec", spec, "--contract", contract, "--format", format_).code == 1


def test_places_of_a_spec_that_is_split_are_in_the_file_that_says_it(desk: Desk) -> None:
    root = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"$ref": "paths/a.yaml"}, "/b": {"$ref": "paths/b.yaml#/of/b"}},
    }
    (desk.folder / "paths").mkdir()
    (desk.folder / "spec.json").write_text(json.dumps(root, indent=2))
    (desk.folder / "paths" / "a.yaml").write_text("$ref: b.yaml#/of/b\nsummary: here\n")
    (desk.folder / "paths" / "b.yaml").write_text(
        "of:\n  b:\n    get:\n      responses:\n        '200':\n          description: one\n          content:\n"
        "            application/json:\n              schema: {$ref: ../thing.yaml}\n"
    )
    (desk.folder / "thing.yaml").write_text("type: object\nproperties:\n  n:\n    type: integer\n")
    said = {"headers": {"Content-Type": "application/json"}}
    interactions = [
        {"description": path, "request": {"method": "GET", "path": path}, "response": {"status": status, **more}}
        for path in ("/a", "/b")
        for status, more in ((200, said | {"body": {"n": "x"}}), (404, {}))
    ]
    contract = {"consumer": {"name": "c"}, "provider": {"name": "p"}, "interactions": interactions}
    (desk.folder / "pact.json").write_text(json.dumps(contract))
    asked = ("compare", "--spec", "spec.json", "--contract", "pact.json")
    findings = desk.signet(*asked, "--json").answer["findings"]
    found = [(one["code"], one["spec_place"]["file"], one["spec_place"]["line"]) for one in findings]
    assert found == [
        ("response.body.incompatible", "thing.yaml", 4),
        ("response.status.unknown", "paths/b.yaml", 3),
        ("response.body.incompatible", "thing.yaml", 4),
        ("response.status.unknown", "paths/b.yaml", 3),
    ]
    for one in findings:
        place = one["spec_place"]
        document = text.read((desk.folder / place["file"]).read_bytes(), place["file"])
        text.resolve(document.value, place["pointer"])
    assert "type: integer\n" in desk.signet(*asked).out
