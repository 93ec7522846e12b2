"""The rules in ``docs/comparison.md``: every code has a row, and every row a case that proves it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from signet.core.compare.codes import CODES
from tests.core.test_compare import CASES

TEXT = (Path(__file__).parents[2] / "docs" / "comparison.md").read_text("utf-8")
RULES = TEXT.partition("## The rules by construct")[2].partition("\n## ")[0]
HEAD = ("construct", "required of the consumer", "what the consumer may rely on", "code", "cases")


def cells(line: str) -> tuple[str, ...]:
    """The cells of a row."""
    return tuple(cell.strip() for cell in line.strip().strip("|").split(" | "))


TABLE = [cells(line) for line in RULES.splitlines() if line.startswith("| ")]
ROWS = [row for row in TABLE if row != HEAD and set(row) != {"---"}]


def test_the_table_was_read() -> None:
    assert len(ROWS) > 50
    assert TABLE.count(HEAD) > 5


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_what_holds_and_a_case_proves_it(row: tuple[str, ...]) -> None:
    assert len(row) == len(HEAD)
    _, required, relies, code, cases = row
    assert (required, relies) != ("-", "-")
    names = cases.split("; ")
    assert [name for name in names if name not in CASES] == []
    found = {each for name in names for each in CASES[name]["found"]}
    if code == "-":
        assert not {each for each in found if CODES[each].severity == "error"}
    else:
        assert code.strip("`") in CODES
        assert code.strip("`") in found


def test_every_code_has_a_row() -> None:
    assert {row[3].strip("`") for row in ROWS} - {"-"} == CODES.keys()


def test_the_budgets_are_those_of_the_program() -> None:
    from signet.core.compare.modes import DEPTH, STEPS

    budgets = re.search(r"at most ([\d,]+) steps for an interaction and goes (\d+) schemas deep", TEXT)
    assert budgets is not None
    assert (budgets[1], budgets[2]) == (f"{STEPS:,}", str(DEPTH))
