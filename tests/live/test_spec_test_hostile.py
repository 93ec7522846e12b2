"""Providers that hang, die, flood or lie, specs that are too much, and what is left behind: nothing."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from signet.cli import outcomes
from signet.errors import CouldNotTest
from signet.live.spec_test import Plan
from tests.live.hostile import spec
from tests.live.library import application
from tests.live.running import ROOT, command_lines, run, running

PLAN = Plan(examples=1, phases=("coverage", "fuzzing"), answer_limit=1, time_limit=120)
CANARY = "canary-5ecret-Tok3n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where tests are run; afterwards there are no files in it, and no processes that know of it."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    assert [line for line in command_lines() if str(folder) in line] == []


def refused(kind: str, *arguments: str, plan: Plan = PLAN) -> CouldNotTest:
    """What is told of a provider that cannot be tested."""
    with running("hostile", kind, *arguments) as url, pytest.raises(CouldNotTest) as raised:
        run(spec(), url, plan)
    return raised.value


def test_nobody_at_the_address() -> None:
    with pytest.raises(CouldNotTest, match=r"The provider at http://127\.0\.0\.1:9 cannot be reached: .*refused"):
        run(spec(), "http://127.0.0.1:9", PLAN)


def test_a_provider_that_dies_half_way() -> None:
    assert "broke the connection" in refused("die", "--good", "8").message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("hang", "gave no answer in time at GET /"),
        ("reset", "broke the connection at GET /"),
        ("malformed", "broke the connection at GET /things: ('Connection aborted.', BadStatusLine"),
        ("header", "broke the connection at GET /things: ('Connection aborted.', LineTooLong"),
        ("unavailable", "all that was answered is 503"),
    ],
)
def test_a_provider_that_cannot_be_tested(kind: str, told: str) -> None:
    error = refused(kind, "--good", "0" if kind == "unavailable" else "4")
    assert told in error.message
    assert error.message.isprintable()


@pytest.mark.slow
def test_a_body_that_never_ends() -> None:
    assert "sent more than there is memory for" in refused("endless").message


@pytest.mark.slow
def test_a_body_that_drips() -> None:
    began = time.monotonic()
    error = refused("drip", plan=Plan(examples=1, time_limit=8, answer_limit=2))
    assert "took more than 8 seconds and was ended" in error.message
    assert time.monotonic() - began < 20


@pytest.mark.slow
def test_a_huge_body_is_only_a_wrong_one() -> None:
    with running("hostile", "huge") as url:
        outcome = run(spec(), url, Plan(examples=1, phases=("fuzzing",), time_limit=120))
    assert {one.code for row in outcome.rows for one in row.problems} == {"body-misfit"}
    assert max(len(one.message) for row in outcome.rows for one in row.problems) < 1000


@pytest.mark.slow
def test_redirects_are_not_followed() -> None:
    with running("hostile", "die") as elsewhere:
        error = refused("redirect", "--elsewhere", f"{elsewhere}/things")
        assert "all that was answered is 307" in error.message
        with pytest.raises(CouldNotTest):
            run(spec(), elsewhere, PLAN)  # it was alive until now: it dies of its first request


def test_what_a_provider_sends_is_harmless_in_every_report() -> None:
    with running("hostile", "markup") as url:
        outcome = run(spec(), url, Plan(examples=1, phases=("fuzzing",)))
    assert not outcome.passed
    assert "evil.example" in outcome.rows[0].problems[0].message
    for format_ in outcomes.FORMATS:
        report = outcomes.text(format_, [outcome])
        assert [line for line in report.splitlines() if not line.isprintable() or line.lstrip().startswith("::")] == []
        assert "##[" not in report
    rendered = MarkdownIt("commonmark").enable("table").render(outcomes.text("markdown", [outcome]))
    assert "evil.example" in rendered
    assert [tag for tag in ("<script", "<a ", "<img", "@everyone") if tag in rendered] == []
    suite = ElementTree.fromstring(outcomes.text("junit", [outcome]))  # noqa: S314 it is our own
    assert len(suite.findall("testsuite/testcase/failure")) == 2
    assert "<script>alert(1)</script>" in suite.findall("testsuite/testcase/failure")[0].get("message", "")


@pytest.mark.slow
def test_a_spec_that_is_too_much_ends_in_time() -> None:
    operation = spec()["paths"]["/things"]  # type: ignore[index]
    document = spec() | {"paths": {f"/things/{number}": operation for number in range(300)}}
    seen: list[int] = []

    def told(done: int, total: int, name: str) -> None:
        seen.append(done)
        assert total == 601

    began = time.monotonic()
    with running("hostile", "hang", "--good", "1000000") as url, pytest.raises(CouldNotTest, match="took more than 15"):
        run(document, url, Plan(time_limit=15, phases=("coverage", "fuzzing", "stateful")), tell=told)
    assert time.monotonic() - began < 40
    assert seen


@pytest.mark.parametrize(
    "schema", [pytest.param({"type": "string", "enum": []}, marks=pytest.mark.slow), {"type": "strange"}]
)
def test_an_operation_that_cannot_be_exercised_does_not_pass_in_silence(schema: dict[str, Any]) -> None:
    document = spec()
    document["paths"]["/things"]["get"]["parameters"][0] |= {"schema": schema, "required": True}  # type: ignore[index]
    plan = Plan(examples=1, phases=("fuzzing",))
    with running("hostile", "hang", "--good", "1000000") as url:
        with pytest.raises(CouldNotTest, match="GET /things could not be exercised: fuzzing: "):
            run(document, url, plan)
        if schema["type"] == "strange":
            return
        outcome = run(document, url, Plan(examples=1, phases=("fuzzing",), excluded=("GET /things",)))
    assert outcome.passed


def test_nobody_but_the_provider_is_asked(tmp_path: Path) -> None:
    """A spec names files to fetch at a second provider, which would die of a request."""
    with running("hostile", "die") as elsewhere, running("hostile", "hang", "--good", "1000000") as url:
        document = spec() | {"openapi": "3.1.0", "externalDocs": {"url": elsewhere}, "servers": [{"url": elsewhere}]}
        parameter = document["paths"]["/things"]["get"]["parameters"][0]  # type: ignore[index]
        parameter["examples"] = {"far": {"externalValue": f"{elsewhere}/example"}}
        parameter["schema"] = {"$schema": f"{elsewhere}/meta", "$id": f"{elsewhere}/id", "type": "integer"}
        document["paths"]["/things"]["get"]["servers"] = [{"url": elsewhere}]  # type: ignore[index]
        assert run(document, url, Plan(examples=1)).passed
        host, _, port = elsewhere.removeprefix("http://").partition(":")
        socket.create_connection((host, int(port))).close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_test_that_is_broken_off_leaves_nothing_running(number: int, own_folder: Path) -> None:
    program = (
        "import sys, tempfile\n"
        "tempfile.tempdir = sys.argv[2]\n"
        "from tests.live.hostile import spec\n"
        "from signet.live.spec_test import Plan, run\n"
        "run(spec(), sys.argv[1], Plan(answer_limit=100))\n"
    )
    with running("hostile", "hang") as url:
        command = [sys.executable, "-c", program, url, str(own_folder)]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
            until(lambda: any("inside.py" in line for line in lines(own_folder)))
            time.sleep(1)
            process.send_signal(number)
            process.communicate(timeout=30)
            assert process.returncode != 0
        until(lambda: lines(own_folder) == [])
    if number == signal.SIGKILL:  # nobody was there to take the folder away
        for path in sorted(own_folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def lines(folder: Path) -> list[str]:
    return [line for line in command_lines() if str(folder) in line]


def until(come: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not come():
        assert time.monotonic() - began < 30
        time.sleep(0.1)


def test_credentials_are_nowhere(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a process list, an outcome or a report, though the provider repeats them; nor in what a run is given.

    What a run writes itself has what the provider said; it is in a folder of the user's own, and gone with it.
    """
    monkeypatch.setenv("LIBRARY_TOKEN", CANARY)
    seen: list[str] = []

    def look(*_: object) -> None:
        seen.extend(command_lines())
        seen.extend(path.read_text() for path in own_folder.rglob("*") if path.suffix in (".toml", ".json"))
        assert [path.stat().st_mode & 0o077 for path in own_folder.iterdir()] == [0]

    plan = Plan(
        examples=1,
        phases=("coverage",),
        headers={"Authorization": f"Bearer {CANARY}", "X-Tenant-Name": f"{CANARY}/+ä"},
    )
    assert CANARY not in repr(plan)
    document = application().openapi()
    document["paths"] = {"/books/{book_id}": {"get": document["paths"]["/books/{book_id}"]["get"]}}
    with running("library", "--bug", "echo") as url:
        outcome = run(document, url, plan, tell=look)
    assert any("inside.py" in line for line in seen)
    assert any("SPEC_TEST_HEADER_0" in text for text in seen)
    assert [text for text in seen if CANARY in text] == []
    assert not outcome.passed
    shown = [repr(outcome), *(outcomes.text(format_, [outcome]) for format_ in outcomes.FORMATS)]
    assert "Authorization: ***" in shown[0]
    assert '"***" is not of type "integer"' in shown[0]
    assert [text for text in shown if CANARY in text or "canary" in text.lower()] == []


def test_credentials_of_an_address_are_nowhere() -> None:
    with pytest.raises(CouldNotTest) as raised:
        run(spec(), f"http://user:{CANARY}@127.0.0.1:9", PLAN)
    assert CANARY not in repr(raised.value) + str(raised.value) + repr(raised.value.__cause__)
    with running("hostile", "markup") as url:
        outcome = run(spec(), url.replace("//", f"//user:{CANARY}@"), Plan(examples=1, phases=("fuzzing",)))
    assert CANARY not in repr(outcome)
    assert "Authorization: ***" in outcome.rows[0].problems[0].request
