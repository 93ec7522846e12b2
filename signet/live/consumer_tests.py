"""The tests of a consumer, run against a provider: one program, its exit code, and its end whatever happens.

A guardian runs it, as it runs a provider: it keeps the log, and ends the program with all that it started, also when
its time is over, on Ctrl-C, or when Signet is killed. What the exit code means is decided here; which program it is,
and what is recorded, is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from signet.errors import CouldNotTest, Fault
from signet.live.provider import output
from signet.live.provider.guardian import ending
from signet.live.provider.line import ANSWER, Line
from signet.live.provider.start import interruptible, kept_log, reasonable

UNTESTED = {
    125: "docker could not run it",
    126: "a program of it cannot be run",
    127: "a program of it was not found",
}
"""Exit codes that say, by convention of shells and docker, that nothing was tested."""
STOP_AFTER = 5.0
"""Seconds that the program has to end, once it is asked to."""
LOOK = 1.0
"""Seconds between two looks at the provider."""
LINES, LINE = 40, 300
"""How many of the last lines are told, and how much of each."""


class Ran(NamedTuple):
    """How it ended, after how many seconds, and the last lines that it printed."""

    exit_code: int
    seconds: float
    said: tuple[str, ...]


def run(
    words: Sequence[str],
    *,
    folder: Path,
    log: Path,
    environment: Mapping[str, str],
    limit: float,
    masked: Callable[[str], str] = str,
    meanwhile: Callable[[], None] = lambda: None,
) -> Ran:
    """Run the program in ``folder``, at most for ``limit`` seconds; ``environment`` is all that it gets.

    ``meanwhile`` is called every second, and ends the tests if it raises. CouldNotTest where the exit code is that of
    no test: the program was not found, did not end in time, or was ended by a signal.
    """
    reasonable("--time-limit", limit, least=0.001)
    with interruptible(), kept_log(log, masked) as (descriptor, _kept):
        order = {"words": list(words), "folder": str(folder.absolute()), "log": descriptor, "stop_after": STOP_AFTER}
        began = time.monotonic()
        line = Line({**order, "url": "", "url_file": None}, environment)
        try:
            status = _status(line, words[0], folder, began + limit, meanwhile)
        finally:
            left = line.ended()
        said = _last_lines(masked(output.whole(descriptor)))
    if left:
        told = ", ".join(map(str, sorted(left)))
        raise CouldNotTest(f"Processes of the tests could not be ended: {told}.", "End them yourself.")
    if status is None:
        raise CouldNotTest(
            masked(f"The tests ('{words[0]}') took more than {limit:g} seconds, and were ended."),
            "--time-limit gives them more time.",
            _faults(said),
        )
    if status < 0 or status in UNTESTED:
        because = f": {UNTESTED[status]}" if status in UNTESTED else ""
        raise CouldNotTest(
            masked(f"The tests ('{words[0]}') ended with {ending(status)}{because}."),
            "That is no result; what they printed says more.",
            _faults(said),
        )
    return Ran(status, time.monotonic() - began, said)


def _status(line: Line, program: str, folder: Path, until: float, meanwhile: Callable[[], None]) -> int | None:
    """The status with which the program ended; None if it did not end in time."""
    answered = False
    begun = time.monotonic()
    while True:
        now = time.monotonic()
        if not answered and now > begun + ANSWER:
            raise CouldNotTest("The process that guards the tests does not answer.", "Run the command again.")
        if now >= until:
            return None
        said = line.hear(min(LOOK, until - now))
        if said is None:
            meanwhile()
        elif said["said"] == "failed":
            what = f"the folder '{folder}'" if said["what"] == "folder" else f"'{program}'"
            raise CouldNotTest(
                f"The tests did not start: {what}: {said['why']}.",
                "A program is looked for in PATH; a shell is used only if you write one: sh -c '...'.",
            )
        elif said["said"] == "ended":
            return int(said["status"])
        elif said["said"] in ("lost", "broken", "gone"):
            raise CouldNotTest("The process that guards the tests has ended.", "Run the command again.")
        else:
            answered = True


def _faults(said: Sequence[str]) -> list[Fault]:
    return [Fault("tests", None, 0, line) for line in said[-output.LINES :]]


def _last_lines(text: str) -> tuple[str, ...]:
    said = [line.rstrip() for line in text.split("\n")[-LINES * 10 :] if line.strip()]
    return tuple(line if len(line) <= LINE else line[: LINE - 3] + "..." for line in said[-LINES:])
