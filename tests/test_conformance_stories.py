"""The conformance stories of Deploy Guard and of what is owed, read where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import over_http, stories
from tests.conformance.__main__ import main
from tests.conformance.where import conformance


@pytest.mark.slow
def test_guard() -> None:
    outcome = stories.run_guard(conformance("guard"))
    assert not outcome.failures and outcome.passed, outcome.failures


def test_a_sample_of_guard_over_http() -> None:
    outcome = over_http.run_guard_api(conformance("guard"), sample=12)
    assert not outcome.failures and outcome.passed, outcome.failures


@pytest.mark.slow
def test_guard_over_http() -> None:
    outcome = over_http.run_guard_api(conformance("guard"))
    assert not outcome.failures and outcome.passed, outcome.failures


def test_owed() -> None:
    outcome = stories.run_owed(conformance("owed"), by_command=False)
    assert not outcome.failures and outcome.passed, outcome.failures


@pytest.mark.slow
def test_owed_by_the_command_line_too() -> None:
    outcome = stories.run_owed(conformance("owed"))
    assert not outcome.failures and outcome.passed, outcome.failures


def test_a_folder_without_cases_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guard", str(tmp_path)]) == 1
    assert "no cases found" in capsys.readouterr().out


def test_a_story_with_another_answer_fails(tmp_path: Path) -> None:
    story = """
events:
- {event: register-environment, environment: production}
- {event: register-service, service: cart}
- {event: register-version, service: cart, version: '1'}
ask: {service: cart, version: '1', environment: production}
expect:
  verdict: 'VERDICT'
  reasons: [{code: nothing-to-check}]
"""
    (tmp_path / "a.yaml").write_text(story.replace("VERDICT", "yes"))
    (tmp_path / "b.yaml").write_text(story.replace("VERDICT", "no"))
    outcome = stories.run_guard(tmp_path)
    assert (outcome.passed, outcome.failed) == (1, 1)
    assert outcome.failures[0].startswith("b: expected {'verdict': 'no'")


def test_a_set_variable_must_lead_to_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_CONFORMANCE", str(tmp_path))
    with pytest.raises(pytest.fail.Exception):
        conformance("guard")
