"""``docs/changes.md`` says what the tables of changes say; ``SIGNET_REGENERATE=1`` brings it up to date."""

from __future__ import annotations

import re

from signet.core.changes.run import STEPS
from tests.cli.conftest import REGENERATE
from tests.core.change_tables import DOCUMENT, filled


def test_the_tables_are_those_of_the_program() -> None:
    text = DOCUMENT.read_text("utf-8")
    if REGENERATE:
        text = filled(text)
        DOCUMENT.write_text(text, "utf-8")
    assert filled(text) == text, "run this test with SIGNET_REGENERATE=1"


def test_the_budget_is_that_of_the_program() -> None:
    told = re.search(r"at most ([\d,]+) steps", DOCUMENT.read_text("utf-8"))
    assert told is not None and told[1] == f"{STEPS:,}"
