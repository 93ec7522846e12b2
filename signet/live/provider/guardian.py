"""The guardian: a small process between Signet and a provider, which ends the provider whatever becomes of Signet.

It starts the program, keeps its log, adopts its orphans, and at the end leaves nothing of it running. The end comes
when Signet asks for it; when Signet is gone, even killed (the line to it is a pipe, which then closes); when the
program has ended by itself; and for a provider that was left running, on SIGTERM or when its time is over. It asks no
provider anything, and knows nothing of health, ports or tests. Orders come as lines of JSON on its standard input, and
what it has to say goes out on its standard output in the same form:

    in    {"words", "folder", "log", "stop_after", "url", "url_file"}   first: what to start
          {"do": "ask" | "end" | "now"}                                  how is it; end it; end it without waiting
          {"do": "free", "for": SECONDS, "state": FILE}                  go on without Signet, for so long
    out   {"said": "started", "pid"}  {"said": "failed", "what", "why"}  {"said": "free"}
          {"said": "ended", "status"}                                    the program has ended, by itself or not
          {"said": "runs"}                                               the answer to "ask" otherwise
          {"said": "gone", "left": [PIDS]}                               last: nothing runs any more, or these still do
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from signet.errors import UsageError
from signet.live.provider import files, tree
from signet.live.provider.output import BoundedLog

TICK = 0.5
"""Seconds after which it looks around even if nothing has happened."""
CLOSE = 0.02
"""Seconds between two looks while processes are ending."""
LINE, OUT = 0, 1


class Guardian:
    """One program, from its start to the end of all that it started."""

    def __init__(self) -> None:
        self.owner = os.getppid()
        self.selector = selectors.DefaultSelector()
        self.heard = b""
        self.orders: list[dict[str, Any]] = []
        self.program: subprocess.Popen[bytes] | None = None
        self.status: int | None = None
        self.log: BoundedLog | None = None
        self.ending = ""  # why, as soon as there is a reason
        self.hurry = False
        self.until: float | None = None  # set when it was left to itself
        self.state: Path | None = None
        self._wake()
        os.set_blocking(LINE, False)
        self.selector.register(LINE, selectors.EVENT_READ, self._listen)

    def run(self) -> None:
        """Start what the first order says, watch it, end it, and say so."""
        while not self.orders and not self.ending:
            self.turn(TICK)
        if not self.orders:
            return
        order = self.orders.pop(0)
        if not self._start(order):
            return
        while not self.ending:
            self.turn(TICK)
            self._obey()
        left = self._end(float(order["stop_after"]))
        self._close(order)
        self.say(said="gone", left=sorted(left))

    def say(self, **said: Any) -> None:
        """Tell Signet, if it is still there."""
        with suppress(OSError):
            os.write(OUT, json.dumps(said).encode() + b"\n")

    def turn(self, seconds: float) -> None:
        """Wait until something happens, and take note of it."""
        for key, _ in self.selector.select(seconds):
            key.data()
        self._reap()
        if self.until is None and os.getppid() != self.owner:
            self.ending = self.ending or "Signet is gone"
        if self.until is not None and time.monotonic() > self.until:
            self.ending = self.ending or "its time was over"

    def _wake(self) -> None:
        """Let signals end the waiting; handlers and not SIG_IGN, which the program would inherit."""
        read, write = socket.socketpair()
        read.setblocking(False)
        write.setblocking(False)
        signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGTERM, self._told_to_end)
        self.waking = (read, write)
        self.selector.register(read, selectors.EVENT_READ, lambda: read.recv(4096))

    def _told_to_end(self, *_: Any) -> None:
        self.ending = self.ending or "it was stopped"

    def _listen(self) -> None:
        try:
            more = os.read(LINE, 65536)
        except BlockingIOError:
            return
        if not more:
            self.selector.unregister(LINE)
            if self.until is None:
                self.ending = self.ending or "Signet is gone"
        *lines, self.heard = (self.heard + more).split(b"\n")
        self.orders += [json.loads(line) for line in lines]

    def _obey(self) -> None:
        while self.orders:
            order = self.orders.pop(0)
            if order["do"] == "ask":
                self.say(**self._how())
            elif order["do"] == "free":
                self.until, self.state = time.monotonic() + order["for"], Path(order["state"])
                self.say(said="free")
            else:
                self.ending = self.ending or "the test is over"
                self.hurry = self.hurry or order["do"] == "now"

    def _how(self) -> dict[str, Any]:
        """Whether it runs; one that is on its way out has ended, and how is known in a moment."""
        self._reap()
        until = time.monotonic() + tree.SWEEP
        while self._is_exiting() and time.monotonic() < until:
            self.turn(CLOSE)
        return {"said": "runs"} if self.status is None else {"said": "ended", "status": self.status}

    def _is_exiting(self) -> bool:
        return self.status is None and self.program is not None and tree.is_exiting(self.program.pid)

    def _start(self, order: dict[str, Any]) -> bool:
        tree.adopt_orphans()
        self.log = BoundedLog(order["log"])
        output, its_end = os.pipe()
        try:
            self.program = subprocess.Popen(
                order["words"],
                cwd=order["folder"],
                stdin=subprocess.DEVNULL,
                stdout=its_end,
                stderr=its_end,
                start_new_session=True,
                preexec_fn=tree.die_with_parent,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            what = "folder" if getattr(error, "filename", None) == order["folder"] else "program"
            self.say(said="failed", what=what, why=getattr(error, "strerror", None) or str(error))
            return False
        finally:
            os.close(its_end)
        os.set_blocking(output, False)
        self.selector.register(output, selectors.EVENT_READ, lambda: self._keep(output))
        self.say(said="started", pid=self.program.pid)
        return True

    def _keep(self, output: int) -> None:
        try:
            data = os.read(output, 65536)
        except BlockingIOError:
            return
        if data and self.log is not None:
            self.log.write(data)
        elif not data:
            self.selector.unregister(output)

    def _reap(self) -> None:
        """Take note of every child that has ended; orphans became ours, so there are more than the program."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self.program is not None and pid == self.program.pid:
                self.status = self.program.returncode = os.waitstatus_to_exitcode(status)
                self.ending = self.ending or "it had ended"
                self.say(said="ended", status=self.status)

    def _members(self) -> set[int]:
        if self.program is None or not tree.has_proc():
            return tree.group(self.program.pid) if self.program is not None else set()
        return tree.below(os.getpid()) | tree.marked(os.environ[tree.MARK])

    def _end(self, stop_after: float) -> set[int]:
        """Ask all to end, wait, and kill what is left; returns what even then did not go."""
        until = time.monotonic() + stop_after
        asked: set[int] = set()
        members = self._members()
        while members and not self.hurry and time.monotonic() < until:
            tree.send(members - asked, signal.SIGTERM)
            asked |= members
            members = self._after_a_while()
        until = time.monotonic() + tree.SWEEP
        while members and time.monotonic() < until:
            tree.send(members, signal.SIGKILL)
            members = self._after_a_while()
        return members

    def _after_a_while(self) -> set[int]:
        """Keep the log going for a moment, so that nobody who ends is stopped by a full pipe; returns who is there."""
        until = time.monotonic() + CLOSE
        while time.monotonic() < until:
            self.turn(max(until - time.monotonic(), 0))
        self._obey()
        return self._members()

    def _close(self, order: dict[str, Any]) -> None:
        """Take what is still in the pipe, say in the log how it ended, and remove the file with the URL."""
        self.turn(0)
        self.turn(0)
        how = f"{self.ending}, with {ending(self.status)}" if self.status is not None else self.ending
        if self.log is not None and self.until is not None:
            self.log.note(how)
        if order["url_file"]:
            files.removed(Path(order["url_file"]), f"{order['url']}\n".encode())
        if self.state is not None:
            with suppress(OSError, ValueError, UsageError):
                known = json.loads(files.content(self.state, "The state") or b"")
                files.written(self.state, json.dumps({**known, "ended": how}).encode(), "The state")


def ending(status: int) -> str:
    """``exit code 3``, ``signal SIGSEGV``."""
    if status >= 0:
        return f"exit code {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def main() -> int:
    """Guard one provider, and end."""
    guardian = Guardian()
    try:
        guardian.run()
    except Exception as error:  # noqa: BLE001 - nobody sees a traceback of this process; Signet says that it is gone
        guardian.say(said="broken", why=f"{type(error).__name__}: {error}")
        tree.send(tree.below(os.getpid()), signal.SIGKILL)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
