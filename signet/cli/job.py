"""What a job of GitHub Actions is told of a command: a summary, outputs for later steps, an annotation if it failed.

``SIGNET_JOB=github`` asks for it; the composite actions set it. The summary is what the command said, as text that
nothing in it can break out of (or the page itself, where a command answered in Markdown). The outputs are words of
ours and numbers, never data (design: safety.md T43, T44). What cannot be written is told, and changes no exit code.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from signet.cli import render

WORDS = {
    0: "yes",
    1: "no",
    2: "wrong-use",
    3: "invalid-data",
    4: "undecided",
    5: "push-refused",
    6: "trust",
    70: "bug",
    130: "interrupted",
}
"""By exit code, the output ``answer``."""
LARGEST = 200 * 1024
"""Characters of what was said that a summary shows; a runner takes 1 MiB for a step."""


class Told:
    """What a command says while it runs."""

    def __init__(self) -> None:
        self.both: list[str] = []
        self.answer: list[str] = []
        self.length = 0

    def take(self, text: str, is_answer: bool) -> None:
        """Keep a piece, as long as there is room."""
        self.length += len(text)
        if self.length <= LARGEST:
            self.both.append(text)
            if is_answer:
                self.answer.append(text)


@contextmanager
def listening() -> Iterator[Told]:
    """Everything that is printed in the block is kept, too."""
    told = Told()
    render.listeners.append(told.take)
    try:
        yield told
    finally:
        render.listeners.remove(told.take)


def report(told: Told, args: Sequence[str], code: int) -> None:
    """Tell the job how the command with these arguments ended."""
    from signet.cli.app import COMMANDS

    title = f"signet {args[0]}" if args and args[0] in COMMANDS else "signet"
    word = WORDS.get(code, "failed")
    _append("GITHUB_OUTPUT", f"exit-code={code}\nanswer={word}\n")
    _append("GITHUB_STEP_SUMMARY", _page(told, args, title, word, code))
    if code:
        render.annotate_beside("error", _why(told, word)[:500], title=f"{title}: {word}")


def _why(told: Told, word: str) -> str:
    """The first line of what was said; of an answer in JSON its message or verdict, for its first line is a brace."""
    try:
        answer = json.loads("".join(told.answer))
    except ValueError:
        return next((line for line in "".join(told.both).splitlines() if line.strip()), word)
    why = (answer.get("message") or answer.get("verdict")) if isinstance(answer, dict) else None
    return why if isinstance(why, str) else word


def _page(told: Told, args: Sequence[str], title: str, word: str, code: int) -> str:
    heading = f"### {title}: {word} (exit code {code})\n\n"
    if "--format=markdown" in args or ("--format", "markdown") in pairwise(args):
        return heading + "".join(told.answer) + "\n"
    said = "".join(told.both)
    if told.length > LARGEST:
        said += "... and more: the log of this step has all of it\n"
    return f"{heading}{_fenced(said)}\n" if said.strip() else heading


def _fenced(text: str) -> str:
    """A code block that nothing in the text ends: its fence is longer than any there."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text if text.endswith(chr(10)) else text + chr(10)}{fence}\n"


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        render.note(f"{variable} cannot be written: {error.strerror}")
