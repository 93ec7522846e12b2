"""Signet's end of the line to a guardian: start one, tell it something, hear what it says, let it end.

What ``signet.live.provider.guardian`` says about the form of the messages holds here. Whatever happens to the guardian,
``ended`` returns in bounded time, and kills what it left.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import signet
from signet.live.provider import tree

GRACE = tree.SWEEP + 5.0
"""Seconds for a guardian to kill what did not end when it was asked, and to end."""
ANSWER = 30.0
"""Seconds for a guardian to answer; it is quick, but the machine may be busy."""

_BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); from signet.live.provider.guardian import main; sys.exit(main())"
"""Neither the working directory nor variables say what the guardian imports (-I), and it needs no packages (-S)."""


class Line:
    """A guardian, and the provider that it was told to start."""

    def __init__(self, order: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self.mark = os.urandom(16).hex()
        self.stop_after = float(order["stop_after"])
        self._text = b""
        self.heard: list[dict[str, Any]] = []
        root = str(Path(signet.__file__).absolute().parent.parent)
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _BEGIN, root, "signet-guardian", self.mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**environment, tree.MARK: self.mark},
            pass_fds=[order["log"]],
            start_new_session=True,
            bufsize=0,
        )
        self._orders = cast(IO[bytes], self.process.stdin)
        self.answers = cast(IO[bytes], self.process.stdout)
        self.tell(**order)

    def tell(self, **order: Any) -> None:
        """Send an order; a guardian that is gone hears nothing."""
        text = memoryview(json.dumps(order).encode() + b"\n")
        with suppress(OSError, ValueError):
            while text:
                text = text[os.write(self._orders.fileno(), text) :]

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next thing that the guardian says; None if it says nothing in that time, ``lost`` if it is gone."""
        until = time.monotonic() + seconds
        while not self.heard:
            if not self._readable(until - time.monotonic()):
                return None
            more = os.read(self.answers.fileno(), 65536)
            if not more:
                return {"said": "lost"}
            *lines, self._text = (self._text + more).split(b"\n")
            self.heard += [json.loads(one) for one in lines]
        return self.heard.pop(0)

    def _readable(self, seconds: float) -> bool:
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ)
            return bool(selector.select(max(seconds, 0)))

    def ended(self) -> set[int]:
        """End the provider and the guardian; returns the processes that could not be ended, which should be none.

        Ctrl-C while it waits for a provider that takes its time: then nothing is waited for, and everything is killed.
        """
        self.tell(do="end")
        try:
            self._wait(self.stop_after + GRACE)
        except KeyboardInterrupt:
            self.tell(do="now")
            self._wait(GRACE)
            raise
        finally:
            self.process.kill()
            self.process.wait()
            left = self._left() | tree.swept(self.mark)
            self.closed()
        return left

    def _left(self) -> set[int]:
        """What the guardian said last: these it could not end."""
        said = self.hear(0)
        while said is not None and said["said"] not in ("gone", "lost"):
            said = self.hear(0)
        return set(said["left"]) if said is not None and said["said"] == "gone" else set()

    def _wait(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def closed(self) -> None:
        """Let go of the line."""
        for end in (self._orders, self.answers):
            with suppress(OSError):
                end.close()
