"""The one writer: everything the command line prints goes through here, and nothing else prints.

Every text is untrusted (names, messages, documents), so it is made harmless here, where no command can forget it
(design: safety.md T39, T41, T42): control, format, surrogate and other invisible characters become visible escapes,
line breaks inside a text too; no line begins with ``::`` or contains ``##[`` (a CI runner would take it for a command);
credentials inside URLs are masked. stdout is the answer, stderr everything else. Colour is decoration: it is added
outside the text, only on a terminal, never with NO_COLOR, and no meaning hangs on it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TextIO

COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}
MARKS = {"no": "red", "unknown": "yellow", "yes": "green", "incompatible": "red", "compatible": "green"}
WIDTH = 100
listeners: list[Callable[[str, bool], None]] = []
"""Who hears all that is printed beside the streams: the text, and whether it is of the answer (``signet.cli.job``)."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})
_HTTP_USERINFO = re.compile(r"(?i)(https?:(?://|~1~1))(?:(?!~1)[^/\s\"'<>])*@")
_ESCAPES = re.compile(r"\\(?:ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(ud[89a-f][0-9a-f]{2})|.)")
_PASSWORD = re.compile(r"(?i)([a-z][a-z0-9+.-]{0,30}:(?://|~1~1)[^/\s\"'<>@:]*:)(?:(?!~1)[^/\s\"'<>])*@")


def visible(text: str) -> str:
    """``text`` with every character that does not print written out: ``\\n``, ``\\x1b``, ``\\u202e``."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char)
    if short is not None:
        return short
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def masked(text: str) -> str:
    """``text`` without the credentials that stand in URLs (T39), also where a JSON pointer has a URL as a segment."""
    if "://" not in text and ":~1~1" not in text:
        return text
    return _PASSWORD.sub(r"\1***@", _HTTP_USERINFO.sub(r"\1***@", text))


def harmless(text: str) -> str:
    """One printable line that no terminal and no CI runner takes for a command."""
    line = masked(visible(text))
    if line.lstrip().startswith("::"):
        indent = len(line) - len(line.lstrip())
        line = f"{line[:indent]}\\x3a{line[indent + 1 :]}"
    return line.replace("##[", "#\\x23[")


def say(text: str = "", colour: str | None = None) -> None:
    """One line of the answer, on stdout. ``colour`` paints the first word."""
    _write(sys.stdout, text, colour)


def note(text: str = "", colour: str | None = None) -> None:
    """One line beside the answer, on stderr."""
    _write(sys.stderr, text, colour)


def say_json(value: Any, *, line: bool = False) -> None:
    """The answer as one JSON document, on stdout; as a single line, if that is asked."""
    _put(sys.stdout, json_text(value, line=line))


def json_text(value: Any, *, line: bool = False) -> str:
    """One JSON document: ASCII only, so that no control character of any data gets out.

    Half of a surrogate pair (a byte of an argument that is no UTF-8) is written out: strict readers refuse it in JSON.
    """
    layout: dict[str, Any] = {"separators": (",", ":")} if line else {"indent": 2}
    text = json.dumps(value, ensure_ascii=True, default=str, **layout)
    if "\\ud" in text:
        text = _ESCAPES.sub(lambda found: f"\\\\{found[1]}" if found[1] else found[0], text)
    return masked(text).replace("\x7f", "\\u007f").replace("##[", "#\\u0023[") + "\n"


def say_lines(lines: Iterable[str]) -> None:
    """The answer as a document of lines that are escaped already for their own syntax; the checks are made again."""
    for line in lines:
        _put(sys.stdout, harmless(line) + "\n")


def progress(text: str = "") -> None:
    """A line on stderr that the next one takes the place of, where a person looks at it; no text takes it away."""
    if is_terminal(sys.stderr):
        columns = shutil.get_terminal_size((WIDTH, 24)).columns
        _put(sys.stderr, f"\r\x1b[K{harmless(text)[: max(columns - 1, 1)]}")
        sys.stderr.flush()


def annotate(command: str, message: str, **properties: str | int) -> None:
    """One workflow command of GitHub Actions (``::error file=...,line=...::message``), on stdout.

    ``command`` and the names of the properties are ours; everything else is data and cannot end the command.
    """
    _put(sys.stdout, _annotation(command, message, properties))


def annotate_beside(command: str, message: str, **properties: str | int) -> None:
    """The same on stderr, where it is no part of the answer; runners read both."""
    _put(sys.stderr, _annotation(command, message, properties))


def _annotation(command: str, message: str, properties: Mapping[str, str | int]) -> str:
    told = ",".join(f"{name}={_quoted(str(value), _PROPERTY)}" for name, value in properties.items())
    return f"::{command} {told}::{_quoted(message, _DATA)}\n"


def _quoted(text: str, table: dict[int, str]) -> str:
    return masked(visible(text)).translate(table).replace("##[", "#%23[")


def width() -> int:
    """How wide a line of the answer may be: that of the terminal, or always the same where no terminal reads it."""
    return max(shutil.get_terminal_size((WIDTH, 24)).columns, 1) if is_terminal(sys.stdout) else WIDTH


def is_terminal(stream: TextIO) -> bool:
    """Does a person look at this stream?"""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def asked(question: str) -> bool:
    """Ask a person at the terminal, on stderr; only ``y`` and ``yes`` agree."""
    _put(sys.stderr, harmless(question) + " [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def table(rows: Sequence[tuple[str, ...]], indent: str = "") -> list[str]:
    """Rows as lines with aligned columns; the width is that of what is really printed."""
    shown = [tuple(harmless(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)] if shown else []
    lines = []
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines


def _write(stream: TextIO, text: str, colour: str | None) -> None:
    line = harmless(text)
    plain = line
    if colour and is_terminal(stream) and not os.environ.get("NO_COLOR"):
        indent = line[: len(line) - len(line.lstrip())]
        first, space, rest = line.lstrip().partition(" ")
        line = f"{indent}\x1b[{COLOURS[colour]}m{first}\x1b[0m{space}{rest}"
    _put(stream, line + "\n", plain + "\n")


def _put(stream: TextIO, text: str, plain: str | None = None) -> None:
    """Write, whatever the encoding of the stream; a reader that has gone away is no error (``signet log | head``)."""
    for listener in listeners:
        listener(text if plain is None else plain, stream is sys.stdout)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        abandon(stream)


def abandon(stream: TextIO) -> None:
    """Point a stream whose reader is gone at nothing, so that the rest of the run, and its exit code, are unharmed."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    except (OSError, ValueError, AttributeError):
        return


def flush() -> None:
    """Send out what is buffered; OSError where the answer cannot be written (a full disk), not for a closed pipe."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            abandon(stream)
