"""What is told of the service while it runs: one line an event on stderr, as text or as JSON.

No query, no header and no body of a request is written, so no secret that stands there; what else comes from outside is
ASCII here, with everything that a terminal could take for a command written out.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

LONGEST = 2_000


class Journal(logging.Handler):
    """Where the lines go. As a handler of ``logging`` it also takes what the parts of Signet say there."""

    def __init__(self, form: str = "text", stream: TextIO | None = None) -> None:
        super().__init__(logging.INFO)
        self.is_json = form == "json"
        self.stream = stream or sys.stderr
        self._writing = threading.Lock()

    def tell(self, event: str, level: str = "info", **fields: Any) -> None:
        """Write one line: what happened, and its fields in the order given. Whatever it cannot write is left out."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self.is_json:
            line = json.dumps({"time": now, "level": level, "event": event, **fields}, default=str)
        else:
            line = " ".join([now, level, event, *(f"{name}={_word(value)}" for name, value in fields.items())])
        with self._writing, suppress(OSError, ValueError):  # where nobody reads it any more, the service goes on
            self._write(line.replace("\x7f", "\\u007f") + "\n")

    def _write(self, line: str) -> None:
        """Past all buffers: what cannot be written now must not be kept, or it would grow."""
        try:
            descriptor = self.stream.fileno()
        except (OSError, ValueError):
            self.stream.write(line)
        else:
            os.write(descriptor, line.encode("ascii"))

    def emit(self, record: logging.LogRecord) -> None:
        """One line of what a part of Signet says, without the traceback, which may hold data."""
        message = record.getMessage()[:LONGEST]
        more = {"error": record.exc_info[0].__name__} if record.exc_info and record.exc_info[0] else {}
        self.tell("said", record.levelname.lower(), part=record.name, message=message, **more)


def _word(value: Any) -> str:
    """A value that is one word and no command; anything else in quotes, as JSON has it."""
    text = str(value)
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' "=\\')
    return text if is_plain and text and not text.startswith("::") and "##[" not in text else json.dumps(text)
