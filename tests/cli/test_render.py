"""The writer makes every text harmless, whatever a command hands it (safety.md T39, T41, T42)."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signet.cli import render

ANYTHING = st.text(st.characters(codec=None), max_size=60)
HOSTILE = st.lists(
    st.sampled_from(
        [
            "\x1b[2K",
            "\x1b[1A",
            "\x1b]8;;http://x\x07",
            "\x1b]52;c;eA==\x07",
            "\r",
            "\n",
            "::error::",
            "##[error]",
            "\u202e",
            "\x9b31m",
            "\x7f",
            "\u2028",
            "\ud800",
            "\u200b",
            "\u2066",
            "\ufeff",
            " ",
            "::",
            "#",
            "#[",
            "ok",
            "%0A",
        ]
    ),
    max_size=8,
).map("".join)


def is_harmless(line: str) -> bool:
    return line.isprintable() and not line.lstrip().startswith("::") and "##[" not in line


@given(ANYTHING | HOSTILE)
@example("x\n::error::pwn")
@example("   ::stop-commands::token")
@example("###[group]")
def test_a_line_is_printable_and_no_command_of_a_runner(text: str) -> None:
    assert is_harmless(render.harmless(text))


@given(ANYTHING | HOSTILE)
def test_printable_text_that_is_no_command_stays_as_it_is(text: str) -> None:
    if is_harmless(text) and "://" not in text:
        assert render.harmless(text) == text


@given(ANYTHING | HOSTILE)
def test_json_lets_nothing_out_and_keeps_every_value(text: str) -> None:
    stdout = io.StringIO()
    previous, sys.stdout = sys.stdout, stdout
    try:
        render.say_json({"name": text, text: ["x", text]})
    finally:
        sys.stdout = previous
    printed = stdout.getvalue()
    assert all(is_harmless(line) for line in printed.splitlines())
    if "://" not in text:
        whole = json.loads(json.dumps(text))  # two halves that meet are one character
        written = "".join(f"\\u{ord(char):04x}" if 0xD800 <= ord(char) <= 0xDFFF else char for char in whole)
        assert json.loads(printed)["name"] == written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:canary@git.example.com/x.git", "https://***@git.example.com/x.git"),
        ("https://canary@git.example.com/x.git", "https://***@git.example.com/x.git"),
        ("https://me:can@ary@git.example.com/x.git", "https://***@git.example.com/x.git"),
        ("ssh://git:canary@git.example.com/x", "ssh://git:***@git.example.com/x"),
        ("ssh://git@git.example.com/x", "ssh://git@git.example.com/x"),
        ("https://git.example.com/@shop/cart", "https://git.example.com/@shop/cart"),
    ],
)
def test_credentials_in_urls_are_masked(text: str, shown: str) -> None:
    assert render.harmless(text) == shown


def test_a_stream_that_cannot_say_a_character_shows_its_code() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from signet.cli import render; render.say('naïve ✓')"],
        env={"PYTHONIOENCODING": "ascii", "PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    assert answer.stdout == b"na\\xefve \\u2713\n"


def test_colour_is_only_for_a_terminal_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def printed() -> str:
        stream = Terminal()
        monkeypatch.setattr(sys, "stdout", stream)
        render.say("  no: it is not", colour="red")
        return stream.getvalue()

    assert printed() == "  \x1b[31mno:\x1b[0m it is not\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert printed() == "  no: it is not\n"


def test_a_table_is_aligned_by_what_is_really_printed() -> None:
    assert render.table([("a\x1b", "x"), ("b", "y")]) == ["a\\x1b  x", "b      y"]
