"""The verifier as seen from our side: started when it is first needed, asked about one interaction at a time.

It is started anew when it had to be ended. That an answer is believed is decided in ``signet.live.replay.stage``.
"""

from __future__ import annotations

import tempfile
import time
from typing import Any

from signet.core.formats import text
from signet.errors import CouldNotTest, UsageError
from signet.live.replay import children
from signet.live.replay.gate import KEY, Gate

MODULE = "signet.live.replay.verifier"
START = 30.0
SPARE = 10.0


def extra_missing() -> UsageError:
    """The error where pact-python is not installed."""
    return UsageError(
        "Replaying contracts needs pact-python, which is not installed.", "pip install signet-registry[pact]"
    )


class Judge:
    """Asks the verifier. ``ends`` is when all time is over, on the monotonic clock."""

    def __init__(self, ends: float) -> None:
        self._ends = ends
        self._child: children.Child | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.tool = ""

    def left(self) -> float:
        """Seconds that are left; CouldNotTest when there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise CouldNotTest("The replay took longer than it may.", "Give it more time, or replay fewer contracts.")
        return left

    def start(self) -> children.Child:
        """Start the verifier; UsageError if it is not installed."""
        if self._folder is None:  # the verifier is ended, and removes nothing then: what it writes is in here
            self._folder = tempfile.TemporaryDirectory(prefix="signet-replay-", ignore_cleanup_errors=True)
        child = self._child = children.Child(MODULE, {**children.plain_environment(), "TMPDIR": self._folder.name})
        try:
            hello = child.hear(min(START, self.left()))
        except (children.Silent, children.Ended) as error:
            why = str(error) or "it did not answer"
            raise CouldNotTest(f"The verifier did not start: {why}.", "Install pact-python again.") from None
        if "missing" in hello:
            raise extra_missing()
        self.tool = f"pact-python {hello['version']}".strip()
        return child

    def asked(self, document: dict[str, Any], gate: Gate, seconds: float) -> dict[str, Any]:
        """The verifier's answer for a document of one interaction; CouldNotTest if all time is over.

        An answer with ``failed`` stands for a verifier that ended or said nothing.
        """
        child = self._child or self.start()
        limit = seconds + SPARE
        question = {
            "document": text.dump(document),
            "provider": document["provider"]["name"],
            "port": gate.port,
            "key": [KEY, gate.key],
            "seconds": limit,
        }
        try:
            return child.ask(question, min(limit, self.left()))
        except children.Silent:
            self._child = None
            self.left()
            return {"failed": f"the verifier said nothing within {limit:g} seconds"}
        except children.Ended as error:
            self._child = None
            return {"failed": f"the verifier is gone: {error}"}

    def close(self) -> None:
        """End the verifier, and remove what it wrote."""
        if self._child is not None:
            self._child.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
