"""A command that the user wrote, with places for what the registry says: ``docker run {image}``.

The command is split into words first, as a shell does, and only then filled in: whatever a value holds, it is a part of
one word. What the registry says is written by other teams, so it may never choose the program, never look like an
option, and never be code of a shell or of another interpreter; a template that would let it is refused, and so is a
value. The places are filled in one pass: a value is never looked at for places. Nothing is run here.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping

from signet.errors import UsageError

ARTIFACTS = ("image", "source", "tests")
"""The kinds of artifacts that have a place in a command."""
LONGEST = 4_096
"""Characters of an artifact that is handed to a program."""

_PLACE = re.compile(r"\{([a-z_]+)\}")
_INTERPRETER = re.compile(
    r"(?:\w*sh|su|python[\d.]*|pypy[\d.]*|perl[\d.]*|ruby[\d.]*|node|nodejs|deno|bun|php[\d.]*|lua[\d.]*|osascript"
    r"|powershell|cmd)(?:\.exe)?\Z",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?:-[A-Za-z]*[cerp]|--?(?:eval|command|print|run)|/[ck])\Z", re.IGNORECASE)
_LAUNCHERS = frozenset(
    (
        "env",
        "exec",
        "command",
        "nohup",
        "nice",
        "ionice",
        "time",
        "timeout",
        "setsid",
        "stdbuf",
        "sudo",
        "doas",
        "xargs",
    )
)
"""Programs that run the program that their arguments name."""
_JOINERS = frozenset(("ssh", "rsh", "eval", "watch", "parallel"))
"""Programs that make one line for a shell of their arguments."""
_PLAIN = re.compile(r"[\w./:=@,+%#?~^-]*\Z")


def split(option: str, template: str) -> list[str]:
    """The words of a command; UsageError if it has none, or if its quotes do not match."""
    try:
        words = shlex.split(template)
    except ValueError as error:
        raise UsageError(f"{option} cannot be split into words: {error}.", "Quote it as for a shell.") from None
    if not words or "\0" in template:
        raise UsageError(f"{option} holds no command.", "Write a program and its arguments.")
    return words


def places(words: Iterable[str]) -> set[str]:
    """The names of all places in these words."""
    return {found for word in words for found in _PLACE.findall(word)}


def checked(option: str, template: str) -> list[str]:
    """The words of a template; UsageError if an artifact could be more than a part of an argument there."""
    words = split(option, template)
    for at, word in enumerate(words):
        kinds = [kind for kind in ARTIFACTS if f"{{{kind}}}" in word]
        reason = _danger(words, at) if kinds else ""
        if reason:
            raise UsageError(
                f"{{{kinds[0]}}} may not stand there in {option}: {reason}.",
                "The registry's texts are arguments of a program that you name: pytest {tests}; "
                "a shell gets them as parameters: sh -c 'docker run \"$1\"' sh {image}.",
            )
    return words


def _danger(words: list[str], at: int) -> str:
    """Why the word at that place may not hold an artifact; empty if it may."""
    before = [re.split(r"[/\\]", word)[-1].lower() for word in words[:at]]
    if all(one in _LAUNCHERS or re.match(r"-|\d|\w+=", one) for one in before):
        return "it would be the program"
    if _JOINERS & set(before):
        return "a shell would read it"
    if not _PLAIN.match(_PLACE.sub("", words[at])):
        return "it would be a part of code, or of a longer command"
    if _CODE.match(words[at - 1]) and any(_INTERPRETER.match(one) for one in before):
        return f"what follows {words[at - 1]} is code"
    return ""


def fault_of(value: str) -> str:
    """Why an artifact may not be handed to a program; empty if it may."""
    if not value:
        return "it is empty"
    if len(value) > LONGEST:
        return f"it has more than {LONGEST:,} characters"
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in value):
        return "it holds a control or invisible character"
    if value.lstrip().startswith("-"):
        return "it begins with '-', like an option"
    if "{" in value or "}" in value:
        return "it holds a brace, like a place in a command"
    return ""


def filled(words: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """The words with their places filled in; a place without a value stays as it is."""
    return [_PLACE.sub(lambda found: values.get(found[1], found[0]), word) for word in words]
