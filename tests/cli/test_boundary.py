"""The error boundary: every error has its exit code and one message, and a bug of ours shows no data."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signet import errors
from signet.cli import app, boundary
from signet.core.model.decision import Decision
from signet.errors import Fault
from tests.cli.conftest import Desk

SIGNET = [sys.executable, "-m", "signet"]


def _all(kind: type[errors.SignetError]) -> list[type[errors.SignetError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _all(below))]


def test_every_class_of_error_has_an_exit_code() -> None:
    for kind in _all(errors.SignetError)[1:]:
        if kind is not errors.GuardSaidNo and kind.__module__ == "signet.errors":
            error = kind.__new__(kind)
            assert boundary.exit_code(error) in boundary.EXIT_CODES
            assert boundary.exit_code(error) != boundary.BUG, kind


@pytest.mark.parametrize(("verdict", "code"), [("no", 1), ("unknown", 4)])
def test_a_guarded_deployment_exits_as_its_decision(verdict: str, code: int) -> None:
    error = errors.GuardSaidNo("not recorded", "", Decision(verdict, (), "production", ()))
    assert boundary.exit_code(error) == code


def test_an_error_is_one_line_with_its_remedy_and_a_line_for_each_fault(capsys: pytest.CaptureFixture[str]) -> None:
    faults = [Fault("a.json", "/x", 3, "is wrong\n::error::x"), Fault("b.json", None, 0, "is too")]
    code = boundary.fail(errors.InvalidData("a.json is refused", faults, "Mend it."), as_json=True)
    out, err = capsys.readouterr()
    assert code == 3
    assert err.splitlines() == [
        "signet: a.json is refused. Mend it.",
        "  a.json:3 #/x: is wrong\\n::error::x",
        "  b.json: is too",
    ]
    answer = json.loads(out)
    assert answer["schema"] == "signet.error/1"
    assert (answer["code"], answer["exit_code"], len(answer["faults"])) == ("record-invalid", 3, 2)


def test_names_that_are_unknown_are_listed_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    boundary.fail(errors.UnknownName([("unknown-service", "service", "crat", "cart")]), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    assert answer["code"] == "unknown-service"
    assert answer["names"] == [{"code": "unknown-service", "kind": "service", "name": "crat", "suggestion": "cart"}]


class WickedError(Exception):
    """A foreign error with data in its text."""


def _broken(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def thrown(**_: object) -> int:
        raise error

    monkeypatch.setattr(app.command("status"), "callback", thrown)


def test_a_bug_is_reported_without_data(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _broken(monkeypatch, WickedError("canary \x1b[31m"))
    outcome = desk.signet("status", "--json", "--registry", "https://canary@x/y")
    assert outcome.code == 70
    assert "canary" not in outcome.out + outcome.err
    assert "Traceback" not in outcome.err
    assert "command: status" in outcome.err
    assert outcome.answer["code"] == "internal-error"
    monkeypatch.setenv("SIGNET_DEBUG", "1")
    shown = desk.signet("status").err
    assert "Traceback" in shown
    assert "\x1b" not in shown


def test_an_interrupt_is_130(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _broken(monkeypatch, KeyboardInterrupt())
    assert desk.signet("status").code == 130


def test_an_interrupt_while_the_boundary_is_read_is_130_too() -> None:
    program = """
import sys
from signet.cli import main
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "signet.cli.boundary":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupts())
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", program, "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "signet: interrupted.\n")


def test_wrong_use_is_2_with_a_hint(desk: Desk) -> None:
    unknown = desk.signet("deploy-gaurd")
    assert (unknown.code, unknown.out) == (2, "")
    assert "Did you mean 'deploy-guard'?" in unknown.err
    option = desk.signet("status", "--enviroment", "x", "--json")
    assert (option.code, option.answer["code"]) == (2, "usage")
    assert "'signet status --help'" in option.err
    nothing = desk.signet()
    assert (nothing.code, nothing.out) == (2, "")
    assert "Usage: signet" in nothing.err


def test_a_reader_that_goes_away_changes_neither_stderr_nor_exit_code(shop: Desk) -> None:
    for command, code in ((["log"], 0), (["deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "staging"], 1)):
        reading, writing = os.pipe()
        os.close(reading)
        answer = subprocess.run([*SIGNET, *command], stdout=writing, stderr=subprocess.PIPE, check=False)
        os.close(writing)
        assert answer.returncode == code
        assert answer.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_an_answer_that_cannot_be_written_is_never_a_yes(shop: Desk) -> None:
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run([*SIGNET, "status"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert answer.returncode != 0
    assert b"Traceback" not in answer.stderr


def test_nothing_but_the_writer_prints() -> None:
    for path in Path(inspect.getfile(boundary)).parent.rglob("*.py"):
        if path.name != "render.py" and "demo" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "print(" not in text.replace("_print(", ""), path
            assert "typer.echo" not in text
            assert "sys.stdout" not in text
