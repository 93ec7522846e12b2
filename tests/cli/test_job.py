"""What a job of GitHub Actions is told: outputs of our own words, a summary that data cannot break out of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signet.cli import render
from signet.cli.boundary import EXIT_CODES
from signet.cli.job import LARGEST, WORDS, listening, report
from tests.cli.conftest import Desk

HOSTILE = "x\n::error::pwn\n```\n<img src=//x> | @org/all \x1b[2K ##[group]"


@pytest.fixture
def job(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A job that runs commands in the folder."""
    monkeypatch.setenv("SIGNET_JOB", "github")
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(desk.folder / name))
    return desk


def told(desk: Desk, name: str) -> str:
    return (desk.folder / name).read_text(encoding="utf-8")


def test_every_exit_code_has_its_word() -> None:
    assert set(WORDS) == set(EXIT_CODES)


def test_a_job_gets_outputs_and_a_summary_of_what_was_said(job: Desk) -> None:
    done = job.does("init", "registry")
    assert told(job, "GITHUB_OUTPUT") == "exit-code=0\nanswer=yes\n"
    assert told(job, "GITHUB_STEP_SUMMARY") == f"### signet init: yes (exit code 0)\n\n```text\n{done.out}```\n\n"
    assert done.err == "", "no annotation where nothing failed"


def test_a_failure_is_an_annotation_beside_the_answer(job: Desk) -> None:
    job.does("init", "registry")
    done = job.signet("deploy-guard", "--registry", "registry", "-n", "cart", "-v", "1", "-e", "production", "--json")
    assert done.code == 2
    assert "::" not in done.out
    last = done.err.splitlines()[-1]
    assert last.startswith("::error title=signet deploy-guard%3A wrong-use::Unknown service"), "the message of the JSON"
    assert told(job, "GITHUB_OUTPUT").endswith("exit-code=2\nanswer=wrong-use\n")


@pytest.mark.parametrize("words", [(HOSTILE,), ("status", "--registry", HOSTILE), ("compare", "--spec", HOSTILE)])
def test_hostile_text_stays_inside_the_fence_and_out_of_the_outputs(job: Desk, words: tuple[str, ...]) -> None:
    done = job.signet(*words)
    assert re.fullmatch(r"exit-code=\d+\nanswer=[a-z-]+\n", told(job, "GITHUB_OUTPUT"))
    heading, _, rest = told(job, "GITHUB_STEP_SUMMARY").partition("\n\n")
    assert re.fullmatch(r"### signet( [a-z-]+)?: [a-z-]+ \(exit code \d+\)", heading)
    fence, _, inside = rest.partition("text\n")
    assert set(fence) == {"`"}
    body, end, after = inside.partition(f"\n{fence}\n")
    assert end
    assert after == "\n"
    assert fence not in body
    assert "\x1b" not in rest
    commands = [line for line in (done.out + done.err).splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 1, "one of ours"
    assert "##[" not in done.out + done.err


def test_markdown_is_the_page_itself(job: Desk) -> None:
    (job.folder / "spec.json").write_text('{"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {}}')
    (job.folder / "pact.json").write_text('{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": []}')
    done = job.signet("compare", "--spec", "spec.json", "--contract", "pact.json", "--format", "markdown")
    assert done.out
    assert told(job, "GITHUB_STEP_SUMMARY") == f"### signet compare: yes (exit code 0)\n\n{done.out}\n"


def test_a_summary_has_an_end(job: Desk) -> None:
    with listening() as heard:
        for number in range(3_000):
            render.say(f"{number}: {'p' * 100}")
    report(heard, ["log"], 0)
    summary = told(job, "GITHUB_STEP_SUMMARY")
    assert "0: ppp" in summary
    assert "\n2999: ppp" not in summary
    assert "the log of this step has all of it" in summary
    assert len(summary) < LARGEST + 1_000


@pytest.mark.parametrize("missing", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
def test_what_cannot_be_written_is_told_and_changes_nothing(
    job: Desk, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(missing, str(job.folder / "no" / "such" / "file"))
    done = job.signet("--version")
    assert done.code == 0
    assert f"{missing} cannot be written" in done.err
    monkeypatch.delenv(missing)
    assert job.signet("--version").err == ""


def test_nobody_else_is_told_anything(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    desk.does("init", "registry")
    assert not (tmp_path / "summary").exists()
