"""The productive versions by a command: the question on its standard input, JSON on its standard output.

No shell is used. It is ended, with all that carries its mark, when it has answered or its time is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence

from signet.core.placeholders import filled
from signet.errors import CouldNotTest
from signet.live.provider import tree
from signet.live.provider.guardian import ending
from signet.live.provider.start import interruptible
from signet.live.replay import children
from signet.live.resolution.answer import LARGEST, Counterpart, Question, read

NAME = "The answer of --resolve-command"
_SAID = 300


def by_command(
    words: Sequence[str], question: Question, seconds: float, environment: Mapping[str, str]
) -> tuple[Counterpart, ...]:
    """``{service}``, ``{role}``, ``{other}`` and ``{environment}`` in the words are filled in.

    CouldNotTest if it cannot be started, takes too long, prints too much or fails; InvalidData for the answer.
    """
    mark = os.urandom(16).hex()
    with interruptible():
        try:
            process = subprocess.Popen(
                filled(words, question.values),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**environment, tree.MARK: mark},
                start_new_session=True,
                preexec_fn=tree.die_with_parent,
            )
        except (OSError, subprocess.SubprocessError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise _unknown(question, f"it cannot be started: {why}") from None
        try:
            said, complained = _heard(process, question, time.monotonic() + seconds, seconds)
        finally:
            children.end(process)
            tree.swept(mark)
            for stream in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()
    if process.returncode != 0:
        told = complained.decode(errors="replace").strip()
        raise _unknown(question, f"it ended with {ending(process.returncode)}" + (f" ({told})" if told else ""))
    return read(said, NAME)


def _heard(process: subprocess.Popen[bytes], question: Question, until: float, seconds: float) -> tuple[bytes, bytes]:
    """What it printed until it closed its output and ended, and the end of what it said on stderr."""
    assert process.stdin and process.stdout and process.stderr  # noqa: S101 - they are pipes
    with contextlib.suppress(OSError):
        process.stdin.write(json.dumps(question.as_json()).encode())  # less than a pipe holds
        process.stdin.close()
    said, complained = bytearray(), b""
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map() and process.stdout in {key.fileobj for key in selector.get_map().values()}:
            ready = selector.select(max(until - time.monotonic(), 0))
            if time.monotonic() >= until:
                raise _unknown(question, f"it gave no answer within {seconds:g} seconds")
            for key, _ in ready:
                more = os.read(key.fd, 65_536)
                if not more:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stdout:
                    said += more
                else:
                    complained = (complained + more)[-_SAID:]
            if len(said) > LARGEST:
                raise _unknown(question, f"it printed more than {LARGEST:,} bytes")
    try:
        process.wait(max(until - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        raise _unknown(question, f"it did not end within {seconds:g} seconds") from None
    with contextlib.suppress(OSError):
        complained = (complained + (process.stderr.read() or b""))[-_SAID:]
    return bytes(said), complained


def _unknown(question: Question, why: str) -> CouldNotTest:
    return CouldNotTest(
        f"Which version of {question.service} is productive is not known: --resolve-command: {why}.",
        "It reads the question as JSON on its standard input, and prints the answer as JSON.",
    )
