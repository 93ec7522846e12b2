"""The productive versions by a command: the question on its standard input, JSON on its standard output.

Its words are never read by a shell: one only joins its input and output to files, and bounds what it may write. It is
ended, with all that it started, when it has answered or its time is over.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from signet.core.placeholders import filled
from signet.errors import CouldNotTest
from signet.live import guarded
from signet.live.provider import output
from signet.live.provider.guardian import ending
from signet.live.provider.start import interruptible, kept_log
from signet.live.resolution.answer import LARGEST, Counterpart, Question, read

NAME = "The answer of --resolve-command"
_JOINED = 'asked=$1; told=$2; code=$3; shift 3; { "$@" <"$asked"; echo "$?" >"$code"; } | head -c "$0" >"$told"'
_SAID = 300


def by_command(
    words: Sequence[str], question: Question, seconds: float, environment: Mapping[str, str]
) -> tuple[Counterpart, ...]:
    """``{service}``, ``{role}``, ``{other}`` and ``{environment}`` in the words are filled in.

    CouldNotTest if it cannot be started, takes too long, prints too much or fails; InvalidData for the answer.
    """
    with interruptible(), tempfile.TemporaryDirectory(prefix="signet-resolve-") as name:
        asked, told, code = (Path(name) / one for one in ("question.json", "answer.json", "code"))
        asked.write_text(json.dumps(question.as_json()))
        with kept_log(Path(name) / "log", str) as (log, _kept):
            joined = ["sh", "-c", _JOINED, str(LARGEST + 1), str(asked), str(told), str(code)]
            ended = guarded.run(
                [*joined, *filled(words, question.values)],
                "the command of --resolve-command",
                folder=Path(),
                log=log,
                environment=environment,
                limit=seconds,
                stop_after=0.0,
            )
            complained = output.whole(log).strip()[-_SAID:]
        said, status = _content(told), _content(code).decode("ascii", "replace").strip()
    if len(said) > LARGEST:
        raise _unknown(question, f"it printed more than {LARGEST:,} bytes")
    if ended is None:
        raise _unknown(question, f"it did not end within {seconds:g} seconds")
    if ended != 0 or status != "0":
        how = ending(int(status) if status.isdecimal() else ended)
        raise _unknown(question, f"it ended with {how}" + (f" ({complained})" if complained else ""))
    return read(said, NAME)


def _content(path: Path) -> bytes:
    """At most one byte more than an answer may have: the command may have put anything there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(LARGEST + 1)


def _unknown(question: Question, why: str) -> CouldNotTest:
    return CouldNotTest(
        f"Which version of {question.service} is productive is not known: --resolve-command: {why}.",
        "It reads the question as JSON on its standard input, and prints the answer as JSON.",
    )
