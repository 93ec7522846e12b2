"""The tests of a consumer, run against a provider: one program, its exit code, and its end whatever happens.

How it is run and ended is ``signet.live.guarded``. What the exit code means is decided here; which program it is, and
what is recorded, is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from signet.errors import CouldNotTest, Fault
from signet.live import guarded
from signet.live.provider import output
from signet.live.provider.guardian import ending
from signet.live.provider.start import interruptible, kept_log, reasonable

UNTESTED = {
    125: "docker could not run it",
    126: "a program of it cannot be run",
    127: "a program of it was not found",
}
"""Exit codes that say, by convention of shells and docker, that nothing was tested."""
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
        began = time.monotonic()
        status = guarded.run(
            words,
            "the tests",
            folder=folder,
            log=descriptor,
            environment=environment,
            limit=limit,
            meanwhile=meanwhile,
        )
        said = _last_lines(masked(output.whole(descriptor)))
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


def _faults(said: Sequence[str]) -> list[Fault]:
    return [Fault("tests", None, 0, line) for line in said[-output.LINES :]]


def _last_lines(text: str) -> tuple[str, ...]:
    said = [line.rstrip() for line in text.split("\n")[-LINES * 10 :] if line.strip()]
    return tuple(line if len(line) <= LINE else line[: LINE - 3] + "..." for line in said[-LINES:])
