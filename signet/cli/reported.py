"""The result that is to be recorded, as it is told: by a flag, by reports of a test tool, or by its exit code.

What a report says is not trusted: names of tests go nowhere but through the one writer, and into the record go only
counts and the name of a tool, if it prints. Nothing is recorded here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet.cli import files, render
from signet.errors import CouldNotTest, Fault, InvalidData, UsageError

if TYPE_CHECKING:
    from signet.core.formats.junit import Report

SHOWN = 10
"""Names of failed tests that are shown; the report has them all."""


@dataclass(frozen=True, slots=True)
class Told:
    """A result: passed or not; ``tool`` and ``details`` for the record, ``report`` for the answer in JSON."""

    passed: bool
    tool: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)


def told(passed: bool | None, reports: Sequence[Path], exit_code: int | None) -> Told:
    """The result, by the one way in which it is given.

    UsageError for none or several of them; InvalidData with all faults of all reports; CouldNotTest where no test was
    run, which is no evidence.
    """
    if (passed is not None) + bool(reports) + (exit_code is not None) > 1:
        raise UsageError("The result is given twice.", "Pass one of --passed, --failed, --junit and --exit-code.")
    if reports:
        return _by_reports(reports)
    if exit_code is not None:
        return Told(exit_code == 0, details={"exit_code": exit_code})
    if passed is None:
        raise UsageError("The result is missing.", "Pass --passed, --failed, --junit FILE or --exit-code CODE.")
    return Told(passed)


def _by_reports(paths: Sequence[Path]) -> Told:
    from signet.core.formats import junit

    paths = files.expanded(paths, (".xml",))
    one = junit.together(_read(paths))
    counts = {"passed": one.passed, "failed": one.failed, "skipped": one.skipped}
    if not one.ran:
        raise CouldNotTest(
            f"{', '.join(map(str, paths[:3]))}{' ...' if len(paths) > 3 else ''}: no test was run"
            f" ({one.skipped} skipped).",
            "No test is no evidence, and nothing was recorded: run the tests, then record them.",
        )
    _show(one)
    tool = one.tool if one.tool.isprintable() else ""
    return Told(
        one.success,
        tool,
        {"tests": sum(counts.values()), **counts},
        {"reports": len(paths), "tool": tool, **counts, "failures": list(one.failures)},
    )


def _read(paths: Sequence[Path]) -> list[Report]:
    from signet.core.formats import junit

    found: list[Report] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            found.append(junit.read(files.content(path), str(path)))
        except InvalidData as error:
            faults += error.faults
    if faults:
        what = f"{paths[0]} is" if len(paths) == 1 else f"{len(faults)} of {len(paths)} reports are"
        raise InvalidData(
            f"{what} refused; nothing was recorded.", faults, "--junit takes JUnit XML, whole files of it."
        )
    return found


def _show(report: Report) -> None:
    counts = (f"{report.passed} passed", f"{report.failed} failed", f"{report.skipped} skipped")
    render.note(f"{render.counted(report.ran + report.skipped, 'test')}: {', '.join(counts)}")
    shown = report.failures[:SHOWN]
    for name in shown:
        render.note(f"  failed: {name or '(a test without a name)'}")
    if report.failed > len(shown):
        render.note(f"  and {report.failed - len(shown)} more")
