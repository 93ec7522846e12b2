"""What every command says, word for word: each file in ``snapshots`` is a session, played in an empty directory.

``$`` is a command, ``!`` a line on stderr, ``=`` the exit code; the rest is stdout. The directory holds ``DOCUMENTS``.
Ids and times are normalised. ``SIGNET_REGENERATE=1`` writes the sessions anew.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from signet import __version__
from signet.cli import app
from tests.cli.conftest import REGENERATE, Desk
from tests.domain import pact_bytes

SESSIONS = sorted((Path(__file__).parent / "snapshots").glob("*.txt"))


def catalog_text(*fields: str) -> str:
    """A spec whose items have these fields; written by hand so that lines are known."""
    lines = [f"                  {field}: {{type: number}}" for field in fields]
    return "\n".join(
        [
            "openapi: 3.0.3",
            'info: {title: Catalog, version: "1"}',
            "paths:",
            "  /items/{id}:",
            "    get:",
            "      parameters:",
            "        - {name: id, in: path, required: true, schema: {type: integer}}",
            "      responses:",
            '        "200":',
            "          description: one item",
            "          content:",
            "            application/json:",
            "              schema:",
            "                type: object",
            "                properties:",
            *lines,
            "",
        ]
    )


def cart_text(*fields: str) -> str:
    """A contract of cart that reads these fields of an item."""
    response = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": dict.fromkeys(fields, 1)}
    one = {"description": "an item", "request": {"method": "GET", "path": "/items/7"}, "response": response}
    source = {"consumer": {"name": "cart"}, "provider": {"name": "catalog"}, "interactions": [one]}
    return json.dumps({**source, "metadata": {"pactSpecification": {"version": "3.0.0"}}}, indent=2)


DOCUMENTS = {
    "catalog.yaml": catalog_text("price"),
    "catalog-2.yaml": catalog_text("unit_price"),
    "catalog-narrow.yaml": catalog_text("price").replace("type: number", "type: number, maximum: 9"),
    "cart.json": cart_text("price"),
    "cart-2.json": cart_text("price", "weight"),
    "dearer.yaml": catalog_text("price").replace("schema: {type: integer}", "schema: {type: integer, minimum: 10}")
    + "                required: [price]\n",
    "shop.json": pact_bytes("shop", "catalog", "/items/1").decode(),
    "broken.json": '{"consumer": {"name": "cart"}, "provider": 7, "interactions": [{"description": 3}]}',
    "neither.json": '{"a": 1}',
    "torn.yaml": "openapi: 3.0.3\npaths: [\n",
    "passed.xml": '<testsuite name="pytest"><testcase name="a"/><testcase name="b"/></testsuite>',
    "failed.xml": '<testsuite name="pytest"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>',
    "skipped.xml": '<testsuite name="pytest"><testcase name="a"><skipped/></testcase></testsuite>',
    "torn.xml": '<testsuite name="pytest">\n<testcase name="a">',
}

PATTERNS = (
    (re.compile(r"\b[0-9a-f]{40}\b"), "COMMIT"),
    (
        re.compile(
            r"(?<=registry at )[0-9a-f]{10}\b|(?<=\[)[0-9a-f]{10}(?=\]$|\] on branch )|^[0-9a-f]{10}(?= \d{4}-)"
        ),
        "COMMIT",
    ),
    (re.compile(r"(?<=: )[0-9a-f]{10}(?= \d{4}-)"), "COMMIT"),
    (re.compile(r"(?:(?<=tree at )|(?<=from )|(?<= to ))[0-9a-f]{10}\b"), "COMMIT"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(rf"(?<=signet ){re.escape(__version__)}|(?<=signet: ){re.escape(__version__)}"), "VERSION"),
    (re.compile(r"Python \d[\d.]*"), "Python VERSION"),
    (re.compile(r"(?<=git: )\d[\d.]*|(?<=\"detail\": \")\d[\d.]*"), "VERSION"),
    (re.compile(r"/\S*/cache\b"), "CACHE"),
    (re.compile(r"(?<=\"id\": \")[0-9a-f]{64}\b"), "EVENT"),
)


def _normalised(line: str) -> str:
    for pattern, word in PATTERNS:
        line = pattern.sub(word, line)
    return line


def _played(desk: Desk, session: str) -> str:
    """The session with what every command of it says now."""
    for name, text in DOCUMENTS.items():
        (desk.folder / name).write_text(text, encoding="utf-8")
    lines = []
    for command in (line for line in session.splitlines() if line.startswith("$ ")):
        words = shlex.split(command[2:])
        assert words[0] == "signet"
        outcome = desk.signet(*words[1:])
        lines.append(command)
        lines += [_normalised(line) for line in outcome.out.splitlines()]
        lines += [f"! {_normalised(line)}" for line in outcome.err.splitlines()]
        lines += [f"= {outcome.code}", ""]
    return "\n".join(lines)


@pytest.mark.parametrize("path", SESSIONS, ids=[path.stem for path in SESSIONS])
def test_a_session_reads_as_it_is_written_down(path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_REGISTRY", "registry")
    session = path.read_text(encoding="utf-8")
    played = _played(desk, session)
    if REGENERATE:
        path.write_text(played, encoding="utf-8")
        return
    assert played == session, "if it should be so: SIGNET_REGENERATE=1, and read the difference"


def test_every_command_is_in_a_session() -> None:
    played = "\n".join(path.read_text(encoding="utf-8") for path in SESSIONS)
    for name in app.available():
        assert name == "demo" or f"$ signet {name}" in played, name
