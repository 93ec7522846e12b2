"""A provider that runs: where it is, whether it still runs, and what its log says when it does not.

It hears of the program from the guardian and starts nothing itself; that is ``signet.live.provider.start``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from signet.errors import CouldNotTest, Fault
from signet.live.provider import output, reach
from signet.live.provider.guardian import ending
from signet.live.provider.line import ANSWER, Line

URL = "SIGNET_PROVIDER_URL"
"""The variable with the provider's address, for programs that a test runs."""

_TAKEN = ("address already in use", "eaddrinuse", "address in use", "errno 98", "errno 48", "port is already allocated")
_LOG = "Its log says why."
_AGAIN = "Run the command again."


class Provider:
    """A program that was started. ``url`` has no slash at the end; ``pid`` is that of the program itself."""

    def __init__(self, line: Line, port: int, log: Path, descriptor: int, masked: Callable[[str], str]) -> None:
        self.line = line
        self.port = port
        self.url = reach.url(port)
        self.log = log
        self.pid = 0
        self.status: int | None = None
        self.is_free = False
        self._descriptor = descriptor
        self._masked = masked

    @property
    def variables(self) -> dict[str, str]:
        """The variables for programs that talk with it."""
        return {URL: self.url}

    def check(self, patience: float = 0.0) -> None:
        """CouldNotTest if it has ended. After a lost connection have some ``patience``: an end shows a moment later."""
        until = time.monotonic() + patience
        while True:
            if self.status is None:
                self.line.tell(do="ask")
                self._answer("runs")
            if self.status is not None:
                raise self.trouble(f"The provider ended on the way, with {ending(self.status)}.", _LOG)
            if time.monotonic() >= until:
                return
            time.sleep(0.05)

    def begun(self, program: str, folder: Path) -> None:
        """Hear that it was started; CouldNotTest if it was not."""
        said = self._answer("started", "failed")
        if said["said"] == "failed":
            what = f"the folder '{folder}'" if said["what"] == "folder" else f"'{program}'"
            remedy = "A program is looked for in PATH; a shell is used only if you write one: sh -c '...'."
            raise CouldNotTest(self._masked(f"The provider did not start: {what}: {said['why']}."), remedy)
        self.pid = int(said["pid"])

    def has_begun(self) -> None:
        """CouldNotTest if it has ended before it was healthy."""
        while self.status is None and (said := self.line.hear(0)) is not None:
            self._note(said)
        if self.status is not None:
            stay = "It must stay in the foreground: Signet ends it." if self.status == 0 else _LOG
            raise self.trouble(f"The provider ended with {ending(self.status)} before it was healthy.", stay)

    def port_was_taken(self) -> bool:
        """Did it end because another program has its port?"""
        said = output.whole(self._descriptor).lower()
        return self.status is not None and (any(one in said for one in _TAKEN) or not reach.is_free(self.port))

    def trouble(self, message: str, remedy: str) -> CouldNotTest:
        """The error, with the last lines of the log below it."""
        shown = output.last_lines(self._masked(output.whole(self._descriptor)))
        faults = [Fault(str(self.log), None, number, line) for number, line in shown]
        return CouldNotTest(self._masked(message), remedy, faults)

    def freed(self, seconds: float, state: Path) -> None:
        """Let it run on without Signet, at most for so long; its end is noted in the ``state`` file."""
        self.line.tell(do="free", state=str(state.absolute()), **{"for": seconds})
        self._answer("free")
        if self.status is not None:
            self.check()
        self.is_free = True
        self.line.closed()

    def end(self) -> None:
        """End it, and all that it started, unless it was freed; CouldNotTest if something cannot be ended."""
        if self.is_free:
            return
        left = self.line.ended()
        if left:
            told = ", ".join(map(str, sorted(left)))
            raise CouldNotTest(f"Processes of the provider could not be ended: {told}.", "End them yourself.")

    def _answer(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these kinds, or that it has ended; CouldNotTest if none comes."""
        until = time.monotonic() + ANSWER
        while (said := self.line.hear(until - time.monotonic())) is not None:
            self._note(said)
            if said["said"] in (*kinds, "ended"):
                return said
        raise self.trouble("The process that guards the provider does not answer.", _AGAIN)

    def _note(self, said: dict[str, Any]) -> None:
        if said["said"] == "ended":
            self.status = int(said["status"])
        elif said["said"] in ("lost", "broken", "gone"):
            raise self.trouble("The process that guards the provider has ended.", _AGAIN)
