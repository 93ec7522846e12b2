"""What is told of a failed check, in a sentence, and what failures that say the same have in common.

It reads the messages of schemathesis. Where it does not know one, it tells it as it is, on one line and not too long.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from signet.live.spec_test.checks import Check
from signet.live.spec_test.tally import Failure

LONGEST = 300
"""Characters of what is quoted from an answer."""


class Sentence(NamedTuple):
    """The text of a problem; problems of one operation and code with the same ``key`` are the same."""

    text: str
    key: str


def sentence(check: Check, failure: Failure) -> Sentence:
    """The sentence for a failure, seen as what ``check`` says that it is."""
    status = str(failure.status)
    lines = [line.strip() for line in failure.message.splitlines() if line.strip()]
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    head = f"answer {status}: {check.meaning}"
    if check.code == "server-error":
        return Sentence(f"{check.meaning} with status {status}", status)
    if failure.check == "status_code_conformance":
        return Sentence(f"{head} (declared: {fields.get('Documented') or 'none'})", status)
    if "Received" in fields and "Documented" in fields:
        received = _short(fields["Received"])
        return Sentence(f"{head}: {received} (declared: {_short(fields['Documented'])})", f"{status} {received}")
    told = _short(lines[0] if lines else failure.title)
    place = _place(lines)
    if failure.check == "response_headers_conformance":
        place = _header(failure, lines)
        return Sentence(f"{head}: {f'{place}: ' if place else ''}{told}", f"{status} {place or told}")
    return Sentence(
        f"{head}: {told}{f' (at {place} of its schema)' if place else ''}", f"{status} {failure.title} {place}"
    )


def _place(lines: list[str]) -> str:
    """Where in its schema a body is wrong."""
    return next((found[1] for line in lines if (found := re.match(r"Schema at (\S+):$", line))), "")


def _header(failure: Failure, lines: list[str]) -> str:
    """The header of an answer whose value is the one that the message complains about."""
    if "Value:" not in lines[:-1]:
        return ""
    try:
        wrong = json.loads(lines[lines.index("Value:") + 1])
    except ValueError:
        return ""
    named = [name for name, values in failure.headers.items() if wrong in (values, *values) or values == [str(wrong)]]
    return named[0] if len(named) == 1 else ""


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(":")
    return line if len(line) <= LONGEST else line[:LONGEST] + "..."
