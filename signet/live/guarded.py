"""A program that is run to its end by a guardian, and ended with all that it started if it takes too long.

The same as a provider (``signet.live.provider``), but for what the end means: here it is awaited. Ctrl-C and SIGTERM
end it, and so does the end of Signet. What an exit code says is the caller's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from signet.errors import CouldNotTest
from signet.live.provider.line import ANSWER, Line


def run(
    words: Sequence[str],
    what: str,
    *,
    folder: Path,
    log: int,
    environment: Mapping[str, str],
    limit: float,
    stop_after: float = 5.0,
    look: float = 1.0,
    meanwhile: Callable[[], None] = lambda: None,
) -> int | None:
    """The exit code (below 0: a signal), or None if it took more than ``limit`` seconds.

    What it prints goes to the descriptor ``log``. ``meanwhile`` is called every ``look`` seconds; what it raises ends
    the program. CouldNotTest if the program cannot be started or ended: ``what`` it is called in the message.
    """
    order = {"words": list(words), "folder": str(folder.absolute()), "log": log, "stop_after": stop_after}
    line = Line({**order, "url": "", "url_file": None}, environment)
    try:
        status = _Watch(line, what, words[0], folder).ended(time.monotonic() + limit, look, meanwhile)
    finally:
        left = line.ended()
    if left:
        told = ", ".join(map(str, sorted(left)))
        raise CouldNotTest(f"Processes of {what} could not be ended: {told}.", "End them yourself.")
    return status


class _Watch:
    """What a guardian says until its program has ended."""

    def __init__(self, line: Line, what: str, program: str, folder: Path) -> None:
        self.line, self.what, self.program, self.folder = line, what, program, folder
        self.begun = time.monotonic()
        self.answered = False

    def ended(self, until: float, look: float, meanwhile: Callable[[], None]) -> int | None:
        while (now := time.monotonic()) < until:
            if not self.answered and now > self.begun + ANSWER:
                raise CouldNotTest(f"The process that guards {self.what} does not answer.", "Run the command again.")
            said = self.line.hear(min(look, until - now))
            if said is None:
                meanwhile()
            elif said["said"] == "ended":
                return int(said["status"])
            elif said["said"] == "failed":
                raise self._not_started(said)
            elif said["said"] in ("lost", "broken", "gone"):
                raise CouldNotTest(f"The process that guards {self.what} has ended.", "Run the command again.")
            else:
                self.answered = True
        return None

    def _not_started(self, said: Mapping[str, str]) -> CouldNotTest:
        where = f"the folder '{self.folder}'" if said["what"] == "folder" else f"'{self.program}'"
        return CouldNotTest(
            f"{self.what[:1].upper()}{self.what[1:]} did not start: {where}: {said['why']}.",
            "A program is looked for in PATH; a shell is used only if you write one: sh -c '...'.",
        )
