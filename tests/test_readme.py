"""The README keeps its word: the tutorial runs as it is printed, and the two commands are there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests import tutorial

SIGNET = Path(sys.executable).parent / "signet"
DOCUMENTS = [one if one == tutorial.README else pytest.param(one, marks=pytest.mark.slow) for one in tutorial.TUTORIALS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_tutorial_runs_word_for_word(tmp_path: Path, document: Path) -> None:
    told = tutorial.steps(document.read_text(encoding="utf-8"))
    assert len(told) > 15
    printed = tutorial.play(told, tmp_path, SIGNET)
    for step, output in zip(told, printed, strict=True):
        assert tutorial.normal(output) == tutorial.normal(step.output), f"$ {step.command}"


@pytest.mark.slow
@pytest.mark.parametrize("document", tutorial.TUTORIALS, ids=lambda path: path.name)
def test_the_tutorial_runs_word_for_word_where_there_is_no_git(tmp_path: Path, document: Path) -> None:
    told = [tutorial.Step("type -P git || echo none", "none\n"), *tutorial.steps(document.read_text(encoding="utf-8"))]
    printed = tutorial.play(told, tmp_path, SIGNET, git=False)
    for step, output in zip(told, printed, strict=True):
        assert tutorial.normal(output) == tutorial.normal(step.output), f"$ {step.command}"


def test_the_two_commands_do_all_set_up() -> None:
    text = tutorial.README.read_text(encoding="utf-8")
    makefile = (tutorial.README.parent / "Makefile").read_text(encoding="utf-8")
    for command in ("make demo", "make test"):
        assert command in text
        assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE)


def test_every_document_that_the_readme_links_to_is_there() -> None:
    text = tutorial.README.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert links
    for link in links:
        assert (tutorial.README.parent / link).exists(), link
